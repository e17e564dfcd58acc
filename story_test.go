package main

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"fazt/server/op"
	"fazt/server/servertest"
)

// tool calls a tool as an agent does, and returns the text that the model reads.
func tool(ctx context.Context, t testing.TB, session *mcp.ClientSession, name string, arguments map[string]any) (text string, failed bool) {
	t.Helper()
	result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: name, Arguments: arguments})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if len(result.Content) != 1 {
		t.Fatalf("%s answered %d blocks, want one", name, len(result.Content))
	}
	block, ok := result.Content[0].(*mcp.TextContent)
	if !ok {
		t.Fatalf("%s answered %T", name, result.Content[0])
	}
	return block.Text, result.IsError
}

// mustTool is tool for a call that has to succeed.
func mustTool(t testing.TB, session *mcp.ClientSession, name string, arguments map[string]any) string {
	t.Helper()
	text, failed := tool(t.Context(), t, session, name, arguments)
	if failed {
		t.Fatalf("%s %v: %s", name, arguments, text)
	}
	return text
}

// starter does the same by the page and by the API. By the page it reloads in
// the middle of it.
const starter = `import { defineRecipe } from "fazt";

export default defineRecipe({
  name: "app_starter",
  title: "Create an app with a welcome key",
  effect: "write",
  scopes: ["apps:read", "apps:write", "kv:read", "kv:write"],
  at: "/apps",
  input: { type: "object", properties: { id: { type: "string" } }, required: ["id"], additionalProperties: false },
  output: { type: "object", properties: { id: { type: "string" } }, required: ["id"] },
  async ui({ page, input }) {
    await page.getByRole("button", { name: "New app" }).click();
    const dialog = page.getByRole("dialog", { name: "New app" });
    await dialog.getByLabel("Id").fill(input.id);
    await dialog.getByLabel("Title").fill("Made by a recipe");
    await dialog.getByRole("button", { name: "Create" }).click();
    await page.reload();
    await page.getByRole("link", { name: input.id, exact: true }).click();
    await page.getByRole("button", { name: "New key" }).click();
    const key = page.getByRole("dialog", { name: "New key" });
    await key.getByLabel("Key", { exact: true }).fill("welcome");
    await key.getByLabel("Value (JSON)").fill('"hello"');
    await key.getByRole("button", { name: "Save" }).click();
    await page.getByRole("row", { name: /welcome/ }).waitFor();
    return { id: input.id };
  },
  async api({ fazt, input }) {
    await fazt.app.create({ id: input.id, title: "Made by a recipe" });
    await fazt.kv.set({ app: input.id, key: "welcome", value: "hello" });
    return { id: input.id };
  },
  async check({ fazt, input, expect }) {
    expect((await fazt.kv.get({ app: input.id, key: "welcome" })).value).toBe("hello");
  },
});
`

// TestStory is the main idea from end to end: an agent that speaks MCP saves a
// recipe, the server is restarted, the agent runs the recipe in a real Chromium
// on one server and through the API on another, both checks pass, and the two
// servers hold the same.
func TestStory(t *testing.T) {
	t.Parallel()
	chromium.Open(t) // says that the test is left out where there is none
	registry, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	states := map[string]string{}
	for _, mode := range []string{"ui", "api"} {
		first := serve(t)
		mustTool(t, connectMCP(t, first, "/mcp", first.agent), "recipe_save", map[string]any{"name": "app_starter", "source": starter})
		first.kill()
		p := serveDB(t, first.db)
		session := connectMCP(t, p, "/mcp", first.agent)
		text := mustTool(t, session, "op_run", map[string]any{
			"name": "app_starter", "input": map[string]any{"id": "shop"}, "mode": mode, "wait_s": 50,
		})
		for id := regexp.MustCompile(`^running (r_[a-z0-9]+)`).FindStringSubmatch(text); id != nil && strings.HasPrefix(text, "running"); {
			text = mustTool(t, session, "run_get", map[string]any{"run": id[1], "wait_s": 50}) // a loaded machine
		}
		if !strings.HasPrefix(text, "ok ") || !strings.Contains(text, "shop") {
			t.Fatalf("mode %s answered %s", mode, text)
		}
		states[mode] = stateOf(t, newPlainHTTP(t, p, ownerSecret), registry, "shop")
	}
	if states["ui"] != states["api"] {
		t.Errorf("the states differ\n by page %s\n  by API %s", states["ui"], states["api"])
	}
}

