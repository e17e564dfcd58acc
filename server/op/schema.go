package op

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/google/jsonschema-go/jsonschema"
)

// direction is whether a schema describes what is sent or what is answered.
type direction bool

const (
	input  direction = false
	output direction = true
)

// schema describes the struct as JSON Schema 2020-12. An input is closed; an
// output may gain fields later, and every field that is always written is
// required in it.
func (s *shape) schema(d direction) *jsonschema.Schema {
	object := &jsonschema.Schema{Type: "object", Properties: map[string]*jsonschema.Schema{}}
	if d == input {
		object.AdditionalProperties = &jsonschema.Schema{Not: &jsonschema.Schema{}}
	}
	for i := range s.fields {
		f := &s.fields[i]
		object.Properties[f.name] = f.schema(d)
		object.PropertyOrder = append(object.PropertyOrder, f.name)
		if f.required || d == output && f.nullable {
			object.Required = append(object.Required, f.name)
		}
	}
	return object
}

func (f *shapeField) schema(d direction) *jsonschema.Schema {
	schema := f.elem.schema(d)
	schema.Description = f.doc
	if d == output && f.nullable && schema.Type != "" {
		schema.Types, schema.Type = []string{schema.Type, "null"}, ""
	}
	if d == input && f.defaultText != "" {
		encoded, err := Encode(f.defaultVal.Interface())
		if err == nil {
			schema.Default = json.RawMessage(encoded)
		}
	}
	return schema
}

func (e *element) schema(d direction) *jsonschema.Schema {
	schema := &jsonschema.Schema{Type: e.typeName()}
	switch e.kind {
	case kindRaw:
		schema.Type = e.rawKind
	case kindStruct:
		return e.nested.schema(d)
	case kindSlice:
		schema.Items = e.item.schema(d)
		schema.MinItems, schema.MaxItems = positive(e.minLen), positive(e.maxLen)
		return schema
	case kindMap:
		schema.AdditionalProperties = e.item.schema(d)
	case kindUint:
		zero := 0.0
		schema.Minimum = &zero
	}
	if e.min != nil {
		schema.Minimum = e.min
	}
	schema.Maximum = e.max
	schema.MinLength, schema.MaxLength = positive(e.minLen), positive(e.maxLen)
	if e.pattern != nil {
		schema.Pattern = e.pattern.String()
	}
	for _, name := range e.enum {
		schema.Enum = append(schema.Enum, name)
	}
	e.formatSchema(schema)
	return schema
}

// formatSchema says of a named check what JSON Schema can say. Its lengths
// count characters where ours count bytes, so they are an upper bound.
func (e *element) formatSchema(schema *jsonschema.Schema) {
	switch e.format {
	case "app", "newapp":
		schema.Pattern = appPattern.String()
	case "key":
		schema.MinLength, schema.MaxLength = positive(1), positive(MaxKeyBytes)
	case "prefix":
		schema.MaxLength = positive(MaxKeyBytes)
	}
}

func positive(n int) *int {
	if n <= 0 {
		return nil
	}
	return &n
}

// schemaOrder returns a schema's property names in their declared order, or
// sorted when none was declared.
func schemaOrder(schema *jsonschema.Schema) []string {
	if len(schema.PropertyOrder) == len(schema.Properties) {
		return schema.PropertyOrder
	}
	return slices.Sorted(maps.Keys(schema.Properties))
}
