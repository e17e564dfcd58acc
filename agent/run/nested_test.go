package run_test

import (
	"context"
	"testing"
	"time"

	"fazt/agent/run"
	"fazt/server/op"
)

func TestRecipesCallRecipes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.app("shop")
	kv := []string{"kv:read", "kv:write"}
	w.mustSave(owner(), recipe("inner", "write", kv, `return fazt.kv.set({ app: "shop", key: input.key, value: input });`), true)
	w.mustSave(owner(), recipe("outer", "write", kv,
		`return Promise.all(["a", "b", "c"].map((key) => fazt.recipes.inner({ key })));`), true)
	out := w.mustCall(agent(), "outer", `{}`)
	if !has(out, `"key":"a"`, `"key":"c"`) {
		t.Errorf("answer %s", out)
	}
	record := w.last()
	if record.Recipe != "outer" || len(record.Steps) != 6 {
		t.Fatalf("record %+v", record)
	}
	var inner int
	for _, step := range record.Steps {
		if has(step.What, "inner: kv_set") {
			inner++
		}
	}
	if inner != 3 {
		t.Errorf("steps %+v", record.Steps)
	}
	page, _, err := w.runner.List(t.Context(), owner(), run.Query{Limit: 10})
	if err != nil || len(page) != 1 {
		t.Errorf("%d runs, %v: a recipe in a recipe is part of its run", len(page), err)
	}
}

func TestRecursionEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustSave(owner(), recipe("again", "read", []string{"recipes:read"}, `return fazt.recipes.again({});`), true)
	if _, err := w.call(owner(), "again", `{}`); codeOf(err) != op.CodeRunFailed && codeOf(err) != op.CodeOverloaded {
		t.Errorf("%v", err)
	}
}

func TestCodeRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.app("shop")
	p := agent()
	code := func(source string) (record run.Record, err error) {
		return record, w.within(p, "code_run", func(ctx context.Context) (err error) {
			record, err = w.runner.RunCode(ctx, run.Code{Source: source, Input: []byte(`{"n":2}`)}, time.Minute)
			return err
		})
	}
	record, err := code("console.log('at work', input.n);\nawait fazt.kv.set({app:'shop',key:'k',value:input.n});\nreturn (await fazt.kv.get({app:'shop',key:'k'})).value + 1")
	if err != nil || record.State != run.OK || string(record.Output) != "3" || len(record.Steps) != 2 ||
		len(record.Console) != 1 || record.Console[0].Text != "at work 2" {
		t.Errorf("%+v, %v", record, err)
	}
	record, err = code("let x = 1;\nthrow new Error('no ' + x)")
	if err != nil || record.State != run.Failed || !has(record.Error.At, "code.ts:2:") || !has(record.Error.Frame, "> ", "throw new Error") {
		t.Errorf("%+v, %v", record.Error, err)
	}
	if _, err = code("let x = ;"); codeOf(err) != op.CodeInvalidInput || !has(err.Error(), "code.ts:1:9") {
		t.Errorf("%v", err)
	}
	stored, err := w.get(p, record.ID, 0)
	if err != nil || stored.State != run.Failed || stored.Recipe != "code" {
		t.Errorf("%+v, %v", stored, err)
	}
}

// TestRecipeModules: a recipe imports what another one exports, keeps it as it
// was when it was saved, and says where it imports what is not there.
func TestRecipeModules(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.app("shop")
	tool := func(greeting string) string {
		return "export const greet = (name: string) => \"" + greeting + " \" + name;\n" + recipe("greeter", "read", []string{"kv:read"}, `return greet("all");`)
	}
	w.mustSave(owner(), tool("hello"), true)
	user := `import { greet } from "./greeter";` + "\n" + recipe("user", "read", []string{"kv:read"}, `return greet(input.name);`)
	first := w.mustSave(owner(), user, true)
	if out := w.mustCall(agent(), "user", `{"name":"Ada"}`); !has(out, "hello Ada") {
		t.Error(out)
	}
	w.mustSave(owner(), tool("good day"), true)
	if out := w.mustCall(agent(), "user", `{"name":"Ada"}`); !has(out, "hello Ada") {
		t.Errorf("what was saved before has changed: %s", out)
	}
	if again := w.mustSave(owner(), user, true); again.Hash == first.Hash {
		t.Error("with another module it is the same version")
	}
	if out := w.mustCall(agent(), "user", `{"name":"Ada"}`); !has(out, "good day Ada") {
		t.Error(out)
	}
	_, err := w.save(owner(), `import { x } from "./nothing";`+"\n"+recipe("broken", "read", []string{"kv:read"}, `return x;`), true)
	if codeOf(err) != op.CodeInvalidInput || !has(err.Error(), "nothing") {
		t.Errorf("%v", err)
	}
}
