package recipes_test

import (
	"io/fs"
	"strings"
	"testing"

	"fazt/recipes"
)

// TestShipped compiles every recipe of the program as the catalogue does.
func TestShipped(t *testing.T) {
	t.Parallel()
	pool := newPool(t)
	names, err := fs.Glob(recipes.Shipped, "*.ts")
	if err != nil {
		t.Fatal(err)
	}
	modules := map[string]string{}
	sources := map[string]string{}
	for _, name := range names {
		text, err := fs.ReadFile(recipes.Shipped, name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(name, "_") {
			modules["./"+strings.TrimSuffix(name, ".ts")] = string(text)
		} else {
			sources[name] = string(text)
		}
	}
	if len(sources) < 5 {
		t.Errorf("only %d recipes", len(sources))
	}
	for name, code := range sources {
		compiled, err := pool.Compile(t.Context(), recipes.Source{Name: name, Code: code, Modules: modules})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if d := compiled.Definition; d.Name+".ts" != name || !d.HasCheck || !d.HasUI && !d.HasAPI {
			t.Errorf("%s holds the recipe %q, check %v, ui %v, api %v", name, d.Name, d.HasCheck, d.HasUI, d.HasAPI)
		}
	}
}
