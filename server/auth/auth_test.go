package auth_test

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"fazt/server/auth"
	"fazt/server/op"
	"fazt/storage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// house is an auth over a real database.
type house struct {
	*auth.Auth
	t     *testing.T
	db    *storage.DB
	clock *clock
	agent string // the agent's secret of the first start
}

const ownerSecret = "correct horse battery staple"

func open(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, clock: &clock{t: time.UnixMilli(1_764_000_000_000)}}
	db, err := storage.Open(t.Context(), storage.Options{
		Path: filepath.Join(t.TempDir(), "data.db"), Now: h.clock.now, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	h.db = db
	h.Auth = auth.New(auth.Options{DB: db, Now: h.clock.now, Rand: rand.Reader, Secure: func(r *http.Request) bool {
		return r.Header.Get("X-Test-TLS") != ""
	}})
	t.Cleanup(func() {
		h.Auth.Close()
		if err := db.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	if h.agent, err = h.FirstStart(t.Context(), ownerSecret); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) write(m ...storage.Mutation) {
	h.t.Helper()
	if _, err := h.db.Write(h.t.Context(), &storage.Batch{Mutations: m}); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) issue(spec auth.TokenSpec) (id, secret string) {
	h.t.Helper()
	token, secret, err := h.CreateToken(h.t.Context(), spec)
	if err != nil {
		h.t.Fatal(err)
	}
	h.write(storage.TokenCreate{Token: token})
	return token.ID, secret
}

func (h *house) valid(secret string) bool {
	h.t.Helper()
	p, err := h.Principal(h.t.Context(), secret)
	if err != nil {
		wantUnauthenticated(h.t, err)
	}
	return p != nil
}

func wantUnauthenticated(t *testing.T, err error) {
	t.Helper()
	var e *op.Error
	if !errors.As(err, &e) || e.Code != op.CodeUnauthenticated || e.Hint == "" {
		t.Errorf("%v is no unauthenticated error with a hint", err)
	}
}

func TestFirstStart(t *testing.T) {
	t.Parallel()
	h := open(t)
	owner, err := h.Principal(t.Context(), ownerSecret)
	if err != nil || !owner.Owner || owner.Kind != op.KindPerson || !owner.Scopes.Has("people:write") {
		t.Fatalf("owner %+v, %v", owner, err)
	}
	if !regexp.MustCompile(`^fazt_[a-z2-7]{39}$`).MatchString(h.agent) {
		t.Errorf("agent token %q", h.agent)
	}
	agent, err := h.Principal(t.Context(), h.agent)
	if err != nil || agent.Owner || agent.Kind != op.KindAgent || !agent.Scopes.Has("docs:write") {
		t.Fatalf("agent %+v, %v", agent, err)
	}
	for _, denied := range []op.Scope{"tokens:write", "people:read", "settings:write", "approvals:write", "secrets:write"} {
		if agent.Scopes.Has(denied) {
			t.Errorf("the agent's token holds %s", denied)
		}
	}
	if again, err := h.FirstStart(t.Context(), ""); err != nil || again != "" {
		t.Errorf("a second first start made %q, %v", again, err)
	}
}

func TestOwnerSecrets(t *testing.T) {
	t.Parallel()
	for text, good := range map[string]bool{
		"0123456789abcdef": true, "0123456789abcde": false, strings.Repeat("x", 256): true, strings.Repeat("x", 257): false,
		"with spaces in between": true, " leading space here": false, "tab\tin the middle!": false, "ümlaut ümlaut ümlaut": false,
		"fazt_0123456789abcdef": true, "": false,
	} {
		err := auth.CheckOwnerSecret(text)
		if (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
		if err != nil && text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("the error repeats the secret: %v", err)
		}
	}
}

func TestRevocationIsAtOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.write(storage.AppCreate{ID: "shop", Title: "Shop"})
	id, revoked := h.issue(auth.TokenSpec{Name: "a", Kind: op.KindAgent})
	_, bound := h.issue(auth.TokenSpec{Name: "b", Kind: op.KindAgent, App: "shop"})
	_, expiring := h.issue(auth.TokenSpec{Name: "c", Kind: op.KindService, ExpiresAt: h.clock.now().Add(time.Minute)})
	session, err := h.DrivenSession(t.Context(), &op.Principal{ID: id})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time from memory
		if !h.valid(revoked) || !h.valid(bound) || !h.valid(expiring) {
			t.Fatal("a new token is not valid")
		}
	}
	h.write(storage.TokenRevoke{ID: id})
	if h.valid(revoked) {
		t.Error("a revoked token is valid")
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.AddCookie(session)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if _, err := h.Authenticate(r); err == nil {
		t.Error("the session of a revoked token is valid")
	}
	h.write(storage.AppDelete{ID: "shop"})
	if h.valid(bound) {
		t.Error("the token of a deleted app is valid")
	}
	h.clock.add(time.Minute)
	if h.valid(expiring) {
		t.Error("an expired token is valid")
	}
}

// TestRevocationUnderLoad holds the promise while others look the token up.
func TestRevocationUnderLoad(t *testing.T) {
	t.Parallel()
	h := open(t)
	var group sync.WaitGroup
	stop := make(chan struct{})
	secrets := make(chan string, 1)
	_, first := h.issue(auth.TokenSpec{Name: "x", Kind: op.KindAgent})
	secrets <- first
	for range 4 {
		group.Go(func() {
			for {
				select {
				case <-stop:
					return
				case secret := <-secrets:
					secrets <- secret
					_, _ = h.Principal(context.Background(), secret)
				}
			}
		})
	}
	for range 30 {
		id, secret := h.issue(auth.TokenSpec{Name: "x", Kind: op.KindAgent})
		<-secrets
		secrets <- secret
		h.valid(secret)
		h.write(storage.TokenRevoke{ID: id})
		if h.valid(secret) {
			t.Error("a revoked token is valid")
		}
	}
	close(stop)
	group.Wait()
}

func TestResetOwner(t *testing.T) {
	t.Parallel()
	h := open(t)
	secret, err := h.ResetOwner(t.Context())
	if err != nil || h.valid(ownerSecret) || !h.valid(secret) {
		t.Fatalf("reset: %v", err)
	}
	h.write(storage.TokenRevoke{ID: auth.OwnerID})
	if secret, err = h.ResetOwner(t.Context()); err != nil || !h.valid(secret) {
		t.Fatalf("reset without an owner: %v", err)
	}
	if !h.valid(h.agent) {
		t.Error("a reset of the owner ended the agent's token")
	}
}

func TestCreateTokenChecksScopes(t *testing.T) {
	t.Parallel()
	h := open(t)
	for name, spec := range map[string]auth.TokenSpec{
		"unknown": {Kind: op.KindPerson, Scopes: []op.Scope{"kv:fly"}},
		"agent":   {Kind: op.KindAgent, Scopes: []op.Scope{"tokens:write"}},
		"bound":   {Kind: op.KindPerson, App: "shop", Scopes: []op.Scope{"system:read"}},
	} {
		if _, _, err := h.CreateToken(t.Context(), spec); op.AsError(err).Field != "scopes" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAuthorizationHeader(t *testing.T) {
	t.Parallel()
	h := open(t)
	for header, good := range map[string]bool{
		"Bearer " + h.agent: true, "bearer " + h.agent: true, "BEARER   " + h.agent: true, "Bearer " + ownerSecret: true,
		"Basic " + h.agent: false, "Bearer": false, "Bearer ": false, h.agent: false, "Bearer " + h.agent + "x": false,
		"Bearer " + h.agent[:len(h.agent)-1]: false, "Bearer fazt_" + strings.Repeat("a", 39): false,
		"Bearer " + strings.Repeat("x", 5000): false,
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Authorization", header)
		_, err := h.Authenticate(r)
		if (err == nil) != good {
			t.Errorf("%.40q: %v", header, err)
		}
		if err != nil {
			wantUnauthenticated(t, err)
		}
	}
}

// TestCookieRule lists which requests a session's cookie counts for.
func TestCookieRule(t *testing.T) {
	t.Parallel()
	h := open(t)
	cookie, err := h.DrivenSession(t.Context(), &op.Principal{ID: auth.OwnerID})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, method, host string
		headers            map[string]string
		want               bool
	}{
		{"same-origin get", "GET", "127.0.0.1:8080", map[string]string{"Sec-Fetch-Site": "same-origin"}, true},
		{"same-origin put", "PUT", "127.0.0.1:8080", map[string]string{"Sec-Fetch-Site": "same-origin"}, true},
		{"navigation", "GET", "127.0.0.1:8080", map[string]string{"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}, true},
		{"none by post", "POST", "127.0.0.1:8080", map[string]string{"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}, false},
		{"none by fetch", "GET", "127.0.0.1:8080", map[string]string{"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "cors"}, false},
		{"same-site", "GET", "127.0.0.1:8080", map[string]string{"Sec-Fetch-Site": "same-site"}, false},
		{"cross-site", "POST", "127.0.0.1:8080", map[string]string{"Sec-Fetch-Site": "cross-site"}, false},
		{"no header", "GET", "127.0.0.1:8080", nil, false},
		{"no header, own origin", "POST", "localhost", map[string]string{"Origin": "http://localhost"}, false},
		{"websocket", "GET", "127.0.0.1:8080", map[string]string{"Upgrade": "websocket", "Origin": "http://127.0.0.1:8080"}, true},
		{"websocket of another", "GET", "127.0.0.1:8080", map[string]string{"Upgrade": "websocket", "Origin": "http://127.0.0.1:9090"}, false},
		{"websocket without origin", "GET", "127.0.0.1:8080", map[string]string{"Upgrade": "websocket"}, false},
		{"websocket, cross-site", "GET", "127.0.0.1:8080", map[string]string{"Upgrade": "websocket", "Origin": "http://127.0.0.1:8080", "Sec-Fetch-Site": "cross-site"}, false},
		{"in the clear on a network, get", "GET", "192.168.1.4:8080", nil, true},
		{"in the clear on a network, get of another", "GET", "192.168.1.4:8080", map[string]string{"Origin": "http://evil.example"}, false},
		{"in the clear on a network, own post", "POST", "192.168.1.4:8080", map[string]string{"Origin": "http://192.168.1.4:8080"}, true},
		{"in the clear on a network, post", "POST", "192.168.1.4:8080", nil, false},
		{"in the clear on a network, null origin", "POST", "192.168.1.4:8080", map[string]string{"Origin": "null"}, false},
		{"the plain cookie under TLS", "GET", "example.org", map[string]string{"Sec-Fetch-Site": "same-origin", "X-Test-TLS": "1"}, false},
		{"a token goes first", "GET", "127.0.0.1:8080", map[string]string{"Sec-Fetch-Site": "same-origin", "Authorization": "Bearer no"}, false},
	} {
		r := httptest.NewRequest(c.method, "/", nil)
		r.Host = c.host
		r.AddCookie(cookie)
		for name, value := range c.headers {
			r.Header.Set(name, value)
		}
		if _, err := h.Authenticate(r); (err == nil) != c.want {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestDrivenSession(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.write(storage.AppCreate{ID: "shop", Title: "Shop"})
	scopes, err := op.NewScopeSet("kv:read", "tokens:write")
	if err != nil {
		t.Fatal(err)
	}
	cookie, err := h.DrivenSession(t.Context(), &op.Principal{ID: auth.AgentID, Run: "r_1", Scopes: scopes, App: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Domain != "" {
		t.Errorf("cookie %+v", cookie)
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.AddCookie(cookie)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	p, err := h.Authenticate(r)
	if err != nil || !p.Driven || p.Run != "r_1" || p.App != "shop" || p.ID != auth.AgentID || p.Owner {
		t.Fatalf("%+v, %v", p, err)
	}
	if got := p.Scopes.List(); len(got) != 1 || got[0] != "kv:read" {
		t.Errorf("scopes %v, want kv:read: never more than the token has", got)
	}
	if err := h.EndSession(t.Context(), cookie.Value); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Authenticate(r); err == nil {
		t.Error("an ended session is valid")
	}
	if _, err := h.DrivenSession(t.Context(), &op.Principal{ID: "gone"}); err == nil {
		t.Error("a session for a token that is not there")
	}
}
