package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	cdpruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// asker is a driver that asks for something: the session of Chromium's that its
// frame is in, and its context there.
type asker struct {
	tab     *tab
	session *chromedp.Target
	context cdpruntime.ExecutionContextID
}

// serve carries out a request of a driver and answers it in its own context.
func (t asker) serve(ctx context.Context, id uint64, method string, params json.RawMessage) {
	result, err := t.host(ctx, method, params)
	answer := map[string]any{"jsonrpc": "2.0", "id": id, "result": result}
	if err != nil {
		answer = map[string]any{"jsonrpc": "2.0", "id": id, "error": map[string]any{
			"code": -32000, "message": err.Error(), "data": failure(err),
		}}
	}
	message, err := json.Marshal(answer)
	if err != nil {
		return // it is made of strings and numbers
	}
	own, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	_, err = cdp.Call(own, t.session, cdpruntime.Evaluate, cdpruntime.EvaluateParams{
		Expression: receive + "(" + quoted(message) + ")", ContextID: t.context, Silent: new(true),
	})
	t.tab.note(err)
}

// badKey is a name that no key has; the keys' names are read here, not in pages.
type badKey struct{ what, hint string }

func (e *badKey) Error() string { return e.what }

// failure is a failed request's code and hint, as the driver passes them on.
func failure(err error) map[string]string {
	var key *badKey
	if errors.As(err, &key) {
		return map[string]string{"code": "bad_step", "hint": key.hint}
	}
	return map[string]string{"code": "trusted_required", "hint": "look at the page again"}
}

func (t asker) host(ctx context.Context, method string, params json.RawMessage) (any, error) {
	switch method {
	case "host.input":
		var p inputParams
		if err := json.Unmarshal(params, &p); err != nil {
			return nil, err
		}
		return struct{}{}, t.input(ctx, p)
	case "host.pending":
		t.tab.mu.Lock()
		defer t.tab.mu.Unlock()
		return len(t.tab.requests), nil
	case "host.frame":
		return t.intoFrame(ctx, params)
	}
	return nil, fmt.Errorf("no host method %q", method)
}

// inputParams are what the engine's host.input takes: kind and its fields in
// one object, or the fields in params.
type inputParams struct {
	Kind   string     `json:"kind"`
	Params inputEvent `json:"params"`
}

type inputEvent struct {
	X         float64   `json:"x"`
	Y         float64   `json:"y"`
	Count     int64     `json:"count"`
	Button    string    `json:"button"`
	Modifiers modifiers `json:"modifiers"`
	Keys      string    `json:"keys"`
	Text      string    `json:"text"`
}

type modifiers struct {
	Ctrl  bool `json:"ctrlKey"`
	Shift bool `json:"shiftKey"`
	Alt   bool `json:"altKey"`
	Meta  bool `json:"metaKey"`
}

// mask is CDP's bit field of modifiers.
func (m modifiers) mask() (bits int64) {
	for _, one := range []struct {
		on  bool
		bit kb.Modifier
	}{{m.Alt, kb.ModifierAlt}, {m.Ctrl, kb.ModifierCtrl}, {m.Meta, kb.ModifierMeta}, {m.Shift, kb.ModifierShift}} {
		if one.on {
			bits |= int64(one.bit)
		}
	}
	return bits
}

// input sends real mouse and keyboard events. Chromium gives them to the page
// as a person's: trusted, with user activation.
func (t asker) input(ctx context.Context, p inputParams) error {
	e := p.Params
	switch p.Kind {
	case "move":
		return t.mouse(ctx, input.DispatchMouseEventTypeMouseMoved, e, 0)
	case "down":
		return t.mouse(ctx, input.DispatchMouseEventTypeMousePressed, e, 1)
	case "up":
		return t.mouse(ctx, input.DispatchMouseEventTypeMouseReleased, e, 1)
	case "click":
		return t.click(ctx, e)
	case "text":
		_, err := cdp.Call(ctx, t.session, input.InsertText, input.InsertTextParams{Text: e.Text})
		return err
	case "key":
		return t.press(ctx, e.Keys)
	}
	return fmt.Errorf("no input of kind %q", p.Kind)
}

func (t asker) mouse(ctx context.Context, kind input.DispatchMouseEventType, e inputEvent, count int64) error {
	params := input.DispatchMouseEventParams{Type: kind, X: e.X, Y: e.Y, Modifiers: e.Modifiers.mask(), ClickCount: count}
	if kind != input.DispatchMouseEventTypeMouseMoved {
		params.Button = button(e.Button)
	}
	_, err := cdp.Call(ctx, t.session, input.DispatchMouseEvent, params)
	return err
}

func button(name string) input.MouseButton {
	switch name {
	case "right":
		return input.MouseButtonRight
	case "middle":
		return input.MouseButtonMiddle
	}
	return input.MouseButtonLeft
}

