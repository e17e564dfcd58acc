package endpoint

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"fazt/server/op"
)

// TestCursorHandles: a handle is short, its principal's alone, and good for ten
// minutes.
func TestCursorHandles(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	c := newCursors(func() time.Time { return now }, newSteady())
	long := strings.Repeat("x", 80)
	h := c.handle("a", long)
	if len(h) > 12 {
		t.Errorf("the handle %q has %d characters", h, len(h))
	}
	if got, err := c.cursor("a", h); got != long || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := c.cursor("b", h); err == nil {
		t.Error("another principal used it")
	}
	if got, err := c.cursor("a", long); got != long || err != nil {
		t.Errorf("a cursor itself: %q, %v", got, err)
	}
	now = now.Add(cursorTTL)
	if _, err := c.cursor("a", h); op.AsError(err).Code != op.CodeInvalidInput {
		t.Errorf("after its time: %v", err)
	}
	for range 3 * maxCursors {
		h = c.handle("a", long)
	}
	if n := len(c.byPrincipal["a"]); n > maxCursors {
		t.Errorf("%d handles are kept", n)
	}
	if got, _ := c.cursor("a", h); got != long {
		t.Error("the newest is gone")
	}
}

// TestCursorOfAnotherIsRefused through a tool, with a next step.
func TestCursorOfAnotherIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.store.put("a", "1")
	w.store.put("b", "2")
	got := w.text("kv_get", `{"app":"shop","limit":1}`)
	_, next, ok := strings.Cut(got, "\nnext: kv_get ")
	if !ok {
		t.Fatalf("no next step in %q", got)
	}
	if r := w.callAs("other", "/mcp", "kv_get", next); !r.IsError || !strings.Contains(r.Content[0].Text, "next: kv_get {\"app\":\"shop\",\"limit\":1}") {
		t.Errorf("another principal got %+v", r)
	}
	if got := w.text("kv_get", next); !strings.Contains(got, `"b" | 2`) || strings.Contains(got, "next:") {
		t.Errorf("the next page is %q", got)
	}
}

// TestSealedState: what a client carries between rounds cannot be changed, nor
// used by another, for another call, or late.
func TestSealedState(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	s := newSealer(func() time.Time { return now }, newSteady())
	x := func(principal, tool string) *exchange {
		x := &exchange{principal: principals()[principal]}
		x.message.Params.Name = tool
		return x
	}
	arguments := json.RawMessage(`{"a":1}`)
	token := s.seal(x("agent", "tool"), arguments, "round 1")
	if got, err := s.open(x("agent", "tool"), arguments, token); got != "round 1" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	changed := []byte(token)
	changed[len(changed)-3] ^= 1
	for name, open := range map[string]func() (string, error){
		"changed":         func() (string, error) { return s.open(x("agent", "tool"), arguments, string(changed)) },
		"of another":      func() (string, error) { return s.open(x("other", "tool"), arguments, token) },
		"of another tool": func() (string, error) { return s.open(x("agent", "tool2"), arguments, token) },
		"other arguments": func() (string, error) { return s.open(x("agent", "tool"), json.RawMessage(`{"a":2}`), token) },
		"empty":           func() (string, error) { return s.open(x("agent", "tool"), arguments, "") },
	} {
		if got, err := open(); err == nil {
			t.Errorf("%s: opened as %q", name, got)
		}
	}
	now = now.Add(stateTTL)
	if _, err := s.open(x("agent", "tool"), arguments, token); err == nil {
		t.Error("opened after its time")
	}
}
