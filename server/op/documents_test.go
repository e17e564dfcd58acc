package op_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"fazt/server/op"
)

// document is what the checks read of an OpenAPI document.
type document struct {
	OpenAPI    string
	Paths      map[string]map[string]pathOperation
	Components struct {
		Schemas    map[string]any
		Parameters map[string]parameter
		Responses  map[string]response
	}
}

type pathOperation struct {
	OperationID string
	Parameters  []parameter
	RequestBody *struct{ Content map[string]media }
	Responses   map[string]response
	Security    []map[string][]string
}

type parameter struct {
	Ref      string `json:"$ref"`
	Name, In string
	Required bool
	Schema   any
	Example  any
}

type response struct {
	Ref         string `json:"$ref"`
	Description string
	Content     map[string]media
}

type media struct {
	Schema   any
	Example  any
	Examples map[string]struct{ Value any }
}

func openAPI(t *testing.T) (raw any, parsed document) {
	t.Helper()
	text, err := op.OpenAPI(testRegistry(t), docInfo)
	if err != nil {
		t.Fatal(err)
	}
	if raw, err = jsonschema.UnmarshalJSON(bytes.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &parsed); err != nil {
		t.Fatal(err)
	}
	return raw, parsed
}

// TestOpenAPIStructure holds the document to the rules of OpenAPI 3.1 that a
// generator of clients relies on.
func TestOpenAPIStructure(t *testing.T) {
	t.Parallel()
	raw, d := openAPI(t)
	if !strings.HasPrefix(d.OpenAPI, "3.1.") {
		t.Errorf("openapi is %q", d.OpenAPI)
	}
	seen := map[string]bool{}
	for path, methods := range d.Paths {
		if strings.Contains(path, "...") {
			t.Errorf("%s has a wildcard, which OpenAPI does not know", path)
		}
		for method, o := range methods {
			at := method + " " + path
			if o.OperationID == "" || seen[o.OperationID] {
				t.Errorf("%s: operationId %q is empty or taken", at, o.OperationID)
			}
			seen[o.OperationID] = true
			checkPathParameters(t, at, path, o.Parameters)
			if o.RequestBody != nil && (method == "get" || method == "delete") {
				t.Errorf("%s has a body", at)
			}
			checkResponses(t, at, o.Responses)
			if len(o.Security) == 0 {
				t.Errorf("%s is open to all", at)
			}
		}
	}
	walk(raw, "", func(at string, node map[string]any) {
		if ref, ok := node["$ref"].(string); ok && resolve(raw, ref) == nil {
			t.Errorf("%s: %s leads nowhere", at, ref)
		}
	})
	for _, o := range testRegistry(t).All() {
		if o.Recipe == seen[o.Name] && o.Name != "change_watch" {
			t.Errorf("%s: recipe %v, in the document %v", o.Name, o.Recipe, seen[o.Name])
		}
	}
}

func checkPathParameters(t *testing.T, at, path string, parameters []parameter) {
	t.Helper()
	var named []string
	keys := map[string]bool{}
	for _, p := range parameters {
		if p.Ref != "" {
			continue
		}
		if keys[p.In+p.Name] {
			t.Errorf("%s: parameter %s in %s stands twice", at, p.Name, p.In)
		}
		keys[p.In+p.Name] = true
		if p.In == "path" {
			named = append(named, p.Name)
			if !p.Required {
				t.Errorf("%s: path parameter %s is not required", at, p.Name)
			}
		}
	}
	var wanted []string
	for _, m := range regexp.MustCompile(`\{(\w+)\}`).FindAllStringSubmatch(path, -1) {
		wanted = append(wanted, m[1])
	}
	slices.Sort(named)
	slices.Sort(wanted)
	if !slices.Equal(named, wanted) {
		t.Errorf("%s has the parameters %v, and its path %v", at, named, wanted)
	}
}

