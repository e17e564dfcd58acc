package drivertest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// recorder logs what a page gets, in order, without what only real input has.
const recorder = `<script>
let log = [];
for (const type of ["pointerover","pointerenter","pointermove","mouseover","mouseenter","mousemove","pointerdown","mousedown","focus","blur","focusin","focusout",
	"pointerup","mouseup","click","dblclick","keydown","keypress","keyup","beforeinput","input","change","submit"])
	document.addEventListener(type, (e) => { if (e.target.id) log.push(type + "@" + e.target.id +
		(/^(mouse|pointer)(down|up)$|click/.test(type) ? ":" + e.button + e.buttons + e.detail : "") + (e.inputType ? ":" + e.inputType : "") + (e.key ? ":" + e.key + e.keyCode : "")); }, true);
document.addEventListener("submit", (e) => e.preventDefault());
</script><style>body { margin: 40px } input, button, select, textarea, label { display: block; margin: 8px }</style>`

// TestEventsAreChromiums does one thing with the engine and with Chromium's own
// input, and compares what the page got.
func TestEventsAreChromiums(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, html, step string
		real             func(p *tab)
	}{
		{"click a button", `<button id=x>Go</button>`, `click btn "Go"`, func(p *tab) { p.clickOn("x") }},
		{"click a checkbox", `<input id=x type=checkbox aria-label=A>`, `check chk "A"`, func(p *tab) { p.clickOn("x") }},
		{"click a label", `<label id=l for=x>Agree</label><input id=x type=checkbox>`, `click text "Agree"`, func(p *tab) { p.clickOn("l") }},
		{"click a radio", `<input id=x type=radio aria-label=A>`, `check radio "A"`, func(p *tab) { p.clickOn("x") }},
		{"click a link", `<a id=x href="#there">Go</a>`, `click link "Go"`, func(p *tab) { p.clickOn("x") }},
		{"click a text field", `<input id=x aria-label=A>`, `click field "A"`, func(p *tab) { p.clickOn("x") }},
		{"double click", `<button id=x>Go</button>`, `dblclick btn "Go"`, func(p *tab) { p.clickOn("x"); p.clickTwice("x") }},
		{"submit by button", `<form id=f><button id=x>Go</button></form>`, `click btn "Go"`, func(p *tab) { p.clickOn("x") }},
		{"press a letter", `<input id=x aria-label=A>`, `press a in field "A"`, func(p *tab) { p.focusOn("x"); p.key("a", "KeyA", 65, "a") }},
		{"press Enter in a form", `<form id=f><input id=x aria-label=A></form>`, `press Enter in field "A"`, func(p *tab) { p.focusOn("x"); p.key("Enter", "Enter", 13, "\r") }},
		{"press Enter on a button", `<button id=x>Go</button>`, `press Enter in btn "Go"`, func(p *tab) { p.focusOn("x"); p.key("Enter", "Enter", 13, "\r") }},
		{"press Space on a checkbox", `<input id=x type=checkbox aria-label=A>`, `press Space in chk "A"`, func(p *tab) { p.focusOn("x"); p.key(" ", "Space", 32, " ") }},
		{"press Tab", `<input id=x aria-label=A><input id=y aria-label=B>`, `press Tab in field "A"`, func(p *tab) { p.focusOn("x"); p.key("Tab", "Tab", 9, "") }},
		{"press Backspace", `<input id=x aria-label=A value=ab>`, `press Backspace in field "A"`, func(p *tab) { p.focusOn("x"); p.key("Backspace", "Backspace", 8, "") }},
		{"fill a field", `<input id=x aria-label=A>`, `fill field "A" = abc`, func(p *tab) { p.focusOn("x"); p.Type(p.t, "abc") }},
		{"fill a text area", `<textarea id=x aria-label=A></textarea>`, `fill field "A" = abc`, func(p *tab) { p.focusOn("x"); p.Type(p.t, "abc") }},
		{"fill an editable", `<div id=x contenteditable aria-label=A>old</div>`, `fill field "A" = abc`, func(p *tab) { p.focusOn("x"); p.selectIn("x"); p.Type(p.t, "abc") }},
		{"fill over a value", `<input id=x aria-label=A value=old>`, `fill field "A" = abc`, func(p *tab) { p.focusOn("x"); p.selectIn("x"); p.Type(p.t, "abc") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := openTab(t, recorder+c.html)
			c.real(p)
			want, state := p.text(`log.join(" ")`), p.text(stateOfX)
			p.Show(t, recorder+c.html)
			p.do(c.step)
			got := p.text(`log.join(" ")`)
			if strings.HasPrefix(c.name, "double") { // the hand's first click only sets the place
				_, want, _ = strings.Cut(want, "click@x:001 ")
				_, got, _ = strings.Cut(got, "mousemove@x ")
			}
			if got != want {
				t.Errorf("%s gives\n  %s\nChromium's own\n  %s", c.step, got, want)
			}
			if now := p.text(stateOfX); now != state {
				t.Errorf("%s leaves %s, Chromium's own input %s", c.step, now, state)
			}
		})
	}
}

