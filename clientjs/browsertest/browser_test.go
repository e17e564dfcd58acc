package browsertest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"fazt/clientjs/browsertest"
)

var chromium browsertest.Shared

func TestMain(m *testing.M) { os.Exit(chromium.Main(m, func() error { return goleak.Find() })) }

func TestEvalInBothWorlds(t *testing.T) {
	t.Parallel()
	page := chromium.Open(t).Page(t, `<title>one</title><script>var secret = 42</script><p id=p>hi</p>`)
	var got struct {
		Title  string
		Secret string
		Secure bool
	}
	const js = `({title: document.title, secret: typeof secret, secure: isSecureContext})`
	page.Eval(t, js, &got)
	if got.Title != "one" || got.Secret != "number" || !got.Secure {
		t.Errorf("main world: %+v", got)
	}
	page.EvalIn(t, browsertest.Isolated, js, &got)
	if got.Title != "one" || got.Secret != "undefined" {
		t.Errorf("the isolated world sees the page's variables: %+v", got)
	}
	var text string
	page.Eval(t, `Promise.resolve(document.getElementById("p").textContent)`, &text)
	if text != "hi" {
		t.Errorf("a promise's value: %q", text)
	}
	err := page.TryEval(browsertest.Main, `(() => { throw new Error("on purpose") })()`, nil)
	if err == nil || !strings.Contains(err.Error(), "on purpose") {
		t.Errorf("an exception: %v", err)
	}
}

func TestInjectedScriptsSurviveNavigation(t *testing.T) {
	t.Parallel()
	browser := chromium.Open(t)
	page := browser.Page(t, `<p>first`)
	for _, world := range []browsertest.World{browsertest.Main, browsertest.Isolated} {
		page.Inject(t, world, `globalThis.mark = "`+string(world)+`!"`)
	}
	for range 2 {
		for _, world := range []browsertest.World{browsertest.Main, browsertest.Isolated} {
			var mark string
			page.EvalIn(t, world, `globalThis.mark`, &mark)
			if mark != string(world)+"!" {
				t.Errorf("world %q has the mark %q", world, mark)
			}
		}
		page.Show(t, `<p>second`)
	}
}

func TestTrustedInputAndEmulation(t *testing.T) {
	t.Parallel()
	page := chromium.Open(t).Page(t, `<style>body{margin:0} input{display:block;width:200px;height:40px}</style>
		<input oninput="this.dataset.trusted = event.isTrusted">`)
	page.Click(t, 100, 20)
	page.Type(t, "grüße")
	var value, trusted string
	page.Eval(t, `document.querySelector("input").value`, &value)
	page.Eval(t, `document.querySelector("input").dataset.trusted`, &trusted)
	if value != "grüße" || trusted != "true" {
		t.Errorf("typed %q, trusted %q", value, trusted)
	}
	page.Resize(t, 390, 844)
	page.EmulateDark(t, true)
	var seen struct {
		Width int
		Dark  bool
	}
	page.Eval(t, `({width: innerWidth, dark: matchMedia("(prefers-color-scheme: dark)").matches})`, &seen)
	if seen.Width != 390 || !seen.Dark {
		t.Errorf("emulated: %+v", seen)
	}
	file := filepath.Join(t.TempDir(), "shot.png")
	page.Screenshot(t, file)
	if data, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(data), "\x89PNG") {
		t.Errorf("screenshot: %v", err)
	}
}

func TestAXTree(t *testing.T) {
	t.Parallel()
	page := chromium.Open(t).Page(t, `<button aria-label="Save">x</button><div aria-hidden=true>no</div>`)
	for _, node := range page.AXTree(t) {
		if node.Role == "button" && node.Name == "Save" && !node.Ignored {
			return
		}
	}
	t.Error("the tree has no button Save")
}

func TestPagesShareNothing(t *testing.T) {
	t.Parallel()
	browser := chromium.Open(t)
	one, two := browser.Page(t, `<p>`), browser.Page(t, `<p>`)
	one.Eval(t, `localStorage.setItem("k", "v")`, nil)
	var value *string
	two.Eval(t, `localStorage.getItem("k")`, &value)
	if value != nil {
		t.Errorf("the second page sees %q", *value)
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	browser := browsertest.Open(t)
	browser.Page(t, `<p>`)
}
