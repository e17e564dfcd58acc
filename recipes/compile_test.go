package recipes_test

import (
	"errors"
	"strings"
	"testing"

	"fazt/recipes"
)

// source wraps members into a recipe; they begin on line 3.
func source(members string) string {
	return "import { defineRecipe } from \"fazt\";\nexport default defineRecipe({\n" + members + "\n});\n"
}

const least = `name: "a", title: "A", effect: "read", async api() {},`

func compileFailure(t *testing.T, pool *recipes.Pool, src recipes.Source) *recipes.CompileError {
	t.Helper()
	compiled, err := pool.Compile(t.Context(), src)
	var failed *recipes.CompileError
	if !errors.As(err, &failed) {
		t.Fatalf("got %v and error %v, want a CompileError", compiled, err)
	}
	if len(failed.Problems) == 0 {
		t.Fatal("a CompileError without a problem")
	}
	return failed
}

// TestCompileErrors: an author can act on each without asking: what is wrong,
// where, and what to write instead.
func TestCompileErrors(t *testing.T) {
	t.Parallel()
	pool := newPool(t)
	for _, test := range []struct {
		name, code string
		at         string // file:line:column
		message    string
		hint       string
	}{
		{"syntax", source("name: \"a\" title"), "a.ts:3:11", `Expected "}" but found "title"`, ""},
		{"import", "import fs from \"fs\";\nfs.rmdir();\n" + source(least), "a.ts:1:16", `cannot import "fs"`, "it can import: fazt"},
		{"no default", "export const a = 1;", "a.ts", "no default export", "export default defineRecipe"},
		{"not defined", "export default { name: \"a\" };", "a.ts", "not a recipe", "defineRecipe({"},
		{"throws", "throw new Error(\"on load\");\n" + source(least), "a.ts:1:11", "on load", ""},
		{"unknown name", "export default nothing;", "a.ts:1:16", "'nothing' is not defined", ""},
		{"host call", "await fazt.kv.get({});\n" + source(least), "a.ts:1:1", "await", ""},
		{"no name", source(`title: "A", effect: "read", async api() {},`), "a.ts:2:16", "name is missing", `name: "app_starter"`},
		{"bad name", source(`name: "A-b", title: "A", effect: "read", async api() {},`), "a.ts:3:1", `"A-b" is not usable`, "a-z 0-9 _"},
		{"no effect", source(`name: "a", title: "A", async api() {},`), "a.ts:2:16", "effect is missing", `effect: "read"`},
		{"bad effect", source(`name: "a", title: "A",` + "\n" + `effect: "wild", async api() {},`), "a.ts:4:1", `no effect "wild"`, "read, write, destructive"},
		{"typo", source(least + "\n  scops: [],"), "a.ts:4:3", "no member scops", "did you mean scopes?"},
		{"other word", source(least + "\nrun() {},"), "a.ts:4:1", "no member run", "did you mean api?"},
		{"far word", source(least + "\nzebra: 1,"), "a.ts:4:1", "no member zebra", "it has: name"},
		{"no body", source(`name: "a", title: "A", effect: "read",`), "a.ts:2:16", "neither ui nor api", "async api"},
		{"no function", source(`name: "a", title: "A", effect: "read", api: 1,`), "a.ts:3:40", "api is not a function", "async api"},
		{"bad scopes", source(least + ` scopes: "kv:read",`), "a.ts:3:56", "scopes is not a list", ""},
		{"bad scope", source(least + ` scopes: ["KV"],`), "a.ts:3:56", `"KV" is not a scope`, "kv:write"},
		{"bad at", source(least + ` at: "apps",`), "a.ts:3:56", `"apps" is not a path`, "at starts with /"},
		{"at and on", source(least + ` at: "/a", on: "https://a/*",`), "a.ts:3:66", "exclude each other", ""},
		{"bad on", source(least + ` on: "a.example",`), "a.ts:3:56", "not an address", "https://"},
		{"schema", source(least + ` input: { type: "objekt" },`), "a.ts:3:56", "not a usable JSON Schema", `type: "object"`},
		{"schema ref", source(least + ` input: { type: "object", properties: { a: { $ref: "file:///etc/passwd" } } },`), "a.ts:3:56", "only refer to its own parts", ""},
		{"function in data", source(least + ` examples: [{ input() {} }],`), "a.ts", "only ui, api, check and undo may be functions", ""},
		{"example", source(least + ` input: { type: "object", required: ["id"] }, examples: [{ input: {} }],`), "a.ts:3:101", "example 1 does not fit input", ""},
		{"wide characters", source("name: \"ä😀\" x"), "a.ts:3:13", "Expected", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			failed := compileFailure(t, pool, recipes.Source{Name: "a.ts", Code: test.code})
			problem := failed.Problems[0]
			if problem.Position.String() != test.at || !strings.Contains(problem.Message, test.message) || !strings.Contains(problem.Hint, test.hint) {
				t.Errorf("got %s: %s (%s)\n%s", problem.Position, problem.Message, problem.Hint, problem.Frame)
			}
			if problem.Line > 0 && !strings.Contains(problem.Frame, "> ") {
				t.Errorf("no frame for %s: %q", problem, problem.Frame)
			}
		})
	}
}

