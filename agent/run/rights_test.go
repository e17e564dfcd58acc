package run_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"fazt/agent/run"
	"fazt/server/op"
)

// recipe writes a source from its name, scopes, effect and the body of api.
func recipe(name, effect string, scopes []string, body string, more ...string) string {
	quoted := make([]string, len(scopes))
	for i, s := range scopes {
		quoted[i] = `"` + s + `"`
	}
	return `import { defineRecipe } from "fazt";
export default defineRecipe({
  name: "` + name + `", title: "Test ` + name + `", effect: "` + effect + `", scopes: [` + strings.Join(quoted, ", ") + `],
  input: { type: "object" },
  async api({ fazt, input }) { ` + body + ` },
  ` + strings.Join(more, "\n") + `
});`
}

const write = `return fazt.kv.set({ app: "shop", key: "k", value: 1 });`

// TestReaderCannotWrite tries every way to a write with an agent that may only
// read keys.
func TestReaderCannotWrite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.app("shop")
	reader := principal("reader", op.KindAgent, "kv:read", "recipes:read", "recipes:write", "runs:read", "runs:write", "tabs:write")
	w.mustSave(owner(), recipe("writer", "write", []string{"kv:write"}, write), true)
	w.mustSave(owner(), recipe("inner", "write", []string{"kv:write"}, write), true)
	w.mustSave(owner(), recipe("outer", "write", []string{"kv:read"}, `return fazt.recipes.writer({});`), true)
	w.mustSave(owner(), recipe("direct", "write", []string{"kv:read"}, write), true)
	other, err := w.start(owner(), run.Start{Entry: w.find(owner(), "writer"), Input: []byte(`{}`)}, time.Minute)
	if err != nil || other.State != run.OK {
		t.Fatalf("%+v, %v", other, err)
	}
	if _, err := w.call(owner(), "app_wipe", `{"app":"shop"}`); err != nil {
		t.Fatal(err)
	}
	code := func(source string) error {
		var record run.Record
		err := w.within(reader, "code_run", func(ctx context.Context) (err error) {
			record, err = w.runner.RunCode(ctx, run.Code{Source: source}, time.Minute)
			return err
		})
		if err == nil && record.Error != nil {
			return op.Errorf(op.Code(record.Error.Code), "%s", record.Error.Detail)
		}
		return err
	}
	for name, try := range map[string]func() error{
		"operation":   func() error { _, err := w.call(reader, "kv_set", `{"app":"shop","key":"k","value":1}`); return err },
		"recipe":      func() error { _, err := w.call(reader, "writer", `{}`); return err },
		"nested":      func() error { _, err := w.call(reader, "outer", `{}`); return err },
		"undeclared":  func() error { _, err := w.call(reader, "direct", `{}`); return err },
		"code":        func() error { return code(`return fazt.kv.set({app:"shop",key:"k",value:1})`) },
		"code recipe": func() error { return code(`return fazt.recipes.writer({})`) },
		"code person": func() error { return code(`return fazt.person.greet({})`) },
		"its own draft": func() error {
			_, err := w.save(reader, recipe("mine", "write", []string{"kv:write"}, write), false)
			return err
		},
		"enabling": func() error {
			_, err := w.save(reader, recipe("sneaky", "write", []string{"kv:read"}, write), false)
			if err != nil {
				return err
			}
			_, err = w.call(reader, "sneaky", `{}`)
			return err
		},
		"guessed run": func() error { _, err := w.get(reader, other.ID, 0); return err },
		"guessed cancel": func() error {
			return w.within(reader, "run_cancel", func(ctx context.Context) error {
				_, err := w.runner.Cancel(ctx, reader, other.ID)
				return err
			})
		},
	} {
		err := try()
		switch code := codeOf(err); code {
		case op.CodeForbidden, "run_not_found", op.CodeInvalidInput, op.CodeOperationNotFound:
			var e *op.Error
			if errors.As(err, &e); e.Hint == "" && !strings.HasPrefix(name, "code") {
				t.Errorf("%s: no hint in %v", name, err)
			}
		default:
			t.Errorf("%s: %v", name, err)
		}
		if got := w.kv("shop", "k"); got != "" {
			t.Fatalf("%s wrote %s", name, got)
		}
	}
}

