package op

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/jsonschema-go/jsonschema"
)

// problemExample is an error of one status as documents show it.
type problemExample struct {
	component, title string
	codes            []Code
	detail, hint     string
}

// problems are the errors by status. Each shows its first code.
var problems = map[int]problemExample{
	400: {
		"BadRequest", "The request is wrong in itself", []Code{CodeInvalidInput, CodeInvalidJSON, CodeUnknownField, CodeInvalidPath},
		"limit must be at most 1000, not 5000", "send a number between 1 and 1000",
	},
	401: {
		"Unauthenticated", "No valid token or session", []Code{CodeUnauthenticated},
		"this needs a token or a session", "send Authorization: Bearer TOKEN, or sign in with fazt open",
	},
	403: {
		"Forbidden", "The caller lacks the right", []Code{CodeForbidden, CodeApprovalRequired, CodeAgentsStopped},
		`kv_set needs the scope kv:write, which "reader" lacks`, "use a token with kv:write; the owner can create one under /tokens",
	},
	404: {
		"NotFound", "There is no such thing, or not for this caller", []Code{"app_not_found", "key_not_found", "collection_not_found", "doc_not_found", "blob_not_found"},
		`no app "shpo": did you mean "shop"?`, "list the apps with app_list",
	},
	409: {
		"Conflict", "It cannot be done in the present state", []Code{CodeConflict, CodeAlreadyExists, CodeUniqueViolation, CodeTypeMismatch, CodeInProgress},
		`the app "shop" exists already`, "use it, or choose another id",
	},
	410: {
		"Compacted", "What was asked for is kept no longer", []Code{CodeCompacted},
		"changes before 7340032.0 are kept no longer", "read the present state, then follow from its cursor",
	},
	412: {
		"VersionMismatch", "It has another version than the one named", []Code{CodeVersionMismatch},
		"the key has version 12, not 7", "read it again, and write with if_version 12",
	},
	413: {
		"TooLarge", "It is over a limit", []Code{CodeTooLarge},
		"the body is over 1 MiB", "send it in several calls, or store it as a blob",
	},
	415: {
		"UnsupportedType", "The media type is not understood", []Code{CodeUnsupportedType},
		"the body is text/plain", "send Content-Type: application/json",
	},
	422: {
		"Unprocessable", "It breaks a schema, or an idempotency key's first use", []Code{CodeSchemaViolation, CodeIdempotencyMismatch},
		`the idempotency key "a1" was used with another input`, "use a new key for a new call",
	},
	428: {
		"ConfirmationRequired", "An agent must repeat a name", []Code{CodeConfirmationRequired},
		`app_delete would destroy app "shop" with 12 keys; nothing was changed`, `if that is meant, call again with confirm: "shop"`,
	},
	429: {
		"Quota", "The caller has used up its share", []Code{CodeQuota},
		`the token "robot" may use 600 writes an hour and has used 600; nothing was done`, "wait for the seconds in Retry-After",
	},
	500: {
		"Internal", "A fault of the server; its log has the request id", []Code{CodeInternal},
		"an internal error occurred; nothing more is known to the caller", "look for the request id in the server's log",
	},
	503: {
		"Overloaded", "Too busy, or the disk failed; nothing was written", []Code{CodeOverloaded, CodeStorageFailed},
		"too many calls are under way; nothing was written", "call again after the seconds in Retry-After",
	},
	504: {
		"Deadline", "It took too long", []Code{CodeDeadline},
		"the call ended before it was done", "call again with more time",
	},
	507: {
		"Full", "The disk or the app's share is full", []Code{CodeFull},
		"the disk is full", "delete what is not needed, or give the server more space",
	},
}

// statuses lists the errors that an operation can answer, by its nature.
func (o *Operation) statuses() []int {
	list := []int{400, 401, 403, 429, 500, 503, 504}
	if len(o.PathParams()) > 0 || o.HasApp() {
		list = append(list, 404)
	}
	if o.TakesBody {
		list = append(list, 413)
	}
	if o.HasBody() {
		list = append(list, 413, 415)
	}
	if o.writes() {
		list = append(list, 409, 422, 507)
	}
	if _, ok := o.field("if_version"); ok {
		list = append(list, 412)
	}
	if _, ok := o.field("since"); ok {
		list = append(list, 410)
	}
	if o.risky() {
		list = append(list, 428)
	}
	slices.Sort(list)
	return list
}

func openAPIResponses(shared []*Operation) ordered {
	o := shared[0]
	responses := ordered{{strconv.Itoa(o.Status), openAPISuccess(shared)}}
	for _, status := range o.statuses() {
		responses = responses.with(strconv.Itoa(status), ordered{{"$ref", "#/components/responses/" + problems[status].component}})
	}
	return responses.with("default", ordered{{"$ref", "#/components/responses/Error"}})
}

// statusTitles describe a success.
var statusTitles = map[int]string{200: "Done", 201: "Created", 202: "Accepted; it goes on", 204: "Done, without content"}

