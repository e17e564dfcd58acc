package server_test

import (
	"testing"

	"fazt/server"
	"fazt/server/op"
	"fazt/server/servertest"
)

// TestExamples runs every example of every operation on a fresh server. What
// the reference shows is what happens.
func TestExamples(t *testing.T) {
	t.Parallel()
	for _, o := range (&server.Service{}).Operations() {
		if len(o.Examples) == 0 && !o.Bytes && !o.Streams {
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
				got, want := servertest.Normal(t, string(result.JSON)), servertest.Normal(t, example.Out)
				if got != want {
					t.Errorf("answer\n got %s\nwant %s", result.JSON, example.Out)
				}
			})
		}
	}
}
