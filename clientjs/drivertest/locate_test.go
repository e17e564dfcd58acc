package drivertest_test

import (
	"fmt"
	"strings"
	"testing"
)

const locatorPage = `<main><h1>Title</h1><h2>Sub</h2><button id=a>Save</button><button id=b>Save all</button><button id=c aria-pressed=true>Bold</button><button id=d disabled>Off</button>
<label>Mail <input id=e placeholder="you@example.org"></label><input id=f aria-label="Phone number" type=tel><img id=g alt="A logo" src="data:,"><span id=h title="Hint here">tip</span><div id=i data-testid=box>Box <b id=j>bold words</b></div>
<ul id=k><li id=l>Apple <button id=m>Buy</button><li id=n>Pear <button id=o>Buy</button></ul><button id=p hidden>Hidden</button><input id=q type=checkbox checked aria-label=Yes><x-s id=r></x-s>
<details id=s><summary id=t aria-expanded=false>More</summary>x</details></main><iframe id=u title=Inner srcdoc="<button id=v>Within</button>"></iframe>
<script>customElements.define("x-s", class extends HTMLElement { connectedCallback() { this.attachShadow({ mode: "open" }).innerHTML = "<button id=w>In shadow</button>" } })</script>`

type steps []params

// TestLocators gives each chain of steps as recipes send it, and the ids of what
// it must find.
func TestLocators(t *testing.T) {
	t.Parallel()
	p := openTab(t, locatorPage)
	role := func(role string, o params) params { return merged(params{"by": "role", "role": role}, o) }
	for _, c := range []struct {
		want string
		find steps
	}{
		{"a b", steps{role("button", params{"name": "save"})}},
		{"a", steps{role("button", params{"name": "Save", "exact": true})}},
		{"b", steps{role("button", params{"name": params{"regex": "ALL$", "flags": "i"}})}},
		{"c", steps{role("button", params{"pressed": true})}},
		{"d", steps{role("button", params{"disabled": true})}},
		{"p", steps{role("button", params{"name": "Hidden", "includeHidden": true})}},
		{"", steps{role("button", params{"name": "Hidden"})}},
		{"q", steps{role("checkbox", params{"checked": true})}},
		{"w", steps{role("button", params{"name": "In shadow"})}},
		{"e", steps{{"by": "label", "text": "mail"}}},
		{"f", steps{{"by": "label", "text": "Phone number", "exact": true}}},
		{"e", steps{{"by": "placeholder", "text": "YOU@"}}},
		{"g", steps{{"by": "alt", "text": "logo"}}},
		{"h", steps{{"by": "title", "text": "hint"}}},
		{"i", steps{{"by": "testid", "id": "box"}}},
		{"j", steps{{"by": "text", "text": "bold words"}}},
		{"w", steps{{"by": "css", "css": "#w"}}},
		{"m o", steps{{"by": "css", "css": "ul"}, role("button", nil)}},
		{"o", steps{role("listitem", nil), {"by": "filter", "hasText": "pear"}, role("button", nil)}},
		{"l", steps{role("listitem", nil), {"by": "filter", "has": steps{{"by": "css", "css": "#m"}}}}},
		{"n", steps{role("listitem", nil), {"by": "filter", "hasNotText": "Apple"}}},
		{"o", steps{role("button", params{"name": "Buy"}), {"by": "nth", "index": -1}}},
		{"a", steps{role("button", nil), {"by": "and", "locator": steps{{"by": "css", "css": "#a, input"}}}}},
		{"c i", steps{{"by": "css", "css": "#i"}, {"by": "or", "locator": steps{{"by": "css", "css": "#c"}}}}},
		{"m", steps{{"by": "css", "css": "#l"}, {"by": "inside", "locator": steps{role("button", nil)}}}},
		{"v", steps{{"by": "frame", "css": "#u"}, role("button", nil)}},
		{"p", steps{{"by": "css", "css": "button"}, {"by": "filter", "visible": false}}},
	} {
		var found struct{ Value []string }
		var ids []string
		var count struct{ Value int }
		if err := p.call("act", params{"locator": c.find, "action": "count"}, &count); err != nil {
			t.Errorf("%v: %v", c.find, err)
			continue
		}
		for i := range count.Value {
			var id struct{ Value string }
			if err := p.call("act", params{"locator": append(steps{}, append(c.find, params{"by": "nth", "index": i})...), "action": "getAttribute", "args": []any{"id"}}, &id); err != nil {
				t.Errorf("%v: %v", c.find, err)
			}
			ids = append(ids, id.Value)
		}
		if got := strings.Join(ids, " "); got != c.want {
			t.Errorf("%v finds %q, want %q (%v)", c.find, got, c.want, found)
		}
	}
}

