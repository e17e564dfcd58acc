package run_test

import (
	"context"
	"encoding/json"
	"io/fs"
	"strings"
	"testing"

	"fazt/agent/run"
	"fazt/recipes"
	"fazt/server/op"
)

func shippedSources(t *testing.T) map[string]string {
	t.Helper()
	names, err := fs.Glob(recipes.Shipped, "*.ts")
	if err != nil {
		t.Fatal(err)
	}
	sources := map[string]string{}
	for _, name := range names {
		text, err := fs.ReadFile(recipes.Shipped, name)
		if err != nil {
			t.Fatal(err)
		}
		sources[name] = string(text)
	}
	return sources
}

// contractPage answers as recipes/README.md says that the admin page does: the
// status line carries output, or a dialog shows an alert.
func contractPage(output string, alert map[string]string) func(context.Context, tabCall) (any, error) {
	saved := false
	return func(_ context.Context, c tabCall) (any, error) {
		place := mustJSON(c.Params["locator"])
		aboutAlert := strings.Contains(place, `data-code`) && !strings.Contains(place, `"by":"or"`)
		switch c.Params["action"] {
		case "click":
			saved = saved || has(place, "dialog")
		case "count":
			if saved && alert != nil {
				return 1, nil
			}
			return 0, nil
		case "textContent":
			return alert["detail"], nil
		case "getAttribute":
			name := c.Params["args"].([]any)[0].(string)
			if aboutAlert {
				if value, ok := alert[strings.TrimPrefix(name, "data-")]; ok {
					return value, nil
				}
				return nil, nil
			}
			return output, nil
		}
		return nil, nil
	}
}

// TestShippedForms: each page form fills in every input of its operation and
// answers what the page says that the operation answered.
func TestShippedForms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, input, output string
		steps               []string
		checks              string // what its check reads
	}{
		{
			"kv_set", `{"app":"shop","key":"user/ada","value":{"n":1.0,"big":12345678901234567890},"ttl_ms":60000,"if_version":0,"create_only":true}`,
			`{"key":"user/ada","version":7,"created":true}`,
			[]string{
				"open a tab at /apps/shop", `click button "New key"`,
				`fill label "Key" in dialog "New key" = "user/ada"`,
				`fill label "Value (JSON)" in dialog "New key" = "{\"n\":1.0,\"big\":12345678901234567890`,
				`fill label "Time to live (ms)" in dialog "New key" = "60000"`,
				`fill label "Only at version" in dialog "New key" = "0"`,
				`check label "Only create" in dialog "New key"`,
				`click button "Save" in dialog "New key"`,
			}, "kv_get",
		},
		{
			"kv_delete", `{"app":"shop","key":"\"a\nb ","if_version":3}`, `{"deleted":true,"version":8}`,
			[]string{
				"open a tab at /apps/shop", `click button "Delete a key"`,
				`fill label "Key" in dialog "Delete key" = "\"\\\"a\\nb \""`,
				`fill label "Only at version" in dialog "Delete key" = "3"`,
				`click button "Delete" in dialog "Delete key"`,
			}, "kv_get",
		},
		{
			"app_create", `{"id":"blog","title":"My blog"}`, `{"id":"blog","title":"My blog","version":7,"created_at":1,"updated_at":1}`,
			[]string{
				"open a tab at /apps", `click button "New app"`, `fill label "Id" in dialog "New app" = "blog"`,
				`fill label "Title" in dialog "New app" = "My blog"`, `click button "Create" in dialog "New app"`,
			}, "app_get",
		},
		{
			"app_delete", `{"app":"gone","if_version":7}`, `{"deleted":true,"version":9}`,
			[]string{
				"open a tab at /apps/gone", `click button "Delete app"`,
				`fill label "Type the id to confirm" in dialog "Delete app" = "gone"`,
				`fill label "Only at version" in dialog "Delete app" = "7"`, `click button "Delete" in dialog "Delete app"`,
			}, "app_get",
		},
		{
			"token_create", `{"name":"dash","kind":"service","scopes":["kv:read","docs:read"],"app":"shop","ttl_ms":1000}`,
			`{"id":"t_1","name":"dash","kind":"service","app":"shop","scopes":["kv:read","docs:read"]}`,
			[]string{
				"open a tab at /tokens", `click button "New token"`, `fill label "Name" in dialog "New token" = "dash"`,
				`selectOption label "Kind" in dialog "New token" = "service"`, `fill label "App" in dialog "New token" = "shop"`,
				`fill label "Time to live (ms)" in dialog "New token" = "1000"`,
				`check checkbox "kv:read" in dialog "New token"`, `check checkbox "docs:read" in dialog "New token"`,
				`click button "Create" in dialog "New token"`,
			}, "token_get",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(o *worldOptions) { o.shipped, o.forms = shippedSources(t), true })
			w.tabs.answer = contractPage(c.output, nil)
			out, err := w.call(owner(), c.name, c.input, func(r *op.Request) { r.Mode = op.ModeUI })
			record := w.last()
			var did []string
			checked := false
			for _, step := range record.Steps {
				switch {
				case strings.HasPrefix(step.What, c.checks):
					checked = true
				case !strings.HasPrefix(step.What, "waitFor") && !strings.HasPrefix(step.What, "count") && !strings.HasPrefix(step.What, "getAttribute"):
					did = append(did, strings.TrimSuffix(step.What, "…"))
				}
			}
			equal(t, did, c.steps)
			if err != nil || out != c.output || !checked || record.Check != run.CheckOK {
				t.Errorf("answer %s, %v, check %q", out, err, record.Check)
			}
		})
	}
}

