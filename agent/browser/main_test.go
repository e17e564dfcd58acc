package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"fazt/agent/hub"
	"fazt/server/op"
)

//go:embed testdata/driver.js
var driver []byte

func TestMain(m *testing.M) {
	if os.Getenv(orphanEnv) != "" {
		beOrphan()
		return
	}
	goleak.VerifyTestMain(m)
}

// site are the pages that the tests' "admin page" serves.
var site = map[string]string{
	"/":        `<title>Home</title><h1>Home</h1><a href="/second">on</a>`,
	"/second":  `<title>Second</title><h1>Second</h1>`,
	"/button":  `<title>Button</title><button onclick="document.title = event.isTrusted ? 'trusted' : 'by script'; document.body.append(document.title)">Press</button>`,
	"/form":    `<title>Form</title><form onsubmit="document.body.append('sent ' + q.value); return false"><input id=q value="old"></form>`,
	"/alert":   `<title>Alert</title><button onclick="document.body.append(confirm('Sure?') ? 'yes' : 'no')">Ask</button>`,
	"/popup":   `<title>Popup</title><button onclick="window.open('/second')">Open</button>`,
	"/noisy":   `<title>Noisy</title><script>console.log("hello", {a: 1}); setTimeout(() => { throw new Error("broken") }); fetch("/missing")</script>`,
	"/frame":   `<title>Frame</title><iframe src="/second"></iframe>`,
	"/outside": `<title>Outside</title><a href="http://other.example/">away</a>`,
	"/leave":   `<title>Leave</title><input id=q><script>onbeforeunload = (e) => { e.preventDefault(); return "stay" }</script>`,
}

func serveSite(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/redirect":
		http.Redirect(w, r, "http://169.254.169.254/latest/meta-data/", http.StatusFound)
	case "/cross": // a frame of another site, in a process of its own
		_, port, _ := strings.Cut(r.Host, ":")
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!doctype html><title>Cross</title><iframe src="http://shop.localhost:%s/button"></iframe>`, port)
	case "/empty":
		w.WriteHeader(http.StatusNoContent)
	case "/file":
		w.Header().Set("Content-Disposition", "attachment; filename=secret.bin")
		fmt.Fprint(w, "bytes")
	case "/cookie":
		fmt.Fprintf(w, "<title>Cookie</title>%s", r.Header.Get("Cookie"))
	default:
		text, ok := site[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		// Nothing of the page's may keep the driver out.
		w.Header().Set("Content-Security-Policy", "default-src 'self'; script-src 'self' 'unsafe-inline'")
		fmt.Fprint(w, "<!doctype html>"+text)
	}
}

// world is a hub with a real Chromium behind it.
type world struct {
	t       *testing.T
	hub     *hub.Hub
	browser *Browser
	url     string
	clock   *clock
	ended   *sync.Map // sessions that were ended
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func needChromium(t testing.TB) {
	t.Helper()
	for _, name := range programs {
		if _, err := exec.LookPath(name); err == nil {
			return
		}
	}
	t.Skip("no Chromium: apt-get install chromium")
}

func newWorld(t *testing.T, change func(*Options)) *world {
	t.Helper()
	return newWorldAt(t, http.HandlerFunc(serveSite), change)
}

func newWorldAt(t *testing.T, site http.Handler, change func(*Options)) *world {
	t.Helper()
	needChromium(t)
	server := httptest.NewServer(site)
	w := &world{t: t, url: server.URL, clock: &clock{now: time.Unix(1_800_000_000, 0)}, ended: &sync.Map{}}
	o := Options{
		Driver: driver, BaseURL: func() string { return server.URL }, Dir: t.TempDir(), Now: w.clock.Now,
		OwnHost:  func(host string) bool { return host == "localhost" || strings.HasSuffix(host, ".localhost") },
		AllowURL: func(u *url.URL) bool { return u.Host == "listed.example" },
		Session: func(_ context.Context, p *op.Principal) (*http.Cookie, error) {
			return &http.Cookie{Name: "fazt", Value: "session-of-" + p.ID}, nil
		},
		EndSession: func(_ context.Context, value string) { w.ended.Store(value, true) },
	}
	if change != nil {
		change(&o)
	}
	w.browser = New(o)
	w.hub = hub.New(hub.Options{Browser: w.browser})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := w.hub.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		server.Close()
		if left, err := os.ReadDir(o.Dir); err != nil || len(left) > 0 {
			t.Errorf("a profile is left: %v, %v", left, err)
		}
	})
	return w
}

func agentNamed(id string) *op.Principal {
	return &op.Principal{ID: id, Name: id, Kind: op.KindAgent}
}

var robot, codex = agentNamed("robot"), agentNamed("codex")

func (w *world) open(p *op.Principal, address string) hub.Tab {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 60*time.Second)
	defer cancel()
	tab, err := w.hub.Open(ctx, p, hub.OpenRequest{URL: address})
	if err != nil {
		w.t.Fatalf("open %s: %v", address, err)
	}
	return tab
}

// reply is any answer of a page.
type reply struct {
	Text, URL, Title, Note string
	Navigated              bool
}

func (w *world) call(p *op.Principal, tab, method string, params any) (r reply, err error) {
	ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
	defer cancel()
	raw, err := w.hub.Call(ctx, p, tab, method, params)
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(raw, &r)
}

// do expects a step to succeed.
func (w *world) do(t *testing.T, tab, step string) reply {
	t.Helper()
	r, err := w.call(robot, tab, "step", map[string]any{"step": step})
	if err != nil {
		t.Fatalf("%s: %v", step, err)
	}
	return r
}

// sees waits until a look has words.
func (w *world) sees(t *testing.T, tab, words string) {
	t.Helper()
	eventually(t, "the page shows "+words, func() bool {
		r, err := w.call(robot, tab, "look", nil)
		return err == nil && strings.Contains(r.Text, words)
	})
}

func codeOf(err error) op.Code {
	if err == nil {
		return ""
	}
	return op.AsError(err).Code
}
