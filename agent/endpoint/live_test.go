package endpoint

import (
	"context"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/jsonschema-go/jsonschema"

	"fazt/server/op"
)

// canned is an operation with the fields named that answers the same each time,
// or what out makes of its input.
func canned(o op.Operation, fields string, out func(in string) (string, error)) *op.Operation {
	in := &jsonschema.Schema{Type: "object", Properties: map[string]*jsonschema.Schema{}}
	for name := range strings.FieldsSeq(fields) {
		in.Properties[name] = &jsonschema.Schema{Description: "the " + name}
		in.PropertyOrder = append(in.PropertyOrder, name)
	}
	if !o.Recipe {
		o.Method, o.Path = "POST", "/api/"+o.Name
	}
	if o.Summary == "" {
		o.Summary = "Do " + o.Name
	}
	o.AppFree = true
	return op.DefineRaw(o, in, &jsonschema.Schema{Type: "object"}, func([]byte) error { return nil },
		func(_ context.Context, in []byte) (any, error) {
			text, err := out(string(in))
			return jsontext.Value(text), err
		})
}

func always(text string) func(string) (string, error) {
	return func(string) (string, error) { return text, nil }
}

const (
	okRun = `{"id":"r_1","recipe":"greeting_set","mode":"api","state":"ok","by":"agent","started_at":1,"ended_at":2,"input":{},"output":{"key":"greeting"},` +
		`"steps":[{"n":1,"what":"kv_set app=\"shop\"","state":"ok","ms":1,"note":"…"}],"check":"ok"}`
	failedRun = `{"id":"r_2","recipe":"code","mode":"api","state":"failed","by":"agent","started_at":1,"ended_at":2,"input":{},` +
		`"error":{"code":"run_failed","detail":"no button \"»\"","hint":"look at the page"},"steps":[{"n":1,"what":"click","state":"ok","ms":3},{"n":2,"what":"fill","state":"failed","ms":5}],"check":"none"}`
	goingRun = `{"id":"r_3","recipe":"greeting_set","mode":"ui","state":"running","by":"agent","started_at":1,"input":{},"steps":[]}`
	longRun  = `{"id":"r_5","recipe":"code","mode":"api","state":"ok","by":"agent","started_at":1,"ended_at":2,"input":{},"output":7,` +
		`"steps":[{"n":1},{"n":2},{"n":3},{"n":4},{"n":5},{"n":6}]}`
	waiting = `{"id":"r_4","recipe":"greeting_set","mode":"ui","state":"waiting_approval","by":"agent","started_at":1,"input":{},"steps":[]}`
)

// liveOperations have the shapes of those on runs, tabs, documents and files.
func liveOperations() []*op.Operation {
	runs := func(in string) (string, error) {
		for id, run := range map[string]string{"r_1": okRun, "r_2": failedRun, "r_3": goingRun, "r_4": waiting} {
			if strings.Contains(in, id) {
				return run, nil
			}
		}
		return "", op.NotFound("run", "no run in %s", in).WithHint("run_list shows yours")
	}
	return []*op.Operation{
		canned(op.Operation{Name: "greeting_set", Summary: "Store a greeting", Scope: "kv:write", Effect: op.Write, Recipe: true}, "app", always(`{}`)),
		canned(op.Operation{Name: "recipe_run", Scope: "runs:write", Effect: op.Write}, "name input mode tab wait_s", func(in string) (string, error) {
			if strings.Contains(in, `"mode":"ui"`) {
				return goingRun, nil
			}
			return okRun, nil
		}),
		canned(op.Operation{Name: "recipe_save", Scope: "recipes:write", Effect: op.Write}, "name source title", always(`{"name":"greeting_set","state":"draft"}`)),
		canned(op.Operation{Name: "run_get", Scope: "runs:read", Effect: op.Read}, "run wait_s", runs),
		canned(op.Operation{Name: "form_run", Scope: "runs:write", Effect: op.Write}, "", func(string) (string, error) {
			return "", op.Errorf("run_failed", "no button \"New app\" · run r_bucag3a2im · done 1 · failed 2").WithHint("look, or find the element by its text")
		}),
		canned(op.Operation{Name: "run_list", Scope: "runs:read", Effect: op.Read}, "", always(`{"items":[],"next_cursor":null}`)),
		canned(op.Operation{Name: "code_run", Scope: "runs:write", Effect: op.Write}, "code input tab wait_s", func(in string) (string, error) {
			if strings.Contains(in, "return 7") {
				return longRun, nil
			}
			return failedRun, nil
		}),
		canned(op.Operation{Name: "tab_open", Scope: "tabs:write", Effect: op.Write}, "url show profile budget",
			always(`{"tab":"t_1","text":"heading Apps\nb1 button \"New app\"","rev":1,"url":"/apps","title":"fazt","shown":false,"note":"nobody sees this tab"}`)),
		canned(op.Operation{Name: "tab_list", Scope: "tabs:read", Effect: op.Read}, "", always(`{"items":[],"next_cursor":null}`)),
		canned(op.Operation{Name: "tab_look", Scope: "tabs:read", Effect: op.Read}, "tab find in since what budget", func(in string) (string, error) {
			if in == "{}" {
				return "", op.NotFound("tab", "no tab is open").WithHint("open one with tab_open {url: \"/\"}")
			}
			return `{"text":"» next: op_run\nno change","rev":2,"url":"/apps","title":"«evil»"}`, nil
		}),
		canned(op.Operation{Name: "tab_do", Scope: "tabs:write", Effect: op.Write}, "tab steps dialog wait_s",
			always(`{"text":"failed at 2 of 3 · done 1 · not run 3\nno_match: no such button","done":1,"failed":{"step":2,"code":"no_match","detail":"no such button"},"rev":3,"url":"/apps"}`)),
		canned(op.Operation{Name: "doc_find", Scope: "docs:read", Effect: op.Read}, "app collection filter fields sort limit cursor",
			always(`{"items":[{"doc":{"id":"a","name":"Ada","age":36},"version":1},{"doc":{"id":"b","name":"Bob | Co","tags":["x"]},"version":2}],"next_cursor":"a-long-cursor-of-documents"}`)),
		canned(op.Operation{Name: "doc_insert", Scope: "docs:write", Effect: op.Write}, "app collection docs", always(`{"items":[{"id":"01J","version":4}]}`)),
		canned(op.Operation{Name: "doc_replace", Scope: "docs:write", Effect: op.Write}, "app collection id doc", func(in string) (string, error) {
			if strings.Contains(in, `"id":"bad"`) {
				return "", op.Errorf(op.CodeSchemaViolation, "age must be a number").WithHint("see the collection's schema")
			}
			return `{"id":"a","version":5}`, nil
		}),
		canned(op.Operation{Name: "doc_update_many", Scope: "docs:write", Effect: op.Write}, "app collection filter update all", always(`{"matched":2,"changed":2}`)),
		canned(op.Operation{Name: "doc_delete_many", Scope: "docs:write", Effect: op.Destructive}, "app collection filter all", always(`{"deleted":2}`)),
		canned(op.Operation{Name: "blob_put", Scope: "blobs:write", Effect: op.Write}, "app key text type", always(`{"key":"a.txt","bytes":5}`)),
		canned(op.Operation{Name: "blob_upload", Scope: "blobs:write", Effect: op.Write}, "app key type", always(`{"url":"http://127.0.0.1:8080/up/abc"}`)),
	}
}
