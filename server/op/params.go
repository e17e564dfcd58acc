package op

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/jsonschema-go/jsonschema"
)

// decodeParams sets the fields that came as text. A field that the input has
// given already, or that comes twice, is an error: neither may win silently.
func (s *shape) decodeParams(params []Param, target reflect.Value, seen *uint64) error {
	for _, p := range params {
		index, ok := s.byName[p.Name]
		if !ok {
			return s.unknown(p.Name, p.Name)
		}
		if *seen&(1<<index) != 0 {
			return Invalid(p.Name, "%s is given twice", p.Name).
				WithHint("give it once; fields of the path are not repeated in the body or the query")
		}
		*seen |= 1 << index
		f := &s.fields[index]
		value := target.Field(f.index)
		if f.pointer {
			value.Set(reflect.New(f.elem.typ))
			value = value.Elem()
		}
		if err := f.elem.setText(p.Name, p.Value, value); err != nil {
			return fieldError(p.Name, err)
		}
	}
	return nil
}

// setText sets a value from its textual form: text and numbers as they are, a
// list of plain values with commas or as a JSON array, all else as JSON. name
// is the field's, for errors.
func (e *element) setText(name, text string, target reflect.Value) error {
	switch e.kind {
	case kindString:
		return e.setString(text, target)
	case kindInt, kindUint, kindFloat:
		// Only what JSON calls a number: the standard parser also takes "+1",
		// "0x1p4" and "NaN", which passes every bound.
		if number := jsontext.Value(text); number.Kind() != '0' || text != strings.TrimSpace(text) || !number.IsValid() {
			return fmt.Errorf("must be %s, not %q", article(e.typeName()), clip(text))
		}
		return e.setNumber(text, target)
	case kindBool:
		b, err := strconv.ParseBool(text)
		if err != nil || (text != "true" && text != "false") {
			return fmt.Errorf("must be true or false, not %q", clip(text))
		}
		target.SetBool(b)
		return nil
	case kindSlice:
		if !strings.HasPrefix(text, "[") && e.item.kind < kindRaw {
			return e.setList(name, text, target)
		}
	}
	return e.setJSON(name, text, target)
}

// setJSON sets a value from JSON that came as text.
func (e *element) setJSON(name, text string, target reflect.Value) error {
	if err := checkDepth([]byte(text)); err != nil {
		return err
	}
	dec := jsontext.NewDecoder(strings.NewReader(text))
	if err := e.decodeValue(dec, "", name, target); err != nil {
		return err
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("must be one JSON value and nothing else")
	}
	return nil
}

// setList sets a list of plain values from text separated by commas.
func (e *element) setList(name, text string, target reflect.Value) error {
	list := reflect.MakeSlice(target.Type(), 0, 4)
	for part := range splitList(text) {
		item := reflect.New(e.item.typ).Elem()
		if err := e.item.setText(name, part, item); err != nil {
			return err
		}
		list = reflect.Append(list, item)
	}
	if err := e.checkCount(name, list.Len()); err != nil {
		return err
	}
	target.Set(list)
	return nil
}

func splitList(text string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for text != "" {
			i := 0
			for i < len(text) && text[i] != ',' {
				i++
			}
			if !yield(text[:i]) {
				return
			}
			if i == len(text) {
				return
			}
			text = text[i+1:]
		}
	}
}

// rawObject joins an input object and textual fields for an operation whose
// input is described by a schema.
func rawObject(r *Request) ([]byte, error) {
	input := r.Input
	if len(input) == 0 {
		input = []byte("{}")
	}
	if err := checkDepth(input); err != nil {
		return nil, err
	}
	value := jsontext.Value(input).Clone()
	// Compact alone would let duplicate names and invalid UTF-8 pass.
	if err := value.Compact(jsontext.AllowDuplicateNames(false), jsontext.AllowInvalidUTF8(false)); err != nil {
		return nil, syntaxError(err)
	}
	if value.Kind() != '{' {
		return nil, Errorf(CodeInvalidInput, "the input must be a JSON object, not %s", kindName(value.Kind()))
	}
	if len(r.Params) == 0 {
		return value, nil
	}
	members := map[string]jsontext.Value{}
	if err := json.Unmarshal(value, &members); err != nil {
		return nil, syntaxError(err)
	}
	for _, p := range r.Params {
		if _, given := members[p.Name]; given {
			return nil, Invalid(p.Name, "%s is given twice", p.Name).WithHint("give it once")
		}
		quoted, err := jsontext.AppendQuote(nil, p.Value)
		if err != nil {
			return nil, Invalid(p.Name, "%s must be valid UTF-8", p.Name)
		}
		members[p.Name] = quoted
	}
	return json.Marshal(members, json.Deterministic(true))
}

// rawFields lists the top-level fields of a schema.
func rawFields(schema *jsonschema.Schema) []Field {
	if schema == nil {
		return nil
	}
	schema = deref(schema)
	fields := make([]Field, 0, len(schema.Properties))
	for _, name := range schemaOrder(schema) {
		p := schema.Properties[name]
		f := Field{Name: name, In: "body", Doc: p.Description, Type: p.Type, Schema: p}
		for _, required := range schema.Required {
			f.Required = f.Required || required == name
		}
		if f.Type == "" {
			f.Type = "any"
		}
		if p.Default != nil {
			f.Default = string(p.Default)
		}
		fields = append(fields, f)
	}
	return fields
}

// PeekApp returns the string at the top-level name "app" of an input, or "":
// what Call authorises against before the input is decoded. When the name
// stands twice, decoding refuses the input.
func PeekApp(input []byte) string {
	b := buffers.Get().(*buffer)
	defer putBuffer(b)
	b.Reset()
	b.Write(input)
	b.dec.Reset(&b.Buffer)
	if b.dec.PeekKind() != '{' {
		return ""
	}
	if _, err := b.dec.ReadToken(); err != nil {
		return ""
	}
	for b.dec.PeekKind() == '"' {
		name, err := b.dec.ReadValue()
		if err != nil {
			return ""
		}
		isApp := string(name) == `"app"` || unquote(name) == "app"
		value, err := b.dec.ReadValue()
		if err != nil {
			return ""
		}
		if isApp && value.Kind() == '"' {
			return unquote(value)
		}
	}
	return ""
}
