package op

import (
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/jsonschema-go/jsonschema"
)

// openAPIParameters lists path, query and envelope of the operations that
// share a path and a method; a field of several is listed once.
func openAPIParameters(shared []*Operation) []ordered {
	var list []ordered
	listed := map[string]bool{}
	for _, o := range shared {
		for _, f := range o.Fields() {
			if f.In == "body" || listed[f.Name] {
				continue
			}
			listed[f.Name] = true
			list = append(list, openAPIParameter(o, f))
		}
	}
	for _, name := range envelopeHeaders(shared[0]) {
		list = append(list, ordered{{"$ref", "#/components/parameters/" + name}})
	}
	return list
}

// envelopeHeaders names the components of the headers that an operation heeds.
func envelopeHeaders(o *Operation) []string {
	var names []string
	if o.writes() {
		names = append(names, "IdempotencyKey")
	}
	if o.writes() && !o.ManyBatches {
		names = append(names, "DryRun")
	}
	if o.risky() {
		names = append(names, "Confirm")
	}
	if _, ok := o.field("if_version"); ok {
		names = append(names, "IfMatch", "IfNoneMatch")
	}
	return names
}

func openAPIParameter(o *Operation, f Field) ordered {
	doc := f.Doc
	if f.In == "path" && o.takesRest(f.Name) {
		doc += ". One percent-encoded segment; a raw / is accepted too. Where it is \".\" or \"..\" send it as ?" +
			f.Name + "= to the path without it."
	}
	schema := *f.Schema
	schema.Description = "" // said once, beside the schema
	p := ordered{{"name", f.Name}, {"in", f.In}, {"required", f.Required || f.In == "path"}, {"description", doc}}
	if f.Type == "array" {
		// In the query a list is one parameter with commas: style form, not exploded.
		p = append(p, ordered{{"style", "form"}, {"explode", false}}...)
	}
	if f.Type == "object" || f.Type == "any" {
		return p.with("content", ordered{{"application/json", ordered{{"schema", &schema}}}})
	}
	p = p.with("schema", &schema)
	if example, ok := parameterExample(o, f.Name); ok {
		p = p.with("example", example)
	}
	return p
}

func parameterExample(o *Operation, name string) (jsontext.Value, bool) {
	for _, example := range o.Examples {
		if value, ok := exampleMembers(example.In).get(name); ok {
			return value, true
		}
	}
	return nil, false
}

// openAPIHeaders are the envelope's headers as components.
func openAPIHeaders() ordered {
	header := func(name, doc string, schema *jsonschema.Schema) ordered {
		return ordered{{"name", name}, {"in", "header"}, {"required", false}, {"description", doc}, {"schema", schema}}
	}
	text := func() *jsonschema.Schema { return &jsonschema.Schema{Type: "string"} }
	key := text()
	key.MaxLength = positive(MaxIdempotencyKey)
	dry := text()
	dry.Enum = []any{"true", "false"}
	return ordered{
		{"IdempotencyKey", header("Idempotency-Key",
			"Apply this write once for this key, and answer its result again for 24 hours. The same key with another input is 422 idempotency_mismatch.", key)},
		{"DryRun", header("Fazt-Dry-Run", "\"true\" reports what would happen and changes nothing.", dry)},
		{"Confirm", header("Fazt-Confirm", "The exact name that confirmation_required asked to be repeated.", text())},
		{"IfMatch", header("If-Match", "The ETag that must be current, or * for any; in place of if_version.", text())},
		{"IfNoneMatch", header("If-None-Match", "\"*\": it must not exist yet; in place of if_version 0.", text())},
	}
}
