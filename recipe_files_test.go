package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRecipeFiles: a recipe goes from a new file by a test that changes nothing
// to the server, and comes back the same. Its helpers are there.
func TestRecipeFiles(t *testing.T) {
	t.Parallel()
	p := serve(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "greeting.ts")
	source := strings.ReplaceAll(recipeTemplate, "NAME", "greeting")
	source = strings.Replace(source, `from "fazt";`, `from "fazt";
import { existing } from "fazt/lib";`, 1)
	source = strings.Replace(source, "    return fazt", `    if (await existing(fazt.kv.get({ app: input.app, key: "greeting" }))) throw new Error("it is there");
    return fazt`, 1)
	if err := os.WriteFile(path, []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) string {
		t.Helper()
		stdout, stderr, code := p.fazt(t.Context(), t, ownerSecret, args...)
		if code != 0 {
			t.Fatalf("%q ended with %d: %s", args, code, stderr)
		}
		return stdout
	}
	run("app", "create", "--id", "shop")
	tried := run("recipe", "test", path, "--input", `{"app":"shop"}`)
	if !strings.Contains(tried, "kv_set") || !strings.Contains(tried, "nothing was changed") {
		t.Errorf("test printed %s", tried)
	}
	if _, _, code := p.fazt(t.Context(), t, ownerSecret, "kv", "get", "--app", "shop", "--key", "greeting"); code == 0 {
		t.Error("a test wrote")
	}
	if pushed := run("recipe", "push", path); !strings.Contains(pushed, "greeting is enabled") {
		t.Errorf("push printed %s", pushed)
	}
	if shown := run("recipe", "show", "greeting"); shown != source {
		t.Errorf("show printed %s", shown)
	}
	back := t.TempDir()
	run("recipe", "pull", "-o", back)
	if got, err := os.ReadFile(filepath.Join(back, "greeting.ts")); err != nil || string(got) != source {
		t.Errorf("pull wrote %s, %v", got, err)
	}
	if listed := run("recipe", "list"); !strings.Contains(listed, `"name":"greeting"`) {
		t.Errorf("list printed %s", listed)
	}
}

// TestRecipeFolder: what is in the folder of --recipes is a recipe, and a changed
// file is its next version.
func TestRecipeFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "greeting.ts")
	write := func(title string) {
		t.Helper()
		source := strings.NewReplacer("NAME", "greeting", "Store a greeting", title).Replace(recipeTemplate)
		if err := os.WriteFile(path, []byte(source), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("At first")
	p := serve(t, "--recipes", dir)
	for _, title := range []string{"At first", "Another title"} {
		write(title)
		waitFor(t, func() bool {
			stdout, _, _ := p.fazt(t.Context(), t, ownerSecret, "recipe", "list")
			return strings.Contains(stdout, `"title":"`+title+`","state":"enabled"`)
		})
	}
}
