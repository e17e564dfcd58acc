package endpoint

import (
	"fmt"
	"regexp"
	"strings"

	"fazt/server/op"
)

// nextAfter is one exact call that brings the caller on after an error.
func (c *call) nextAfter(r request, e *op.Error) string {
	switch e.Code {
	case op.CodeConfirmationRequired:
		r.envelope.Confirm = e.Confirm
		return c.again(r)
	case op.CodeOperationNotFound:
		return invoke(toolFind, object{{"query", strings.ReplaceAll(r.operation, "_", " ")}})
	case op.CodeApprovalRequired:
		return c.again(r) + ", once a person has approved it"
	case op.CodeOverloaded, op.CodeInProgress, op.CodeQuota:
		return fmt.Sprintf("%s, in %s s", c.again(r), seconds(max(e.RetryAfter, 1)))
	case op.CodeRunFailed:
		if id := runID.FindString(e.Detail); id != "" {
			return invoke("run_get", object{{"run", id}})
		}
	case op.CodeCompacted:
		list, _ := members(r.input)
		r.input = jsonInput(objectOf(list).without("since"))
		return invoke(toolRun, runArguments(r))
	case op.CodeForbidden:
		return c.nextForbidden(r)
	case op.CodeInvalidInput, op.CodeUnknownField, op.CodeInvalidJSON:
		return invoke(toolFind, object{{"query", r.operation}})
	case op.CodeSchemaViolation, op.CodeTypeMismatch, op.CodeUniqueViolation:
		return c.nextShape(r, e)
	case op.CodeVersionMismatch, op.CodeAlreadyExists, op.CodeConflict, op.CodeIdempotencyMismatch,
		op.CodeInternal, op.CodeDeadline, op.CodeStorageFailed:
		return c.look(r)
	}
	return c.nextMissing(r, e)
}

// nextMissing lists what there is in the place of what was not found.
func (c *call) nextMissing(r request, e *op.Error) string {
	list, _ := members(r.input)
	app := object{{"app", op.PeekApp(r.input)}}
	switch e.Code {
	case "app_not_found":
		return c.list("app_list", object{})
	case "key_not_found":
		return invoke("kv_get", app)
	case "collection_not_found":
		return c.list("collection_list", app)
	case "doc_not_found":
		return c.find(list, app)
	case "blob_not_found":
		return c.list("blob_list", app)
	case "recipe_not_found":
		return c.list("recipe_list", object{})
	case "run_not_found":
		return c.list("run_list", object{})
	case "tab_not_found":
		if find(list, "tab") == nil {
			return invoke("tab_open", object{{"url", "/"}})
		}
		return c.list("tab_list", object{})
	}
	return ""
}

func (c *call) list(operation string, in object) string {
	return invoke(toolRun, object{{"name", operation}, {"input", in}})
}

// find reads the documents of a collection.
func (c *call) find(list []rawMember, app object) string {
	if collection := find(list, "collection"); collection != nil {
		app = append(app, member{"collection", collection})
	}
	return invoke("doc_find", app)
}

// nextForbidden says what the caller may, where it lacks the right; what a
// person declined is final, and what it was about stands as it was.
func (c *call) nextForbidden(r request) string {
	o, ok := c.endpoint.options.Registry.Lookup(r.operation)
	if ok && c.exchange.principal.Scopes.Has(o.Scope) && !o.PeopleOnly {
		return c.look(r)
	}
	if _, ok := c.endpoint.options.Registry.Lookup("token_self"); ok {
		return c.list("token_self", object{})
	}
	return ""
}

// nextShape reads what a value must fit: the key as it is, the collection's
// schema, or the documents that have the value already.
func (c *call) nextShape(r request, e *op.Error) string {
	list, _ := members(r.input)
	collection := find(list, "collection")
	app := object{{"app", op.PeekApp(r.input)}}
	switch {
	case collection != nil && e.Code == op.CodeUniqueViolation:
		return c.find(list, app)
	case collection != nil:
		return c.list("collection_get", append(app, member{"collection", collection}))
	case find(list, "key") != nil:
		return c.look(r)
	}
	return invoke(toolFind, object{{"query", r.operation}})
}

// runID finds the run that an error speaks of.
var runID = regexp.MustCompile(`\br_[a-z0-9]{1,10}\b`)

// again is the same call, with an envelope that may have changed.
func (c *call) again(r request) string {
	if c.tool.name != toolRun && r.envelope == (op.Envelope{}) {
		return invoke(c.tool.name, c.arguments.input(c.tool.fieldNames()...))
	}
	return invoke(toolRun, runArguments(r))
}

func runArguments(r request) object {
	args := object{{"name", r.operation}, {"input", r.input}}
	if len(r.input) == 0 {
		args[1].value = object{}
	}
	if r.mode == op.ModeUI {
		args = append(args, member{"mode", string(r.mode)})
	}
	if r.tab != "" {
		args = append(args, member{"tab", r.tab})
	}
	if r.envelope.Confirm != "" {
		args = append(args, member{"confirm", r.envelope.Confirm})
	}
	if r.envelope.IdempotencyKey != "" {
		args = append(args, member{"idempotency_key", r.envelope.IdempotencyKey})
	}
	return args
}

// look reads what a write was about.
func (c *call) look(r request) string {
	app := op.PeekApp(r.input)
	list, _ := members(r.input)
	if key := find(list, "key"); key != nil && strings.HasPrefix(r.operation, "kv_") {
		return invoke("kv_get", object{{"app", app}, {"key", key}})
	}
	if app == "" {
		return invoke("system_status", object{})
	}
	return invoke("system_status", object{{"app", app}})
}
