package clientjs_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"fazt/clientjs/browsertest"
)

// host is a server that serves the module, and answers calls as a test says.
type host struct {
	*httptest.Server
	mu       sync.Mutex
	requests []received
	answer   func(n int, w http.ResponseWriter, r *http.Request)
}

// received is one call as it came.
type received struct {
	Method, URI, Body string
	Header            http.Header
}

func newHost(t *testing.T, answer func(n int, w http.ResponseWriter, r *http.Request)) *host {
	t.Helper()
	h := &host{answer: answer}
	assets := testAssets(t).Handler()
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/agent/"):
			assets.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, "/api/"):
			h.call(w, r)
		default:
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("Content-Security-Policy", "default-src 'self'")
			http.SetCookie(w, &http.Cookie{Name: "session", Value: "secret", SameSite: http.SameSiteLaxMode})
			_, _ = io.WriteString(w, "<!doctype html><title>page</title>")
		}
	}))
	t.Cleanup(func() {
		h.Server.CloseClientConnections()
		h.Server.Close()
	})
	return h
}

func (h *host) call(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	h.mu.Lock()
	if r.Method != http.MethodOptions {
		h.requests = append(h.requests, received{r.Method, r.RequestURI, string(body), r.Header.Clone()})
	}
	n := len(h.requests)
	h.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	h.answer(n, w, r)
}

func (h *host) received() []received {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]received(nil), h.requests...)
}

// run evaluates the body of an async function in the page; connect and
// FaztError are in scope, and what it returns is decoded into out.
func run(t *testing.T, page *browsertest.Page, module, body string, out any) {
	t.Helper()
	page.Eval(t, fmt.Sprintf(`(async () => {
const { connect, FaztError } = await import(%q);
const caught = (promise) => promise.then((value) => ({ value }), (e) => ({
  fazt: e instanceof FaztError, name: e.name, code: e instanceof FaztError ? e.code : "", status: e.status, detail: e.detail, hint: e.hint, field: e.field,
  currentVersion: e.currentVersion, retryAfter: e.retryAfter }));
%s
})()`, module, body), out)
}

// failure is an error as run's caught gives it.
type failure struct {
	Value                           any
	Fazt                            bool
	Name, Code, Detail, Hint, Field string
	Status                          int
	CurrentVersion, RetryAfter      float64
}

func problemJSON(w http.ResponseWriter, status int, members string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, members)
}

func echo(_ int, w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"ok":true}`) }

func TestCallsInAPage(t *testing.T) {
	t.Parallel()
	h := newHost(t, echo)
	page := chromium.Open(t).Page(t, h.URL+"/")
	var out []any
	run(t, page, "/agent/fazt.js", `
const fazt = await connect();
const answers = [];
answers.push(await fazt.kv.get({ app: "shop", key: "a/b c?#%\u00e9" }));
await fazt.kv.get({ app: "shop", key: ".." });
await fazt.kv.set({ app: "shop", key: ".", value: { n: 1, gone: undefined } }, { idempotencyKey: "k\u00e9", dryRun: true, confirm: "sh\u00f6p" });
await fazt.kv.list({ app: "shop", prefix: "a&b", limit: 0, cursor: null, kinds: ["a", "b"], odd: ["x,y"], filter: { a: 1 } });
await fazt.doc.findAndUpdate({ app: "shop", collection: "jobs", update: null });
await fazt.undo({ app: "shop" });
await fazt.op("kv_increment", { app: "shop", key: "n", by: 2 });
answers.push(await (await fazt.system.backup()).text());
return answers;`, &out)
	if fmt.Sprint(out) != `[map[ok:true] {"ok":true}]` {
		t.Errorf("the answers are %v", out)
	}
	want := []string{
		"GET /api/apps/shop/kv/a%2Fb%20c%3F%23%25%C3%A9 ",
		"GET /api/apps/shop/kv?key=.. ",
		`PUT /api/apps/shop/kv?key=. {"value":{"n":1}}`,
		"GET /api/apps/shop/kv?prefix=a%26b&limit=0&kinds=a%2Cb&odd=%5B%22x%2Cy%22%5D&filter=%7B%22a%22%3A1%7D ",
		`POST /api/apps/shop/collections/jobs/docs:find_and_update {"update":null}`,
		"POST /api/apps/shop/undo {}",
		`POST /api/apps/shop/kv:increment {"key":"n","by":2}`,
		"GET /api/system/backup ",
	}
	got := h.received()
	for i, r := range got {
		if line := r.Method + " " + r.URI + " " + r.Body; i >= len(want) || line != want[i] {
			t.Errorf("request %d is %s", i, line)
		}
		if r.Header.Get("Cookie") != "session=secret" || r.Header.Get("Authorization") != "" {
			t.Errorf("request %d has the cookie %q and Authorization %q, want the session alone", i, r.Header.Get("Cookie"), r.Header.Get("Authorization"))
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%d requests came, want %d", len(got), len(want))
	}
	envelope := got[2].Header
	if envelope.Get("Idempotency-Key") != "ké" || envelope.Get("Fazt-Dry-Run") != "true" || envelope.Get("Fazt-Confirm") != "shöp" {
		t.Errorf("the envelope came as %q %q %q", envelope.Get("Idempotency-Key"), envelope.Get("Fazt-Dry-Run"), envelope.Get("Fazt-Confirm"))
	}
}

// TestCredentialsStayHome: a cookie never goes to another origin, nor beside a
// token.
func TestCredentialsStayHome(t *testing.T) {
	t.Parallel()
	home := newHost(t, echo)
	other := newHost(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Access-Control-Allow-Headers", "authorization")
		_, _ = io.WriteString(w, `{}`)
	})
	page := chromium.Open(t).Page(t, home.URL+"/")
	var out []failure
	run(t, page, "/agent/fazt.js", fmt.Sprintf(`
