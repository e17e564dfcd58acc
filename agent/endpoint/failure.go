package endpoint

import (
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
)

// invalid is the answer to arguments that fit no call: nothing was run.
func (c *call) invalid(err error) *answer {
	e := op.AsError(err)
	a := &answer{failed: true, problem: e, head: "error " + string(e.Code) + ": " + line(e.Detail), tail: "Nothing was run."}
	if e.Hint != "" {
		a.tail += " " + line(sentence(e.Hint))
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
	a := &answer{failed: true, problem: e}
	others := c.foreign(r, e)
	c.sayWhat(a, e, others)
	if e.RequestID != "" {
		a.head += " (request " + e.RequestID + ")"
	}
	a.tail = c.outcome(r, e)
	if hint := forModel(e.Hint); hint != "" {
		said := line(sentence(hint))
		if others {
			said = "hint: " + quote(hint)
		}
		a.tail = strings.TrimSpace(a.tail + " " + said)
	}
	a.next = c.nextAfter(r, e)
	return a
}

// foreign reports whether an error's words may be those of a page or of a
// recipe's author.
func (c *call) foreign(r request, e *op.Error) bool {
	if o, ok := c.endpoint.options.Registry.Lookup(r.operation); ok && o.Recipe {
		return true // its author chooses the code too
	}
	inPage := strings.HasPrefix(r.operation, "tab_") && !strings.HasSuffix(string(e.Code), "_not_found")
	return inPage || r.operation == runRecipe || r.mode == op.ModeUI || e.Code == op.CodeRunFailed
}

// sayWhat is an error's first line. What a page or a recipe's author said, and
// the further lines of any other, such as the place in a source, are data.
func (c *call) sayWhat(a *answer, e *op.Error, others bool) {
	a.head = "error " + string(e.Code) + ": "
	first, rest, more := strings.Cut(e.Detail, "\n")
	switch {
	case others:
		a.head += quote(e.Detail)
	case more:
		a.head += line(first)
		a.data, a.plain = rest, true
	default:
		a.head += line(first)
	}
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