// stateOfX is what came of it, apart from the events.
const stateOfX = `[x.value, x.checked, x.textContent, document.activeElement.id, location.hash].join("|")`

func (p *tab) centre(id string) (x, y float64) {
	var at struct{ X, Y float64 }
	p.Eval(p.t, fmt.Sprintf(`(() => { const b = %s.getBoundingClientRect(); return { x: b.x + b.width / 2, y: b.y + b.height / 2 } })()`, id), &at)
	return at.X, at.Y
}

func (p *tab) clickOn(id string) {
	x, y := p.centre(id)
	p.Click(p.t, x, y)
}

// clickTwice presses a second time where the pointer is.
func (p *tab) clickTwice(id string) {
	p.Eval(p.t, `x.blur(); log = ["click@x:001"]; 0`, nil)
	x, y := p.centre(id)
	for count := 1; count <= 2; count++ {
		for _, kind := range []string{"mousePressed", "mouseReleased"} {
			p.Call(p.t, "Input.dispatchMouseEvent", map[string]any{"type": kind, "x": x, "y": y, "button": "left", "clickCount": count}, nil)
		}
	}
}

func (p *tab) focusOn(id string) { p.Eval(p.t, id+".focus(); 0", nil) }

func (p *tab) selectIn(id string) {
	p.Eval(p.t, fmt.Sprintf(`%[1]s.select ? %[1]s.select() : getSelection().selectAllChildren(%[1]s); 0`, id), nil)
}

func (p *tab) key(key, code string, keyCode int, text string) {
	for _, kind := range []string{"keyDown", "keyUp"} {
		event := map[string]any{"type": kind, "key": key, "code": code, "windowsVirtualKeyCode": keyCode}
		if kind == "keyDown" && text != "" {
			event["text"] = text
		}
		p.Call(p.t, "Input.dispatchKeyEvent", event, nil)
	}
}

