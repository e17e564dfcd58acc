package drivertest_test

import (
	"strings"
	"testing"

	"fazt/clientjs/browsertest"
)

// TestStickyEdges: what is fixed to the edges covers the target wherever a plain
// scroll would leave it; the alignment that is free is found.
func TestStickyEdges(t *testing.T) {
	t.Parallel()
	p := openTab(t, `<style>body { margin: 0; height: 4000px } .bar { position: sticky; left: 0; right: 0; height: 35vh; background: #eee } #top { top: 0 } #bottom { position: fixed; bottom: 0 }</style>
		<div id=top class=bar></div><div id=bottom class=bar></div><div style="height:1400px"></div><button onclick="hits.push(1)">One</button><div style="height:1400px"></div><button onclick="hits.push(2)">Two</button><script>let hits = []</script>`)
	for _, from := range []string{"0", "document.body.scrollHeight", "1100"} {
		p.Eval(t, `scrollTo(0, `+from+`); 0`, nil)
		p.do(`click btn "One"`)
	}
	// Scrolled by the browser alone, it stops under a bar.
	p.Eval(t, `document.querySelectorAll("button")[1].scrollIntoView({ block: "end" }); 0`, nil)
	p.do(`click btn "Two"`)
	if got := p.text("hits"); got != "1,1,1,2" {
		t.Errorf("clicked %s", got)
	}
}

// TestRecycledWindow: a virtual list gives its few nodes other items as it is
// scrolled; a ref to one that scrolled away is refused until it is back.
func TestRecycledWindow(t *testing.T) {
	t.Parallel()
	p := openTab(t, `<main><ul id=list style="height:200px;overflow:auto"></ul></main><script>let clicked = "";
		for (let n = 0; n < 5; n++) list.insertAdjacentHTML("beforeend", "<li><span></span> <button onclick=\"clicked = this.parentNode.querySelector('span').textContent\">Open</button></li>");
		const from = (at) => [...list.children].forEach((li, n) => { li.querySelector("span").textContent = "Item " + (at + n) }); from(0)</script>`)
	const ref = `l1#"Item 3"/Open`
	if seen := p.look(params{"find": "Item 3"}); !strings.Contains(seen, `l1#"Item 3"`) {
		t.Fatalf("no row in\n%s", seen)
	}
	p.Eval(t, `from(10); 0`, nil)
	if err := p.try(`click ` + ref); code(err) != "gone" || p.text("clicked") != "" {
		t.Errorf("scrolled away: %v, clicked %s", err, p.text("clicked"))
	}
	p.Eval(t, `from(2); 0`, nil)
	p.do(`click ` + ref)
	if got := p.text("clicked"); got != "Item 3" {
		t.Errorf("clicked %s", got)
	}
}

func TestDifferenceInTheAnswer(t *testing.T) {
	t.Parallel()
	p := openTab(t, `<button onclick="out.textContent = 'Done'">Go</button><p id=out>Ready</p>`)
	var answer struct {
		Text string
		Rev  int
	}
	if err := p.call("step", params{"step": `click btn "Go"`, "diff": true}, &answer); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(answer.Text, "~ «Done»") || answer.Rev != revOf(t, answer.Text) || strings.Contains(answer.Text, "btn") {
		t.Errorf("the answer is %+v", answer)
	}
}

// TestDrag moves by the pointer, and by HTML's drag and drop, and drops nothing on
// what does not take it.
func TestDrag(t *testing.T) {
	t.Parallel()
	p := openTab(t, `<style>p { width: 120px; height: 50px; background: #eee }</style><p id=a draggable=true>Card</p><p id=b>Takes</p><p id=c>Refuses</p><p id=d>Handle</p><script>let log = [];
		a.ondragstart = (e) => e.dataTransfer.setData("text/plain", "card");
		b.ondragover = (e) => e.preventDefault(); b.ondrop = (e) => log.push("dropped " + e.dataTransfer.getData("text/plain")); c.ondrop = () => log.push("wrong");
		d.onpointerdown = () => { document.onpointermove = (e) => log.at(-1) !== e.target.id && e.buttons && log.push(e.target.id); document.onpointerup = (e) => { document.onpointermove = null; log.push("up " + e.target.id) } }</script>`)
	p.do(`drag text "Card" to text "Takes"`, `drag text "Card" to text "Refuses"`, `drag text "Handle" to text "Takes"`)
	if got := p.text("log"); !strings.HasPrefix(got, "dropped card,") || strings.Contains(got, "wrong") || !strings.HasSuffix(got, "b,up b") {
		t.Errorf("the page saw %s", got)
	}
}

// TestAsleep: a hidden tab whose timers the browser stopped answers what it is,
// and not that the page lacks something.
func TestAsleep(t *testing.T) {
	t.Parallel()
	p := openTab(t, `<p>x</p>`)
	// The clock jumps as it does across a freeze.
	p.EvalIn(t, browsertest.Isolated, `{ Object.defineProperty(Document.prototype, "hidden", { get: () => true });
		const now = performance.now.bind(performance); let jumps = 0; performance.now = () => now() + (jumps++ > 3 ? 60_000 : 0) }; 0`, nil)
	if err := p.try(`click btn "None"`); code(err) != "asleep" {
		t.Errorf("%v", err)
	}
}
