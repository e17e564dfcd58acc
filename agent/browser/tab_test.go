package browser

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"fazt/agent/hub"
	"fazt/server/op"
)

// One Chromium serves all cases of this test, as one serves a server.
func TestTab(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	tab := w.open(robot, "/").ID
	for _, c := range []struct {
		name string
		run  func(t *testing.T)
	}{
		{"look", func(t *testing.T) {
			r, err := w.call(robot, tab, "look", nil)
			if err != nil || r.Title != "Home" || !strings.Contains(r.Text, "Home") || r.URL != w.url+"/" {
				t.Errorf("%+v, %v", r, err)
			}
		}},
		{"goto and back", func(t *testing.T) {
			if r := w.do(t, tab, "goto /second"); !r.Navigated || r.URL != w.url+"/second" {
				t.Errorf("%+v", r)
			}
			w.sees(t, tab, "Second")
			if r := w.do(t, tab, "back"); r.URL != w.url+"/" {
				t.Errorf("%+v", r)
			}
			if _, err := w.call(robot, tab, "back", nil); codeOf(err) != hub.CodeNavigation {
				t.Errorf("back from the first page: %v", err)
			}
		}},
		{"a click by a real mouse", func(t *testing.T) {
			w.do(t, tab, "goto /button")
			w.do(t, tab, "click | button")
			w.sees(t, tab, "trusted")
			w.do(t, tab, "reload")
			w.do(t, tab, "script | button")
			w.sees(t, tab, "by script")
		}},
		{"typing by a real keyboard", func(t *testing.T) {
			w.do(t, tab, "goto /form")
			w.do(t, tab, "type | #q | ü new €")
			w.sees(t, tab, "sent ü new €")
		}},
		{"a click that navigates", func(t *testing.T) {
			w.do(t, tab, "goto /")
			w.do(t, tab, "click | a")
			w.sees(t, tab, "Second")
			if list := w.hub.List(robot); list[0].URL != w.url+"/second" {
				t.Errorf("%+v", list)
			}
		}},
		{"dialogs", func(t *testing.T) {
			w.do(t, tab, "goto /alert")
			if r := w.do(t, tab, "click | button"); !strings.Contains(r.Note, "confirm «Sure?», which was dismissed") {
				t.Errorf("%+v", r)
			}
			w.sees(t, tab, "no")
			_, err := w.call(robot, tab, "step", map[string]any{"step": "click | button", "dialog": "accept"})
			if err != nil {
				t.Fatal(err)
			}
			w.sees(t, tab, "yes")
		}},
		{"a page that will not let go", func(t *testing.T) {
			w.do(t, tab, "goto /leave")
			w.do(t, tab, "type | #q | text")
			w.do(t, tab, "goto /second")
			w.sees(t, tab, "Second")
		}},
		{"a new window", func(t *testing.T) {
			w.do(t, tab, "goto /popup")
			note := w.do(t, tab, "click | button").Note
			eventually(t, "the window is remarked", func() bool {
				note += w.do(t, tab, "script | title").Note
				return strings.Contains(note, "new window")
			})
			if !strings.Contains(note, "wanted a new window at «"+w.url+"/second»") || len(w.hub.List(robot)) != 1 {
				t.Errorf("%q, %+v", note, w.hub.List(robot))
			}
			eventually(t, "the window is closed", func() bool { return w.windows(t) == 1 })
		}},
		{"console and requests", func(t *testing.T) {
			w.do(t, tab, "goto /noisy")
			var console, network string
			eventually(t, "the console and the failed request are reported", func() bool {
				c, err := w.call(robot, tab, "console", nil)
				if err != nil {
					t.Fatal(err)
				}
				n, err := w.call(robot, tab, "network", nil)
				if err != nil {
					t.Fatal(err)
				}
				console, network = console+c.Text, network+n.Text
				return strings.Contains(console, "broken") && strings.Contains(network, "/missing")
			})
			for _, want := range []string{"log «hello Object»", "exception «Error: broken»"} {
				if !strings.Contains(console, want) {
					t.Errorf("the console lacks %q: %s", want, console)
				}
			}
			if want := "404 «GET " + w.url + "/missing»"; !strings.Contains(network, want) {
				t.Errorf("the requests lack %q: %s", want, network)
			}
		}},
		{"into a frame", func(t *testing.T) {
			w.do(t, tab, "goto /frame")
			r, err := w.call(robot, tab, "look", map[string]any{"in": "frame"})
			if err != nil || r.Title != "Second" {
				t.Errorf("%+v, %v", r, err)
			}
		}},
		{"an error of the engine", func(t *testing.T) {
			if _, err := w.call(robot, tab, "step", map[string]any{"step": "click | #none"}); codeOf(err) != "no_match" {
				t.Errorf("%v", err)
			}
		}},
		{"navigations that fail", func(t *testing.T) {
			for _, f := range []struct {
				to   string
				want op.Code
				text string
			}{
				{"/empty", hub.CodeNavigation, "ABORTED"},
				{"/file", hub.CodeNavigation, ""},
				{"/redirect", op.CodeForbidden, "a redirect was refused: the origin http://169.254.169.254"},
				{"http://other.example/", op.CodeForbidden, "not listed"},
				{"http://listed.example/", hub.CodeNavigation, ""},
				{"file:///etc/passwd", op.CodeInvalidInput, ""},
				{"data:text/html,x", op.CodeInvalidInput, ""},
				{"javascript:alert(1)", op.CodeInvalidInput, ""},
			} {
				_, err := w.call(robot, tab, "goto", map[string]any{"url": f.to})
				if f.to == "http://listed.example/" && err == nil {
					continue // a plain answer of the proxy is a page too
				}
				if codeOf(err) != f.want || !strings.Contains(err.Error(), f.text) {
					t.Errorf("%s: %v", f.to, err)
				}
			}
			w.do(t, tab, "goto /outside")
			w.do(t, tab, "click | a") // the page leads where it may not
			w.do(t, tab, "goto /")
			w.sees(t, tab, "Home")
		}},
		{"the session of its principal", func(t *testing.T) {
			w.do(t, tab, "goto /cookie")
			w.sees(t, tab, "fazt=session-of-robot")
			other := w.open(codex, "/cookie")
			if r, err := w.call(codex, other.ID, "look", nil); err != nil || !strings.Contains(r.Text, "session-of-codex") {
				t.Errorf("%+v, %v", r, err)
			}
			if _, err := w.call(robot, other.ID, "look", nil); codeOf(err) != "tab_not_found" {
				t.Errorf("another's tab: %v", err)
			}
			if err := w.hub.Close(t.Context(), codex, other.ID); err != nil {
				t.Fatal(err)
			}
			eventually(t, "the session of a closed tab has ended", func() bool {
				_, ok := w.ended.Load("session-of-codex")
				return ok
			})
		}},
		{"a crash", func(t *testing.T) {
			w.crash()
			eventually(t, "the crash is noticed", func() bool {
				_, err := w.call(robot, tab, "look", nil)
				return codeOf(err) == "gone"
			})
			w.do(t, tab, "goto /second")
			w.sees(t, tab, "Second")
		}},
		{"an app's page", func(t *testing.T) {
			w.do(t, tab, "goto app:shop/second")
			if r, err := w.call(robot, tab, "look", nil); err != nil || !strings.HasPrefix(r.URL, "http://shop.localhost:") || r.Title != "Second" {
				t.Errorf("%+v, %v", r, err)
			}
		}},
	} {
		if !t.Run(c.name, c.run) {
			break
		}
	}
}

// windows counts the windows of the tabs' browser contexts.
func (w *world) windows(t *testing.T) (n int) {
	t.Helper()
	for _, tab := range w.browser.tabList() {
		targets, err := chromedp.CallBrowser(tab.ctx, target.GetTargets, target.GetTargetsParams{})
		if err != nil {
			t.Fatal(err)
		}
		for _, info := range targets.TargetInfos {
			if info.Type == "page" && info.BrowserContextID == tab.room.id {
				n++
			}
		}
	}
	return n
}

// crash kills the page's process.
func (w *world) crash() {
	for _, t := range w.browser.tabList() {
		ctx, cancel := context.WithTimeout(t.ctx, time.Second)
		_, _ = call(ctx, t, page.Crash, cdp.Empty{}) // nobody is left to answer
		cancel()
	}
}

func (b *Browser) tabList() (list []*tab) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for t := range b.tabs {
		list = append(list, t)
	}
	return list
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("it did not come about that %s", what)
		}
		<-tick.C
	}
}