// TestActionsNeedTheElement: what is in the way is told, and nothing is done.
func TestActionsNeedTheElement(t *testing.T) {
	t.Parallel()
	p := openTab(t, `<style>#cover { position: fixed; inset: 0; background: #fffa } body { height: 3000px } header { position: sticky; top: 0; height: 120px; background: #eee } @keyframes slide { to { translate: 300px } } .moving { animation: slide .7s linear }</style>
		<script>let clicks = [];</script><header>Sticky</header><button disabled onclick="clicks.push('disabled')">Disabled</button><button style="visibility:hidden" id=h>Hidden</button><input readonly aria-label=Fixed value=1>
		<div style="height:1500px"></div><button id=far onclick="clicks.push('far')">Far away</button><button id=mv onclick="clicks.push('moving')">Moving</button>
		<label><input type=checkbox style="opacity:0;position:absolute;width:1px;height:1px" id=cb> Custom</label><div style="height:900px"></div><button>One</button><button>One</button>`)
	for step, want := range map[string]string{
		`click btn "Disabled"`:     "disabled",
		`click css "#h"`:           "hidden",
		`fill field "Fixed" = 2`:   "readonly",
		`click btn "One"`:          "ambiguous",
		`click btn "Two"`:          "no_match",
		`click b99`:                "gone",
		`click bogus`:              "bad_target",
		`klick btn "One"`:          "bad_step",
		`select field "Fixed" = 2`: "bad_target",
	} {
		if err := p.try(step); code(err) != want {
			t.Errorf("%s: %v, want %s", step, err, want)
		}
	}
	p.do(`click btn "Far away"`)
	p.Eval(t, `mv.classList.add("moving"); 0`, nil)
	p.do(`click btn "Moving"`, `check chk "Custom"`)
	if got := p.text(`clicks + " " + cb.checked`); got != "far,moving true" {
		t.Errorf("clicked %s", got)
	}
	p.Eval(t, `document.body.insertAdjacentHTML("beforeend", "<div id=cover role=dialog aria-label='Delete item?'>Sure?</div>"); 0`, nil)
	err := p.try(`click btn "Far away"`)
	if code(err) != "covered" || !strings.Contains(err.Error(), `covered by dialog "Delete item?"`) {
		t.Errorf("under a cover: %v", err)
	}
	if got := p.text(`clicks`); got != "far,moving" {
		t.Errorf("clicked %s", got)
	}
}

// TestAmbiguityListsCandidates: the refs in the error work.
func TestAmbiguityListsCandidates(t *testing.T) {
	t.Parallel()
	p := openTab(t, inventory(9)+`<script>let hit = ""; document.addEventListener("click", (e) => { hit = e.target.closest("tr")?.dataset.key + e.target.textContent })</script>`)
	err := p.try(`click btn "Edit"`)
	if code(err) != "ambiguous" || !strings.Contains(err.Error(), `9 elements match btn "Edit": b1 btn "Edit" in row #9; `) || !strings.Contains(err.Error(), "… 4 more") {
		t.Errorf("%v", err)
	}
	p.do(`click b2`)
	if got := p.text("hit"); got != "8Edit" {
		t.Errorf("b2 acted on %s", got)
	}
	if err := p.try(`click btn "Edot"`); !strings.Contains(fmt.Sprint(err), `btn here: "Edit", `) {
		t.Errorf("what was found instead: %v", err)
	}
}

// TestFieldsOfEveryKind are filled, chosen and read.
func TestFieldsOfEveryKind(t *testing.T) {
	t.Parallel()
	p := openTab(t, `<script>let events = {}; for (const type of ["input", "change"]) document.addEventListener(type, (e) => { (events[e.target.id] ??= []).push(type) });</script>
		<input id=date type=date aria-label=date><input id=time type=time aria-label=time><input id=month type=month aria-label=month><input id=color type=color aria-label=color><input id=range type=range aria-label=range>
		<input id=num type=number aria-label=num><select id=one aria-label=one><option>A<option value=bee>B</select><select id=many multiple aria-label=many><option>red<option>green<option>blue</select>
		<input id=file type=file multiple aria-label=file><div id=ed contenteditable aria-label=ed>old</div>`)
	p.do(`fill date "date" = 2026-03-04`, `fill time "time" = 12:30`, `fill css "#month" = 2026-05`, `fill color "color" = #ff0000`, `fill slider "range" = 70`, `fill num "num" = 12.5`,
		`select combo "one" = B`, `select listbox "many" = red | blue`, `fill field "ed" = new words`)
	if err := p.call("step", params{"step": `upload file "file" = app:a.txt`, "files": []any{params{"name": "a.txt", "type": "text/plain", "text": "hello"}}}, nil); err != nil {
		t.Error(err)
	}
	got := p.text(`[date.value, time.value, month.value, color.value, range.value, num.value, one.value, [...many.selectedOptions].map((o) => o.value), file.files[0].name + file.files[0].size, ed.textContent].join(" ")`)
	if want := "2026-03-04 12:30 2026-05 #ff0000 70 12.5 bee red,blue a.txt5 new words"; got != want {
		t.Errorf("the fields hold %s, want %s", got, want)
	}
	if got := p.text(`[events.date, events.one, events.many, events.file].join(" ")`); got != "input,change input,change input,change input,change" {
		t.Errorf("events: %s", got)
	}
	for step, want := range map[string]string{
		`fill date "date" = 4.3.2026`: "bad_step",
		`fill num "num" = many`:       "bad_step",
		`select combo "one" = C`:      "no_option",
		`click file "file"`:           "trusted_required",
	} {
		if err := p.try(step); code(err) != want {
			t.Errorf("%s: %v, want %s", step, err, want)
		}
	}
}

