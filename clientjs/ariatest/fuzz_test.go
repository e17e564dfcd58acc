package ariatest

import (
	"strings"
	"testing"

	"fazt/clientjs/browsertest"
)

// grow makes a random tree with the DOM's own calls, so that it can be what no
// parser makes: controls in controls, references in circles, shadow roots
// anywhere. Its argument is the seed.
const grow = `(seed) => {
	let s = seed >>> 0;
	const next = (n) => (s = (Math.imul(s, 1664525) + 1013904223) >>> 0, Math.floor(s / 4294967296 * n));
	const pick = (list) => list[next(list.length)];
	const tags = "div span p a button input select option textarea label table caption tr td th ul li dl dt details summary dialog fieldset legend img slot canvas video object iframe meter progress area map h2 section header svg title math form".split(" ");
	const names = "role aria-label aria-labelledby aria-describedby aria-owns aria-hidden title alt for href tabindex hidden inert style class type value aria-checked aria-level popover open contenteditable usemap name slot".split(" ");
	const values = ["", "i1", "i2 i3", "i1 i1 i4", "i5", "button", "none", "list", "listitem", "row", "treeitem link", "true", "false", "0", "-1", "x", "#x", "display:contents", "display:none", "checkbox", "until-found", " \u00a0 "];
	const all = [document.body];
	for (let i = 0; i < 60; i++) {
		const el = next(8) ? document.createElement(pick(tags)) : document.createElementNS("http://www.w3.org/2000/svg", pick(["svg", "g", "title", "a", "text", "use"]));
		for (let k = next(4); k > 0; k--) el.setAttribute(pick(names), pick(values));
		if (next(2)) el.id = "i" + next(8);
		const parent = pick(all);
		(parent.shadowRoot && next(2) ? parent.shadowRoot : parent).append(pick(["", " ", "text", "\u0000"]), el);
		if (next(9) === 0) try { all.push(el.attachShadow({mode: "open"})); } catch { /* not a host */ }
		all.push(el);
	}
	const texts = [];
	const visit = (node) => {
		for (const el of node.querySelectorAll("*")) {
			texts.push(driver.roleOf(el), driver.nameOf(el), driver.descriptionOf(el), driver.ownText(el), JSON.stringify(driver.statesOf(el)),
				driver.isHidden(el), driver.isVisible(el), driver.isClickable(el), driver.isRedacted(el), driver.composedChildren(el).length, driver.composedParent(el)?.localName);
			if (el.shadowRoot) visit(el.shadowRoot);
		}
	};
	visit(document);
	const again = [];
	driver.withCache(() => { for (const el of document.querySelectorAll("*")) again.push(driver.roleOf(el) + driver.nameOf(el)); });
	const plain = [...document.querySelectorAll("*")].map((el) => driver.roleOf(el) + driver.nameOf(el));
	if (again.join() !== plain.join()) throw new Error("the cache changes an answer");
	return texts.length;
}`

// TestRandomTreesNeverThrow asks everything of trees that no author would write.
func TestRandomTreesNeverThrow(t *testing.T) {
	t.Parallel()
	page := chromium.Open(t).Page(t, `<p>`)
	page.Inject(t, browsertest.Isolated, buildProbe(t))
	first := newSeed(t)
	for i := range uint64(40) {
		page.SetContent(t, "<!doctype html><body>")
		var asked int
		if err := page.TryEval(browsertest.Isolated, "("+grow+")("+itoa(first+i)+")", &asked); err != nil {
			t.Fatalf("seed %d: %v", first+i, err)
		}
		if asked == 0 {
			t.Fatalf("seed %d: nothing was asked", first+i)
		}
	}
}

func itoa(n uint64) string {
	const digits = "0123456789"
	n %= 1 << 32
	var out strings.Builder
	for div := uint64(1_000_000_000); div > 0; div /= 10 {
		out.WriteByte(digits[n/div%10])
	}
	return strings.TrimLeft(out.String(), "0") + ".0"
}

// TestDeepTrees nests deeper than the stack of a naive recursion.
func TestDeepTrees(t *testing.T) {
	t.Parallel()
	page := chromium.Open(t).Page(t, `<p>`)
	page.Inject(t, browsertest.Isolated, buildProbe(t))
	var got []string
	page.EvalIn(t, browsertest.Isolated, `(() => {
		const chain = (make, depth) => { let top = make(); let at = top; for (let i = 1; i < depth; i++) { const el = make(); at.append(el); at = el; } document.body.append(top); return [top, at]; };
		const make = (role) => () => { const el = document.createElement("div"); if (role) el.setAttribute("role", role); return el; };
		const out = [];
		for (const role of ["", "listitem", "none", "treeitem"]) {
			const [top, leaf] = chain(make(role), 1500);
			leaf.textContent = "deep";
			out.push(driver.roleOf(leaf), String(driver.isHidden(leaf)), driver.nameOf(leaf), driver.ownText(leaf), driver.nameOf(top), String(driver.isVisible(top)), String(driver.isClickable(leaf)), String(driver.statesOf(leaf).disabled));
		}
		return out;
	})()`, &got)
	if len(got) != 32 || got[3] != "deep" {
		t.Errorf("deep trees: %q", got)
	}
}

// TestManyReferences: elements that all refer to one large element must not take
// the square of their number.
func TestManyReferences(t *testing.T) {
	t.Parallel()
	page := chromium.Open(t).Page(t, `<p>`)
	page.Inject(t, browsertest.Isolated, buildProbe(t))
	page.SetContent(t, `<!doctype html><button id=b>`+strings.Repeat(`<span aria-labelledby=b>x</span>`, 2000)+`</button>`)
	var ms float64
	page.EvalIn(t, browsertest.Isolated, `(() => { const start = performance.now(); driver.nameOf(document.querySelector("button")); return performance.now() - start; })()`, &ms)
	// Four million texts would take minutes; the bound on a computation, seconds.
	if ms > 30_000 {
		t.Errorf("the name took %.0f ms", ms)
	}
}
