package agent_test

import (
	"strings"
	"testing"

	"fazt/server/op"
)

func jobSource(value string) string {
	return `import { defineRecipe } from "fazt";
export default defineRecipe({ name: "job", title: "A job", effect: "read", scopes: [],
  async api() { return "` + value + `"; },
});`
}

func (w *world) save(p *op.Principal, source string) string {
	w.t.Helper()
	var saved struct{ Hash string }
	decodeInto(w.t, w.must(p, "recipe_save", `{"source":`+jsonText(w.t, source)+`}`), &saved)
	return saved.Hash
}

// TestPinnedRecipesStay: a pinned version runs for everyone, its next saver too,
// and no other can take its place until it is unpinned.
func TestPinnedRecipesStay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.save(owner(), jobSource("first"))
	if got := w.must(owner(), "recipe_pin", `{"name":"job"}`); !has(got, first, `"pinned":true`) {
		t.Errorf("recipe_pin answered %s", got)
	}
	second := w.save(owner(), jobSource("second"))
	w.save(robot(), jobSource("third"))
	for _, p := range []*op.Principal{owner(), robot()} {
		if got := w.must(p, "job", `{}`); got != `"first"` {
			t.Errorf("%s runs %s of a pinned recipe", p.Name, got)
		}
	}
	for _, input := range []string{`{"name":"job","hash":"` + second + `"}`, `{"name":"job","enabled":false}`} {
		if _, err := w.call(owner(), "recipe_enable", input); err == nil || !strings.Contains(err.Error(), "pinned") {
			t.Errorf("recipe_enable %s of a pinned recipe: %v", input, err)
		}
	}
	if _, err := w.call(robot(), "recipe_pin", `{"name":"job","pinned":false}`); codeOf(err) != op.CodeForbidden {
		t.Errorf("an agent unpinned: %v", err)
	}
	w.must(owner(), "recipe_pin", `{"name":"job","pinned":false}`)
	enabled := w.must(owner(), "recipe_enable", `{"name":"job","hash":"`+second+`"}`)
	if !has(enabled, `-  async api() { return \"first\"; },`, `+  async api() { return \"second\"; },`) {
		t.Errorf("enabling does not show the difference: %s", enabled)
	}
	back := w.must(owner(), "recipe_enable", `{"name":"job","hash":"`+first+`"}`)
	if got := w.must(owner(), "job", `{}`); !has(back, `+  async api() { return \"first\"; },`) || got != `"second"` && got != `"first"` {
		t.Errorf("rolled back: %s, runs %s", back, got)
	}
}

func TestPinAtADraftAndWithoutOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	draft := w.save(robot(), jobSource("draft"))
	if _, err := w.call(owner(), "recipe_pin", `{"name":"job"}`); codeOf(err) != op.CodeConflict {
		t.Errorf("nothing is enabled, yet: %v", err)
	}
	w.must(owner(), "recipe_pin", `{"name":"job","hash":"`+draft+`"}`)
	if got := w.must(owner(), "job", `{}`); got != `"draft"` {
		t.Errorf("pinned at a draft, everyone runs %s", got)
	}
	if _, err := w.call(owner(), "recipe_pin", `{"name":"none"}`); codeOf(err) != "recipe_not_found" {
		t.Errorf("no such recipe: %v", err)
	}
}

func TestRecipeDiff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second := w.save(owner(), jobSource("one")), w.save(robot(), jobSource("two"))
	got := w.must(owner(), "recipe_diff", `{"name":"job"}`)
	if !has(got, `"from_hash":"`+first+`"`, `"to_hash":"`+second+`"`, `-  async api() { return \"one\"; }`, `+  async api() { return \"two\"; }`) {
		t.Errorf("recipe_diff: %s", got)
	}
	if got := w.must(owner(), "recipe_diff", `{"name":"job","from":"`+second+`","to":"`+second+`"}`); !has(got, `"diff":""`) {
		t.Errorf("a version with itself: %s", got)
	}
	if _, err := w.call(owner(), "recipe_diff", `{"name":"job","to":"abc"}`); codeOf(err) != "recipe_not_found" {
		t.Errorf("no such version: %v", err)
	}
	if _, err := w.call(principal("codex", op.KindAgent, op.AgentScopes()...), "recipe_diff", `{"name":"job","to":"`+second+`"}`); codeOf(err) != "recipe_not_found" {
		t.Errorf("another's draft: %v", err)
	}
}

func TestRecipeSearchAndRates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.save(owner(), jobSource("needle"))
	w.save(owner(), `import { defineRecipe } from "fazt";
export default defineRecipe({ name: "needle_find", title: "Find it", effect: "read", scopes: [], async api() { throw new Error("no"); } });`)
	w.must(owner(), "job", `{}`)
	_, _ = w.call(owner(), "needle_find", `{}`)
	got := w.must(owner(), "recipe_list", `{"query":"NEEDLE"}`)
	if job, find := strings.Index(got, `"name":"job"`), strings.Index(got, `"name":"needle_find"`); find < 0 || job < find {
		t.Errorf("the one named so does not come first: %s", got)
	}
	if !has(got, `"runs_ended":1,"runs_ok":1`) || strings.Count(got, `"runs_ended":1`) != 2 {
		t.Errorf("how their runs ended: %s", got)
	}
	if got := w.must(owner(), "recipe_list", `{"query":"needle nowhere"}`); !has(got, `"items":[]`) {
		t.Errorf("one word of two: %s", got)
	}
	// run_list of one recipe, of everyone and of oneself.
	for _, p := range []*op.Principal{owner(), robot()} {
		if got := w.must(p, "run_list", `{"recipe":"job"}`); has(got, `"recipe":"job"`) != (p.Name == "owner") {
			t.Errorf("%s lists %s", p.Name, got)
		}
	}
}

// TestDryRunOfARecipe answers what saving would make, and keeps nothing.
func TestDryRunOfARecipe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	would, err := w.call(owner(), "recipe_save", `{"source":`+jsonText(t, jobSource("tried"))+`}`, func(r *op.Request) { r.Envelope.DryRun = true })
	if err != nil || !has(would, `"name":"job"`, `"state":"enabled"`) {
		t.Fatalf("a dry run answered %s, %v", would, err)
	}
	if _, err := w.call(owner(), "recipe_get", `{"name":"job"}`); codeOf(err) != "recipe_not_found" {
		t.Errorf("after a dry run: %v", err)
	}
}
