package auth_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"fazt/server/auth"
)

// visit sends a request to the sign-in pages.
func (h *house) visit(method, path, form string, headers ...string) *httptest.ResponseRecorder {
	h.t.Helper()
	r := httptest.NewRequest(method, "http://127.0.0.1:8080"+path, strings.NewReader(form))
	if form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.SignIn().ServeHTTP(w, r)
	return w
}

func (h *house) link() string {
	h.t.Helper()
	path, err := h.Link(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return path
}

func TestSignInByLink(t *testing.T) {
	t.Parallel()
	h := open(t)
	path := h.link()
	for range 3 { // looking does not use it up
		w := h.visit("GET", path, "")
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "<button") || len(w.Result().Cookies()) > 0 {
			t.Fatalf("GET: %d %s", w.Code, w.Body)
		}
	}
	w := h.visit("POST", path, "", "Sec-Fetch-Site", "same-origin")
	cookies := w.Result().Cookies()
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/" || len(cookies) != 1 {
		t.Fatalf("POST: %d %v", w.Code, w.Header())
	}
	c := cookies[0]
	if c.Name != "fazt" || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Domain != "" || c.Path != "/" || c.Secure {
		t.Errorf("cookie %+v", c)
	}
	r := httptest.NewRequest("GET", "http://127.0.0.1:8080/", nil)
	r.AddCookie(c)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	p, err := h.Authenticate(r)
	if err != nil || p.ID != auth.OwnerID || p.Driven || !p.Owner {
		t.Errorf("signed in as %+v, %v", p, err)
	}
	for _, method := range []string{"GET", "POST"} {
		if w := h.visit(method, path, ""); w.Code != http.StatusNotFound || len(w.Result().Cookies()) > 0 {
			t.Errorf("%s of a used link: %d", method, w.Code)
		}
	}
}

func TestSignInUnderTLS(t *testing.T) {
	t.Parallel()
	h := open(t)
	w := h.visit("POST", h.link(), "", "X-Test-TLS", "1")
	if c := w.Result().Cookies(); len(c) != 1 || c[0].Name != "__Host-fazt" || !c[0].Secure {
		t.Errorf("cookies %+v", c)
	}
}

func TestSignInRefusals(t *testing.T) {
	t.Parallel()
	h := open(t)
	old := h.link()
	h.clock.add(auth.LinkLife)
	fresh := h.link()
	for _, c := range []struct {
		name, method, path, form string
		headers                  []string
		want                     int
	}{
		{"an old link", "POST", old, "", nil, 404},
		{"a made-up link", "POST", "/sign-in/aaaa", "", nil, 404},
		{"another page's form", "POST", fresh, "", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"another page's form by origin", "POST", fresh, "", []string{"Origin", "http://127.0.0.1:9"}, 403},
		{"another method", "PUT", fresh, "", nil, 405},
		{"no token", "POST", "/sign-in", "token=", nil, 400},
		{"a wrong token", "POST", "/sign-in", "token=wrong", nil, 401},
		{"the form", "GET", "/sign-in", "", nil, 200},
		{"a token", "POST", "/sign-in", "token=" + url.QueryEscape(" "+ownerSecret+" "), nil, 303},
		{"the fresh link, still", "POST", fresh, "", []string{"Origin", "http://127.0.0.1:8080"}, 303},
	} {
		w := h.visit(c.method, c.path, c.form, c.headers...)
		if w.Code != c.want || (len(w.Result().Cookies()) > 0) != (c.want == 303) {
			t.Errorf("%s: %d, cookies %v, want %d", c.name, w.Code, w.Result().Cookies(), c.want)
		}
		if strings.Contains(w.Body.String(), ownerSecret) {
			t.Errorf("%s: the page shows the secret", c.name)
		}
	}
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.visit("POST", h.link(), "").Result().Cookies()[0]
	r := httptest.NewRequest("POST", "http://127.0.0.1:8080/sign-out", nil)
	r.AddCookie(c)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if _, err := h.Authenticate(r); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.SignIn().ServeHTTP(w, r)
	if w.Code != http.StatusSeeOther {
		t.Fatalf("sign-out: %d", w.Code)
	}
	if _, err := h.Authenticate(r); err == nil {
		t.Error("the session goes on after sign-out")
	}
}

func TestPagesAreSealed(t *testing.T) {
	t.Parallel()
	h := open(t)
	w := h.visit("GET", h.link(), "")
	policy := w.Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "script-src 'sha256-"} {
		if !strings.Contains(policy, want) {
			t.Errorf("policy %q lacks %s", policy, want)
		}
	}
	if w.Header().Get("Referrer-Policy") != "same-origin" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", w.Header())
	}
}