// TestFrame shows the lines around a place with a mark under it.
func TestFrame(t *testing.T) {
	t.Parallel()
	pool := newPool(t)
	failed := compileFailure(t, pool, recipes.Source{Name: "a.ts", Code: "const a = 1;\n\tconst b = ;\nconst c = 1;"})
	want := "     1 | const a = 1;\n>    2 | \tconst b = ;\n       | \t          ^\n     3 | const c = 1;\n"
	if got := failed.Problems[0].Frame; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	t.Parallel()
	pool := newPool(t)
	failed := compileFailure(t, pool, recipes.Source{Code: source(`name: "A", effect: "wild", at: "x", scops: 1`)})
	if len(failed.Problems) != 6 { // scops, no api, no title, name, effect, at
		t.Errorf("%d problems:\n%v", len(failed.Problems), failed)
	}
}

func TestDefinition(t *testing.T) {
	t.Parallel()
	pool := newPool(t)
	compiled, err := pool.Compile(t.Context(), recipes.Source{
		Code:    "import { words } from \"./words\";\n" + source(`name: words.name, title: "A title", description: "More", effect: "write", scopes: ["kv:write"], at: "/apps", input: { type: "object" }, async ui() {}, async check() {}, undo: async () => {},`),
		Modules: map[string]string{"./words": `export const words = { name: "from_a_module" } as const;`},
	})
	if err != nil {
		t.Fatal(err)
	}
	d := compiled.Definition
	if d.Name != "from_a_module" || d.Title != "A title" || d.Effect != recipes.EffectWrite || d.At != "/apps" ||
		!d.HasUI || d.HasAPI || !d.HasCheck || !d.HasUndo || len(d.Hash) != 64 || string(d.Input) != `{"type":"object"}` {
		t.Errorf("%+v", d)
	}
}

// TestHostileSources: sources that take a compiler down take down one worker.
func TestHostileSources(t *testing.T) {
	t.Parallel()
	pool := newPool(t)
	for _, test := range []struct {
		name, code string
		want       []recipes.Code
	}{
		{"brackets", strings.Repeat("[", 250_000), []recipes.Code{recipes.CodeWorkerDied, recipes.CodeMemory, recipes.CodeDeadline}},
		{"arrows", "export default " + strings.Repeat("(a=>", 2_000) + "1" + strings.Repeat(")", 2_000), []recipes.Code{recipes.CodeDeadline}},
		{"loop on load", "for (;;);", []recipes.Code{recipes.CodeDeadline}},
		{"loop in a getter", "export default new Proxy({}, { ownKeys() { for (;;); } });", []recipes.Code{recipes.CodeCompile, recipes.CodeDeadline}},
		{"heap on load", "const a = []; for (;;) a.push(new Uint8Array(1e6));", []recipes.Code{recipes.CodeCompile, recipes.CodeMemory}},
		{"too long", strings.Repeat("// long\n", 40_000), []recipes.Code{recipes.CodeCompile}},
		{"no UTF-8", "\xff", []recipes.Code{recipes.CodeCompile}},
		{"deep object", "export default " + strings.Repeat("{a:", 5_000) + "1" + strings.Repeat("}", 5_000), []recipes.Code{recipes.CodeCompile, recipes.CodeDeadline, recipes.CodeWorkerDied}},
		{"template", "export default `" + strings.Repeat("${`", 1_000) + strings.Repeat("`}", 1_000) + "`", []recipes.Code{recipes.CodeCompile, recipes.CodeDeadline}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			failed := compileFailure(t, pool, recipes.Source{Code: test.code})
			known := false
			for _, code := range test.want {
				known = known || failed.Code == code
			}
			if !known {
				t.Errorf("got %s: %v", failed.Code, failed)
			}
			if got := mustRun(t, pool, `return 42`); got != "42" {
				t.Errorf("the next run answers %s", got)
			}
		})
	}
}
