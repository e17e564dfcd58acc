package main

import (
	_ "embed"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"fazt/server/op"
)

// hostileSite is the script of an app that wants the owner's rights. It fills
// globalThis.tries with what each of its ways led to.
//
//go:embed testdata/hostile.js
var hostileSite string

// TestHostileAppReachesNothing: the owner is signed in and opens, in the same
// browser, the site of an app whose script tries all it can to reach the admin
// page and its operations.
func TestHostileAppReachesNothing(t *testing.T) {
	t.Parallel()
	chromium.Open(t)
	registry, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	p := serve(t)
	at, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	// As near as an app can be: its host is below the admin page's own.
	admin, evil := "http://localhost:"+at.Port(), "http://evil.localhost:"+at.Port()
	plain := newPlainHTTP(t, p, ownerSecret)
	must(t, plain, registry, "app_create", `{"id":"evil"}`)
	must(t, plain, registry, "app_create", `{"id":"shop"}`)
	must(t, plain, registry, "kv_set", `{"app":"shop","key":"plans","value":"the owner's plans"}`)
	for key, text := range map[string]string{
		"site/index.html": `<!doctype html><title>evil</title><script src="hostile.js"></script>`,
		"site/hostile.js": fmt.Sprintf("const ADMIN = %q;\n%s", admin, hostileSite),
		"site/worker.js":  `addEventListener("fetch", (event) => event.respondWith(new Response("taken over")));`,
	} {
		must(t, plain, registry, "blob_put", fmt.Sprintf(`{"app":"evil","key":%q,"text":%q}`, key, text))
	}
	before := worldOf(t, plain, registry)

	page := chromium.Open(t).Page(t, admin+"/sign-in")
	signIn(t, page)
	owns := func() string {
		var answer string
		page.Eval(t, `fetch("/api/apps/shop/kv/plans").then(async (r) => r.status + " " + await r.text())`, &answer)
		return answer
	}
	if got := owns(); !strings.HasPrefix(got, "200 ") || !strings.Contains(got, "the owner's plans") {
		t.Fatalf("the owner's own page reads %q: without this the tries prove nothing", got)
	}

	page.Navigate(t, evil+"/")
	var answer struct {
		Result struct{ Value map[string]string }
	}
	page.Call(t, "Runtime.evaluate", map[string]any{
		"expression": "attack()", "awaitPromise": true, "returnByValue": true, "userGesture": true, // so that a window opens
	}, &answer)
	tries := answer.Result.Value
	for _, name := range slices.Sorted(maps.Keys(tries)) {
		if got := tries[name]; !strings.HasPrefix(got, "failed") {
			t.Errorf("%s: %s", name, got)
		}
		if testing.Verbose() {
			t.Logf("%s: %s", name, tries[name])
		}
	}
	if len(tries) < 18 {
		t.Errorf("only %d tries were made: %v", len(tries), tries)
	}
	if after := worldOf(t, plain, registry); after != before {
		t.Errorf("the tries changed something%s", differing(before, after))
	}

	page.Navigate(t, admin+"/apps")
	if got := owns(); !strings.Contains(got, "the owner's plans") {
		t.Errorf("the owner's session did not survive: %q", got)
	}
	var created int
	page.Eval(t, `fetch("/api/apps", { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"id":"control"}' }).then((r) => r.status)`, &created)
	if created != 200 && created != 201 {
		t.Errorf("the owner's own page cannot write: %d", created)
	}
}

// worldOf is all that the tries are after.
func worldOf(t *testing.T, f face, registry *op.Registry) string {
	t.Helper()
	state := stateOf(t, f, registry, "shop") + stateOf(t, f, registry, "evil")
	lines := strings.Split(state, "\n")
	return strings.Join(slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, "token_list") }), "\n") +
		fmt.Sprint(len(must(t, f, registry, "token_list", `{}`)))
}
