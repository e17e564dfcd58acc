package browsertest

import "testing"

// Resize sets the viewport in CSS pixels; a phone is about 390 × 844.
func (p *Page) Resize(t testing.TB, width, height int) {
	t.Helper()
	p.Call(t, "Emulation.setDeviceMetricsOverride", map[string]any{
		"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
	}, nil)
}

// EmulateDark sets what the page reads as the person's colour scheme.
func (p *Page) EmulateDark(t testing.TB, dark bool) {
	t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	p.Call(t, "Emulation.setEmulatedMedia", map[string]any{
		"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}},
	}, nil)
}

// Click presses and releases the left button at a point of the viewport, as a
// person's hand does: the events are trusted and go to what lies there.
func (p *Page) Click(t testing.TB, x, y float64) {
	t.Helper()
	for _, kind := range []string{"mouseMoved", "mousePressed", "mouseReleased"} {
		event := map[string]any{"type": kind, "x": x, "y": y}
		if kind != "mouseMoved" {
			event["button"], event["clickCount"] = "left", 1
		}
		p.Call(t, "Input.dispatchMouseEvent", event, nil)
	}
}

// Type inserts text at the caret, as an input method does.
func (p *Page) Type(t testing.TB, text string) {
	t.Helper()
	p.Call(t, "Input.insertText", map[string]any{"text": text}, nil)
}
