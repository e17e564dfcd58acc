package endpoint

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
)

// object is a JSON object that keeps its order, so that lists and answers read
// alike each time.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSON implements json.Marshaler.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := op.Encode(m.name)
		if err != nil {
			return nil, err
		}
		value, err := encode(m.value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// objectOf is the members of an object that was read.
func objectOf(list []rawMember) object {
	o := object{}
	for _, m := range list {
		o = append(o, member{m.name, m.value})
	}
	return o
}

// without returns the object without a member.
func (o object) without(name string) object {
	kept := object{}
	for _, m := range o {
		if m.name != name {
			kept = append(kept, m)
		}
	}
	return kept
}

// encode writes raw JSON as it is, and nothing escaped that need not be:
// encoding/json would turn < and & into six characters each.
func encode(value any) ([]byte, error) {
	switch value := value.(type) {
	case jsontext.Value:
		return value, nil
	case json.RawMessage:
		return value, nil
	case object:
		return value.MarshalJSON()
	case json.Marshaler:
		return value.MarshalJSON()
	}
	return op.Encode(value)
}

// mustJSON encodes what the program itself made.
func mustJSON(value any) json.RawMessage {
	data, err := encode(value)
	if err != nil {
		panic(fmt.Sprintf("endpoint: encode %T: %v", value, err))
	}
	return data
}

// text is the JSON of a value that the program made, as text.
func text(value any) string { return string(mustJSON(value)) }

// members returns an object's members in their order; ok is false for any
// other JSON.
func members(value jsontext.Value) (list []rawMember, ok bool) {
	d := jsontext.NewDecoder(bytes.NewReader(value))
	if d.PeekKind() != '{' {
		return nil, false
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, false
	}
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return nil, false
		}
		m := rawMember{name: name.String()}
		value, err := d.ReadValue()
		if err != nil {
			return nil, false
		}
		m.value = bytes.Clone(value)
		list = append(list, m)
	}
	if d.PeekKind() != '}' {
		return nil, false
	}
	return list, true
}

type rawMember struct {
	name  string
	value jsontext.Value
}

// elements returns an array's elements; ok is false for any other JSON.
func elements(value jsontext.Value) (list []jsontext.Value, ok bool) {
	d := jsontext.NewDecoder(bytes.NewReader(value))
	if d.PeekKind() != '[' {
		return nil, false
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, false
	}
	list = []jsontext.Value{}
	for d.PeekKind() != ']' {
		element, err := d.ReadValue()
		if err != nil {
			return nil, false
		}
		list = append(list, bytes.Clone(element))
	}
	return list, true
}

// find returns a member by name, nil when it is missing.
func find(list []rawMember, name string) jsontext.Value {
	for _, m := range list {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// stringOf returns a JSON string's text; ok is false for any other JSON.
func stringOf(value jsontext.Value) (s string, ok bool) {
	if value.Kind() != '"' {
		return "", false
	}
	err := json.Unmarshal(value, &s)
	return s, err == nil
}