// TestUpload: a file reaches the field that is meant, by its label or from
// around it too, and what takes files by dropping them; all else is refused.
func TestUpload(t *testing.T) {
	t.Parallel()
	p := openTab(t, `<label>Photo <input id=photo type=file accept="image/*"></label><div id=box role=group aria-label=Box>Drop here <input id=inner type=file hidden></div>
		<div style="height:2000px"></div><div id=zone role=region aria-label=Zone>Files</div><button id=none>Nothing</button><output id=log></output>
		<script>zone.ondragover = (e) => e.preventDefault();
		zone.ondrop = async (e) => { e.preventDefault(); const f = e.dataTransfer.files[0]; log.textContent = f.name + ":" + f.type + ":" + await f.text() }</script>`)
	up := func(target, name, kind string) (did string, err error) {
		var out struct{ Did json.RawMessage }
		err = p.call("step", params{"step": "upload " + target + " = shop:files/" + name, "timeout_ms": 300,
			"files": []any{params{"name": name, "type": kind, "base64": "aGVsbG8=", "from": "shop:files/" + name}}}, &out)
		return string(out.Did), err
	}
	for _, c := range []struct{ target, name, kind, want string }{
		{`file "Photo"`, "a.png", "image/png", ""},
		{`text "Photo"`, "b.png", "image/png", ""},
		{`file "Photo"`, "a.csv", "text/csv", "no_option"},
		{`group "Box"`, "in.txt", "text/plain", ""},
		{`region "Zone"`, "drop.txt", "text/plain", ""},
		{`button "Nothing"`, "x.txt", "text/plain", "bad_target"},
	} {
		did, err := up(c.target, c.name, c.kind)
		if code(err) != c.want || err == nil && !strings.Contains(did, `"args":["shop:files/`+c.name+`"]`) {
			t.Errorf("%s = %s: %v, %s", c.target, c.name, err, did)
		}
	}
	p.do(`expect css "#log" exactly drop.txt:text/plain:hello`)
	if got := p.text(`photo.files[0].name + " " + inner.files[0].name + inner.files[0].size`); got != "b.png in.txt5" {
		t.Errorf("the fields hold %s", got)
	}
}

// TestRowsInsertedMeanwhile: a page that inserts a row above every 300 ms moves
// every row; the click must still reach its own.
func TestRowsInsertedMeanwhile(t *testing.T) {
	t.Parallel()
	p := openTab(t, inventory(30)+`<script>let hits = [], n = 100;
		document.addEventListener("click", (e) => { hits.push(e.target.closest("tr").dataset.key) });
		setInterval(() => document.querySelector("tbody").insertAdjacentHTML("afterbegin", "<tr data-key=" + n++ + "><td>Late " + n + "<td>x<td>1<td>2<td><button>Edit</button><button>Delete</button></tr>"), 300)</script>`)
	p.look(params{})
	var want []string
	for key := 30; key > 18; key -= 3 {
		p.do(fmt.Sprintf(`click t1#%d/Edit`, key))
		want = append(want, fmt.Sprint(key))
	}
	if got := p.text("hits"); got != strings.Join(want, ",") {
		t.Errorf("clicked %s, want %v", got, want)
	}
}