// stateOf is what a server holds, in a form to compare: apps, keys, tokens and
// the changes of an app and of the system.
func stateOf(t testing.TB, f face, registry *op.Registry, app string) string {
	t.Helper()
	var all strings.Builder
	for _, call := range []struct{ name, input string }{
		{"app_list", `{}`},
		{"kv_list", `{"app":"` + app + `"}`},
		{"token_list", `{}`},
		{"setting_list", `{}`},
		{"change_list", `{"app":"` + app + `","since":"0.0"}`},
		{"system_changes", `{"since":"0.0","kinds":["app","token","setting"]}`},
	} {
		o, err := registry.Find(call.name)
		if err != nil {
			t.Fatal(err)
		}
		got := f.call(t.Context(), t, o, []byte(call.input), op.Envelope{})
		if got.Code != "" {
			fmt.Fprintf(&all, "%s: %s\n", call.name, got.Code) // such as app_not_found, on both
			continue
		}
		fmt.Fprintf(&all, "%s: %s\n", call.name, servertest.Normal(t, got.JSON))
	}
	return all.String()
}

// TestReaderCannotWrite: an agent that may read keys, save and run recipes and
// drive tabs, but not write keys, fails to write one by every way there is.
func TestReaderCannotWrite(t *testing.T) {
	t.Parallel()
	chromium.Open(t)
	registry, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	p := serve(t)
	plain := newPlainHTTP(t, p, ownerSecret)
	must(t, plain, registry, "app_create", `{"id":"shop"}`)
	secret := secretOf(t, must(t, plain, registry, "token_create", `{"name":"reader","kind":"agent","scopes":["apps:read","kv:read","recipes:read","recipes:write","runs:read","runs:write","tabs:read","tabs:write"]}`))
	must(t, plain, registry, "recipe_save", fmt.Sprintf(`{"source":%q,"enable":true}`, writerRecipe("written_by_owner")))

	session := connectMCP(t, p, "/mcp", secret)
	write := map[string]any{"app": "shop", "key": "k", "value": 1}
	run := func(name string, input map[string]any, mode string) (string, bool) {
		return tool(t.Context(), t, session, "op_run", map[string]any{"name": name, "input": input, "mode": mode, "wait_s": 50})
	}
	for name, try := range map[string]func() (string, bool){
		"the tool":      func() (string, bool) { return tool(t.Context(), t, session, "kv_set", write) },
		"the operation": func() (string, bool) { return run("kv_set", write, "api") },
		"a batch": func() (string, bool) {
			return run("batch_write", map[string]any{"app": "shop", "mutations": []any{map[string]any{"kv_set": map[string]any{"key": "k", "value": 1}}}}, "api")
		},
		"the page form":       func() (string, bool) { return run("kv_set", write, "ui") },
		"the owner's recipe":  func() (string, bool) { return run("written_by_owner", map[string]any{}, "api") },
		"a recipe of its own": func() (string, bool) { return ownRecipe(t, session) },
		"a code run": func() (string, bool) {
			return tool(t.Context(), t, session, "code_run", map[string]any{"code": `await fazt.kv.set({ app: "shop", key: "k", value: 1 }); return "wrote"`})
		},
		"a code run's recipe": func() (string, bool) {
			return tool(t.Context(), t, session, "code_run", map[string]any{"code": `return await fazt.recipes.written_by_owner({})`})
		},
		"a guessed run": func() (string, bool) {
			return tool(t.Context(), t, session, "run_get", map[string]any{"run": "r_aaaaaaaaaa"})
		},
		"a guessed tab": func() (string, bool) {
			return tool(t.Context(), t, session, "tab_do", map[string]any{"tab": "t_aaaaaaaa", "steps": []string{"click button \"New key\""}})
		},
		"a person's tab": func() (string, bool) {
			return tool(t.Context(), t, session, "tab_do", map[string]any{"tab": personsTab(t, p), "steps": []string{"click button \"New key\""}})
		},
		"its own tab":        func() (string, bool) { return ownTab(t, session) },
		"a token for itself": func() (string, bool) { return run("token_create", map[string]any{"name": "more"}, "api") },
		"a grant": func() (string, bool) {
			return run("grant_create", map[string]any{"agent": "reader", "right": "act"}, "api")
		},
		"approving by itself": func() (string, bool) {
			return run("approval_decide", map[string]any{"approval": "ap_aaaaaaaaa", "approve": true}, "api")
		},
		"the read-only tools": func() (string, bool) {
			return tool(t.Context(), t, connectMCP(t, p, "/mcp/readonly", secret), "op_run", map[string]any{"name": "kv_set", "input": write})
		},
		"an increment": func() (string, bool) {
			return run("kv_increment", map[string]any{"app": "shop", "key": "k", "by": 1}, "api")
		},
	} {
		if text, failed := try(); !failed {
			t.Errorf("%s did not fail: %s", name, text)
		}
		if got := must(t, plain, registry, "kv_list", `{"app":"shop"}`); !strings.Contains(got, `"items":[]`) {
			t.Fatalf("%s wrote: %s", name, got)
		}
	}
}

