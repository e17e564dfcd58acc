// Package browsertest gives Go tests a real Chromium: what runs in a page is
// tested in a page.
//
// # Model
//
// A [Browser] is one headless process, driven over a debugging pipe, with an
// empty profile. A [Page] is a tab of it in a profile of its own (cookies and
// storage are not shared between pages), open until its test ends. HTML given
// to [Browser.Page] is served from a loopback address, so the page is a secure
// context with a real address, and navigation, storage and fetch work.
//
// A process costs about half a second and a tab about 0.1 s; a navigation of an
// open page costs a few milliseconds. A package with many tests shares one
// process:
//
//	var chromium browsertest.Shared
//
//	func TestMain(m *testing.M) { os.Exit(chromium.Main(m)) }
//
//	func TestX(t *testing.T) { page := chromium.Open(t).Page(t, "<p>hi") … }
//
// # Concurrency
//
// Browser and Shared may be used by parallel tests. A Page belongs to one test
// and is used by one goroutine at a time.
//
// # Errors
//
// Everything ends the test that asked. Where no Chromium is installed the test
// is skipped and says so, except under CI=true, where it fails.
//
// # Testing
//
// After [Browser.Close], or the end of the test that opened it, no goroutine
// and no process of it is left, so goleak may look.
package browsertest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// callTimeout bounds every single command: on a loaded machine a healthy one
// takes well under a second, and a test that hangs should say where.
const callTimeout = 60 * time.Second

// names are the programs that are tried, in this order.
var names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"}

// ErrNoChromium says that none is installed.
var ErrNoChromium = errors.New("no Chromium is installed (apt-get install chromium)")

// Browser is a running Chromium.
type Browser struct {
	ctx    context.Context // the browser's; tabs derive from it
	cancel func()
	server *httptest.Server
	wait   func() // for the allocator

	mu    sync.Mutex
	pages map[string]string // HTML by path
	next  int
}

// Open starts a Chromium that is closed when the test ends.
func Open(t testing.TB) *Browser {
	t.Helper()
	b, err := Start()
	if err != nil {
		giveUp(t, err)
	}
	t.Cleanup(b.Close)
	return b
}

// giveUp skips where no browser can be expected, and fails elsewhere.
func giveUp(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, ErrNoChromium) && os.Getenv("CI") != "true" {
		t.Skip("skipped: ", err)
	}
	t.Fatal(err)
}

// Start starts a Chromium that the caller closes. The error is ErrNoChromium
// where there is none.
func Start() (*Browser, error) {
	path, err := find()
	if err != nil {
		return nil, err
	}
	allocator, wait := chromedp.NewExecAllocator(context.Background(), flags(path)...)
	ctx, cancel := chromedp.NewContext(allocator, chromedp.WithBrowserOption(chromedp.WithBrowserErrorf(func(string, ...any) {})))
	if err := chromedp.Do(ctx); err != nil {
		cancel()
		wait()
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	b := &Browser{ctx: ctx, cancel: cancel, wait: wait, pages: map[string]string{}}
	b.server = httptest.NewServer(http.HandlerFunc(b.serve))
	return b, nil
}

func find() (string, error) {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrNoChromium
}

// flags keep the browser quiet: it talks to nobody but the test.
func flags(path string) []chromedp.ExecAllocatorOption {
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path), chromedp.WindowSize(1280, 800)}
	for _, flag := range []string{
		"headless", "disable-gpu", "disable-quic", "no-first-run", "no-default-browser-check",
		"disable-background-networking", "disable-component-update", "disable-sync",
		"disable-default-apps", "disable-extensions", "disable-breakpad", "disable-dev-shm-usage",
		"disable-background-timer-throttling", "disable-renderer-backgrounding",
		"disable-backgrounding-occluded-windows", "force-color-profile=srgb", "hide-scrollbars", "mute-audio",
	} {
		name, value, found := strings.Cut(flag, "=")
		if found {
			options = append(options, chromedp.Flag(name, value))
			continue
		}
		options = append(options, chromedp.Flag(name, true))
	}
	if os.Getuid() == 0 {
		// Chromium refuses to sandbox as root; elsewhere the sandbox stays.
		options = append(options, chromedp.NoSandbox)
	}
	return options
}

// Close ends the process and waits until it and all of its goroutines are gone.
func (b *Browser) Close() {
	b.server.CloseClientConnections()
	b.server.Close()
	ctx, cancel := context.WithTimeout(b.ctx, 10*time.Second)
	defer cancel()
	_ = chromedp.Cancel(ctx) // asks it to end; wait below kills what does not
	b.cancel()
	b.wait()
}

// URL is the address of the browser's own server, without a slash at its end.
func (b *Browser) URL() string { return b.server.URL }

// Host stores a document and returns its address, for frames and links.
func (b *Browser) Host(html string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.next++
	path := fmt.Sprintf("/page/%d", b.next)
	b.pages[path] = html
	return b.server.URL + path
}

func (b *Browser) serve(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	html, ok := b.pages[r.URL.Path]
	b.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte(html))
}
