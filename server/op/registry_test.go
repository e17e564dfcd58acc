package op_test

import (
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/jsonschema-go/jsonschema"

	"fazt/server/op"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares with testdata/name, or writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s differs from what the registry gives now; see with git diff after make generate", path)
	}
}

type listIn struct {
	App      string  `json:"app" doc:"the app" format:"app"`
	Prefix   string  `json:"prefix,omitzero" doc:"only keys that begin with this" format:"prefix"`
	Limit    int     `json:"limit" doc:"how many at most" default:"100" minimum:"1" maximum:"1000"`
	Cursor   *string `json:"cursor" doc:"where the last page ended"`
	Reverse  bool    `json:"reverse,omitzero" doc:"last first"`
	KeysOnly bool    `json:"keys_only,omitzero" doc:"leave the values out"`
}

type entry struct {
	Key       string         `json:"key" doc:"the key"`
	Value     jsontext.Value `json:"value,omitzero" doc:"the value"`
	Version   uint64         `json:"version" doc:"its version"`
	ExpiresAt *int64         `json:"expires_at" doc:"Unix milliseconds, or null"`
}

type listOut struct {
	Items      []entry `json:"items" doc:"the page"`
	NextCursor *string `json:"next_cursor" doc:"where to go on, or null at the end"`
}

type keyIn struct {
	App string `json:"app" doc:"the app" format:"app"`
	Key string `json:"key" doc:"the key" format:"key"`
}

type findIn struct {
	App        string                    `json:"app" doc:"the app" format:"app"`
	Collection string                    `json:"collection" doc:"the collection" pattern:"^[a-z_]+$" maxLength:"64"`
	Filter     map[string]jsontext.Value `json:"filter,omitzero" doc:"which documents"`
	Fields     []string                  `json:"fields,omitzero" doc:"only these fields" maxItems:"50" minLength:"1"`
	Sort       []sortKey                 `json:"sort,omitzero" doc:"the order"`
	Update     jsontext.Value            `json:"update" doc:"what to change"`
	Return     string                    `json:"return" doc:"which state to answer" enum:"before,after" default:"after"`
}

type sortKey struct {
	Path string `json:"path" doc:"dotted path"`
	Desc bool   `json:"desc,omitzero" doc:"descending"`
}

type docOut struct {
	Doc     jsontext.Value `json:"doc" doc:"the document"`
	Version uint64         `json:"version" doc:"its version"`
}

type appIn struct {
	App string `json:"app" doc:"the app" format:"app"`
}

type undoIn struct {
	App   string  `json:"app" doc:"the app" format:"app"`
	RunID *string `json:"run_id" doc:"what this run did"`
	By    *string `json:"by" doc:"what this token did"`
	Since *int64  `json:"since" doc:"from then on, Unix milliseconds"`
}

type watchIn struct {
	App   string   `json:"app" doc:"the app" format:"app"`
	Since *string  `json:"since" doc:"the cursor after which to start; 0 is the beginning"`
	Kinds []string `json:"kinds,omitzero" doc:"only these kinds" enum:"kv,doc,blob"`
}

type emptyIn struct{}

