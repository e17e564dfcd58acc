package endpoint

import (
	"context"
	"slices"
	"strings"
	"testing"

	"fazt/server/op"
)

func TestToolsets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for path, want := range map[string]string{
		"/mcp":                                "op_find op_run system_status kv_get kv_set",
		"/mcp?toolsets=apps":                  "op_find op_run system_status kv_get kv_set app_create app_delete app_list",
		"/mcp?toolsets=only,kv":               "kv_get kv_set kv_delete kv_list",
		"/mcp?toolsets=only,docs":             "",
		"/mcp/readonly":                       "op_find op_run system_status kv_get",
		"/mcp/readonly?toolsets=only,kv,apps": "kv_get app_list kv_list",
	} {
		if got := strings.Join(w.toolNames(path), " "); got != want {
			t.Errorf("%s offers %q, want %q", path, got, want)
		}
	}
}

// TestFilteredToolCannotBeCalled: a client that knows a name from elsewhere
// gets no further than its address allows.
func TestFilteredToolCannotBeCalled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for path, tool := range map[string]string{"/mcp": "app_list", "/mcp/readonly": "kv_set", "/mcp?toolsets=only,apps": "op_run"} {
		got := w.post(ask{path: path, body: callBody(tool, `{"app":"shop","key":"a","value":1}`)})
		if !strings.Contains(got.body, `"error"`) || strings.Contains(got.body, `"result"`) {
			t.Errorf("%s at %s: %s", tool, path, got.body)
		}
	}
	if calls := w.records.list(); len(calls) != 0 {
		t.Errorf("%d calls went through", len(calls))
	}
}

// TestToolsFollowTheRegistry: operations that are added later appear, with the
// views that needed them; recipes are found by op_find and are no tools.
func TestToolsFollowTheRegistry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	registry := w.endpoint.options.Registry
	type in struct {
		Tab string `json:"tab,omitzero" doc:"the tab"`
	}
	type out struct {
		Text string `json:"text" doc:"what is there"`
	}
	look := op.Define(op.Operation{Name: "tab_look", Summary: "Look", Scope: "tabs:read", Effect: op.Read, Method: "GET", Path: "/api/tabs/{tab}/look"},
		func(context.Context, in) (out, error) { return out{Text: "heading «Hello»\nlink Home"}, nil })
	recipe := op.DefineRaw(op.Operation{Name: "greet_user", Summary: "Greet « them", Scope: "kv:read", Effect: op.Read, Recipe: true, AppFree: true},
		look.InputSchema(), look.OutputSchema(), func([]byte) error { return nil },
		func(context.Context, []byte) (any, error) { return out{Text: "hi"}, nil })
	if err := registry.Add(look, recipe); err != nil {
		t.Fatal(err)
	}
	names := w.toolNames("/mcp?toolsets=kv")
	if !slices.Contains(names, "tab_look") || slices.Contains(names, "greet_user") {
		t.Errorf("the tools are %v", names)
	}
	if got := w.text("tab_look", `{}`); got != "ok tab_look\n«\nheading ‹Hello›\nlink Home\n»" {
		t.Errorf("the look is %q", got)
	}
	if got := w.text("op_find", `{"query":"greet"}`); !strings.Contains(got, `greet_user (recipe, read) «Greet ‹ them»`) {
		t.Errorf("the recipe is shown as %q", got)
	}
}
