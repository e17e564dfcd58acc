package agent_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"fazt/agent"
	"fazt/server/op"
)

// TestDescribable: operations can be listed without anything being open.
func TestDescribable(t *testing.T) {
	t.Parallel()
	registry := op.NewRegistry(op.Ports{})
	if err := registry.Add((&agent.Agent{}).Operations()...); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"recipe_save", "recipe_list", "recipe_get", "recipe_run", "recipe_enable", "recipe_delete", "run_get", "run_list",
		"run_cancel", "code_run", "approval_list", "approval_decide", "tab_open", "grant_create",
	} {
		if _, ok := registry.Lookup(name); !ok {
			t.Errorf("no operation %s", name)
		}
	}
}

// TestExamples runs the examples of recipes, runs, code and approvals, and
// compares the members that do not differ from run to run.
func TestExamples(t *testing.T) {
	t.Parallel()
	for _, o := range (&agent.Agent{}).Operations() {
		if noun := o.Noun(); noun == "tab" || noun == "grant" {
			continue // theirs need a browser
		}
		for _, example := range o.Examples {
			t.Run(o.Name+"/"+example.Title, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				for _, given := range example.Given {
					w.must(owner(), given.Op, given.In)
				}
				got, want := normal(t, w.must(owner(), o.Name, example.In)), normal(t, example.Out)
				if got != want {
					t.Errorf("answer\n got %s\nwant %s", got, want)
				}
			})
		}
	}
}