func openAPISuccess(shared []*Operation) ordered {
	content := ordered{}
	for _, o := range shared {
		content = append(content, successContent(o)...)
	}
	o := shared[0]
	success := ordered{{"description", statusTitles[o.Status]}}
	if success[0].value == "" {
		success[0].value = "Done"
	}
	if schema := o.OutputSchema(); schema != nil && schema.Properties["version"] != nil {
		success = success.with("headers", ordered{{"ETag", ordered{
			{"description", "The version in quotes, for If-Match"}, {"schema", &jsonschema.Schema{Type: "string"}},
		}}})
	}
	return success.when(len(content) > 0, "content", content)
}

func successContent(o *Operation) ordered {
	switch {
	case o.Streams:
		return ordered{{"text/event-stream", ordered{{"schema", &jsonschema.Schema{
			Type: "string", Description: "Server-sent events: " + o.Summary,
		}}}}}
	case o.Bytes:
		return ordered{{"application/octet-stream", ordered{{"schema", ordered{}}}}}
	}
	json := ordered{{"schema", ordered{{"$ref", "#/components/schemas/" + pascal(o.Name) + "Output"}}}}
	examples := ordered{}
	for i, example := range o.Examples {
		if example.Out != "" {
			examples = examples.with(exampleName(i), ordered{{"summary", example.Title}, {"value", jsontext.Value(example.Out)}})
		}
	}
	return ordered{{"application/json", json.when(len(examples) > 0, "examples", examples)}}
}

func openAPIComponents(operations []*Operation) ordered {
	schemas := ordered{}
	for _, o := range operations {
		if body := o.bodySchema(); body != nil {
			schemas = schemas.with(pascal(o.Name)+"Body", body)
		}
		if out := o.OutputSchema(); out != nil {
			schemas = schemas.with(pascal(o.Name)+"Output", out)
		}
	}
	schemas = schemas.with("Problem", problemSchema())
	return ordered{
		{"schemas", schemas}, {"parameters", openAPIHeaders()}, {"responses", problemResponses()},
		{"securitySchemes", ordered{
			{"token", ordered{{"type", "http"}, {"scheme", "bearer"}, {"description", "A token; its scopes say what it may do."}}},
			{"session", ordered{
				{"type", "apiKey"}, {"in", "cookie"}, {"name", "fazt_session"},
				{"description", "A person's session in the browser (the cookie is __Host-fazt_session under TLS). Requests by cookie must come from the same origin."},
			}},
		}},
	}
}

// problemSchema is RFC 9457's object with our members.
func problemSchema() *jsonschema.Schema {
	text := func(doc string) *jsonschema.Schema { return &jsonschema.Schema{Type: "string", Description: doc} }
	number := func(doc string) *jsonschema.Schema { return &jsonschema.Schema{Type: "integer", Description: doc} }
	s := &jsonschema.Schema{
		Type: "object", Required: []string{"title", "status", "code", "detail"},
		PropertyOrder: []string{"title", "status", "code", "detail", "hint", "field", "current_version", "retry_after", "confirm", "request_id"},
		Properties: map[string]*jsonschema.Schema{
			"title":  text("The status in words"),
			"status": number("The HTTP status"), "code": text("The machine-readable name of the error"),
			"detail": text("What happened"), "hint": text("What to do next"),
			"field":           text("The input field at fault, as in items[3].key"),
			"current_version": number("The version that is current, with version_mismatch and already_exists"),
			"retry_after":     {Type: "number", Description: "Seconds to wait, with overloaded and quota"},
			"confirm":         text("The name to repeat, with confirmation_required"),
			"request_id":      text("What to look for in the server's log, with internal"),
		},
	}
	return s
}

func problemResponses() ordered {
	responses := ordered{}
	for _, status := range slices.Sorted(maps.Keys(problems)) {
		responses = responses.with(problems[status].component, problemResponse(status, problems[status]))
	}
	return responses.with("Error", ordered{
		{"description", "Another error, in the same form"},
		{"content", problemContent(nil)},
	})
}

func problemResponse(status int, p problemExample) ordered {
	d := ordered{{"description", fmt.Sprintf("%s: %s", p.title, joinCodes(p.codes))}}
	if status == 429 || status == 503 {
		d = d.with("headers", ordered{{"Retry-After", ordered{
			{"description", "Seconds to wait before calling again"}, {"schema", &jsonschema.Schema{Type: "integer"}},
		}}})
	}
	return d.with("content", problemContent(ordered{
		{"title", http.StatusText(status)}, {"status", status}, {"code", p.codes[0]},
		{"detail", p.detail}, {"hint", p.hint},
	}))
}

func problemContent(example ordered) ordered {
	media := ordered{{"schema", ordered{{"$ref", "#/components/schemas/Problem"}}}}
	return ordered{{"application/problem+json", media.when(example != nil, "example", example)}}
}

func joinCodes(codes []Code) string {
	text := ""
	for i, code := range codes {
		if i > 0 {
			text += ", "
		}
		text += string(code)
	}
	return text
}
