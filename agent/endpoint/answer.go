package endpoint

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/mark3labs/mcp-go/mcp"

	"fazt/server/op"
)

const (
	// MaxAnswer bounds an answer's text in bytes: more than this pushes out of
	// a model's window what it was doing.
	MaxAnswer = 20_000
	// reserve of MaxAnswer is kept for the lines around the data.
	reserve = 2_000
)

// answer is what a tool says: a line of what happened, data, and one next
// call.
type answer struct {
	head   string   // complete before any data; our own words
	data   string   // what was stored by someone, unescaped; "" = none
	inline bool     // data is one short line of JSON
	plain  bool     // data is text, in which a JSON escape would mean nothing
	lines  []string // our own words, a line each, in the place of data
	tail   string   // our own words after the data
	cut    string   // says what of the data is missing, and how to get it
	next   string   // one exact call
	failed bool

	problem *op.Error      // of a failed answer: for programs, in _meta
	value   jsontext.Value // for programs: the whole output
	extra   *answer        // appended to the first answer about an app: its map
}

// result renders the answer for an address. For programs the text is the same
// JSON as the structured content, since clients show one or the other.
func (a *answer) result(v *variant) *mcp.CallToolResult {
	if v.structured && (a.value != nil || !a.failed) {
		value := a.value
		if value == nil {
			value = jsontext.Value(mustJSON(object{{"text", a.text()}}))
		}
		return &mcp.CallToolResult{
			Content:           []mcp.Content{mcp.NewTextContent(string(value))},
			StructuredContent: json.RawMessage(value), IsError: a.failed,
		}
	}
	result := &mcp.CallToolResult{Content: []mcp.Content{mcp.NewTextContent(a.text())}, IsError: a.failed}
	if v.structured && a.problem != nil {
		result.Meta = mcp.NewMetaFromMap(map[string]any{metaProblem: problemOf(a.problem)})
	}
	return result
}

// metaProblem is where a program finds the error of a failed call. It is no
// structured content, for clients hold that to the output's schema.
const metaProblem = "fazt/problem"

// problemOf is the error as the HTTP face answers it.
func problemOf(e *op.Error) map[string]any {
	problem := map[string]any{"code": e.Code, "detail": e.Detail, "status": e.Code.Status()}
	for name, text := range map[string]string{"hint": e.Hint, "field": e.Field, "confirm": e.Confirm, "request_id": e.RequestID} {
		if text != "" {
			problem[name] = text
		}
	}
	if e.CurrentVersion != nil {
		problem["current_version"] = *e.CurrentVersion
	}
	if e.RetryAfter > 0 {
		problem["retry_after"] = e.RetryAfter.Seconds()
	}
	return problem
}

// maxLine bounds each of an answer's own lines.
const maxLine = 600

// text lays the answer out, and cuts its data where it is too long.
func (a *answer) text() string {
	extra := ""
	if a.extra != nil {
		extra = "\n" + a.extra.text()
	}
	var b strings.Builder
	b.WriteString(limited(a.head, maxLine))
	if a.data != "" {
		a.writeData(&b, MaxAnswer-reserve-len(extra))
	}
	for i, line := range a.lines {
		if b.Len()+len(line) > MaxAnswer-reserve {
			fmt.Fprintf(&b, "\ncut: %d more; ask with other words or a lower limit", len(a.lines)-i)
			break
		}
		b.WriteString("\n" + line)
	}
	for _, line := range []string{a.tail, a.cut} {
		if line != "" {
			b.WriteString("\n" + limited(line, maxLine))
		}
	}
	b.WriteString(extra)
	if a.next != "" {
		b.WriteString("\nnext: " + a.next)
	}
	return b.String()
}

func (a *answer) writeData(b *strings.Builder, room int) {
	data := fence(a.data)
	if a.plain {
		data = fenceText(a.data)
	}
	if len(data) > room {
		kept := cutText(data, room)
		if a.cut == "" {
			a.cut = fmt.Sprintf("cut: %d of %d bytes are shown", len(kept), len(data))
		}
		data = kept
	}
	if a.inline {
		b.WriteString(" «" + data + "»")
		return
	}
	b.WriteString("\n«\n" + data + "\n»")
}