// normal replaces what differs from run to run by its name.
func normal(t *testing.T, text string) string {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	raw, err := json.Marshal(withoutNoise("", value))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func withoutNoise(name string, value any) any {
	switch v := value.(type) {
	case map[string]any:
		for member := range v {
			v[member] = withoutNoise(member, v[member])
		}
	case []any:
		for i := range v {
			v[i] = withoutNoise("", v[i])
		}
	default:
		switch {
		case name == "hash", strings.HasSuffix(name, "_hash"), name == "id", name == "ms", name == "note", name == "version", strings.HasSuffix(name, "_at"):
			return name
		}
	}
	return value
}

func saveInput(source string) string {
	raw, err := json.Marshal(map[string]string{"source": source})
	if err != nil {
		panic(err)
	}
	return string(raw)
}

const job = `import { defineRecipe } from "fazt";
export default defineRecipe({ name: "job", title: "Do a job", effect: "%s", scopes: ["kv:write"], input: { type: "object" },
  async api({ fazt }) { %s },
});`

func jobOf(effect, body string) string { return saveInput(fmt.Sprintf(job, effect, body)) }

// TestSaving: what an agent and a person get from saving, and what is refused.
func TestSaving(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, c := range []struct {
		p     *op.Principal
		input string
		code  op.Code
		words []string
	}{
		{robot(), jobOf("read", "return 1;"), "", []string{`"state":"draft"`, `"modes":["api"]`, "no check"}},
		{owner(), jobOf("read", "return 2;"), "", []string{`"state":"enabled"`}},
		{robot(), strings.Replace(jobOf("read", "return 1;"), "{", `{"enable":true,`, 1), op.CodeForbidden, []string{"only a person"}},
		{robot(), strings.Replace(jobOf("read", "return 1;"), "{", `{"name":"other",`, 1), op.CodeInvalidInput, []string{`"other"`, `"job"`}},
		{owner(), strings.Replace(jobOf("read", "return 3;"), "{", `{"title":"Another title","enable":false,`, 1), "", []string{"Another title", `"draft"`}},
		{robot(), jobOf("read", "return 1 +;"), op.CodeInvalidInput, []string{"recipe.ts:3:", "> ", "^"}},
		{robot(), strings.Replace(jobOf("read", ""), "kv:write", "tokens:write", 1), op.CodeInvalidInput, []string{"tokens:write", "robot lacks"}},
		{robot(), strings.Replace(jobOf("read", ""), "kv:write", "kv:wrte", 1), op.CodeInvalidInput, []string{"kv:write"}},
		{robot(), strings.Replace(jobOf("read", ""), `name: \"job\"`, `name: \"kv_set\"`, 1), op.CodeAlreadyExists, []string{"page form"}},
		{robot(), strings.Replace(jobOf("read", ""), `name: \"job\"`, `name: \"op_run\"`, 1), op.CodeInvalidInput, []string{"op_"}},
	} {
		out, err := w.call(c.p, "recipe_save", c.input)
		text := out
		if err != nil {
			e := op.AsError(err)
			text = e.Detail
			if e.Hint == "" || c.code == op.CodeInvalidInput && e.Field == "" {
				t.Errorf("%s: no hint or field in %+v", c.input, e)
			}
		}
		if codeOf(err) != c.code || !has(text, c.words...) {
			t.Errorf("%s: %s%v", c.input, out, err)
		}
	}
	if _, err := w.call(owner(), "recipe_save", jobOf("read", ""), func(r *op.Request) { r.Face = op.FaceMCP }); err != nil {
		t.Error(err)
	}
	if got := w.must(owner(), "recipe_get", `{"name":"job"}`); !has(got, `"enabled":true`, "Do a job", "app") && !has(got, `"versions"`) {
		t.Errorf("%s", got)
	}
}

func TestDeleting(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(robot(), "recipe_save", jobOf("read", "return 1;"))
	w.must(owner(), "recipe_save", jobOf("read", "return 2;"))
	if _, err := w.call(robot(), "recipe_delete", `{"name":"job"}`); codeOf(err) != op.CodeForbidden {
		t.Errorf("what a person saved too: %v", err)
	}
	w.must(owner(), "recipe_delete", `{"name":"job"}`)
	if _, err := w.call(robot(), "job", `{}`); codeOf(err) != op.CodeOperationNotFound {
		t.Errorf("after it is gone: %v", err)
	}
	if _, err := w.call(owner(), "recipe_delete", `{"name":"app_make"}`); codeOf(err) != "recipe_not_found" {
		t.Errorf("a shipped one: %v", err)
	}
	w.must(robot(), "recipe_save", jobOf("read", "return 1;"))
	w.must(robot(), "recipe_delete", `{"name":"job"}`)
}

// TestApprovals: people answer, nobody else does, whatever scopes it has.
func TestApprovals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(owner(), "recipe_save", jobOf("destructive", "return 1;"))
	_, err := w.call(robot(), "recipe_run", `{"name":"job","input":{"n":7}}`)
	if codeOf(err) != op.CodeApprovalRequired {
		t.Fatalf("%v", err)
	}
	list := w.must(owner(), "approval_list", `{}`)
	if !has(list, `"operation":"recipe_run"`, "Do a job", `{\"n\":7}`, `"by":"robot"`) {
		t.Errorf("%s", list)
	}
	id := w.desk.List()[0].ID
	answer := `{"approval":"` + id + `","approve":true}`
	all := principal("robot", op.KindAgent, op.AllScopes()...)
	driven := owner()
	driven.Driven = true
	for name, try := range map[string]func() error{
		"an agent": func() error { _, err := w.call(all, "approval_decide", answer); return err },
		"a program": func() error {
			_, err := w.call(principal("p", op.KindService, op.AllScopes()...), "approval_decide", answer)
			return err
		},
		"a tab": func() error { _, err := w.call(driven, "approval_decide", answer); return err },
		"over MCP": func() error {
			_, err := w.call(owner(), "approval_decide", answer, func(r *op.Request) { r.Face = op.FaceMCP })
			return err
		},
		"a recipe": func() error {
			_, err := w.call(all, "code_run", `{"code":"return fazt.approval.decide(`+strings.ReplaceAll(answer, `"`, `'`)+`)"}`)
			return err
		},
		"as enabler": func() error { _, err := w.call(robot(), "recipe_enable", `{"name":"job"}`); return err },
	} {
		if err := try(); name != "a recipe" && codeOf(err) != op.CodeForbidden {
			t.Errorf("%s: %v", name, err)
		}
	}
	if state := w.desk.List()[0].State; state != "waiting" {
		t.Fatalf("the request is %s", state)
	}
	w.must(owner(), "approval_decide", answer)
	if out := w.must(robot(), "recipe_run", `{"name":"job","input":{"n":7}}`); !has(out, `"state":"ok"`) {
		t.Errorf("%s", out)
	}
}

// TestWaiting: recipe_run and run_get hold for wait_s, and the run goes on.
func TestWaiting(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(owner(), "recipe_save", jobOf("read", "await new Promise((r) => setTimeout(r, 500)); return 1;"))
	began := time.Now()
	out := w.must(robot(), "recipe_run", `{"name":"job","wait_s":0}`)
	var record struct {
		ID    string `json:"id"`
		State string `json:"state"`
	}
	if err := json.Unmarshal([]byte(out), &record); err != nil || record.State != "running" {
		t.Fatalf("%s after %v, %v", out, time.Since(began), err)
	}
	if out := w.must(robot(), "run_get", `{"run":"`+record.ID+`","wait_s":60}`); !has(out, `"state":"ok"`, `"output":1`) {
		t.Errorf("%s", out)
	}
	if out := w.must(robot(), "run_list", `{"limit":1}`); !has(out, record.ID, `"steps":[]`) {
		t.Errorf("%s", out)
	}
	if out := w.must(robot(), "run_cancel", `{"run":"`+record.ID+`"}`); !has(out, `"state":"ok"`) {
		t.Errorf("ending what has ended: %s", out)
	}
	if _, err := w.call(principal("other", op.KindAgent, op.AgentScopes()...), "run_get", `{"run":"`+record.ID+`"}`); codeOf(err) != "run_not_found" {
		t.Errorf("another agent: %v", err)
	}
}
