package server

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
)

// checkProps holds props to a flat object of short texts, numbers and booleans:
// what can be counted and shown. nil is none.
func checkProps(props []byte) error {
	if props == nil {
		return nil
	}
	d := jsontext.NewDecoder(bytes.NewReader(props))
	if start, err := d.ReadToken(); err != nil || start.Kind() != '{' {
		return op.Invalid("props", "props must be an object").WithHint(`send members with short values, as in {"plan":"pro"}`)
	}
	for n := 1; d.PeekKind() != '}'; n++ {
		name, err := d.ReadToken()
		if err != nil {
			return op.Invalid("props", "props are no JSON: %v", err).WithHint("send an object, each member once")
		}
		if err := checkProp(d, n, name.String()); err != nil {
			return err
		}
	}
	return nil
}

func checkProp(d *jsontext.Decoder, n int, name string) error {
	value, err := d.ReadValue()
	field := "props." + clipText(name, 50)
	bad := func(format string, args ...any) error {
		return op.Invalid(field, "%s: %s", field, fmt.Sprintf(format, args...)).
			WithHint("props are at most %d members: texts of at most %d bytes, numbers, true and false", maxProps, maxPropText)
	}
	switch {
	case err != nil:
		return op.Invalid("props", "props are no JSON: %v", err).WithHint("send an object, each member once")
	case n > maxProps:
		return bad("that is the member number %d", n)
	case name == "" || len(name) > maxName || name != printable(name, maxName):
		return bad("a name has 1 to %d bytes, all of them visible", maxName)
	case value.Kind() == '{' || value.Kind() == '[' || value.Kind() == 'n':
		return bad("a value is a text, a number, true or false")
	case value.Kind() != '"':
		return nil
	}
	var text string
	if err := json.Unmarshal(value, &text); err != nil || len(text) > maxPropText {
		return bad("a text has at most %d bytes, and this one has %d", maxPropText, len(text))
	}
	return nil
}
