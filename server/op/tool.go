package op

import (
	"encoding/json"
	"maps"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// ToolSchema is the operation's input as an MCP tool's inputSchema: an object
// at the root, closed, without combinators or references there (some clients
// drop a tool that has them, or all tools), and with a description on every
// field. A write also takes the envelope's idempotency_key, dry_run and
// confirm where they mean something; the face lifts them out of the arguments.
func ToolSchema(o *Operation) json.RawMessage {
	schema := toolRoot(o.InputSchema())
	for _, f := range envelopeFields(o) {
		schema.Properties[f.Name] = f.Schema
		schema.PropertyOrder = append(schema.PropertyOrder, f.Name)
	}
	encoded, err := json.Marshal(schema)
	if err != nil {
		// A compiled shape always encodes, and a recipe's schema was decoded
		// from JSON: what cannot be said is said as an open object.
		return json.RawMessage(`{"type":"object"}`)
	}
	return encoded
}

// toolRoot is a closed copy of an input schema's root.
func toolRoot(schema *jsonschema.Schema) *jsonschema.Schema {
	if schema == nil {
		schema = &jsonschema.Schema{}
	}
	source := deref(schema)
	root := &jsonschema.Schema{
		Type: "object", Properties: map[string]*jsonschema.Schema{}, Required: source.Required,
		AdditionalProperties: &jsonschema.Schema{Not: &jsonschema.Schema{}},
	}
	if refers(source) {
		root.Defs, root.Definitions = schema.Defs, schema.Definitions
	}
	for _, name := range schemaOrder(source) {
		root.Properties[name] = described(name, source.Properties[name])
		root.PropertyOrder = append(root.PropertyOrder, name)
	}
	return root
}

// deref follows a reference at the root to the schema's own definitions.
func deref(schema *jsonschema.Schema) *jsonschema.Schema {
	for _, place := range []struct {
		prefix string
		defs   map[string]*jsonschema.Schema
	}{{"#/$defs/", schema.Defs}, {"#/definitions/", schema.Definitions}} {
		name, ok := strings.CutPrefix(schema.Ref, place.prefix)
		if target := place.defs[name]; ok && target != nil && target.Ref == "" {
			return target
		}
	}
	return schema
}

// refers reports whether a property refers to a definition, at any depth.
func refers(schema *jsonschema.Schema) bool {
	encoded, err := json.Marshal(schema.Properties)
	return err != nil || strings.Contains(string(encoded), `"$ref"`)
}

// described gives a field without a description its name as one.
func described(name string, schema *jsonschema.Schema) *jsonschema.Schema {
	if schema == nil {
		schema = &jsonschema.Schema{}
	}
	if schema.Description != "" {
		return schema
	}
	c := *schema
	c.Description = schema.Title
	if c.Description == "" {
		c.Description = strings.ReplaceAll(name, "_", " ")
	}
	c.Properties = maps.Clone(schema.Properties)
	return &c
}

// envelopeFields are the envelope as fields of a tool.
func envelopeFields(o *Operation) []Field {
	var list []Field
	field := func(name, kind, doc string) {
		list = append(list, Field{Name: name, Type: kind, Doc: doc, Schema: &jsonschema.Schema{Type: kind, Description: doc}})
	}
	if !o.writes() {
		return nil
	}
	field("idempotency_key", "string", "apply this call once for this key; repeated, it answers the first result")
	if !o.ManyBatches {
		field("dry_run", "boolean", "report what would happen and change nothing")
	}
	if o.risky() {
		field("confirm", "string", "the exact name that confirmation_required asked to be repeated")
	}
	return list
}