func TestDraftsAreTheirSavers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.app("shop")
	saver, other := agent(), principal("codex", op.KindAgent, op.AgentScopes()...)
	first := w.mustSave(saver, recipe("job", "read", nil, `return "first";`), false)
	if first.State() != "draft" {
		t.Errorf("saved by an agent: %s", first.State())
	}
	if got := w.mustCall(saver, "job", `{}`); got != `"first"` {
		t.Errorf("its saver: %s", got)
	}
	if _, err := w.call(other, "job", `{}`); codeOf(err) != "recipe_not_found" {
		t.Errorf("another agent: %v", err)
	}
	if _, err := w.call(owner(), "job", `{}`); codeOf(err) != op.CodeForbidden || !has(err.Error(), "draft of robot") {
		t.Errorf("a person: %v", err)
	}
	enable := func(hash string, on bool) {
		t.Helper()
		if err := w.within(owner(), "recipe_enable", func(ctx context.Context) error {
			return w.runner.Enable(ctx, "job", hash, on)
		}); err != nil {
			t.Fatal(err)
		}
	}
	enable("", true)
	if got := w.mustCall(other, "job", `{}`); got != `"first"` {
		t.Errorf("once enabled: %s", got)
	}
	w.mustSave(saver, recipe("job", "read", nil, `return "second";`), false)
	if got, other := w.mustCall(saver, "job", `{}`), w.mustCall(other, "job", `{}`); got != `"second"` || other != `"first"` {
		t.Errorf("a newer draft: its saver gets %s, the other %s", got, other)
	}
	enable(first.Hash, false)
	if _, err := w.call(other, "job", `{}`); codeOf(err) != "recipe_not_found" {
		t.Errorf("out of use: %v", err)
	}
}

// TestEffects: nothing inside a recipe does more than it declares.
func TestEffects(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.app("shop")
	all := []string{"apps:write", "kv:read", "kv:write"}
	w.mustSave(owner(), recipe("wiper", "destructive", all, `return fazt.app.wipe({ app: "shop" });`), true)
	for name, source := range map[string]string{
		"operation": recipe("a", "write", all, `return fazt.app.wipe({ app: "shop" });`),
		"recipe":    recipe("b", "write", all, `return fazt.recipes.wiper({});`),
		"read":      recipe("c", "read", all, write),
		"check": recipe("d", "write", all, `return 1;`,
			`async check({ fazt }) { await fazt.kv.set({ app: "shop", key: "k", value: 1 }); },`),
		"code in it": recipe("e", "read", all, `return fazt.op("recipe_run", {});`),
	} {
		e := w.mustSave(owner(), source, true)
		_, err := w.call(owner(), e.Definition.Name, `{}`)
		if code := codeOf(err); code != op.CodeForbidden && code != op.CodeOperationNotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := w.kv("shop", "k"); got != "" {
		t.Errorf("written: %s", got)
	}
	w.mustCall(owner(), "wiper", `{}`)
}

// TestAppBinding: a run stays in the app that its author or its caller is bound
// to.
func TestAppBinding(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.app("shop")
	w.app("blog")
	bound := principal("shopper", op.KindService, "kv:read", "kv:write", "recipes:write", "runs:read", "runs:write")
	bound.App = "shop"
	put := `return fazt.kv.set({ app: input.app, key: "k", value: 1 });`
	w.mustSave(owner(), recipe("anywhere", "write", []string{"kv:write"}, put), true)
	w.mustSave(bound, recipe("here", "write", []string{"kv:write"}, put), false)
	for _, c := range []struct {
		name, input string
		want        op.Code
	}{
		{"anywhere", `{"app":"shop"}`, ""},
		{"anywhere", `{"app":"blog"}`, "app_not_found"},
		{"here", `{"app":"shop"}`, ""},
		{"here", `{"app":"blog"}`, "app_not_found"},
	} {
		if _, err := w.call(bound, c.name, c.input); codeOf(err) != c.want {
			t.Errorf("%s %s: %v", c.name, c.input, err)
		}
	}
	if got := w.kv("blog", "k"); got != "" {
		t.Errorf("in the other app: %s", got)
	}
}

// TestNotInPerson: what a recipe does is never done in person.
func TestNotInPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustSave(owner(), recipe("greeter", "read", []string{"people:read"}, `return fazt.person.greet({});`), true)
	if _, err := w.call(owner(), "greeter", `{}`); codeOf(err) != op.CodeForbidden {
		t.Errorf("%v", err)
	}
}
