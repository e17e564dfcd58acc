package main

import (
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// TestTypes: what schemas and documents become in TypeScript.
func TestTypes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ schema, want string }{
		"schema": {
			`{"properties":{"n":{"type":"integer"},"s":{"enum":["a","b"]},"l":{"type":"array","items":{"type":["string","null"]}},"o":{"type":"object","properties":{"x-y":{}}}},"required":["n"]}`,
			"{\n  n: number;\n  s?: \"a\" | \"b\";\n  l?: (string | null)[];\n  o?: {\n    \"x-y\"?: unknown;\n  };\n}",
		},
		"choices": {`{"properties":{"a":{"anyOf":[{"type":"string"},{"type":"null"}]}}}`, "{\n  a?: string | null;\n}"},
	} {
		if got := shapeOfSchema(jsontext.Value(test.schema)).render(""); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, test.want)
		}
	}
	if shapeOfSchema(jsontext.Value(`{"type":"object"}`)) != nil {
		t.Error("a schema without fields hides what documents say")
	}
	all := &tsType{fields: []*tsField{}}
	for i, doc := range []string{`{"a":1,"b":"x","l":[{"p":1},{"q":2}]}`, `{"a":null,"c":true,"l":[]}`} {
		all.take(typeOfValue(jsontext.Value(doc)), i == 0)
	}
	const want = "{\n  a: number | null;\n  b?: string;\n  l: {\n    p?: number;\n    q?: number;\n  }[];\n  c?: boolean;\n}"
	if got := all.render(""); got != want {
		t.Errorf("documents:\n got %s\nwant %s", got, want)
	}
	used := map[string]bool{}
	for _, c := range [][2]string{{"people", "People"}, {"line-items", "LineItems"}, {"line_items", "LineItems2"}, {"_1", "C1"}, {"collections", "Collections2"}} {
		if got := typeName(c[0], used); got != c[1] {
			t.Errorf("%s is %s, want %s", c[0], got, c[1])
		}
	}
}
