package op_test

import (
	"slices"
	"strings"
	"testing"

	"fazt/server/op"
)

func TestSearch(t *testing.T) {
	t.Parallel()
	registry := testRegistry(t)
	for query, first := range map[string]string{
		"kv_set":                           "kv_set",
		"kv set":                           "kv_set",
		"fazt.kv.set":                      "kv_set",
		"KV-SET":                           "kv_set",
		"doc.findAndUpdate":                "doc_find_and_update",
		"store a value":                    "kv_set",
		"save":                             "kv_set",
		"how do I remove a key?":           "kv_delete",
		"remove app":                       "app_delete",
		"list the keys with prefix":        "kv_list",
		"backup of the database":           "system_backup",
		"follow changes":                   "change_watch",
		"approve":                          "approval_decide",
		"take back what an agent did":      "undo",
		"documents":                        "doc_find_and_update",
		"recipe that creates an app":       "app_starter",
		"aproval":                          "approval_decide",
		"ttl":                              "kv_set",
		strings.Repeat("kv_set ", 100_000): "kv_set",
	} {
		found := op.Search(registry, query, 5)
		if len(found) == 0 || found[0].Name != first {
			t.Errorf("%.60q finds %v, want %s first", query, names(found), first)
		}
	}
	for _, query := range []string{"", "  "} {
		if got := op.Search(registry, query, 0); !slices.Equal(got, registry.All()) {
			t.Errorf("%q finds %v, want all by name", query, names(got))
		}
	}
	for _, query := range []string{"qqqqqqqq", "???", "\xff\x00"} {
		if got := op.Search(registry, query, 5); len(got) != 0 {
			t.Errorf("%q finds %v", query, names(got))
		}
	}
	if got := op.Search(registry, "app", 2); len(got) != 2 {
		t.Errorf("the limit of 2 gives %v", names(got))
	}
}

func TestSearchIsDeterministic(t *testing.T) {
	t.Parallel()
	first := names(op.Search(testRegistry(t), "app key value", 0))
	for range 10 {
		if next := names(op.Search(testRegistry(t), "app key value", 0)); !slices.Equal(first, next) {
			t.Fatalf("%v, then %v", first, next)
		}
	}
}

func names(operations []*op.Operation) []string {
	list := make([]string, len(operations))
	for i, o := range operations {
		list[i] = o.Name
	}
	return list
}

func TestNearest(t *testing.T) {
	t.Parallel()
	fields := []string{"email", "name", "filter", "if_version", "app"}
	for slip, want := range map[string]string{
		"emial": "email", "emai": "email", "e-mail": "email", "Email": "email", "nmae": "name", "fliter": "filter",
		"ifversion": "if_version", "if-version": "if_version", "ap": "app", "appp": "app",
		"zzz": "", "": "", "x": "", "somethingelse": "", "q": "",
	} {
		if got, _ := op.Nearest(slip, fields); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", slip, got, want)
		}
	}
	long := strings.Repeat("x", 1<<20)
	if got, ok := op.Nearest(long, append(fields, long[:60])); ok {
		t.Errorf("a name of 1 MiB is near %q", got)
	}
	if got := op.Suggest("emial", fields); got != `: did you mean "email"?` {
		t.Errorf("Suggest gives %q", got)
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	all := op.AllScopes()
	set, err := op.NewScopeSet(all...)
	if err != nil || !slices.Equal(set.List(), all) {
		t.Fatalf("%v, %v", set.List(), err)
	}
	few, _ := op.NewScopeSet("kv:read", "docs:write")
	if !few.Has("kv:read") || few.Has("kv:write") || few.Has("docs:read") || few.Has("kv") || few.Has("") || few.Has("kv:admin") {
		t.Error("a set has what it was not given, or lacks what it was")
	}
	other, _ := op.NewScopeSet("kv:read", "kv:write")
	if got := few.Intersect(other).List(); !slices.Equal(got, []op.Scope{"kv:read"}) {
		t.Errorf("the common scopes are %v", got)
	}
	if _, err := op.NewScopeSet("kv:read", "kv:delete"); err == nil {
		t.Error("an unknown scope was taken")
	}
	if (op.ScopeSet{}).Has("kv:read") {
		t.Error("the empty set has a scope")
	}
	for _, s := range op.AgentScopes() {
		if err := op.ScopeAllowed(s, op.KindAgent, false); err != nil {
			t.Errorf("agents are given %s, which is refused: %v", s, err)
		}
	}
	for _, c := range []struct {
		scope op.Scope
		kind  op.Kind
		bound bool
		says  string
	}{
		{"kv:raed", op.KindPerson, false, `did you mean "kv:read"?`},
		{"tokens:write", op.KindAgent, false, "kind agent cannot hold"},
		{"approvals:read", op.KindAgent, false, "kind agent cannot hold"},
		{"people:read", op.KindAgent, false, "kind agent cannot hold"},
		{"secrets:write", op.KindAgent, false, "kind agent cannot hold"},
		{"system:read", op.KindService, true, "bound to an app cannot hold"},
		{"tabs:write", op.KindPerson, true, "bound to an app cannot hold"},
	} {
		if err := op.ScopeAllowed(c.scope, c.kind, c.bound); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s for %s: %v, want %q", c.scope, c.kind, err, c.says)
		}
	}
}