func checkResponses(t *testing.T, at string, responses map[string]response) {
	t.Helper()
	success := 0
	for status, r := range responses {
		if strings.HasPrefix(status, "2") {
			success++
			if r.Description == "" {
				t.Errorf("%s %s has no description, which is required", at, status)
			}
		}
	}
	if success != 1 || responses["default"].Ref == "" {
		t.Errorf("%s has %d successes, and the default %+v", at, success, responses["default"])
	}
}

// walk visits every object of a document.
func walk(node any, at string, visit func(string, map[string]any)) {
	switch node := node.(type) {
	case map[string]any:
		visit(at, node)
		for name, child := range node {
			walk(child, at+"/"+name, visit)
		}
	case []any:
		for i, child := range node {
			walk(child, fmt.Sprintf("%s/%d", at, i), visit)
		}
	}
}

func resolve(root any, ref string) any {
	node := root
	for name := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		object, ok := node.(map[string]any)
		if !ok {
			return nil
		}
		node = object[name]
	}
	return node
}

// TestOpenAPIExamples validates each example by the schema beside it.
func TestOpenAPIExamples(t *testing.T) {
	t.Parallel()
	raw, _ := openAPI(t)
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	if err := compiler.AddResource("doc.json", raw); err != nil {
		t.Fatal(err)
	}
	checked := 0
	check := func(at string, schema any, value any) {
		ref, _ := schema.(map[string]any)["$ref"].(string)
		if ref == "" {
			ref = "#" + at + "/schema"
		}
		compiled, err := compiler.Compile("doc.json" + ref)
		if err != nil {
			t.Errorf("%s: %v", at, err)
			return
		}
		if err := compiled.Validate(value); err != nil {
			t.Errorf("%s: the example breaks its schema: %v", at, err)
		}
		checked++
	}
	walk(raw, "", func(at string, node map[string]any) {
		schema := node["schema"]
		if schema == nil {
			return
		}
		at = strings.NewReplacer("application/problem+json", "application~1problem+json", "application/json", "application~1json").Replace(at)
		if value, ok := node["example"]; ok && !strings.Contains(at, "{") {
			check(at, schema, value)
		}
		if examples, ok := node["examples"].(map[string]any); ok {
			for name, example := range examples {
				if example.(map[string]any)["value"] == nil {
					t.Errorf("%s: %s has no value", at, name)
				}
				// The empty answers of the test registry's examples are sketches.
				if value := example.(map[string]any)["value"]; fmt.Sprint(value) != "map[]" {
					check(at, schema, value)
				}
			}
		}
	})
	if checked < 15 {
		t.Errorf("only %d examples were checked", checked)
	}
}

func TestOpenAPIIsDeterministic(t *testing.T) {
	t.Parallel()
	first, err := op.OpenAPI(testRegistry(t), docInfo)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		next, err := op.OpenAPI(testRegistry(t), docInfo)
		if err != nil || !bytes.Equal(first, next) {
			t.Fatalf("two documents of one registry differ: %v", err)
		}
	}
}

// TestPublicDocumentsHoldNoRecipes: they are readable without a token.
func TestPublicDocumentsHoldNoRecipes(t *testing.T) {
	t.Parallel()
	r := testRegistry(t)
	document, err := op.OpenAPI(r, docInfo)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"OpenAPI": string(document), "Reference": string(op.Reference(r, docInfo)), "LLMs": op.LLMs(r, docInfo),
		"ClientModule": op.ClientModule(r), "Declarations": op.Declarations(r),
	} {
		if strings.Contains(text, "app_starter") || strings.Contains(text, "welcome key") {
			t.Errorf("%s shows a recipe", name)
		}
	}
}