// TestFormRefused: what the page refuses ends with the operation's own code.
func TestFormRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *worldOptions) { o.shipped, o.forms = shippedSources(t), true })
	w.tabs.answer = contractPage("", map[string]string{"code": "already_exists", "hint": "choose another key", "field": "key", "detail": "the key exists"})
	_, err := w.call(owner(), "kv_set", `{"app":"shop","key":"a","value":1,"create_only":true}`, func(r *op.Request) { r.Mode = op.ModeUI })
	if e := op.AsError(err); e.Code != op.CodeAlreadyExists || e.Hint != "choose another key" || e.Field != "key" || !has(e.Detail, "the key exists") {
		t.Errorf("%+v", e)
	}
}

// formOperations are the operations of the page forms, as far as these need
// them: by api they only answer what the checks look for.
func formOperations() []*op.Operation {
	answer := map[string]string{
		"app_get":   `{"id":"blog","title":"My blog","version":7}`,
		"token_get": `{"id":"t_1","name":"dash","kind":"service","app":"shop","scopes":["docs:read","kv:read"]}`,
	}
	var list []*op.Operation
	for _, name := range []string{"app_create", "app_delete", "kv_delete", "token_create", "app_get", "token_get"} {
		effect := map[string]op.Effect{"app_delete": op.Destructive, "kv_delete": op.Destructive, "app_get": op.Read, "token_get": op.Read}[name]
		if effect == "" {
			effect = op.Write
		}
		noun, verb, _ := strings.Cut(name, "_")
		scope := op.Scope(map[string]string{"app": "apps", "kv": "kv", "token": "tokens"}[noun] + map[bool]string{true: ":read", false: ":write"}[verb == "get"])
		list = append(list, op.Define(op.Operation{Name: name, Summary: name, Scope: scope, Effect: effect, Method: "POST", Path: "/api/" + name, AppFree: true},
			func(_ context.Context, in formIn) (formOut, error) {
				if answer[name] == "" || in.App == "gone" {
					return formOut{}, op.NotFound("app", "nothing")
				}
				var out formOut
				return out, json.Unmarshal([]byte(answer[name]), &out)
			}))
	}
	return list
}

// formIn takes what any of them takes.
type formIn struct {
	App        string   `json:"app,omitzero" doc:"the app"`
	ID         string   `json:"id,omitzero" doc:"the id"`
	Title      string   `json:"title,omitzero" doc:"the title"`
	Key        string   `json:"key,omitzero" doc:"the key"`
	Name       string   `json:"name,omitzero" doc:"the name"`
	Kind       string   `json:"kind,omitzero" doc:"the kind"`
	Token      string   `json:"token,omitzero" doc:"the token"`
	Scopes     []string `json:"scopes,omitzero" doc:"the scopes"`
	TTLMillis  int64    `json:"ttl_ms,omitzero" doc:"time to live"`
	IfVersion  *uint64  `json:"if_version" doc:"the version"`
	CreateOnly bool     `json:"create_only,omitzero" doc:"only when new"`
}

type formOut struct {
	ID      string   `json:"id,omitzero" doc:"the id"`
	Title   string   `json:"title,omitzero" doc:"the title"`
	Name    string   `json:"name,omitzero" doc:"the name"`
	Kind    string   `json:"kind,omitzero" doc:"the kind"`
	App     string   `json:"app,omitzero" doc:"the app"`
	Scopes  []string `json:"scopes,omitzero" doc:"the scopes"`
	Version uint64   `json:"version,omitzero" doc:"the version"`
}
