package server_test

import (
	"encoding/json"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"

	"fazt/server"
	"fazt/server/op"
	"fazt/server/servertest"
)

// TestExamples runs every example of every operation on a fresh server. What
// the reference shows is what happens.
func TestExamples(t *testing.T) {
	t.Parallel()
	for _, o := range (&server.Service{}).Operations() {
		onlyBytes := o.TakesBody && o.BodyText == "" // no example can hold them
		if len(o.Examples) == 0 && !o.Bytes && !o.Streams && !onlyBytes {
			t.Errorf("%s has no example", o.Name)
		}
		for _, example := range o.Examples {
			t.Run(o.Name+"/"+example.Title, func(t *testing.T) {
				t.Parallel()
				w := servertest.Open(t)
				w.Given(example.Given)
				result, err := w.Call(servertest.Owner, o.Name, example.In, op.Envelope{})
				if err != nil {
					t.Fatal(err)
				}
				fits(t, "input", o.InputSchema(), example.In)
				fits(t, "output", o.OutputSchema(), string(result.JSON))
				got, want := servertest.Normal(t, string(result.JSON)), servertest.Normal(t, example.Out)
				if got != want {
					t.Errorf("answer\n got %s\nwant %s", result.JSON, example.Out)
				}
			})
		}
	}
}

// fits holds a call to the schemas that are published of it.
func fits(t *testing.T, what string, schema *jsonschema.Schema, text string) {
	t.Helper()
	resolved, err := schema.Resolve(nil)
	if err != nil {
		t.Fatalf("%s schema: %v", what, err)
	}
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	if err := resolved.Validate(value); err != nil {
		t.Errorf("%s %s does not fit its schema: %v", what, text, err)
	}
}
