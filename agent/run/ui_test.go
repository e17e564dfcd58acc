package run_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"fazt/agent/run"
	"fazt/server/op"
)

const uiRecipe = `import { defineRecipe } from "fazt";
export default defineRecipe({
  name: "adder", title: "Add a thing", effect: "write", scopes: ["kv:read", "kv:write"], at: "/apps/{app}",
  input: { type: "object", properties: { app: { type: "string" }, name: { type: "string" } }, required: ["app", "name"] },
  async ui({ page, input }) {
    await page.getByRole("button", { name: "New key" }).click();
    const dialog = page.getByRole("dialog", { name: "New key" });
    await dialog.getByLabel("Key").fill(input.name);
    await dialog.getByRole("button", { name: "Save" }).click();
    return { text: await page.getByRole("status").textContent() };
  },
  async api() { return { text: "by api" }; },
  async check({ fazt, page, input, output, expect }) { await expect(page.getByText(input.name)).toBeVisible(); },
});`

func texts(steps []run.Step) (list []string) {
	for _, s := range steps {
		list = append(list, s.What)
	}
	return list
}

func equal(t *testing.T, got, want []string) {
	t.Helper()
	a, _ := json.MarshalIndent(got, "", " ")
	b, _ := json.MarshalIndent(want, "", " ")
	if string(a) != string(b) {
		t.Errorf("got %s\nwant %s", a, b)
	}
}

// TestPage follows a run in a page: a tab of its own with its own rights, one
// message an action, no permit meanwhile, and the tab closed at the end.
func TestPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustSave(owner(), uiRecipe, true)
	w.tabs.answer = func(_ context.Context, c tabCall) (any, error) {
		if c.Params["action"] == "textContent" {
			return "saved", nil
		}
		return nil, nil
	}
	out := w.mustCall(agent(), "adder", `{"app":"a b","name":"x"}`, func(r *op.Request) { r.Mode = op.ModeUI })
	if out != `{"text":"saved"}` {
		t.Errorf("answer %s", out)
	}
	record := w.last()
	equal(t, texts(record.Steps), []string{
		"open a tab at /apps/a%20b",
		`click button "New key"`,
		`fill label "Key" in dialog "New key" = "x"`,
		`click button "Save" in dialog "New key"`,
		"textContent status",
		`expect text "x" toBeVisible`,
	})
	if record.Tab != "t_1" || record.Mode != "ui" || record.Check != run.CheckOK {
		t.Errorf("%+v", record)
	}
	if len(w.tabs.closed) != 1 || len(w.tabs.opened) != 1 {
		t.Fatalf("opened %v, closed %v", w.tabs.opened, w.tabs.closed)
	}
	session := w.tabs.opened[0]
	if !session.Driven || session.Run != record.ID || session.Scopes.Has("apps:write") || !session.Scopes.Has("kv:write") {
		t.Errorf("the tab's session is %+v", session)
	}
	for _, c := range w.tabs.seen() {
		if c.held != 0 {
			t.Errorf("%d permits are held during %s %v", c.held, c.Method, c.Params)
		}
	}
	first := w.tabs.seen()[0]
	if first.Method != "act" || first.Params["timeout_ms"] != 10_000.0 {
		t.Errorf("%+v", first)
	}
}

