package browser

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// said writes down each event that a page got, and whether it was a person's.
const said = `<script>for (const type of ["click", "keydown", "mouseenter", "drop", "pointerup"]) document.addEventListener(type, (e) => {
	if (e.target.id) log.textContent += " " + type + "@" + e.target.id + (e.key ? ":" + e.key : "") + (e.isTrusted ? "" : " by script") }, true)</script>`

// TestTrustedInput: in tabs that fazt opened a page gets a person's events, at
// the right place in frames too, and nothing when another element slides under
// the pointer.
func TestTrustedInput(t *testing.T) {
	t.Parallel()
	w := newWorldAt(t, http.HandlerFunc(serveTrusted), func(o *Options) { o.Driver = realDriver(t) })
	tab := w.open(robot, "/top").ID
	frame := func(css string) []map[string]any {
		return []map[string]any{{"by": "frame", "css": css}}
	}
	for _, c := range []struct {
		name  string
		where []map[string]any
	}{
		{"the page", nil},
		{"a frame of the same origin", frame("#same")},
		{"a frame of another site", frame("#other")},
		{"a frame in a frame", append(frame("#same"), frame("#deep")...)},
	} {
		act := func(id, action string, args ...any) (string, error) {
			locator := append(append([]map[string]any{}, c.where...), map[string]any{"by": "css", "css": id})
			raw, err := w.hub.Call(t.Context(), robot, tab, "act", map[string]any{"locator": locator, "action": action, "args": args, "timeout_ms": 3000})
			var answer struct{ Value string }
			if err == nil && len(raw) > 0 {
				_ = json.Unmarshal(raw, &answer) // a click has no value
			}
			return answer.Value, err
		}
		eventually(t, c.name+" is read", func() bool { text, err := act("#go", "textContent"); return err == nil && text == "Go" })
		for _, one := range [][]any{{"#go", "click"}, {"#q", "fill", "Ada"}, {"#q", "press", "End"}, {"#far", "click"}} {
			if _, err := act(one[0].(string), one[1].(string), one[2:]...); err != nil {
				t.Errorf("%s: %v: %v", c.name, one, err)
			}
		}
		if got, err := act("#q", "inputValue"); err != nil || got != "Ada" {
			t.Errorf("%s: the field holds %q, %v", c.name, got, err)
		}
		got, err := act("#log", "textContent")
		for _, want := range []string{" click@go", " keydown@q:End", " click@far"} {
			if err != nil || strings.Count(got, want) != 1 || strings.Contains(got, "by script") {
				t.Errorf("%s got %q, want%s once: %v", c.name, got, want, err)
			}
		}
	}
}

// TestNothingReachesWhatSlidUnder: the pointer's coming makes another button
// appear in its place; the press is checked where it arrives, and kept from it.
func TestNothingReachesWhatSlidUnder(t *testing.T) {
	t.Parallel()
	w := newWorldAt(t, http.HandlerFunc(serveTrusted), func(o *Options) { o.Driver = realDriver(t) })
	tab := w.open(robot, "/slides").ID
	if _, err := w.call(robot, tab, "step", map[string]any{"step": `click button "Save"`, "timeout_ms": 500}); codeOf(err) != "covered" {
		t.Errorf("%v", err)
	}
	if r, err := w.call(robot, tab, "look", nil); err != nil || strings.Contains(r.Text, "got") {
		t.Errorf("%+v, %v", r, err)
	}
}

func serveTrusted(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html")
	_, port, _ := strings.Cut(r.Host, ":")
	const inner = `<body style="margin:30px"><p id=log style="position:fixed;right:0;bottom:0;margin:0;pointer-events:none"></p><button id=go>Go</button><input id=q><div style="height:900px"></div><button id=far>Far</button>` + said
	switch r.URL.Path {
	case "/top":
		fmt.Fprintf(w, `<!doctype html><title>Top</title>%s<div style="height:300px"></div>
			<iframe id=same src="/same" style="margin:40px 0 0 70px;border:9px solid;padding:5px;width:400px;height:260px"></iframe>
			<iframe id=other src="http://shop.localhost:%s/inner" style="margin:60px;border:7px solid;padding:11px"></iframe>`, inner, port)
	case "/same":
		fmt.Fprint(w, `<!doctype html>`+inner+`<iframe id=deep src="/inner" style="margin:25px;border:3px solid"></iframe>`)
	case "/inner":
		fmt.Fprint(w, `<!doctype html>`+inner)
	case "/slides":
		fmt.Fprint(w, `<!doctype html><title>Slides</title><p id=log></p><div style="position:relative"><button id=save style="width:200px;height:60px">Save</button></div><script>
			for (const type of ["pointerdown", "mousedown", "pointerup", "mouseup", "click"]) addEventListener(type, () => { log.textContent += " got " + type });
			save.onmousemove = () => save.insertAdjacentHTML("afterend", "<button style='position:absolute;left:0;top:0;width:200px;height:60px'>Delete</button>")</script>`)
	default:
		http.NotFound(w, r)
	}
}
