package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/chromedp"
)

// Page is one tab.
type Page struct {
	Browser *Browser
	ctx     context.Context
	target  *chromedp.Target
	frame   string // the main frame
}

// World is one of the two places where a script can run in a page.
type World string

// The worlds: the page's own, where it sees the page's variables and the page
// sees its, and one apart that shares only the document.
const (
	Main     World = ""
	Isolated World = "fazt"
)

// Page opens a tab that is closed when the test ends. It shows a document given
// as HTML, or the address given, which is anything that begins with a scheme.
func (b *Browser) Page(t testing.TB, htmlOrURL string) *Page {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // a tab that crashed is closed with the browser
		cancel()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	p := &Page{Browser: b, ctx: ctx, target: chromedp.FromContext(ctx).Target}
	var tree struct {
		FrameTree struct{ Frame struct{ ID string } }
	}
	p.Call(t, "Page.getFrameTree", nil, &tree)
	p.frame = tree.FrameTree.Frame.ID
	p.Show(t, htmlOrURL)
	return p
}

// Context is the tab's context for chromedp's own functions. It has no
// deadline.
func (p *Page) Context() context.Context { return p.ctx }

// Show navigates to a document given as HTML or to an address, and returns
// when it has loaded.
func (p *Page) Show(t testing.TB, htmlOrURL string) {
	t.Helper()
	if !isURL(htmlOrURL) {
		htmlOrURL = p.Browser.Host(htmlOrURL)
	}
	p.Navigate(t, htmlOrURL)
}

func isURL(s string) bool {
	for _, scheme := range []string{"http:", "https:", "about:", "data:", "blob:"} {
		if strings.HasPrefix(s, scheme) {
			return true
		}
	}
	return false
}

// Navigate goes to an address and returns when its document has loaded.
func (p *Page) Navigate(t testing.TB, url string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, callTimeout)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		t.Fatalf("navigate to %s: %v", url, err)
	}
}

// Call sends one command of the debugging protocol, such as
// "Input.dispatchMouseEvent", with parameters that marshal to its object, and
// decodes the answer into out, which may be nil.
func (p *Page) Call(t testing.TB, method string, params, out any) {
	t.Helper()
	if err := p.TryCall(method, params, out); err != nil {
		t.Fatalf("%s: %v", method, err)
	}
}

// TryCall is Call for commands that may be refused.
func (p *Page) TryCall(method string, params, out any) error {
	ctx, cancel := context.WithTimeout(p.ctx, callTimeout)
	defer cancel()
	var raw jsonv2.Value
	if err := p.target.Call(ctx, method, params, &raw); err != nil {
		return err
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(raw, out)
}

// Eval evaluates an expression in the page's main world, waits for it where it
// is a promise, and decodes its value from JSON into out, which may be nil. An
// exception ends the test.
func (p *Page) Eval(t testing.TB, js string, out any) {
	t.Helper()
	p.EvalIn(t, Main, js, out)
}

// EvalIn is Eval in one of the worlds.
func (p *Page) EvalIn(t testing.TB, world World, js string, out any) {
	t.Helper()
	if err := p.TryEval(world, js, out); err != nil {
		t.Fatalf("evaluate %s: %v", shorten(js), err)
	}
}

// TryEval is EvalIn for what may throw.
func (p *Page) TryEval(world World, js string, out any) error {
	params := map[string]any{"expression": js, "returnByValue": true, "awaitPromise": true, "userGesture": false}
	if world != Main {
		id, err := p.worldID(world)
		if err != nil {
			return err
		}
		params["contextId"] = id
	}
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	if err := p.TryCall("Runtime.evaluate", params, &answer); err != nil {
		return err
	}
	if e := answer.ExceptionDetails; e != nil {
		return fmt.Errorf("%s %s", e.Text, e.Exception.Description)
	}
	if out == nil || len(answer.Result.Value) == 0 {
		return nil
	}
	return json.Unmarshal(answer.Result.Value, out)
}

// worldID returns the execution context of a world in the main frame's present
// document. Chromium answers with the same world for the same name.
func (p *Page) worldID(world World) (int, error) {
	var answer struct{ ExecutionContextID int }
	err := p.TryCall("Page.createIsolatedWorld", map[string]any{"frameId": p.frame, "worldName": string(world)}, &answer)
	return answer.ExecutionContextID, err
}

// Inject runs a script in a world of the present document, and again at the
// start of every later document of every frame. An exception ends the test.
func (p *Page) Inject(t testing.TB, world World, script string) {
	t.Helper()
	params := map[string]any{"source": script}
	if world != Main {
		params["worldName"] = string(world)
	}
	p.Call(t, "Page.addScriptToEvaluateOnNewDocument", params, nil)
	// The value of a script is often a function or a class, which JSON has not.
	p.EvalIn(t, world, script+"\n;undefined", nil)
}

// Screenshot writes what the viewport shows as a PNG, for a person to look at.
func (p *Page) Screenshot(t testing.TB, file string) {
	t.Helper()
	var answer struct{ Data []byte }
	p.Call(t, "Page.captureScreenshot", map[string]any{"format": "png"}, &answer)
	if err := os.WriteFile(file, answer.Data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func shorten(s string) string {
	const limit = 300
	if len(s) <= limit {
		return s
	}
	return s[:limit] + "…"
}