const own = await connect({ token: "fazt_own" });
await own.kv.list({ app: "shop" });
const there = await connect({ url: %q, token: "fazt_there" });
return [
  await caught(connect({ url: %[1]q })),
  await caught(connect({ url: "ftp://x" })),
  await caught(connect({ url: "http://me:pw@x" })),
  await caught(connect({ token: "two words" })),
  await caught(there.kv.list({ app: "shop" })),
];`, other.URL), &out)
	for i, code := range []string{"unauthenticated", "invalid_input", "invalid_input", "invalid_input", "unreachable"} {
		if out[i].Code != code || !out[i].Fazt || out[i].Hint == "" {
			t.Errorf("connection %d: %+v, want %s", i, out[i], code)
		}
	}
	if r := home.received()[0]; r.Header.Get("Cookie") != "" || r.Header.Get("Authorization") != "Bearer fazt_own" {
		t.Errorf("with a token the cookie is %q and Authorization %q", r.Header.Get("Cookie"), r.Header.Get("Authorization"))
	}
	for _, r := range other.received() {
		if r.Header.Get("Cookie") != "" {
			t.Errorf("another origin got the cookie %q", r.Header.Get("Cookie"))
		}
	}
}

func TestErrorsInAPage(t *testing.T) {
	t.Parallel()
	h := newHost(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("prefix") {
		case "problem":
			problemJSON(w, 412, `{"title":"Precondition Failed","status":412,"code":"version_mismatch","detail":"it has version 12","hint":"read it again","field":"if_version","current_version":12}`)
		case "html":
			w.WriteHeader(502)
			_, _ = io.WriteString(w, "<h1>Bad gateway</h1>")
		case "text":
			_, _ = io.WriteString(w, "hello")
		case "redirect":
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		}
	})
	page := chromium.Open(t).Page(t, h.URL+"/")
	var out []failure
	run(t, page, "/agent/fazt.js", `
const fazt = await connect();
const list = (prefix) => caught(fazt.kv.list({ app: "shop", prefix }));
const aborted = AbortSignal.abort(new DOMException("enough", "AbortError"));
const cycle = {}; cycle.self = cycle;
return [
  await list("problem"), await list("html"), await list("text"), await list("redirect"),
  await caught(fazt.kv.get({ app: "shop" })),
  await caught(fazt.kv.get({ app: "shop", key: "" })),
  await caught(fazt.kv.get({ app: "shop", key: "\ud800" })),
  await caught(fazt.kv.set({ app: "shop", key: "a", value: cycle })),
  await caught(fazt.op("kv_nothing")),
  await caught(fazt.op("toString")),
  await caught(fazt.kv.list({ app: "shop" }, { signal: aborted })),
];`, &out)
	first := out[0]
	if !first.Fazt || first.Name != "FaztError" || first.Code != "version_mismatch" || first.Status != 412 || first.Detail != "it has version 12" ||
		first.Hint != "read it again" || first.Field != "if_version" || first.CurrentVersion != 12 {
		t.Errorf("the problem came as %+v", first)
	}
	for i, code := range []string{
		"version_mismatch", "not_fazt", "not_fazt", "redirected", "invalid_input", "invalid_input", "invalid_input", "invalid_input",
		"operation_not_found", "operation_not_found",
	} {
		if out[i].Code != code || !out[i].Fazt || out[i].Hint == "" {
			t.Errorf("error %d: %+v, want %s", i, out[i], code)
		}
	}
	if out[6].Field != "key" || out[1].Status != 502 || !strings.Contains(out[1].Detail, "Bad gateway") {
		t.Errorf("%+v, %+v", out[6], out[1])
	}
	if last := out[10]; last.Fazt || last.Name != "AbortError" {
		t.Errorf("an aborted call rejects with %+v, want the signal's reason", last)
	}
}

// TestOneRetry: only where a second try changes nothing more, only for 503 with
// Retry-After, and once.
func TestOneRetry(t *testing.T) {
	t.Parallel()
	overloaded := func(w http.ResponseWriter, after string) {
		if after != "" {
			w.Header().Set("Retry-After", after)
		}
		problemJSON(w, 503, `{"status":503,"code":"overloaded","detail":"full","hint":"wait","retry_after":0.5}`)
	}
	tries := map[string]int{}
	var mu sync.Mutex
	h := newHost(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		key := r.Method + " " + r.URL.Path
		tries[key]++
		n := tries[key]
		mu.Unlock()
		switch {
		case strings.HasSuffix(key, "/always"), n == 1 && !strings.Contains(key, "/late") && !strings.Contains(key, "/bare"):
			overloaded(w, "0")
		case strings.HasSuffix(key, "/late"):
			overloaded(w, "3600")
		case strings.HasSuffix(key, "/bare"):
			overloaded(w, "")
		default:
			echo(0, w, r)
		}
	})
	page := chromium.Open(t).Page(t, h.URL+"/")
	var out []failure
	run(t, page, "/agent/fazt.js", `
