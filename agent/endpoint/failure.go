package endpoint

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
)

// invalid is the answer to arguments that fit no call: nothing was run.
func (c *call) invalid(err error) *answer {
	e := op.AsError(err)
	a := &answer{failed: true, problem: e, head: "error " + string(e.Code) + ": " + fence(e.Detail), tail: "Nothing was run."}
	if e.Hint != "" {
		a.tail += " " + fence(sentence(e.Hint))
	}
	a.next = c.mended(e)
	return a
}

// mended is the call with what was right about it: names that were misspelt
// are put right, what is missing is a placeholder, and what is at fault or
// unknown is left out.
func (c *call) mended(e *op.Error) string {
	if c.tool.operation != nil {
		return invoke(toolFind, object{{"query", c.tool.name}})
	}
	names := c.tool.fieldNames()
	args := maps.Clone(c.arguments)
	for name, value := range c.arguments {
		if nearest, ok := op.Nearest(name, names); ok && !slices.Contains(names, name) && args[nearest] == nil {
			args[nearest] = value
		}
	}
	delete(args, e.Field)
	for _, f := range c.tool.fields {
		if f.required && args[f.name] == nil {
			args[f.name] = jsontext.Value(mustJSON(placeholder(f.kind)))
		}
	}
	return invoke(c.tool.name, args.input(names...))
}

// failure is the answer to a call that an operation refused or broke off: what
// happened, whether anything was done, and one next call.
func (c *call) failure(r request, err error) *answer {
	e := op.AsError(err)
	a := &answer{failed: true, problem: e, head: "error " + string(e.Code) + ": " + fence(e.Detail)}
	if e.RequestID != "" {
		a.head += " (request " + e.RequestID + ")"
	}
	a.tail = c.outcome(r, e)
	if hint := forModel(e.Hint); hint != "" {
		a.tail = strings.TrimSpace(a.tail + " " + fence(sentence(hint)))
	}
	a.next = c.nextAfter(r, e)
	return a
}

// outcome says what is known of the world after an error.
func (c *call) outcome(r request, e *op.Error) string {
	o, ok := c.endpoint.options.Registry.Lookup(r.operation)
	switch {
	case strings.Contains(e.Detail, "nothing was "):
		return ""
	case !ok:
		return "Nothing was run."
	case o.Effect == op.Read:
		return "It only reads; nothing was changed."
	case e.Code == op.CodeInternal || e.Code == op.CodeDeadline || e.Code == op.CodeStorageFailed:
		return "It is unknown whether it was done: look before you call again."
	case o.Recipe || r.mode == op.ModeUI || e.Code == op.CodeRunFailed || strings.HasPrefix(r.operation, "tab_"):
		return "What was done before the error stays done."
	case e.Code == op.CodeOverloaded:
		return "Nothing was written: the server was full for " + overloadWait.String() + "."
	}
	return "Nothing was changed."
}

// forModel drops hints that speak of another face.
func forModel(hint string) string {
	for _, word := range []string{"GET /", "POST /", "op_find,"} {
		if strings.Contains(hint, word) {
			return ""
		}
	}
	return hint
}

func sentence(s string) string {
	if s == "" {
		return ""
	}
	if first, _, _ := strings.Cut(s, " "); !strings.Contains(first, "_") {
		s = strings.ToUpper(s[:1]) + s[1:]
	}
	if strings.ContainsAny(s[len(s)-1:], ".!?)") {
		return s
	}
	return s + "."
}

// nextAfter is one exact call that brings the caller on, "" where only a
// person can.
func (c *call) nextAfter(r request, e *op.Error) string {
	switch e.Code {
	case op.CodeConfirmationRequired:
		r.envelope.Confirm = e.Confirm
		return c.again(r)
	case op.CodeOperationNotFound:
		return invoke(toolFind, object{{"query", strings.ReplaceAll(r.operation, "_", " ")}})
	case op.CodeInvalidInput, op.CodeUnknownField, op.CodeInvalidJSON, op.CodeSchemaViolation, op.CodeTypeMismatch:
		return invoke(toolFind, object{{"query", r.operation}})
	case op.CodeApprovalRequired:
		return c.again(r) + ", once a person has approved it"
	case op.CodeOverloaded, op.CodeInProgress, op.CodeQuota:
		return fmt.Sprintf("%s, in %s s", c.again(r), seconds(max(e.RetryAfter, 1)))
	case op.CodeVersionMismatch, op.CodeAlreadyExists, op.CodeInternal, op.CodeDeadline, op.CodeStorageFailed:
		return c.look(r)
	case op.CodeRunFailed:
		if id := runID.FindString(e.Detail); id != "" {
			return invoke("run_get", object{{"run", id}})
		}
	case "app_not_found":
		return invoke(toolRun, object{{"name", "app_list"}, {"input", object{}}})
	case "key_not_found":
		return invoke("kv_get", object{{"app", op.PeekApp(r.input)}})
	case "run_not_found":
		return invoke(toolRun, object{{"name", "run_list"}, {"input", object{}}})
	case "tab_not_found":
		if list, _ := members(r.input); find(list, "tab") == nil {
			return invoke("tab_open", object{{"url", "/"}})
		}
		return invoke(toolRun, object{{"name", "tab_list"}, {"input", object{}}})
	}
	return ""
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

// invoke writes a call as an answer shows it. Its values may be stored ones,
// so the marks are escaped; in JSON that changes nothing.
func invoke(tool string, args object) string {
	call := fence(text(args))
	if len(call) > maxInvoke {
		return tool + " with the same arguments" + envelopeText(args)
	}
	return tool + " " + call
}

// maxInvoke bounds a call that an answer repeats: the caller has a long one.
const maxInvoke = 1_000

// envelopeText names what is new in a call too long to repeat.
func envelopeText(args object) string {
	for _, m := range args {
		if m.name == "confirm" {
			return " and confirm: " + fence(text(m.value))
		}
	}
	return ""
}

// placeholder stands for a value in a call that is shown.
func placeholder(kind string) any {
	switch kind {
	case "integer", "number":
		return 1
	case "boolean":
		return true
	case "object":
		return object{}
	case "array":
		return jsontext.Value("[]")
	}
	return "…"
}

func (t *tool) fieldNames() []string {
	names := make([]string, len(t.fields))
	for i, f := range t.fields {
		names[i] = f.name
	}
	return names
}