// TestWhichTab: the one given, or the caller's only one, or a new one; those
// that were there stay open, and are brought to where the recipe begins.
func TestWhichTab(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustSave(owner(), uiRecipe, true)
	tabs := []run.Tab{{ID: "t_a", Own: true}, {ID: "t_b", Own: true}, {ID: "t_c"}}
	for _, c := range []struct {
		has   []run.Tab
		given string
		want  string
		code  op.Code
	}{
		{tabs[:1], "", "t_a", ""},
		{tabs[:2], "", "t_1", ""},
		{tabs[2:], "", "t_2", ""}, // granted, not its own
		{tabs, "t_b", "t_b", ""},
		{tabs, "t_c", "t_c", ""},
		{tabs, "t_x", "", "tab_not_found"},
	} {
		w.tabs.mu.Lock()
		w.tabs.tabs["robot"], w.tabs.calls, w.tabs.closed = slices.Clone(c.has), nil, nil
		w.tabs.mu.Unlock()
		_, err := w.call(agent(), "adder", `{"app":"shop","name":"x"}`, func(r *op.Request) { r.Mode, r.Tab = op.ModeUI, c.given })
		if codeOf(err) != c.code {
			t.Errorf("%+v: %v", c, err)
		}
		if c.code != "" {
			continue
		}
		calls := w.tabs.seen()
		opened := len(w.tabs.closed) == 1
		if calls[0].Tab != c.want || opened != (c.want == "t_1" || c.want == "t_2") {
			t.Errorf("%+v: acted in %s, closed %v", c, calls[0].Tab, w.tabs.closed)
		}
		if !opened && (calls[0].Method != "goto" || calls[0].Params["url"] != "http://127.0.0.1:8080/apps/shop") {
			t.Errorf("%+v: began with %+v", c, calls[0])
		}
	}
}

// TestTabGoes: one clear text says what is done, what is not known and that the
// rest was not run.
func TestTabGoes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code  op.Code
		want  op.Code
		state run.State
		words []string
	}{
		{"tab_not_found", "tab_not_found", run.Failed, []string{"t_1 was closed", "done 1–3 · failed 4", "adder.ts:9:"}},
		{"unknown", "unknown", run.Unknown, []string{"nobody can say", "done 1–3 · unknown 4"}},
		{"covered", "covered", run.Failed, []string{"covered by a dialog", "failed 4"}},
	} {
		t.Run(string(c.code), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.mustSave(owner(), uiRecipe, true)
			details := map[op.Code]string{"tab_not_found": "the tab t_1 was closed", "unknown": "nobody can say", "covered": "covered by a dialog"}
			w.tabs.answer = func(_ context.Context, call tabCall) (any, error) {
				if call.Params["action"] == "click" && has(mustJSON(call.Params), "Save") {
					return nil, op.Errorf(c.code, "%s", details[c.code]).WithHint("look at the page")
				}
				return nil, nil
			}
			_, err := w.call(agent(), "adder", `{"app":"shop","name":"x"}`, func(r *op.Request) { r.Mode = op.ModeUI })
			if codeOf(err) != c.want || !has(err.Error(), c.words...) || op.AsError(err).Hint != "look at the page" {
				t.Errorf("%v", err)
			}
			if record := w.last(); record.State != c.state || record.Error.Code != string(c.code) {
				t.Errorf("%+v", record)
			}
		})
	}
}

// TestCheckLooksAtThePage: a check by api opens a tab when it looks, and only
// then.
func TestCheckLooksAtThePage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustSave(owner(), uiRecipe, true)
	if out := w.mustCall(agent(), "adder", `{"app":"shop","name":"x"}`); out != `{"text":"by api"}` {
		t.Errorf("answer %s", out)
	}
	if len(w.tabs.opened) != 1 || len(w.tabs.closed) != 1 {
		t.Errorf("opened %d, closed %d", len(w.tabs.opened), len(w.tabs.closed))
	}
}

func TestPageNeedsTheScope(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustSave(owner(), uiRecipe, true)
	p := principal("keys", op.KindAgent, "kv:read", "kv:write", "runs:read", "runs:write")
	_, err := w.call(p, "adder", `{"app":"shop","name":"x"}`, func(r *op.Request) { r.Mode = op.ModeUI })
	if codeOf(err) != op.CodeForbidden || !has(err.Error(), "tabs:write") {
		t.Errorf("%v", err)
	}
}

