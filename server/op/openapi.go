package op

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/jsonschema-go/jsonschema"
)

// openAPIVersion is the newest of 3.1, whose schemas are JSON Schema 2020-12.
const openAPIVersion = "3.1.1"

// OpenAPI describes the HTTP face as an OpenAPI 3.1 document. The same
// registry gives the same bytes.
func OpenAPI(r *Registry, info DocInfo) ([]byte, error) {
	operations := published(r)
	document := ordered{
		{"openapi", openAPIVersion},
		{"info", ordered{
			{"title", info.title()}, {"version", info.Version},
			{"summary", "A personal cloud in one program, operable exactly by AI agents"},
			{"description", openAPIIntroduction},
		}},
	}
	if info.ServerURL != "" {
		document = document.with("servers", []ordered{{{"url", info.ServerURL}}})
	}
	document = append(document, ordered{
		{"tags", openAPITags(operations)},
		{"paths", openAPIPaths(operations)},
		{"components", openAPIComponents(operations)},
	}...)
	encoded, err := json.Marshal(document, jsontext.WithIndent("  "))
	if err != nil {
		return nil, fmt.Errorf("openapi: %w", err)
	}
	return append(encoded, '\n'), nil
}

const openAPIIntroduction = `Every operation is one typed call. Path parameters come from the path, everything else from the JSON body (from the query for GET and DELETE).

A success is the bare output. An error is RFC 9457 application/problem+json with a machine-readable code and a hint, the next step.

Send Idempotency-Key to have a write applied once for that key, Fazt-Dry-Run: true to hear what would happen, and Fazt-Confirm to repeat the name that a destructive operation asks for.

A key in a path is one percent-encoded segment; a raw slash is accepted too. A key that is "." or ".." goes as a query parameter to the path without it.`

func openAPITags(operations []*Operation) []ordered {
	tags := []ordered{}
	for _, group := range byNoun(operations) {
		tags = append(tags, ordered{{"name", group.Noun}, {"description", nounTitle(group.Noun)}})
	}
	return tags
}

// methodOrder is the order in which people expect the methods of a path.
var methodOrder = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}

func openAPIPaths(operations []*Operation) ordered {
	byPath := map[string]map[string][]*Operation{}
	for _, o := range operations {
		path := wildcard.ReplaceAllString(o.Path, "}")
		if byPath[path] == nil {
			byPath[path] = map[string][]*Operation{}
		}
		byPath[path][o.Method] = append(byPath[path][o.Method], o)
	}
	paths := ordered{}
	for _, path := range slices.Sorted(maps.Keys(byPath)) {
		item := ordered{}
		for _, method := range methodOrder {
			if shared := byPath[path][method]; len(shared) > 0 {
				item = item.with(strings.ToLower(method), openAPIOperation(shared))
			}
		}
		paths = paths.with(path, item)
	}
	return paths
}

// openAPIOperation describes what one method of a path does. A stream may
// share them with the operation that answers JSON: Accept tells them apart.
func openAPIOperation(shared []*Operation) ordered {
	slices.SortStableFunc(shared, func(a, b *Operation) int { return rankBool(a.Streams) - rankBool(b.Streams) })
	o := shared[0]
	d := ordered{
		{"operationId", o.Name}, {"tags", []string{o.Noun()}}, {"summary", o.Summary},
	}
	d = d.when(o.Description != "", "description", o.Description)
	d = d.with("security", security(o))
	d = d.when(len(openAPIParameters(shared)) > 0, "parameters", openAPIParameters(shared))
	if body := o.bodySchema(); body != nil {
		d = d.with("requestBody", openAPIBody(o, body))
	}
	d = d.when(o.TakesBody, "requestBody", openAPIBytes(o))
	d = append(d, ordered{
		{"responses", openAPIResponses(shared)},
		{"x-fazt-scope", o.Scope}, {"x-fazt-effect", o.Effect}, {"x-fazt-idempotent", o.Idempotent || o.Effect == Read},
		{"x-fazt-js", "fazt." + o.JSName()}, {"x-fazt-cli", "fazt " + o.CLIName()},
	}...)
	for _, other := range shared[1:] {
		d = d.with("x-fazt-"+strings.ReplaceAll(other.Name, "_", "-"), ordered{
			{"summary", other.Summary}, {"accept", "text/event-stream"}, {"js", "fazt." + other.JSName()},
		})
	}
	return d
}

func rankBool(b bool) int {
	if b {
		return 1
	}
	return 0
}

// security names the scope as a role, which 3.1 allows for every scheme.
func security(o *Operation) []ordered {
	roles := []Scope{o.Scope}
	if o.PeopleOnly {
		return []ordered{{{"session", roles}}, {{"token", roles}}}
	}
	return []ordered{{{"token", roles}}, {{"session", roles}}}
}

// bodySchema describes the fields that travel in a JSON body, or is nil when
// there are none.
func (o *Operation) bodySchema() *jsonschema.Schema {
	if !o.HasBody() {
		return nil
	}
	whole := o.InputSchema()
	params := o.PathParams()
	body := *whole
	body.Properties = map[string]*jsonschema.Schema{}
	body.PropertyOrder, body.Required = nil, nil
	for _, name := range schemaOrder(whole) {
		if slices.Contains(params, name) {
			continue
		}
		body.Properties[name] = whole.Properties[name]
		body.PropertyOrder = append(body.PropertyOrder, name)
		if slices.Contains(whole.Required, name) {
			body.Required = append(body.Required, name)
		}
	}
	if len(body.Properties) == 0 {
		return nil
	}
	return &body
}

func openAPIBody(o *Operation, body *jsonschema.Schema) ordered {
	content := ordered{{"schema", ordered{{"$ref", "#/components/schemas/" + pascal(o.Name) + "Body"}}}}
	if examples := bodyExamples(o); len(examples) > 0 {
		content = content.with("examples", examples)
	}
	return ordered{
		{"required", len(body.Required) > 0},
		{"content", ordered{{"application/json", content}}},
	}
}

// openAPIBytes describes a body of any bytes, as 3.1 does: by its media type.
func openAPIBytes(o *Operation) ordered {
	doc := "The bytes, as they are."
	if f, ok := o.field(o.BodyText); ok {
		doc = "The bytes, as they are: " + f.Doc
	}
	return ordered{
		{"required", false}, {"description", doc},
		{"content", ordered{{"*/*", ordered{{"schema", ordered{}}}}}},
	}
}

func bodyExamples(o *Operation) ordered {
	examples := ordered{}
	params := o.PathParams()
	for i, example := range o.Examples {
		body := slices.DeleteFunc(exampleMembers(example.In), func(m member) bool { return slices.Contains(params, m.name) })
		examples = examples.with(exampleName(i), ordered{{"summary", example.Title}, {"value", body}})
	}
	return examples
}

func exampleName(i int) string { return fmt.Sprintf("example%d", i+1) }
