package server_test

import (
	"net/http"
	"net/netip"
	"testing"

	"fazt/server"
	"fazt/server/op"
	"fazt/server/servertest"
)

// TestCORS lists what a browser hears about pages of other origins. None of it
// may ever let a cookie along.
func TestCORS(t *testing.T) {
	t.Parallel()
	f := openFace(t)
	const path, listed = "/api/apps/shop/kv/a", "https://app.example"
	preflight := request{method: "OPTIONS", path: path, role: servertest.Stranger, headers: []string{"Origin", listed, "Access-Control-Request-Method", "PUT"}}
	if a := f.do(preflight); a.status != 403 || a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("before it is listed: %d %v", a.status, a.header)
	}
	f.Must("setting_update", `{"add_origins":["`+listed+`"]}`)
	for _, c := range []struct {
		name   string
		q      request
		status int
		allow  string
	}{
		{"a preflight", preflight, 204, listed},
		{"a preflight to MCP", request{method: "OPTIONS", path: "/mcp", role: servertest.Stranger, headers: preflight.headers}, 204, listed},
		{"a preflight elsewhere", request{method: "OPTIONS", path: "/metrics", role: servertest.Stranger, headers: preflight.headers}, 401, ""},
		{"another's preflight", request{method: "OPTIONS", path: path, headers: []string{"Origin", "https://evil.example", "Access-Control-Request-Method", "PUT"}}, 403, ""},
		{"a sub-origin's preflight", request{method: "OPTIONS", path: path, headers: []string{"Origin", "https://app.example:8443", "Access-Control-Request-Method", "PUT"}}, 403, ""},
		{"null's preflight", request{method: "OPTIONS", path: path, headers: []string{"Origin", "null", "Access-Control-Request-Method", "PUT"}}, 403, ""},
		{"a call", request{method: "PUT", path: path, body: `{"value":1}`, headers: []string{"Origin", listed}}, 200, listed},
		{"a failed call", request{method: "GET", path: path + "x", headers: []string{"Origin", listed}}, 404, listed},
		{"a call without a token", request{method: "GET", path: path, role: servertest.Stranger, headers: []string{"Origin", listed}}, 401, listed},
		{"another's call with a token", request{method: "GET", path: path, headers: []string{"Origin", "https://evil.example"}}, 200, ""},
		{"the module for anyone", request{method: "GET", path: "/agent/fazt.js", role: servertest.Stranger, headers: []string{"Origin", "https://any.example"}}, 404, "*"},
		{"OpenAPI for anyone", request{method: "GET", path: "/openapi.json", role: servertest.Stranger, headers: []string{"Origin", "https://any.example"}}, 200, "*"},
	} {
		a := f.do(c.q)
		if a.status != c.status || a.header.Get("Access-Control-Allow-Origin") != c.allow {
			t.Errorf("%s: %d, allowed %q: %s", c.name, a.status, a.header.Get("Access-Control-Allow-Origin"), a.body)
		}
		if a.header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: credentials are allowed", c.name)
		}
		if c.allow == listed && a.header.Get("Vary") == "" {
			t.Errorf("%s: a cache could serve it to another origin", c.name)
		}
	}
	f.Must("setting_update", `{"remove_origins":["`+listed+`"]}`)
	if a := f.do(preflight); a.status != 403 {
		t.Errorf("after it was taken off: %d", a.status)
	}
}

// TestCookieOverHTTP tries a session where a page of an app, which is same-site,
// could.
func TestCookieOverHTTP(t *testing.T) {
	t.Parallel()
	f := openFace(t)
	cookie, err := f.auth.DrivenSession(t.Context(), &op.Principal{ID: "agent", Scopes: op.ScopeSet{}})
	if err != nil {
		t.Fatal(err)
	}
	for site, want := range map[string]int{"same-origin": 403, "same-site": 401, "cross-site": 401, "": 401} { // 403: known, but it has no scopes
		a := f.do(request{method: "GET", path: "/api/apps", role: servertest.Stranger, headers: []string{"Cookie", cookie.String(), "Sec-Fetch-Site", site}})
		if a.status != want {
			t.Errorf("%q: %d %s", site, a.status, a.body)
		}
	}
}

func TestProxies(t *testing.T) {
	t.Parallel()
	trusted := server.Proxies{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for _, c := range []struct {
		peer, forwarded, proto, client string
		secure                         bool
	}{
		{"10.0.0.1:99", "203.0.113.9", "https", "203.0.113.9", true},
		{"10.0.0.1:99", "198.51.100.1, 203.0.113.9, 10.0.0.2", "http", "203.0.113.9", false},
		{"10.0.0.1:99", "10.0.0.3, 10.0.0.2", "https", "10.0.0.3", true},
		{"10.0.0.1:99", "203.0.113.9, nonsense", "https", "10.0.0.1", true},
		{"10.0.0.1:99", "", "", "10.0.0.1", false},
		{"[::1]:99", "203.0.113.9", "https", "203.0.113.9", true},
		{"[::ffff:10.0.0.1]:99", "203.0.113.9", "https", "203.0.113.9", true},
		{"203.0.113.5:99", "10.0.0.1", "https", "203.0.113.5", false},
	} {
		r := &http.Request{RemoteAddr: c.peer, Header: http.Header{}}
		r.Header.Set("X-Forwarded-For", c.forwarded)
		r.Header.Set("X-Forwarded-Proto", c.proto)
		if got := trusted.Client(r).String(); got != c.client || trusted.Secure(r) != c.secure {
			t.Errorf("%+v: %s, %v", c, got, trusted.Secure(r))
		}
		if got := (server.Proxies{}).Client(r); (server.Proxies{}).Secure(r) || got.String() == c.forwarded && c.forwarded != "" {
			t.Errorf("%+v: believed without being trusted: %s", c, got)
		}
	}
}
