package ariatest

import (
	"encoding/json"
	"reflect"
	"testing"

	"fazt/clientjs/browsertest"
)

// What Chromium has no answer for is held by examples: one element with id=x in
// a page, an expression, and its value.
var examples = []struct {
	name, html, ask string
	want            any
}{
	{"a role by its old name", `<div id=x role=img aria-label=a></div>`, `driver.roleOf(x)`, "image"},
	{"no role", `<div id=x></div>`, `driver.roleOf(x)`, "generic"},
	{"a role taken away", `<h2 id=x role=presentation>a</h2>`, `driver.roleOf(x)`, "none"},
	{"the document", `<title>T</title><p id=x>`, `driver.nameOf(document.documentElement)`, "T"},

	{"clickable: a handler in the markup", `<div id=x onclick="1">a</div>`, `driver.isClickable(x)`, true},
	{"clickable: the pointer", `<div id=x style="cursor:pointer">a</div>`, `driver.isClickable(x)`, true},
	{"clickable: only the outermost pointer", `<div style="cursor:pointer"><b id=x>a</b></div>`, `driver.isClickable(x)`, false},
	{"clickable: what takes the focus", `<span id=x tabindex=0>a</span>`, `driver.isClickable(x)`, true},
	{"clickable: not a control", `<button id=x style="cursor:pointer">a</button>`, `driver.isClickable(x)`, false},
	{"clickable: not in a control", `<button><i id=x style="cursor:pointer">a</i></button>`, `driver.isClickable(x)`, false},
	{"clickable: not the label of a control", `<label id=x style="cursor:pointer">a<input></label>`, `driver.isClickable(x)`, false},
	{"clickable: no sign of it", `<div id=x>a</div>`, `driver.isClickable(x)`, false},

	{"redacted: a password", `<input id=x type=password value=s>`, `[driver.isRedacted(x), driver.statesOf(x).value ?? null]`, []any{true, nil}},
	{"redacted: a one-time code", `<input id=x autocomplete="section-a one-time-code">`, `driver.isRedacted(x)`, true},
	{"redacted: within data-private", `<div data-private><p><input id=x></p></div>`, `driver.isRedacted(x)`, true},
	{"redacted: a shown password keeps its purpose", `<input id=x type=text autocomplete=current-password>`, `driver.isRedacted(x)`, true},
	{"redacted: not a name", `<input id=x autocomplete=username value=u>`, `[driver.isRedacted(x), driver.statesOf(x).value]`, []any{false, "u"}},
	{"redacted: no value in a label", `<label id=x><input type=checkbox> a <input type=password value=s></label>`, `driver.nameOf(x.querySelector("input"))`, "a"},

	{"visible: a box", `<p id=x>a</p>`, `driver.isVisible(x)`, true},
	{"visible: an empty box", `<p id=x></p>`, `driver.isVisible(x)`, false},
	{"visible: not by visibility", `<p id=x style="visibility:hidden">a</p>`, `driver.isVisible(x)`, false},
	{"visible: clear is", `<p id=x style="opacity:0">a</p>`, `driver.isVisible(x)`, true},
	{"visible: the text of display:contents", `<p id=x style="display:contents">a</p>`, `driver.isVisible(x)`, true},
	{"visible: nothing in display:contents", `<p id=x style="display:contents"> </p>`, `driver.isVisible(x)`, false},
	{"visible: hidden from the tree and seen", `<p id=x aria-hidden=true>a</p>`, `[driver.isVisible(x), driver.isHidden(x)]`, []any{true, true}},

	{"text: generated and hidden parts", `<style>#x::before{content:"1. "}</style><p id=x>a<b>b</b><i hidden>c</i><br>d<input value=e></p>`, `driver.ownText(x)`, "1. ab d"},
	{"text: directly in it", `<p id=x>a <b>b</b> c</p>`, `driver.directText(x)`, "a c"},
	{"text: through a slot", `<div id=x>in</div><script>x.attachShadow({mode:"open"}).innerHTML="<b>[<slot></slot>]</b>"</script>`, `driver.ownText(x)`, "[in]"},

	{"tree: owned children come last", `<ul id=x aria-owns=y><li>a</li></ul><div id=y>y</div>`, `driver.composedChildren(x).map((n) => n.textContent)`, []any{"a", "y"}},
	{"tree: the owner is the parent", `<ul id=x aria-owns=y></ul><div><b id=y>y</b></div>`, `[driver.composedParent(y).id, driver.composedChildren(y.parentNode).length]`, []any{"x", 0.0}},
	{"tree: the host of a shadow root", `<div id=x></div><script>x.attachShadow({mode:"open"}).innerHTML="<b>i</b>"</script>`, `driver.composedParent(x.shadowRoot.firstChild).id`, "x"},

	{"state: why it is invalid", `<input id=x aria-invalid=true aria-errormessage=e><p id=e> Too <b>long</b> </p>`, `driver.statesOf(x).invalidText`, "Too long"},
	{"state: disabled around it", `<div aria-disabled=true><button id=x>a</button></div>`, `driver.statesOf(x).disabled`, true},
	{"state: the chosen option", `<select id=x><option>a<option selected>b</select>`, `driver.statesOf(x).value`, "b"},
	{"state: what a reader hears of a range", `<div id=x role=slider aria-valuenow=3 aria-valuetext=three></div>`, `[driver.statesOf(x).value, driver.statesOf(x).valueText]`, []any{"3", "three"}},
	{"state: the depth in a tree", `<div role=tree><div role=treeitem>a<div role=group><div id=x role=treeitem>b</div></div></div></div>`, `driver.statesOf(x).level`, 2.0},
}

func TestExamples(t *testing.T) {
	t.Parallel()
	page := chromium.Open(t).Page(t, `<p>`)
	page.Inject(t, browsertest.Isolated, buildProbe(t))
	for _, e := range examples {
		page.SetContent(t, "<!doctype html>"+e.html)
		var got any
		page.EvalIn(t, browsertest.Isolated, `((x, y) => (`+e.ask+`))(document.getElementById("x"), document.getElementById("y"))`, &got)
		if !reflect.DeepEqual(got, e.want) {
			text, _ := json.Marshal(got)
			t.Errorf("%s: %s is %s, want %v", e.name, e.ask, text, e.want)
		}
	}
}

// TestEveryRoleIsKnown: each role that a specification lets authors use, by its
// own name or the one that took its place.
func TestEveryRoleIsKnown(t *testing.T) {
	t.Parallel()
	page := chromium.Open(t).Page(t, `<p>`)
	page.Inject(t, browsertest.Isolated, buildProbe(t))
	page.SetContent(t, `<!doctype html><body>`)
	var missed []string
	page.EvalIn(t, browsertest.Isolated, `driver.allRoles().filter((role) => {
		const el = document.createElement("div");
		el.setAttribute("role", role);
		el.setAttribute("aria-label", "n");
		const around = document.createElement("div");
		around.setAttribute("role", {listitem: "list", option: "listbox", treeitem: "tree"}[role] ?? "");
		around.append(el);
		document.body.append(around);
		// A none that bears a name is ignored.
		return driver.roleOf(el) !== (role === "none" ? "generic" : role);
	})`, &missed)
	if len(missed) > 0 {
		t.Errorf("roles that an attribute does not give: %v", missed)
	}
}