func merged(a, b params) params {
	for key, value := range b {
		a[key] = value
	}
	return a
}

// TestExpectations hold, fail with what was there, and wait.
func TestExpectations(t *testing.T) {
	t.Parallel()
	p := openTab(t, locatorPage+`<title>Home</title>`)
	css := func(css string) steps { return steps{{"by": "css", "css": css}} }
	for _, c := range []struct {
		find    steps
		matcher string
		args    []any
		holds   bool
	}{
		{css("#a"), "toBeVisible", nil, true}, {css("#p"), "toBeVisible", nil, false}, {css("#none"), "toBeVisible", nil, false},
		{css("#p"), "toBeHidden", nil, true}, {css("#none"), "toBeHidden", nil, true}, {css("#a"), "toBeEnabled", nil, true}, {css("#d"), "toBeDisabled", nil, true},
		{css("#q"), "toBeChecked", nil, true}, {css("#e"), "toBeEditable", nil, true}, {css("#e"), "toBeEmpty", nil, true}, {css("#a"), "toBeFocused", nil, false},
		{css("#a"), "toBeAttached", nil, true}, {css("#none"), "toBeAttached", nil, false}, {css("#h"), "toHaveText", []any{"tip"}, true}, {css("#h"), "toHaveText", []any{"ti"}, false},
		{css("#h"), "toContainText", []any{"ti"}, true}, {css("#h"), "toHaveText", []any{params{"regex": "^t.p$", "flags": ""}}, true}, {css("#e"), "toHaveValue", []any{""}, true},
		{css("li"), "toHaveCount", []any{2}, true}, {css("li"), "toContainText", []any{[]any{"Apple", "Pear"}}, true}, {css("#f"), "toHaveAccessibleName", []any{"Phone number"}, true},
		{css("#i"), "toHaveAttribute", []any{"data-testid", "box"}, true}, {css("#i"), "toHaveAttribute", []any{"data-testid", "bax"}, false},
	} {
		for _, not := range []bool{false, true} {
			err := p.call("expect", params{"target": "locator", "locator": c.find, "matcher": c.matcher, "args": c.args, "not": not, "timeout_ms": 0}, nil)
			if (err == nil) != (c.holds != not) || (err != nil && code(err) != "expectation_failed") {
				t.Errorf("%v %s %v not=%v: %v", c.find, c.matcher, c.args, not, err)
			}
		}
	}
	for matcher, arg := range map[string]any{"toHaveTitle": "Home", "toHaveURL": params{"regex": "/page/\\d+$", "flags": ""}} {
		if err := p.call("expect", params{"target": "page", "locator": steps{}, "matcher": matcher, "args": []any{arg}, "not": false, "timeout_ms": 0}, nil); err != nil {
			t.Errorf("%s: %v", matcher, err)
		}
	}
	p.Eval(t, `setTimeout(() => { h.textContent = "later" }, 150); 0`, nil)
	p.do(`expect css "#h" text later`, `expect url /page/`, `expect title Home`)
	err := p.try(`expect css "#h" exactly sooner`)
	if want := `expected css "#h" toHaveText "sooner", but it is "later" after 300 ms`; !strings.Contains(fmt.Sprint(err), want) {
		t.Errorf("%v, want %s", err, want)
	}
}
