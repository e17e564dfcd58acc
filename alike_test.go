package main

import (
	"cmp"
	"encoding/json"
	"slices"
	"testing"

	"fazt/server/op"
	"fazt/server/servertest"
)

// TestExamplesOnEveryFace runs what the reference shows through HTTP, the
// command line, MCP and the ES module, and compares the answers.
func TestExamplesOnEveryFace(t *testing.T) {
	t.Parallel()
	registry, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	operations := slices.Clone(registry.All())
	// Runs are kept, so what lists them goes before what makes them.
	slices.SortStableFunc(operations, func(a, b *op.Operation) int {
		return cmp.Compare(slices.Index([]string{"run"}, b.Noun()), slices.Index([]string{"run"}, a.Noun()))
	})
	for _, kind := range []string{"HTTP", "CLI", "MCP", "ES module"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			p := serve(t)
			f := facesOf(t, p, kind, ownerSecret)[0]
			plain := newPlainHTTP(t, p, ownerSecret)
			nouns := map[string]bool{}
			for _, o := range operations {
				if o.Streams || o.Bytes || o.Noun() == "tab" {
					continue // tabs have a test of their own, with a browser
				}
				f := f
				if line, ok := f.(commandLine); ok && !nouns[o.Noun()] {
					line.binary, nouns[o.Noun()] = true, true
					f = line
				}
				for _, example := range o.Examples {
					t.Run(o.Name+"/"+example.Title, func(t *testing.T) { runExample(t, f, plain, registry, o, example) })
				}
			}
		})
	}
}

// facesOf is the face of a kind with each of the tokens. The clients of one
// server share a page: none has more than its own token.
func facesOf(t testing.TB, p *process, kind string, tokens ...string) []face {
	t.Helper()
	faces := make([]face, len(tokens))
	if kind == "ES module" {
		page := signedIn(t, p)
		for i, token := range tokens {
			faces[i] = newModuleInPage(t, page, token)
		}
		return faces
	}
	for i, token := range tokens {
		switch kind {
		case "CLI":
			faces[i] = commandLine{server: p, token: token}
		case "MCP":
			faces[i] = newForeignMCP(t, p, token)
		default:
			faces[i] = newPlainHTTP(t, p, token)
		}
	}
	return faces
}

func runExample(t *testing.T, f, plain face, registry *op.Registry, o *op.Operation, example op.Example) {
	reset(t, plain, registry)
	for _, given := range example.Given {
		must(t, plain, registry, given.Op, given.In)
	}
	got := f.call(t.Context(), t, o, []byte(example.In), op.Envelope{})
	if o.PeopleOnly && f.name() == "MCP" {
		if got.Code != string(op.CodeForbidden) {
			t.Errorf("over MCP: %s, want forbidden", got)
		}
		return
	}
	if got.Code != "" || servertest.Normal(t, got.JSON) != servertest.Normal(t, example.Out) {
		t.Errorf("answer\n got %s\nwant %s", got, example.Out)
	}
}

// must makes a call that has to succeed.
func must(t testing.TB, f face, registry *op.Registry, name, input string) string {
	t.Helper()
	o, err := registry.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	got := f.call(t.Context(), t, o, []byte(input), op.Envelope{})
	if got.Code != "" {
		t.Fatalf("%s %s: %s", name, input, got)
	}
	return got.JSON
}

// reset empties a server of everything that examples make.
func reset(t testing.TB, f face, registry *op.Registry) {
	t.Helper()
	must(t, f, registry, "agent_resume", `{}`)
	var saved struct {
		Items []struct{ Name, State string }
	}
	list(t, f, registry, "recipe_list", &saved)
	for _, recipe := range saved.Items {
		if recipe.State == "pinned" {
			must(t, f, registry, "recipe_pin", `{"name":"`+recipe.Name+`","pinned":false}`)
		}
	}
	var apps struct{ Items []struct{ ID string } }
	list(t, f, registry, "app_list", &apps)
	for _, app := range apps.Items {
		must(t, f, registry, "app_delete", `{"app":"`+app.ID+`"}`)
	}
	var tokens struct {
		Items []struct {
			ID, Name string
			Kind     string
		}
	}
	list(t, f, registry, "token_list", &tokens)
	for _, token := range tokens.Items {
		if token.Name != "owner" && token.Name != "agent" {
			must(t, f, registry, "token_revoke", `{"token":"`+token.ID+`"}`)
		}
	}
}

func list(t testing.TB, f face, registry *op.Registry, name string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(must(t, f, registry, name, `{}`)), into); err != nil {
		t.Fatal(err)
	}
}

// roleToken makes a token for a role of servertest's.
func roleToken(t testing.TB, f face, registry *op.Registry, role servertest.Role) string {
	t.Helper()
	input, err := json.Marshal(map[string]any{"name": string(role), "kind": role.Kind(), "scopes": role.Scopes()})
	if err != nil {
		t.Fatal(err)
	}
	if app := role.App(); app != "" {
		input = append(input[:len(input)-1], `,"app":"`+app+`"}`...)
	}
	var made struct{ Secret string }
	if err := json.Unmarshal([]byte(must(t, f, registry, "token_create", string(input))), &made); err != nil {
		t.Fatal(err)
	}
	return made.Secret
}
