package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"fazt/server"
	"fazt/server/auth"
	"fazt/server/op"
	"fazt/server/servertest"
	"fazt/storage"
)

// face is a world with its HTTP face.
type face struct {
	*servertest.World
	t        testing.TB
	auth     *auth.Auth
	server   *server.Server
	settings *server.LiveSettings
	tokens   map[servertest.Role]string
}

const ownerToken = servertest.OwnerSecret

func openFace(t testing.TB, change ...func(*server.Options)) *face {
	t.Helper()
	f := &face{World: servertest.Open(t), t: t}
	f.auth = f.Service.Auth
	f.tokens = map[servertest.Role]string{servertest.Owner: ownerToken, servertest.Agent: f.AgentSecret}
	f.settings = server.NewLiveSettings(f.Service)
	f.Must("app_create", `{"id":"shop"}`)
	o := server.Options{
		DB: f.DB, Registry: f.Registry, Auth: f.auth, Settings: f.settings, Logger: slog.New(slog.DiscardHandler), Now: f.Clock.Now,
		Version: "0.0.0-test", Domain: "example.org",
	}
	for _, edit := range change {
		edit(&o)
	}
	var err error
	if f.server, err = server.New(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.server.Drain(context.Background()); err != nil {
			t.Error(err)
		}
		f.settings.Close()
	})
	return f
}

// serve listens on a real connection. Its end waits for the requests that are
// open, so whoever opens one closes it in a Cleanup of its own.
func (f *face) serve() *httptest.Server {
	f.t.Helper()
	web := httptest.NewServer(f.server.Handler())
	f.t.Cleanup(web.Close)
	return web
}

// token returns a role's token, made when it is first asked for.
func (f *face) token(role servertest.Role) string {
	f.t.Helper()
	if secret, ok := f.tokens[role]; ok || role == servertest.Stranger {
		return secret
	}
	token, secret, err := f.auth.CreateToken(f.t.Context(), auth.TokenSpec{
		Name: string(role), Kind: role.Kind(), Scopes: role.Scopes(), App: role.App(),
	})
	if err != nil {
		f.t.Fatal(err)
	}
	if _, err := f.DB.Write(f.t.Context(), &storage.Batch{Mutations: []storage.Mutation{storage.TokenCreate{Token: token}}}); err != nil {
		f.t.Fatal(err)
	}
	f.tokens[role] = secret
	return secret
}

// request is one request of a test, as the owner unless it says otherwise.
type request struct {
	method, path, body string
	host               string
	role               servertest.Role
	headers            []string // names and values in turn
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) problem(t testing.TB) problem {
	t.Helper()
	var p problem
	if a.header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("%d %s is no problem: %s", a.status, a.header.Get("Content-Type"), a.body)
	}
	if err := json.Unmarshal([]byte(a.body), &p); err != nil {
		t.Fatalf("%s: %v", a.body, err)
	}
	return p
}

type problem struct {
	Title          string  `json:"title"`
	Status         int     `json:"status"`
	Code           op.Code `json:"code"`
	Detail         string  `json:"detail"`
	Hint           string  `json:"hint"`
	Field          string  `json:"field"`
	CurrentVersion *uint64 `json:"current_version"`
	RetryAfter     float64 `json:"retry_after"`
	Confirm        string  `json:"confirm"`
	RequestID      string  `json:"request_id"`
}

func (f *face) do(q request) answer {
	f.t.Helper()
	r := httptest.NewRequest(q.method, "http://localhost", strings.NewReader(q.body))
	if q.body == "" {
		r.Body, r.ContentLength = http.NoBody, 0
	}
	target, err := r.URL.Parse(q.path)
	if err != nil {
		f.t.Fatal(err)
	}
	r.URL.Path, r.URL.RawPath, r.URL.RawQuery = target.Path, target.RawPath, target.RawQuery
	if path, query, _ := strings.Cut(q.path, "?"); strings.Contains(path, "/.") || strings.Contains(path, "//") { // Parse cleans
		r.URL.Path, r.URL.RawQuery = path, query
	}
	if q.host != "" {
		r.Host = q.host
	}
	if q.role == "" {
		q.role = servertest.Owner
	}
	if secret := f.token(q.role); secret != "" {
		r.Header.Set("Authorization", "Bearer "+secret)
	}
	if q.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(q.headers); i += 2 {
		r.Header.Set(q.headers[i], q.headers[i+1])
		if q.headers[i+1] == "" {
			r.Header.Del(q.headers[i])
		}
	}
	w := httptest.NewRecorder()
	f.server.Handler().ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}

