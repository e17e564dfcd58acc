package main

import (
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// schemaNode is what types reads of a JSON Schema; the rest narrows values and
// not types.
type schemaNode struct {
	Type       jsontext.Value   `json:"type"`
	Properties jsontext.Value   `json:"properties"`
	Required   []string         `json:"required"`
	Items      jsontext.Value   `json:"items"`
	Enum       []jsontext.Value `json:"enum"`
	Const      jsontext.Value   `json:"const"`
	AnyOf      []jsontext.Value `json:"anyOf"`
	OneOf      []jsontext.Value `json:"oneOf"`
}

// shapeOfSchema is the type of a collection's schema, nil when that names no
// field.
func shapeOfSchema(raw jsontext.Value) *tsType {
	var node schemaNode
	if len(raw) == 0 || json.Unmarshal(raw, &node) != nil || len(node.Properties) == 0 {
		return nil
	}
	return node.object()
}

func (n *schemaNode) object() *tsType {
	t := &tsType{fields: []*tsField{}}
	if len(n.Properties) == 0 {
		return t
	}
	list, err := members(n.Properties)
	if err != nil {
		return t
	}
	for _, m := range list {
		t.fields = append(t.fields, &tsField{m.name, slices.Contains(n.Required, m.name), typeOfSchema(m.value)})
	}
	return t
}

func typeOfSchema(raw jsontext.Value) *tsType {
	var node schemaNode
	if json.Unmarshal(raw, &node) != nil {
		return &tsType{texts: []string{"unknown"}}
	}
	t := &tsType{}
	values := node.Enum
	if len(node.Const) > 0 {
		values = append(values, node.Const)
	}
	for _, v := range values {
		if v.Compact() == nil {
			t.texts = append(t.texts, string(v))
		}
	}
	if len(values) > 0 {
		return t
	}
	for _, choice := range append(node.AnyOf, node.OneOf...) {
		t.take(typeOfSchema(choice), t.fields == nil)
	}
	for _, name := range typeNames(node.Type) {
		t.take(node.named(name), t.fields == nil)
	}
	return t
}

func (n *schemaNode) named(name string) *tsType {
	switch name {
	case "object":
		return n.object()
	case "array":
		item := &tsType{}
		if len(n.Items) > 0 {
			item = typeOfSchema(n.Items)
		}
		return &tsType{item: item}
	case "integer":
		name = "number"
	}
	return &tsType{texts: []string{name}}
}

func typeNames(raw jsontext.Value) (names []string) {
	switch raw.Kind() {
	case '"':
		names = []string{""}
		if json.Unmarshal(raw, &names[0]) != nil {
			return nil
		}
	case '[':
		if json.Unmarshal(raw, &names) != nil {
			return nil
		}
	}
	return names
}