// testOperations have every form that a projection must handle.
func testOperations() []*op.Operation {
	return []*op.Operation{
		op.Define(op.Operation{
			Name: "kv_set", Summary: "Store a value", Scope: "kv:write", Effect: op.Write, Idempotent: true,
			Method: "PUT", Path: "/api/apps/{app}/kv/{key...}",
			Description: "Replaces what the key held, its time to live included. A value is any JSON, null too.",
			Examples: []op.Example{{
				Title: "Keep a greeting", In: `{"app":"shop","key":"greeting/en","value":"it's \"hi\""}`,
				Given: []op.Given{{Op: "app_create", In: `{"id":"shop"}`}},
				Out:   `{"key":"greeting/en","version":7,"created":true}`,
			}},
		}, func(_ context.Context, in setIn) (setOut, error) {
			return setOut{Key: in.Key, Version: 7, Created: true}, nil
		}),
		op.Define(op.Operation{
			Name: "kv_list", Summary: "List keys with their values", Scope: "kv:read", Effect: op.Read,
			Method: "GET", Path: "/api/apps/{app}/kv",
			Examples: []op.Example{{Title: "Two users", In: `{"app":"shop","prefix":"user/","limit":2}`, Out: `{"items":[],"next_cursor":null}`}},
		}, func(context.Context, listIn) (listOut, error) { return listOut{Items: []entry{}}, nil }),
		op.Define(op.Operation{
			Name: "kv_delete", Summary: "Delete a key", Scope: "kv:write", Effect: op.Destructive, Idempotent: true,
			Method: "DELETE", Path: "/api/apps/{app}/kv/{key...}",
			Examples: []op.Example{{Title: "A key that is a step in a path", In: `{"app":"shop","key":".."}`, Out: `{}`}},
		}, func(context.Context, keyIn) (emptyIn, error) { return emptyIn{}, nil }),
		op.Define(op.Operation{
			Name: "doc_find_and_update", Summary: "Update the first document that matches, and answer it", Scope: "docs:write",
			Effect: op.Write, Method: "POST", Path: "/api/apps/{app}/collections/{collection}/docs:find_and_update",
			Examples: []op.Example{{
				Title: "Take the next job", Out: `{"doc":{"id":"a"},"version":9}`,
				In: `{"app":"shop","collection":"jobs","filter":{"state":"new"},"update":{"$set":{"state":"taken"}},"sort":[{"path":"at"}]}`,
			}},
		}, func(context.Context, findIn) (docOut, error) { return docOut{Doc: jsontext.Value(`{}`)}, nil }),
		op.Define(op.Operation{
			Name: "app_delete", Summary: "Delete an app with all that is in it", Scope: "apps:write", Effect: op.Destructive,
			Idempotent: true, Method: "DELETE", Path: "/api/apps/{app}",
		}, func(context.Context, appIn) (emptyIn, error) { return emptyIn{}, nil },
			op.WithRisk(func(_ context.Context, in appIn) (op.Risk, error) {
				return op.Risk{Confirm: in.App, Summary: `app "` + in.App + `" with 12 keys`, Wide: true}, nil
			})),
		op.Define(op.Operation{
			Name: "undo", Summary: "Take back what a run or a caller did", Scope: "apps:write", Effect: op.Write,
			Method: "POST", Path: "/api/apps/{app}/undo",
		}, func(context.Context, undoIn) (emptyIn, error) { return emptyIn{}, nil }),
		op.Define(op.Operation{
			Name: "change_list", Summary: "List changes", Scope: "changes:read", Effect: op.Read,
			Method: "GET", Path: "/api/apps/{app}/changes",
		}, func(context.Context, watchIn) (listOut, error) { return listOut{}, nil }),
		op.Define(op.Operation{
			Name: "change_watch", Summary: "Follow changes as they happen", Scope: "changes:read", Effect: op.Read,
			Method: "GET", Path: "/api/apps/{app}/changes", Streams: true,
		}, func(context.Context, watchIn) (op.Stream, error) { return noStream{}, nil }),
		op.Define(op.Operation{
			Name: "system_backup", Summary: "Write a consistent copy of the database", Scope: "system:read", Effect: op.Read,
			Method: "GET", Path: "/api/system/backup", Bytes: true, ManyBatches: true,
		}, func(context.Context, emptyIn) (*op.Body, error) {
			return &op.Body{Type: "application/vnd.sqlite3"}, nil
		}),
		op.Define(op.Operation{
			Name: "approval_decide", Summary: "Approve or refuse", Scope: "approvals:write", Effect: op.Write, ManyBatches: true,
			Method: "POST", Path: "/api/approvals/{id}", PeopleOnly: true, Status: 202,
		}, func(context.Context, decideIn) (emptyIn, error) { return emptyIn{}, nil }),
		op.DefineRaw(op.Operation{
			Name: "app_starter", Summary: "Create an app with a welcome key", Scope: "recipes:write", Effect: op.Write, Recipe: true,
		}, starterSchema(), nil, func([]byte) error { return nil },
			func(context.Context, []byte) (any, error) { return map[string]any{}, nil }),
	}
}

type decideIn struct {
	ID      string `json:"id" doc:"the approval"`
	Approve bool   `json:"approve" doc:"yes or no"`
}

// starterSchema is a recipe's input as authors write them: a reference at the
// root, and combinators.
func starterSchema() *jsonschema.Schema {
	return &jsonschema.Schema{
		Ref: "#/$defs/input",
		Defs: map[string]*jsonschema.Schema{"input": {
			Type: "object", Required: []string{"id"}, AnyOf: []*jsonschema.Schema{{Required: []string{"id"}}},
			Properties: map[string]*jsonschema.Schema{"id": {Type: "string"}, "title": {Type: "string", Title: "Shown name"}},
		}},
	}
}

type noStream struct{}

func (noStream) Next(context.Context) (op.Event, error) { return op.Event{}, io.EOF }
func (noStream) Close() error                           { return nil }

func testRegistry(tb testing.TB) *op.Registry {
	tb.Helper()
	registry := op.NewRegistry(op.Ports{Admitter: op.AdmitAll{}, Recorder: op.RecordNone{}, Approver: op.ApproveAll{}})
	if err := registry.Add(testOperations()...); err != nil {
		tb.Fatal(err)
	}
	return registry
}

func operation(tb testing.TB, name string) *op.Operation {
	tb.Helper()
	o, ok := testRegistry(tb).Lookup(name)
	if !ok {
		tb.Fatalf("no operation %s in the test registry", name)
	}
	return o
}

func handleEmpty(context.Context, emptyIn) (emptyIn, error) { return emptyIn{}, nil }