func (f *face) get(path string) answer { f.t.Helper(); return f.do(request{method: "GET", path: path}) }

func (f *face) put(path, body string, headers ...string) answer {
	f.t.Helper()
	return f.do(request{method: "PUT", path: path, body: body, headers: headers})
}

func TestHosts(t *testing.T) {
	t.Parallel()
	f := openFace(t)
	for host, want := range map[string]int{
		"localhost": 200, "localhost:8080": 200, "LOCALHOST:1": 200, "localhost.": 200, "admin.localhost": 200,
		"127.0.0.1": 200, "127.0.0.1:8080": 200, "192.168.7.9:80": 200, "[::1]:8080": 200, "[::1]": 200, "[fe80::1]": 200,
		"example.org": 200, "Example.org:443": 200, "admin.example.org": 200, "admin.127.0.0.1.nip.io": 200, "admin.10.0.0.7.nip.io:8080": 200,
		"shop.localhost": 404, "shop.example.org": 404, "missing.example.org": 404,
		"evil.example": 421, "example.org.evil.example": 421, "a.b.localhost": 421, "www.example.org": 421, "api.localhost": 421,
		"xn--abc.localhost": 421, "-a.localhost": 421, "127.0.0.1.nip.io": 421, "admin.nip.io": 421, "admin.1.2.3.nip.io": 421,
		"shop.127.0.0.1.nip.io": 421, "::1": 421, "[::1": 421, "[127.0.0.1]": 421, "[fe80::1%25eth0]": 421, "localhost:x": 421, "0x7f.1": 421,
		".": 421, ":8080": 421, "127.0.0.1:80:80": 421,
	} {
		a := f.do(request{method: "GET", path: "/healthz", host: host})
		if a.status != want {
			t.Errorf("%s: %d, want %d", host, a.status, want)
		}
		if want == 421 && a.problem(t).Code != op.CodeWrongHost || want == 404 && a.problem(t).Code != "app_not_found" {
			t.Errorf("%s: %s", host, a.body)
		}
	}
	if a := f.do(request{method: "GET", path: "/healthz", host: "other.name"}); !strings.Contains(a.problem(t).Hint, "admin.example.org") {
		t.Errorf("the hint names no host: %s", a.body)
	}
}

