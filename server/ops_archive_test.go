package server_test

import (
	"strings"
	"testing"

	"fazt/server/servertest"
)

// TestImport: what an export answers makes the same app elsewhere, and a broken
// one makes nothing.
func TestImport(t *testing.T) {
	t.Parallel()
	from, to := openFace(t), openFace(t)
	for _, step := range []request{
		{method: "POST", path: "/api/apps/shop/collections/crew/docs", body: `{"doc":{"id":"ada","age":36}}`},
		{method: "PUT", path: "/api/apps/shop/kv/word", body: `{"value":"other"}`},
		{method: "PUT", path: "/api/apps/shop/blobs/notes/b.txt", body: "hello"},
	} {
		if a := from.do(step); a.status > 299 {
			t.Fatalf("%s: %d %s", step.path, a.status, a.body)
		}
	}
	archive := from.do(request{method: "GET", path: "/api/apps/shop/export"})
	if archive.status != 200 || !strings.HasPrefix(archive.body, "\x1f\x8b") {
		t.Fatalf("export: %d", archive.status)
	}
	send := func(query, body string, headers ...string) string {
		t.Helper()
		a := to.do(request{method: "POST", path: "/api/apps:import" + query, body: body, headers: headers})
		return a.body
	}
	for _, c := range []struct{ name, query, body, want string }{
		{"torn", "?id=copy", archive.body[:len(archive.body)-9], `"field":"archive"`},
		{"no archive", "?id=copy", "hello", "app_export"},
		{"nothing", "?id=copy", "", "app_export"},
		{"the name of another", "?id=shop", archive.body, "already_exists"},
		{"a name that cannot be", "?id=-", archive.body, `"field":"id"`},
	} {
		if got := send(c.query, c.body); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if got := send("?id=copy", archive.body, "Fazt-Dry-Run", "true"); !strings.Contains(got, `"docs":`) {
		t.Errorf("a dry run: %s", got)
	}
	if a := to.do(request{method: "GET", path: "/api/apps/copy"}); a.status != 404 {
		t.Errorf("a dry run made an app: %s", a.body)
	}
	if got := send("?id=copy&title=Copied", archive.body); !strings.Contains(got, `"title":"Copied"`) {
		t.Fatalf("import: %s", got)
	}
	for path, want := range map[string]string{
		"/collections/crew/docs/ada": `"age":36`, "/blobs/notes/b.txt": "hello", "/kv/word": `"other"`,
	} {
		if a := to.do(request{method: "GET", path: "/api/apps/copy" + path}); a.status != 200 || !strings.Contains(a.body, want) {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	if a := from.do(request{method: "GET", path: "/api/apps/shop/export", role: servertest.Scoped}); a.status != 403 {
		t.Errorf("an export with kv:read alone: %d", a.status)
	}
}
