package endpoint

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
)

// call r and say what it answered. list is how the next page is asked for: the
// tool and its arguments without cursor.
func (c *call) perform(r request, next func(cursor string) string) *answer {
	r, err := c.resolveCursor(r)
	if err != nil {
		return c.invalid(err)
	}
	result, err := c.do(r)
	if err != nil {
		return c.failure(r, err)
	}
	a := c.success(r, result, next)
	c.keepWhole(a, r, result)
	c.appendMap(a, r, result)
	return a
}

// resolveCursor puts the cursor in the place of its handle.
func (c *call) resolveCursor(r request) (request, error) {
	list, ok := members(r.input)
	field := c.pageField(r.operation)
	handle, given := stringOf(find(list, field))
	if !ok || !given {
		return r, nil
	}
	cursor, err := c.endpoint.cursors.cursor(c.exchange.principal.ID, handle)
	if err != nil || cursor == handle {
		return r, err
	}
	r.input = withMember(list, field, cursor)
	return r, nil
}

// withMember returns the object with one member replaced or added.
func withMember(list []rawMember, name string, value any) jsontext.Value {
	var o object
	done := false
	for _, m := range list {
		if m.name == name {
			o, done = append(o, member{name, value}), true
			continue
		}
		o = append(o, member{m.name, m.value})
	}
	if !done {
		o = append(o, member{name, value})
	}
	return jsontext.Value(mustJSON(o))
}

// success lays out an output by its shape: a list, a run, a text, or anything.
func (c *call) success(r request, result *op.Result, next func(cursor string) string) *answer {
	name := c.tool.name
	if name == toolRun {
		name = r.operation
	}
	a := &answer{head: "ok " + name, value: result.JSON}
	switch {
	case r.envelope.DryRun:
		a.head = "dry run of " + name + ": nothing was changed"
	case result.Replayed:
		a.head += " (done before with this idempotency key; this is its result)"
	}
	list, ok := members(result.JSON)
	if items, isList := elements(find(list, "items")); ok && isList {
		c.layList(a, r, list, items, next)
		return a
	}
	if isRun(list) {
		c.layRun(a, list)
		return a
	}
	if shown, ok := stringOf(find(list, "text")); ok {
		c.layText(a, list, shown)
		return a
	}
	a.data, a.inline = string(result.JSON), true
	if len(fence(a.data)) > MaxAnswer-reserve {
		a.inline = false
		a.cut = c.cutNote(r, len(a.data))
	}
	return a
}

// layList makes a table, of as many rows as fit, and the call for the rest.
func (c *call) layList(a *answer, r request, list []rawMember, items []jsontext.Value, next func(string) string) {
	t := newTable(items)
	lines := t.lines()
	shown := fitting(lines, MaxAnswer-2*reserve)
	cursor, _ := stringOf(find(list, "next_cursor"))
	if shown < len(items) {
		cursor = c.cursorAfter(r, shown)
		a.cut = fmt.Sprintf("cut: %d of %d rows are shown, the rest would be over %d bytes", shown, len(items), MaxAnswer)
	}
	a.head += fmt.Sprintf(": %s", plural(len(items), "row"))
	switch {
	case cursor == "" || a.cut != "":
	case c.pageField(r.operation) == "since":
		a.head += "; what comes after them is behind the cursor of the next call"
	default:
		a.head += ", more follow"
	}
	if len(items) > 0 {
		a.data = strings.Join(lines[:shown+1], "\n")
	}
	if shown == 0 && len(items) > 0 {
		a.data = lines[0] + "\n" + lines[1]
		a.cut = "cut: the first row alone is over the limit; name the fields you need, or read it by its key"
	}
	if rest := others(list); len(rest) > 0 {
		a.tail = "also: «" + fence(text(rest)) + "»"
	}
	if cursor != "" {
		a.next = next(c.endpoint.cursors.handle(c.exchange.principal.ID, cursor))
	}
}

// others are a list's members beside its items.
func others(list []rawMember) object {
	var rest object
	for _, m := range list {
		if m.name != "items" && m.name != "next_cursor" {
			rest = append(rest, member{m.name, m.value})
		}
	}
	return rest
}

// cursorAfter asks for the first n rows again, for the cursor that follows
// them: only the operation knows how its cursors are made.
func (c *call) cursorAfter(r request, n int) string {
	if n < 1 || !c.has(r.operation, "limit") {
		return ""
	}
	list, _ := members(r.input)
	r.input = withMember(list, "limit", n)
	result, err := c.do(r)
	if err != nil {
		return ""
	}
	output, _ := members(result.JSON)
	cursor, _ := stringOf(find(output, "next_cursor"))
	return cursor
}

// layText shows a page's or a program's text as it is, line by line.
func (c *call) layText(a *answer, list []rawMember, shown string) {
	var rest object
	for _, m := range list {
		if m.name != "text" {
			rest = append(rest, member{m.name, m.value})
		}
	}
	if len(rest) > 0 {
		a.head += " «" + fence(text(rest)) + "»"
	}
	a.data, a.plain = shown, true
	if failed := find(list, "failed"); failed != nil && failed.Kind() == '{' {
		a.failed = true
		a.head = "failed" + strings.TrimPrefix(a.head, "ok")
		a.tail = "The steps before it stay done; those after it were not run."
		if string(find(list, "done")) == "0" {
			a.tail = "Nothing was done."
		}
		a.next = invoke("tab_look", c.arguments.input("tab"))
	}
}

// cutNote says where the whole of a large answer is.
func (c *call) cutNote(r request, size int) string {
	note := fmt.Sprintf("cut: the whole has %d bytes", size)
	o, ok := c.endpoint.options.Registry.Lookup(r.operation)
	if !ok || o.Path == "" || o.Method != "GET" {
		return note
	}
	return note + fmt.Sprintf("; all of it: GET %s", fence(c.link(o, r.input)))
}

// link is the HTTP address of a read.
func (c *call) link(o *op.Operation, input jsontext.Value) string {
	base := ""
	if c.endpoint.options.BaseURL != nil {
		base = c.endpoint.options.BaseURL()
	}
	return base + fillPath(o, input)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