const fazt = await connect();
const get = (key) => caught(fazt.kv.get({ app: "shop", key }));
return [
  await get("once"), await get("always"), await get("late"), await get("bare"),
  await caught(fazt.kv.set({ app: "shop", key: "idempotent", value: 1 })),
  await caught(fazt.undo({ app: "unsafe" })),
  await caught(fazt.undo({ app: "keyed" }, { idempotencyKey: "k" })),
];`, &out)
	for i, code := range []string{"", "overloaded", "overloaded", "overloaded", "", "overloaded", ""} {
		if out[i].Code != code {
			t.Errorf("call %d: %+v, want %q", i, out[i], code)
		}
	}
	if out[1].RetryAfter != 0.5 {
		t.Errorf("retryAfter is %v", out[1].RetryAfter)
	}
	mu.Lock()
	defer mu.Unlock()
	for key, want := range map[string]int{
		"GET /api/apps/shop/kv/once": 2, "GET /api/apps/shop/kv/always": 2, "GET /api/apps/shop/kv/late": 1, "GET /api/apps/shop/kv/bare": 1,
		"PUT /api/apps/shop/kv/idempotent": 2, "POST /api/apps/unsafe/undo": 1, "POST /api/apps/keyed/undo": 2,
	} {
		if tries[key] != want {
			t.Errorf("%s was tried %d times, want %d", key, tries[key], want)
		}
	}
}

func TestRecipesInAPage(t *testing.T) {
	t.Parallel()
	h := newHost(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		answers := map[string]string{
			"/api/recipes/quick/run":  `{"id":"r_1","state":"ok","output":{"n":1}}`,
			"/api/recipes/slow/run":   `{"id":"r_2","state":"waiting_approval"}`,
			"/api/runs/r_2":           `{"id":"r_2","state":"ok","output":"late"}`,
			"/api/recipes/broken/run": `{"id":"r_3","state":"failed","error":{"code":"no_match","detail":"no button \"Save\"","hint":"look at the page"}}`,
			"/api/recipes/lost/run":   `{"id":"r_4","state":"unknown"}`,
		}
		_, _ = io.WriteString(w, answers[r.URL.Path])
	})
	page := chromium.Open(t).Page(t, h.URL+"/")
	var out []failure
	run(t, page, "/agent/fazt.js", `
const fazt = await connect();
return [
  await caught(fazt.recipes.quick({ id: "a" }, { mode: "ui", tab: "t1", idempotencyKey: "k" })),
  await caught(fazt.recipes.slow()),
  await caught(fazt.recipes.broken()),
  await caught(fazt.recipes.lost()),
  { value: (await fazt.recipes) === fazt.recipes },
];`, &out)
	if fmt.Sprint(out[0].Value) != "map[n:1]" || out[1].Value != "late" || out[4].Value != true {
		t.Errorf("got %+v", out)
	}
	if out[2].Code != "no_match" || out[2].Hint != "look at the page" || out[3].Code != "run_unknown" || !strings.Contains(out[3].Hint, "r_4") {
		t.Errorf("failed runs reject with %+v and %+v", out[2], out[3])
	}
	first := h.received()[0]
	var body map[string]any
	if err := json.Unmarshal([]byte(first.Body), &body); err != nil || first.Header.Get("Idempotency-Key") != "k" ||
		body["mode"] != "ui" || body["tab"] != "t1" || fmt.Sprint(body["input"]) != "map[id:a]" || body["name"] != nil {
		t.Errorf("the run was asked for by %s %s", first.URI, first.Body)
	}
}