// TestReferenceIsWellFormed: tags are closed, ids are unique and every link on
// the page leads somewhere.
func TestReferenceIsWellFormed(t *testing.T) {
	t.Parallel()
	page := op.Reference(testRegistry(t), docInfo)
	dec := xml.NewDecoder(bytes.NewReader(page))
	dec.Strict, dec.AutoClose, dec.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	ids, links, depth := map[string]bool{}, []string{}, 0
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			depth++
			if slices.Contains([]string{"script", "img", "link", "iframe"}, token.Name.Local) {
				t.Errorf("the page has a <%s>", token.Name.Local)
			}
			for _, a := range token.Attr {
				switch {
				case a.Name.Local == "id" && ids[a.Value]:
					t.Errorf("the id %q stands twice", a.Value)
				case a.Name.Local == "id":
					ids[a.Value] = true
				case a.Name.Local == "href" && strings.HasPrefix(a.Value, "#"):
					links = append(links, a.Value[1:])
				case a.Name.Local == "style" || strings.HasPrefix(a.Name.Local, "on"):
					t.Errorf("the policy forbids the attribute %s", a.Name.Local)
				}
			}
		case xml.EndElement:
			depth--
		}
	}
	if depth != 0 {
		t.Errorf("%d elements are not closed", depth)
	}
	for _, link := range links {
		if !ids[link] {
			t.Errorf("the link #%s leads nowhere", link)
		}
	}
	for _, o := range testRegistry(t).All() {
		if ids[o.Name] == o.Recipe {
			t.Errorf("%s has an entry: %v", o.Name, ids[o.Name])
		}
	}
}

// TestReferenceEscapes: a description is text, whatever it holds.
func TestReferenceEscapes(t *testing.T) {
	t.Parallel()
	registry := op.NewRegistry(op.Ports{})
	o := op.Operation{
		Name: "kv_x", Summary: "<b>Bold</b>", Description: "</style><script>alert(1)</script> */ `", Scope: "kv:read", Effect: op.Read,
		Method: "GET", Path: "/api/x", Examples: []op.Example{{Title: "*/ <i>", In: `{"k":"</pre><script>"}`}},
	}
	if err := registry.Add(op.Define(o, handleEmpty)); err != nil {
		t.Fatal(err)
	}
	if page := string(op.Reference(registry, docInfo)); strings.Contains(page, "<script>") || strings.Contains(page, "<b>") {
		t.Error("a description became markup")
	}
	if text := op.Declarations(registry); strings.Count(text, "*/") != strings.Count(text, "/**") {
		t.Errorf("a description ended a comment:\n%s", text)
	}
}

func TestToolSchemasSuitClients(t *testing.T) {
	t.Parallel()
	for _, o := range testRegistry(t).All() {
		var schema struct {
			Type                 string
			Properties           map[string]map[string]any
			Required             []string
			AdditionalProperties *bool
		}
		raw := op.ToolSchema(o)
		if err := json.Unmarshal(raw, &schema); err != nil {
			t.Fatalf("%s: %v", o.Name, err)
		}
		var root map[string]any
		if err := json.Unmarshal(raw, &root); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"anyOf", "oneOf", "allOf", "not", "if", "then", "else", "$ref", "$schema", "$id"} {
			if _, ok := root[key]; ok {
				t.Errorf("%s has %s at the root, for which clients drop a tool", o.Name, key)
			}
		}
		if schema.Type != "object" || schema.AdditionalProperties == nil || *schema.AdditionalProperties {
			t.Errorf("%s is no closed object: %s", o.Name, raw)
		}
		for name, property := range schema.Properties {
			if text, _ := property["description"].(string); text == "" {
				t.Errorf("%s.%s has no description", o.Name, name)
			}
		}
		for _, name := range schema.Required {
			if schema.Properties[name] == nil {
				t.Errorf("%s requires %s, which it does not have", o.Name, name)
			}
		}
		if _, ok := schema.Properties["idempotency_key"]; ok == (o.Effect == op.Read) {
			t.Errorf("%s is a %s, and idempotency_key is there: %v", o.Name, o.Effect, ok)
		}
	}
}