func (t asker) click(ctx context.Context, e inputEvent) error {
	if err := t.mouse(ctx, input.DispatchMouseEventTypeMouseMoved, e, 0); err != nil {
		return err
	}
	for count := int64(1); count <= max(1, e.Count); count++ {
		for _, kind := range []input.DispatchMouseEventType{input.DispatchMouseEventTypeMousePressed, input.DispatchMouseEventTypeMouseReleased} {
			if err := t.mouse(ctx, kind, e, count); err != nil {
				return err
			}
		}
	}
	return nil
}

// press sends a chord such as "Control+A" or "Enter".
func (t asker) press(ctx context.Context, keys string) error {
	events, err := chord(keys)
	if err != nil {
		return err
	}
	for _, e := range events {
		if _, err := cdp.Call(ctx, t.session, input.DispatchKeyEvent, e); err != nil {
			return err
		}
	}
	return nil
}

// named are keys whose names are not the sign that they write.
var named = map[string]string{
	"Enter": kb.Enter, "Tab": kb.Tab, "Escape": kb.Escape, "Backspace": kb.Backspace, "Delete": kb.Delete, "Insert": kb.Insert,
	"ArrowLeft": kb.ArrowLeft, "ArrowRight": kb.ArrowRight, "ArrowUp": kb.ArrowUp, "ArrowDown": kb.ArrowDown,
	"Home": kb.Home, "End": kb.End, "PageUp": kb.PageUp, "PageDown": kb.PageDown, "Space": " ", "ContextMenu": kb.ContextMenu,
	"F1": kb.F1, "F2": kb.F2, "F3": kb.F3, "F4": kb.F4, "F5": kb.F5, "F6": kb.F6,
	"F7": kb.F7, "F8": kb.F8, "F9": kb.F9, "F10": kb.F10, "F11": kb.F11, "F12": kb.F12,
	"Control": kb.Control, "Shift": kb.Shift, "Alt": kb.Alt, "Meta": kb.Meta,
}

var aliases = map[string]string{
	"Esc": "Escape", "Return": "Enter", "Del": "Delete", "Up": "ArrowUp", "Down": "ArrowDown", "Left": "ArrowLeft", "Right": "ArrowRight",
	"Ctrl": "Control", "ControlOrMeta": "Control", "Cmd": "Meta", "Command": "Meta", "Option": "Alt", "Spacebar": "Space",
}

// editing are chords that do something in a text field only with the command
// that a window system would send along.
var editing = map[string]string{"a": "selectAll", "c": "copy", "v": "paste", "x": "cut", "z": "undo", "y": "redo"}

// chord renders a key with its modifiers as the events of a keyboard.
func chord(keys string) ([]input.DispatchKeyEventParams, error) {
	parts := strings.Split(keys, "+")
	if keys == "+" || strings.HasSuffix(keys, "++") { // the plus sign itself
		parts = append(strings.Split(strings.TrimSuffix(strings.TrimSuffix(keys, "+"), "+"), "+"), "+")
		if keys == "+" {
			parts = []string{"+"}
		}
	}
	last := len(parts) - 1
	var held modifiers
	for _, name := range parts[:last] {
		if alias, ok := aliases[name]; ok {
			name = alias
		}
		switch name {
		case "Control":
			held.Ctrl = true
		case "Shift":
			held.Shift = true
		case "Alt":
			held.Alt = true
		case "Meta":
			held.Meta = true
		default:
			return nil, &badKey{fmt.Sprintf("no modifier %q", name), "modifiers are Control, Shift, Alt, Meta"}
		}
	}
	return keyEvents(parts[last], held)
}

func keyEvents(name string, held modifiers) ([]input.DispatchKeyEventParams, error) {
	if alias, ok := aliases[name]; ok {
		name = alias
	}
	sign, ok := named[name]
	if !ok {
		sign = name
	}
	runes := []rune(sign)
	if len(runes) != 1 {
		return nil, &badKey{fmt.Sprintf("no key %q", name), "keys are like Enter, Tab, ArrowDown, a, Control+A"}
	}
	if held.Shift && len(name) == 1 {
		runes = []rune(strings.ToUpper(sign))
	}
	var events []input.DispatchKeyEventParams
	for _, e := range kb.Encode(runes[0]) {
		event := *e
		if event.Key == "Unidentified" {
			event.Key = string(runes) // a sign that no key of the layout writes
		}
		event.Modifiers |= held.mask()
		if held.Ctrl || held.Alt || held.Meta {
			if event.Type == input.DispatchKeyEventTypeChar {
				continue // a chord writes nothing
			}
			event.Text, event.UnmodifiedText = "", ""
			if command := editing[strings.ToLower(name)]; command != "" && held.Ctrl && event.Type != input.DispatchKeyEventTypeKeyUp {
				event.Commands = []string{command}
			}
		}
		events = append(events, event)
	}
	return events, nil
}