// TestForms: a Go operation with mode ui is carried out by its page form, holds
// its output to the operation's, and fails with the page's own code.
func TestForms(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *worldOptions) {
		o.shipped = map[string]string{
			"_words.ts": `export const saved = "saved";`,
			"kv_set.ts": `import { defineRecipe } from "fazt";
import { saved } from "./_words";
export default defineRecipe({
  name: "kv_set", title: "Store a key", effect: "write", scopes: ["kv:write"], at: "/apps/{app}",
  input: { type: "object" },
  async ui({ page, input }) {
    const text = await page.getByText(saved).textContent();
    if (text === "taken") throw Object.assign(new Error("the key exists"), { code: "already_exists", hint: "choose another" });
    return JSON.parse(text);
  },
});`}
	})
	ui := func(r *op.Request) { r.Mode = op.ModeUI }
	answer := func(text string) {
		w.tabs.mu.Lock()
		defer w.tabs.mu.Unlock()
		w.tabs.answer = func(context.Context, tabCall) (any, error) { return text, nil }
	}
	answer(`{"key":"k","version":3,"created":true}`)
	if out := w.mustCall(agent(), "kv_set", `{"app":"shop","key":"k","value":1}`, ui); out != `{"key":"k","version":3,"created":true}` {
		t.Errorf("answer %s", out)
	}
	answer(`{"key":"k"}`)
	if _, err := w.call(agent(), "kv_set", `{"app":"shop","key":"k","value":1}`, ui); codeOf(err) != op.CodeSchemaViolation {
		t.Errorf("an output that is not the operation's: %v", err)
	}
	answer("taken")
	_, err := w.call(agent(), "kv_set", `{"app":"shop","key":"k","value":1,"create_only":true}`, ui)
	if codeOf(err) != op.CodeAlreadyExists || op.AsError(err).Hint != "choose another" {
		t.Errorf("%v", err)
	}
	if _, err := w.call(agent(), "kv_get", `{"app":"shop","key":"k"}`, ui); codeOf(err) != op.CodeInvalidInput || !has(err.Error(), "kv_get cannot be carried out in a page") {
		t.Errorf("without a form: %v", err)
	}
	if _, err := w.call(agent(), "kv_set", `{"app":"shop","key":"k","value":1}`, ui, func(r *op.Request) { r.Envelope.DryRun = true }); codeOf(err) != op.CodeInvalidInput {
		t.Errorf("a dry run: %v", err)
	}
	w.mustSave(owner(), recipe("caller", "write", []string{"kv:write"},
		`return fazt.recipes.kv_set({ app: "shop", key: "k", value: 1 }, { mode: "ui" });`), true)
	answer(`{"key":"k","version":4,"created":false}`)
	if out := w.mustCall(agent(), "caller", `{}`); !has(out, `"version":4`) {
		t.Errorf("from a recipe: %s", out)
	}
	var record run.Record
	err = w.within(agent(), "recipe_run", func(ctx context.Context) (err error) {
		record, err = w.runner.RunForm(ctx, run.Start{Entry: w.find(agent(), "kv_set"), Input: []byte(`{"app":"shop","key":"k","value":1}`), Mode: op.ModeUI})
		return err
	})
	if err != nil || record.State != run.OK || record.Recipe != "kv_set" {
		t.Errorf("%+v, %v", record, err)
	}
}

// TestUICancel: a run is ended in the middle of a message to the page.
func TestUICancel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustSave(owner(), uiRecipe, true)
	began := make(chan struct{})
	w.tabs.answer = func(ctx context.Context, c tabCall) (any, error) {
		close(began)
		<-ctx.Done()
		return nil, ctx.Err()
	}
	record, err := w.start(agent(), run.Start{Entry: w.find(agent(), "adder"), Input: []byte(`{"app":"a","name":"x"}`), Mode: op.ModeUI}, 0)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-began:
	case <-time.After(time.Minute):
		t.Fatal("the page was never asked")
	}
	err = w.within(agent(), "run_cancel", func(ctx context.Context) (err error) {
		record, err = w.runner.Cancel(ctx, agent(), record.ID)
		return err
	})
	if err != nil || record.State != run.Cancelled || len(w.tabs.closed) != 1 {
		t.Errorf("%+v, %v", record, err)
	}
}

func mustJSON(value any) string {
	raw, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(raw)
}