func writerRecipe(name string) string {
	return strings.NewReplacer("NAME", name).Replace(`import { defineRecipe } from "fazt";
export default defineRecipe({
  name: "NAME", title: "Write a key", effect: "write", scopes: ["kv:write"],
  async api({ fazt }) { return await fazt.kv.set({ app: "shop", key: "k", value: 1 }); },
});`)
}

// ownRecipe saves a recipe that declares the scope, and runs it.
func ownRecipe(t *testing.T, session *mcp.ClientSession) (string, bool) {
	t.Helper()
	if text, failed := tool(t.Context(), t, session, "recipe_save", map[string]any{"name": "written_by_reader", "source": writerRecipe("written_by_reader")}); failed {
		return text, true
	}
	return tool(t.Context(), t, session, "op_run", map[string]any{"name": "written_by_reader", "input": map[string]any{}, "wait_s": 50})
}

// ownTab opens a tab and does by hand what the page form does.
func ownTab(t *testing.T, session *mcp.ClientSession) (string, bool) {
	t.Helper()
	if text, failed := tool(t.Context(), t, session, "tab_open", map[string]any{"url": "/apps/shop"}); failed {
		return text, true
	}
	return tool(t.Context(), t, session, "tab_do", map[string]any{"steps": []string{
		`click button "New key"`, `fill label "Key" = k`, `fill label "Value (JSON)" = 1`, `click button "Save"`, `expect row "k" visible`,
	}})
}

// personsTab opens the admin page as a person and returns its tab's id.
func personsTab(t *testing.T, p *process) string {
	t.Helper()
	page := signedIn(t, p)
	var id string
	waitFor(t, func() bool {
		page.Eval(t, `JSON.parse(sessionStorage.getItem("fazt.tab") ?? "{}").tab ?? ""`, &id)
		return id != ""
	})
	return id
}

func secretOf(t testing.TB, created string) string {
	t.Helper()
	var made struct{ Secret string }
	if err := json.Unmarshal([]byte(created), &made); err != nil || made.Secret == "" {
		t.Fatalf("no secret in %s", created)
	}
	return made.Secret
}
