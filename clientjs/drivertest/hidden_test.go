package drivertest_test

import (
	"testing"
	"time"

	"fazt/clientjs/browsertest"
)

// hide makes the engine's world what it is in a hidden tab: no animation frames
// and a timer a second at most.
const hide = `{
	Object.defineProperty(Document.prototype, "hidden", { get: () => true });
	globalThis.requestAnimationFrame = () => 0;
	const later = globalThis.setTimeout;
	globalThis.setTimeout = (f, ms, ...args) => later(f, Math.max(1000, ms), ...args);
}; 0`

func TestHiddenTab(t *testing.T) {
	t.Parallel()
	p := openTab(t, `<input aria-label=Name><button onclick="setTimeout(() => { out.textContent = 'done' }, 50)">Go</button><p id=out></p>`)
	p.EvalIn(t, browsertest.Isolated, hide, nil)
	start := time.Now()
	p.do(`fill field "Name" = Ada`, `click btn "Go"`, `expect css "#out" text done`, `click btn "Go"`)
	if got := p.text(`document.querySelector("input").value`); got != "Ada" {
		t.Errorf("filled %q", got)
	}
	// Waiting for a timer at every frame would take several seconds.
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("four steps took %v", took)
	}
}

// TestEngineIsInstalledOnce: a second injection keeps the engine and its refs.
func TestEngineIsInstalledOnce(t *testing.T) {
	t.Parallel()
	p := openTab(t, `<button>Go</button>`)
	before := p.look(params{})
	script, err := driver()
	if err != nil {
		t.Fatal(err)
	}
	var epochs [2]string
	p.EvalIn(t, browsertest.Isolated, `__fazt.epoch`, &epochs[0])
	p.EvalIn(t, browsertest.Isolated, script+"\n;0", nil)
	p.EvalIn(t, browsertest.Isolated, `__fazt.epoch`, &epochs[1])
	if epochs[0] == "" || epochs[0] != epochs[1] || p.look(params{}) != before {
		t.Errorf("epochs %v", epochs)
	}
	var seen string
	p.Eval(t, `typeof __fazt`, &seen)
	if seen != "undefined" {
		t.Error("the page sees the engine")
	}
}

// TestActedIsSaidBeforeTheEffect: whoever waits for the answer learns that the
// page may already have changed, whatever becomes of the answer.
func TestActedIsSaidBeforeTheEffect(t *testing.T) {
	t.Parallel()
	script, err := driver()
	if err != nil {
		t.Fatal(err)
	}
	page := chromium.Open(t).Page(t, `<button onclick="this.textContent = 'Gone'">Go</button>`)
	page.EvalIn(t, browsertest.Isolated, `globalThis.said = []; globalThis.__fazt_host = { notify: (m) => said.push(m + ":" + document.querySelector("button").textContent) }; 0`, nil)
	page.EvalIn(t, browsertest.Isolated, script+"\n;0", nil)
	p := &tab{Page: page, t: t}
	p.do(`click btn "Go"`)
	var said string
	p.EvalIn(t, browsertest.Isolated, `said.join()`, &said)
	if said != "nav:Go,acted:Go" {
		t.Errorf("said %s", said)
	}
	_ = p.try(`click btn "None"`)
	p.EvalIn(t, browsertest.Isolated, `said.join()`, &said)
	if said != "nav:Go,acted:Go" {
		t.Errorf("a step that did nothing said %s", said)
	}
}
