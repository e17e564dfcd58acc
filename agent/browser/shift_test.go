package browser

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
)

// shifting is a page whose button is pushed down and let up again each 50 ms, as
// by rows that arrive; each row counts what was pressed on it by mistake.
const shifting = `<!doctype html><title>Shifting</title><body style="margin:0"><div id=rows></div>
	<button id=go style="width:200px;height:24px">Go</button><p id=log>0 0 0</p><script>
	let right = 0, wrong = 0, ticks = 0;
	const tell = () => { log.textContent = right + " " + wrong + " " + ticks };
	go.onclick = () => { right++; tell() };
	setInterval(() => {
		ticks++;
		if (rows.childElementCount > 6) rows.replaceChildren();
		const row = document.createElement("button");
		row.textContent = "Row";
		row.style.cssText = "display:block;width:200px;height:" + (20 + ticks % 3 * 10) + "px";
		for (const type of ["pointerdown", "mousedown", "mouseup", "click"]) row.addEventListener(type, () => { wrong++; tell() });
		rows.prepend(row);
		tell();
	}, 50)</script>`

// TestNoPressIsLostOnAShiftingPage: a click that is reported as done was done
// once, and no row that slid under the pointer got anything of it.
func TestNoPressIsLostOnAShiftingPage(t *testing.T) {
	t.Parallel()
	w := newWorldAt(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "text/html")
		if r.URL.Path == "/inside" {
			fmt.Fprint(rw, shifting)
			return
		}
		fmt.Fprint(rw, `<!doctype html><title>Around</title><iframe src="/inside" style="width:400px;height:500px"></iframe>`)
	}), func(o *Options) { o.Driver = realDriver(t) })
	tab := w.open(robot, "/").ID
	act := func(css, action string) (string, error) {
		raw, err := w.hub.Call(t.Context(), robot, tab, "act", map[string]any{
			"locator": []map[string]any{{"by": "frame", "css": "iframe"}, {"by": "css", "css": css}}, "action": action, "timeout_ms": 20_000,
		})
		var answer struct{ Value string }
		if err == nil && len(raw) > 0 {
			_ = json.Unmarshal(raw, &answer) // a click has no value
		}
		return answer.Value, err
	}
	eventually(t, "the frame is read", func() bool { text, err := act("#go", "textContent"); return err == nil && text == "Go" })
	const presses = 12
	done := 0
	for range presses {
		if _, err := act("#go", "click"); err != nil {
			t.Errorf("a press was not done: %v", err)
			continue
		}
		done++
	}
	got, err := act("#log", "textContent")
	var right, wrong, ticks int
	if _, scanned := fmt.Sscan(got, &right, &wrong, &ticks); err != nil || scanned != nil || ticks == 0 {
		t.Fatalf("the page says %q: %v", got, err)
	}
	if right != done || wrong != 0 {
		t.Errorf("%d presses were reported as done, the page counts %d, and %d on its rows", done, right, wrong)
	}
}