// TestPaths holds that no path becomes another: a key is what was sent, or the
// request is refused.
func TestPaths(t *testing.T) {
	t.Parallel()
	f := openFace(t)
	const kv = "/api/apps/shop/kv"
	for _, c := range []struct {
		path   string
		status int
		key    string
	}{
		{kv + "/plain", 200, "plain"},
		{kv + "/a/b", 200, "a/b"},
		{kv + "/a%2Fb", 200, "a/b"},
		{kv + "/a%2F%2Fb", 200, "a//b"},
		{kv + "/%2Fa%2F", 200, "/a/"},
		{kv + "/a+b%20c", 200, "a+b c"},
		{kv + "/%C3%BC", 200, "ü"},
		{kv + "/a%252F", 200, "a%2F"},
		{kv + "/a:b", 200, "a:b"},
		{kv + "/%2e%2e", 200, ".."},
		{kv + "?key=..", 200, ".."},
		{kv + "?key=.", 200, "."},
		{kv + "?key=a%2F%2Fb", 200, "a//b"},
		{kv + "/a//b", 400, ""},
		{kv + "//a", 400, ""},
		{kv + "/a/", 400, ""},
		{kv + "/a/../b", 400, ""},
		{kv + "/a/./b", 400, ""},
		{kv + "/..", 400, ""},
		{kv + "/a/.", 400, ""},
		{"/api/apps//kv/a", 400, ""},
		{"//api/apps/shop/kv/a", 400, ""},
		{"/x/../api/apps/shop/kv/a", 400, ""},
		{kv + "/%00", 400, ""},
		{kv + "/%FF", 400, ""},
		{kv + "/" + strings.Repeat("x", 1025), 400, ""},
		{kv + "/a?key=b", 400, ""},
		{kv + "/a?value=1", 400, ""},
		{kv + "/a?key=%zz", 400, ""},
	} {
		a := f.put(c.path, `{"value":1}`)
		if a.status != c.status {
			t.Errorf("PUT %s: %d %s", c.path, a.status, a.body)
			continue
		}
		if c.status != 200 {
			a.problem(t)
			continue
		}
		var out struct{ Key string }
		if err := json.Unmarshal([]byte(a.body), &out); err != nil || out.Key != c.key {
			t.Errorf("PUT %s stored %q, want %q", c.path, out.Key, c.key)
		}
		if g := f.get(c.path); g.status != 200 || !strings.Contains(g.body, `"value":1`) {
			t.Errorf("GET %s: %d %s", c.path, g.status, g.body)
		}
		if d := f.do(request{method: "DELETE", path: c.path}); d.status != 200 || !strings.Contains(d.body, `"deleted":true`) {
			t.Errorf("DELETE %s: %d %s", c.path, d.status, d.body)
		}
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	f := openFace(t)
	for _, c := range []struct {
		method, path, body string
		status             int
		code               op.Code
		allow              string
	}{
		{"GET", "/api/apps", "", 200, "", ""},
		{"HEAD", "/api/apps", "", 200, "", ""},
		{"POST", "/api/apps", `{"id":"new"}`, 201, "", ""},
		{"POST", "/api/apps/shop/kv:increment", `{"key":"n","by":2}`, 200, "", ""},
		{"POST", "/api/apps/shop/kv%3Aincrement", `{"key":"n","by":2}`, 200, "", ""},
		{"GET", "/api", "", 404, op.CodeNotFound, ""},
		{"GET", "/api/nothing", "", 404, op.CodeNotFound, ""},
		{"PUT", "/api/apps", `{}`, 405, op.CodeMethodNotAllowed, "GET, HEAD, OPTIONS, POST"},
		{"POST", "/api/apps/shop/kv/a", `{}`, 405, op.CodeMethodNotAllowed, "DELETE, GET, HEAD, OPTIONS, PUT"},
		{"PURGE", "/api/apps/shop/kv/a", ``, 405, op.CodeMethodNotAllowed, "DELETE, GET, HEAD, OPTIONS, PUT"},
		{"OPTIONS", "/api/apps", "", 204, "", "GET, HEAD, OPTIONS, POST"},
		{"GET", "/.well-known/oauth-authorization-server", "", 404, op.CodeNotFound, ""},
		{"GET", "/mcp", "", 404, op.CodeNotFound, ""},
		{"GET", "/agent/fazt.js", "", 404, op.CodeNotFound, ""},
		{"POST", "/somewhere", "{}", 405, op.CodeMethodNotAllowed, "GET, HEAD"},
		{"POST", "/docs", "{}", 405, op.CodeMethodNotAllowed, "GET, HEAD"},
		{"GET", "/", "", 200, "", ""},
		{"GET", "/docs", "", 200, "", ""},
		{"GET", "/llms.txt", "", 200, "", ""},
		{"GET", "/openapi.json", "", 200, "", ""},
		{"GET", "/sign-in", "", 200, "", ""},
		{"GET", "/metrics", "", 200, "", ""},
	} {
		a := f.do(request{method: c.method, path: c.path, body: c.body})
		if a.status != c.status || a.header.Get("Allow") != c.allow {
			t.Errorf("%s %s: %d, Allow %q: %s", c.method, c.path, a.status, a.header.Get("Allow"), a.body)
			continue
		}
		if c.code != "" && a.problem(t).Code != c.code {
			t.Errorf("%s %s: %s", c.method, c.path, a.body)
		}
		if a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("X-Request-Id") == "" {
			t.Errorf("%s %s: headers %v", c.method, c.path, a.header)
		}
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	f := openFace(t)
	f.put("/api/apps/shop/kv/a", `{"value":1}`)
	for _, c := range []struct {
		name   string
		q      request
		status int
		code   op.Code
		field  string
	}{
		{"no token", request{method: "GET", path: "/api/apps", role: servertest.Stranger}, 401, op.CodeUnauthenticated, ""},
		{"a wrong token", request{method: "GET", path: "/api/apps", headers: []string{"Authorization", "Bearer fazt_no"}}, 401, op.CodeUnauthenticated, ""},
		{"no scope", request{method: "GET", path: "/api/apps", role: servertest.Scoped}, 403, op.CodeForbidden, ""},
		{"another app's", request{method: "GET", path: "/api/apps/other/kv/a", role: servertest.Bound}, 404, "app_not_found", ""},
		{"no key", request{method: "GET", path: "/api/apps/shop/kv/none"}, 404, "key_not_found", "key"},
		{"not JSON", request{method: "PUT", path: "/api/apps/shop/kv/a", body: `{"value":`}, 400, op.CodeInvalidJSON, ""},
		{"a typo", request{method: "PUT", path: "/api/apps/shop/kv/a", body: `{"valu":1}`}, 400, op.CodeUnknownField, "valu"},
		{"twice", request{method: "PUT", path: "/api/apps/shop/kv/a", body: `{"value":1,"key":"b"}`}, 400, op.CodeInvalidInput, "key"},
		{"a form", request{method: "PUT", path: "/api/apps/shop/kv/a", body: `value=1`, headers: []string{"Content-Type", "application/x-www-form-urlencoded"}}, 415, op.CodeUnsupportedType, ""},
		{"packed", request{method: "PUT", path: "/api/apps/shop/kv/a", body: `{}`, headers: []string{"Content-Encoding", "gzip"}}, 415, op.CodeUnsupportedType, ""},
		{"latin", request{method: "PUT", path: "/api/apps/shop/kv/a", body: `{}`, headers: []string{"Content-Type", "application/json; charset=latin1"}}, 415, op.CodeUnsupportedType, ""},
		{"a body by DELETE", request{method: "DELETE", path: "/api/apps/shop/kv/a", body: `{"if_version":1}`}, 400, op.CodeInvalidInput, ""},
		{"too large", request{method: "PUT", path: "/api/apps/shop/kv/a", body: `{"value":"` + strings.Repeat("x", server.MaxBody) + `"}`}, 413, op.CodeTooLarge, ""},
		{"a large value", request{method: "PUT", path: "/api/apps/shop/kv/a", body: `{"value":"` + strings.Repeat("x", 2<<20) + `"}`}, 413, op.CodeTooLarge, "value"},
		{"dry run of what", request{method: "PUT", path: "/api/apps/shop/kv/a", body: `{"value":1}`, headers: []string{"Fazt-Dry-Run", "yes"}}, 400, op.CodeInvalidInput, "dry_run"},
		{"unknown in the query", request{method: "GET", path: "/api/apps?limmit=1"}, 400, op.CodeUnknownField, "limmit"},
		{"a long key for a call", request{method: "PUT", path: "/api/apps/shop/kv/a", body: `{"value":1}`, headers: []string{"Idempotency-Key", strings.Repeat("k", 300)}}, 400, op.CodeInvalidInput, "idempotency_key"},
		{"metrics for a few", request{method: "GET", path: "/metrics", role: servertest.Scoped}, 403, op.CodeForbidden, ""},
		{"metrics for nobody", request{method: "GET", path: "/metrics", role: servertest.Stranger}, 401, op.CodeUnauthenticated, ""},
	} {
		a := f.do(c.q)
		p := a.problem(t)
		if a.status != c.status || p.Status != c.status || p.Code != c.code || p.Field != c.field {
			t.Errorf("%s: %d %s", c.name, a.status, a.body)
		}
		if p.Hint == "" || p.Title != http.StatusText(c.status) || p.RequestID == "" || p.RequestID != a.header.Get("X-Request-Id") {
			t.Errorf("%s: %s, request %s", c.name, a.body, a.header.Get("X-Request-Id"))
		}
		if c.status == 401 && a.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: no WWW-Authenticate", c.name)
		}
		if a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: Cache-Control %q", c.name, a.header.Get("Cache-Control"))
		}
	}
	a := f.do(request{method: "DELETE", path: "/api/apps/shop", role: servertest.Agent})
	if p := a.problem(t); a.status != 428 || p.Confirm != "shop" {
		t.Errorf("an unconfirmed delete: %d %s", a.status, a.body)
	}
	if a := f.do(request{method: "DELETE", path: "/api/apps/shop", role: servertest.Agent, headers: []string{"Fazt-Confirm", "shop"}}); a.status != 200 {
		t.Errorf("a confirmed delete: %d %s", a.status, a.body)
	}
}

// TestChunkedBody reads a body whose length nobody said.
func TestChunkedBody(t *testing.T) {
	t.Parallel()
	f := openFace(t)
	web := f.serve()
	for size, want := range map[int]int{10: 200, server.MaxBody: 413} {
		body := io.MultiReader(strings.NewReader(`{"value":"`), bytes.NewReader(bytes.Repeat([]byte("x"), size)), strings.NewReader(`"}`))
		r, err := http.NewRequestWithContext(t.Context(), "PUT", web.URL+"/api/apps/shop/kv/a", struct{ io.Reader }{body})
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+ownerToken)
		a, err := web.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		a.Body.Close()
		if a.StatusCode != want {
			t.Errorf("%d bytes: %d", size, a.StatusCode)
		}
	}
}
