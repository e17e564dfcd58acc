package browser

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"fazt/clientjs"
)

// realDriver is the driver as the program injects it.
func realDriver(t testing.TB) []byte {
	t.Helper()
	outputs, err := clientjs.Build(clientjs.BuildOptions{
		Files: clientjs.Sources, Entries: []string{"src/driver/main.ts"}, Format: clientjs.IIFE, Minify: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range outputs {
		if strings.HasSuffix(o.Path, ".js") {
			return o.Content
		}
	}
	t.Fatal("the bundle has no script")
	return nil
}

// The real driver over the real pipe: what one promises the other keeps.
func TestRealDriver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *Options) { o.Driver = realDriver(t) })
	tab := w.open(robot, "/").ID
	r, err := w.call(robot, tab, "look", map[string]any{"budget": 300})
	if err != nil || !strings.Contains(r.Text, "Home") || r.Title != "Home" {
		t.Fatalf("%+v, %v", r, err)
	}
	w.do(t, tab, `click link "on"`)
	w.sees(t, tab, "Second")

	w.do(t, tab, "goto /button")
	w.do(t, tab, `click button "Press"`)
	w.sees(t, tab, "trusted")

	w.do(t, tab, "goto /form")
	w.do(t, tab, `fill css "#q" = ü new €`)
	w.do(t, tab, `press Enter in css "#q"`)
	w.sees(t, tab, "sent ü new €")

	w.do(t, tab, "goto /alert")
	if r := w.do(t, tab, `click button "Ask"`); !strings.Contains(r.Note, "confirm «Sure?», which was dismissed") {
		t.Errorf("%+v", r)
	}
	if _, err := w.call(robot, tab, "step", map[string]any{"step": `click button "None"`, "timeout_ms": 200}); codeOf(err) != "no_match" {
		t.Errorf("%v", err)
	}

	w.do(t, tab, "goto /cross")
	inFrame := func(action string) (string, error) {
		raw, err := w.hub.Call(t.Context(), robot, tab, "act", map[string]any{
			"locator": []map[string]any{{"by": "frame", "css": "iframe"}, {"by": "role", "role": "button", "name": "Press"}}, "action": action,
		})
		return string(raw), err
	}
	eventually(t, "a frame of another site is read", func() bool {
		raw, err := inFrame("textContent")
		return err == nil && strings.Contains(raw, `"Press"`)
	})
	if raw, err := inFrame("click"); err != nil {
		t.Errorf("a click in it: %s, %v", raw, err)
	}

	w.do(t, tab, "goto /alert")
	raw, err := w.hub.Call(t.Context(), robot, tab, "look", nil)
	var seen struct {
		Rev   int
		Epoch string
	}
	if err != nil || json.Unmarshal(raw, &seen) != nil || seen.Epoch == "" {
		t.Fatalf("%s, %v", raw, err)
	}
	since := func(epoch string) string {
		r, err := w.call(robot, tab, "look", map[string]any{"since": fmt.Sprintf("%d@%s", seen.Rev, epoch)})
		if err != nil {
			t.Fatal(err)
		}
		return r.Text
	}
	if text := since(seen.Epoch); !strings.Contains(text, "no change") {
		t.Errorf("since the same look: %q", text)
	}
	if text := since("another"); !strings.Contains(text, "Ask") {
		t.Errorf("since a look at another document: %q", text)
	}
}
