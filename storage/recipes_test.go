package storage

import (
	"encoding/json"
	"testing"
)

func recipeOf(name, hash, author string) RecipeSave {
	return RecipeSave{Version: RecipeVersion{
		Name: name, Hash: hash, Source: "source of " + hash, Definition: json.RawMessage(`{"title":"x"}`),
		Author: author, AuthorName: author, AuthorKind: "agent", Scopes: []string{"kv:write"},
	}}
}

func usable(t *testing.T, db *fixture) []string {
	t.Helper()
	list, err := db.UsableRecipes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, v := range list {
		text := v.Name + "/" + v.Hash + "/" + v.Author
		if v.Enabled {
			text += "/enabled"
		}
		names = append(names, text)
	}
	return names
}

func TestRecipeVersions(t *testing.T) {
	t.Parallel()
	db := open(t)
	steps := []struct {
		do   Mutation
		want []string
		fail Kind
	}{
		{do: RecipeEnable{Name: "none", Hash: "h"}, fail: KindRecipeNotFound},
		{do: recipeOf("a", "h1", "t1"), want: []string{"a/h1/t1"}},
		{do: recipeOf("a", "h1", "t1"), want: []string{"a/h1/t1"}}, // saving the same again adds nothing
		{do: RecipeEnable{Name: "a", Hash: "h1"}, want: []string{"a/h1/t1/enabled"}},
		{do: recipeOf("a", "h2", "t2"), want: []string{"a/h2/t2", "a/h1/t1/enabled"}},
		{do: recipeOf("a", "h3", "t2"), want: []string{"a/h3/t2", "a/h1/t1/enabled"}},
		{do: RecipeEnable{Name: "a", Hash: "h9"}, fail: KindRecipeNotFound},
		{do: RecipeEnable{Name: "a", Hash: "h2"}, want: []string{"a/h3/t2", "a/h2/t2/enabled", "a/h1/t1"}},
		{do: RecipeEnable{Name: "a"}, want: []string{"a/h3/t2", "a/h1/t1"}},
		{do: RecipeDelete{Name: "a"}, want: []string{}},
		{do: RecipeDelete{Name: "a"}, fail: KindRecipeNotFound},
	}
	for i, s := range steps {
		_, err := db.Write(t.Context(), &Batch{Mutations: []Mutation{s.do}})
		if KindOf(err) != s.fail {
			t.Fatalf("step %d: %v, want %q", i, err, s.fail)
		}
		if s.fail != "" {
			continue
		}
		got := usable(t, db)
		if len(got) != len(s.want) {
			t.Fatalf("step %d: %v, want %v", i, got, s.want)
		}
		for j := range got {
			if got[j] != s.want[j] {
				t.Fatalf("step %d: %v, want %v", i, got, s.want)
			}
		}
	}
}

func TestRuns(t *testing.T) {
	t.Parallel()
	db := open(t)
	write := func(m Mutation) error {
		_, err := db.Write(t.Context(), &Batch{Mutations: []Mutation{m}})
		return err
	}
	run := Run{
		ID: "r_1", Recipe: "a", Hash: "h", Mode: "api", State: "running", Principal: "t1", PrincipalName: "robot",
		Input: json.RawMessage(`{"x":1}`),
	}
	if err := write(RunStart{Run: run}); err != nil {
		t.Fatal(err)
	}
	if err := write(RunStart{Run: run}); KindOf(err) != KindExists {
		t.Errorf("the same id again: %v", err)
	}
	other := run
	other.ID, other.Principal = "r_2", "t2"
	if err := write(RunStart{Run: other}); err != nil {
		t.Fatal(err)
	}
	run.State, run.Output = "ok", json.RawMessage(`{"y":2}`)
	run.EndedAt = db.clock.now()
	if err := write(RunUpdate{Run: run}); err != nil {
		t.Fatal(err)
	}
	if err := write(RunsLost{}); err != nil {
		t.Fatal(err)
	}
	got, err := db.Run(t.Context(), "r_1")
	if err != nil || got.State != "ok" || string(got.Output) != `{"y":2}` || string(got.Input) != `{"x":1}` || got.Error != nil {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := db.Run(t.Context(), "r_2"); err != nil || got.State != "unknown" || got.EndedAt.IsZero() {
		t.Errorf("a run that a crash cut off: %+v, %v", got, err)
	}
	if _, err := db.Run(t.Context(), "r_3"); KindOf(err) != KindRunNotFound {
		t.Errorf("%v", err)
	}
	page, next, err := db.Runs(t.Context(), RunQuery{Limit: 1})
	if err != nil || len(page) != 1 || page[0].ID != "r_2" || next == 0 {
		t.Fatalf("%+v, %d, %v", page, next, err)
	}
	page, next, err = db.Runs(t.Context(), RunQuery{Limit: 1, Before: next})
	if err != nil || len(page) != 1 || page[0].ID != "r_1" {
		t.Fatalf("%+v, %d, %v", page, next, err)
	}
	if page, _, err := db.Runs(t.Context(), RunQuery{Principal: "t1"}); err != nil || len(page) != 1 || page[0].ID != "r_1" {
		t.Errorf("of one principal: %+v, %v", page, err)
	}
}
