package hub_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"fazt/agent/hub"
	"fazt/server/op"
)

func click(target string) map[string]any { return map[string]any{"step": "click " + target} }

func TestLookGoesToThePageAndBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	p := w.join(ana, "e1", nil)
	done := w.start(ana, p.tab(), "look", map[string]any{"budget": 300})
	call := p.next()
	if call.Method != "look" || call.Params["budget"] != 300.0 || call.Params["fence"] != 1.0 || call.Params["by"] != ana.Name {
		t.Errorf("%+v", call)
	}
	if ms, ok := call.Params["timeout_ms"].(float64); !ok || ms < 1 || ms >= 30_000 {
		t.Errorf("the deadline is no duration below the call's own: %v", call.Params["timeout_ms"])
	}
	p.answer(call, map[string]any{"text": "rev 1", "rev": 1})
	if a := get(t, done); a.err != nil || string(a.raw) != `{"rev":1,"text":"rev 1"}` {
		t.Errorf("%s, %v", a.raw, a.err)
	}
}

func TestEngineErrorsKeepTheirCode(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	p := w.join(ana, "e1", nil)
	for _, c := range []struct{ sent, want string }{
		{"covered", "covered"}, {"no_match", "no_match"},
		{"internal", "page_failed"}, {"unauthenticated", "page_failed"}, // a page does not speak for the server
	} {
		done := w.start(ana, "", "step", click("b1"))
		call := p.next()
		p.send(wire{ID: call.ID, Error: &wireError{Code: -32000, Message: "covered by dialog", Data: map[string]any{"code": c.sent, "hint": "close it"}}})
		a := get(t, done)
		if string(a.code()) != c.want || op.AsError(a.err).Hint != "close it" {
			t.Errorf("%s: %v", c.sent, a.err)
		}
	}
}

// A page that is not as a step needs it is no fault of the server's.
func TestPageCodesHaveAStatus(t *testing.T) {
	t.Parallel()
	for _, code := range []op.Code{
		"no_match", "covered", "navigation", "asleep", "page_failed",
		hub.CodeAway, hub.CodeBusy, hub.CodePaused, hub.CodeStopped, hub.CodeUnsaved, hub.CodeNavigation, hub.CodeUnknown,
	} {
		if code.Status() != 409 {
			t.Errorf("%s is %d", code, code.Status())
		}
	}
}

func TestUnknownTabAndMethod(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	p := w.join(ana, "e1", nil)
	for _, c := range []struct {
		who    *op.Principal
		tab    string
		method string
		want   op.Code
	}{
		{robot, p.tab(), "look", "tab_not_found"}, // somebody else's, exactly guessed
		{ben, p.tab(), "look", "tab_not_found"},
		{robot, "", "look", "tab_not_found"},
		{ana, "t_none", "look", "tab_not_found"},
		{ana, p.tab(), "evaluate", op.CodeInvalidInput},
	} {
		if a := get(t, w.start(c.who, c.tab, c.method, nil)); a.code() != c.want {
			t.Errorf("%s, %q, %s: %v", c.who.ID, c.tab, c.method, a.err)
		}
	}
	if len(w.hub.List(robot)) != 0 || len(w.hub.List(ana)) != 1 {
		t.Error("the lists show what does not exist for their reader, or not what does")
	}
}

func TestOneMutatingCallAtATime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	p := w.join(ana, "e1", nil)
	first := w.start(ana, "", "step", click("b1"))
	call := p.next()
	second := w.start(ana, "", "step", click("b2"))
	// A look is answered meanwhile, so the second step did wait.
	seen := w.start(ana, "", "look", nil)
	look := p.next()
	if look.Method != "look" {
		t.Fatalf("beside a running step came %+v", look)
	}
	p.answer(look, map[string]any{})
	get(t, seen)

	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err := w.hub.Call(ctx, ana, "", "step", click("b3"))
	if op.AsError(err).Code != hub.CodeBusy {
		t.Errorf("a third step whose deadline passes: %v", err)
	}

	p.answer(call, map[string]any{"rev": 2})
	if a := get(t, first); a.err != nil {
		t.Error(a.err)
	}
	call = p.next()
	if call.Params["step"] != "click b2" {
		t.Errorf("%+v", call.Params)
	}
	p.answer(call, map[string]any{"rev": 3})
	if a := get(t, second); a.err != nil {
		t.Error(a.err)
	}
}

func TestDeadlineCallsBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	p := w.join(ana, "e1", nil)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := w.hub.Call(ctx, ana, "", "look", nil)
	if op.AsError(err).Code != op.CodeDeadline {
		t.Errorf("%v", err)
	}
	call := p.next()
	if n := p.noted("cancel"); n.Params["id"] != float64(*call.ID) {
		t.Errorf("%+v", n)
	}
	_, err = w.hub.Call(ctx, ana, "", "step", click("b1"))
	if code := op.AsError(err).Code; code != hub.CodeBusy && code != hub.CodeUnknown {
		t.Errorf("a step on a dead context: %v", err)
	}
}

// leave closes a page as a browser does when it goes to another document.
func (p *page) leave() {
	p.note("closing", nil)
	_ = p.conn.CloseNow()
}

func TestNavigationDuringACall(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, method string
		params       map[string]any
		acted        bool
		code         op.Code // "" = ok
		again        bool    // the new document is asked again
	}{
		{"a step that acted", "step", click("b1"), true, "", false},
		{"a step that may have acted", "step", click("b1"), false, hub.CodeUnknown, false},
		{"a look", "look", nil, false, "", true},
		{"an expectation", "expect", map[string]any{"target": "page"}, false, "", true},
		{"a reading action", "act", map[string]any{"action": "count"}, false, "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			p := w.join(ana, "e1", nil)
			done := w.start(ana, "", c.method, c.params)
			call := p.next()
			if c.acted {
				p.note("acted", map[string]any{"id": *call.ID})
			}
			p.leave()
			until(t, "the page is away", func() bool { return w.hub.List(ana)[0].Away })
			next := w.start(ana, "", "look", nil) // waits for the new document
			q := w.join(ana, "e2", map[string]any{"tab": p.tab(), "key": p.welcome["key"], "url": "/apps/shop"})
			if q.tab() != p.tab() || q.welcome["fence"] != 2.0 {
				t.Fatalf("the tab did not come back: %v", q.welcome)
			}
			for range map[bool]int{true: 2, false: 1}[c.again] {
				q.answer(q.next(), map[string]any{"rev": 1})
			}
			if a := get(t, next); a.err != nil {
				t.Errorf("the next call: %v", a.err)
			}
			a := get(t, done)
			if a.code() != c.code {
				t.Fatalf("%s, %v", a.raw, a.err)
			}
			if navigated := strings.Contains(string(a.raw), `"navigated":true`); navigated != c.acted {
				t.Errorf("%s", a.raw)
			}
		})
	}
}

func TestReconnectOfTheSameDocument(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	p := w.join(ana, "e1", nil)
	running := w.start(ana, "", "step", click("b1"))
	call := p.next()
	look := w.start(ana, "", "look", nil)
	p.next()
	_ = p.conn.CloseNow() // the connection breaks; the document lives
	until(t, "the page is away", func() bool { return w.hub.List(ana)[0].Away })
	// It has the step, and the look never arrived there.
	q := w.join(ana, "e1", map[string]any{"tab": p.tab(), "key": p.welcome["key"], "pending": []uint64{*call.ID}})
	again := q.next()
	if again.Method != "look" || again.Params["fence"] != 2.0 {
		t.Errorf("%+v", again)
	}
	q.answer(again, map[string]any{"text": "again"})
	q.answer(call, map[string]any{"rev": 7})
	if a := get(t, look); a.err != nil || string(a.raw) != `{"text":"again"}` {
		t.Errorf("the look: %s, %v", a.raw, a.err)
	}
	if a := get(t, running); a.err != nil || string(a.raw) != `{"rev":7}` {
		t.Errorf("the step: %s, %v", a.raw, a.err)
	}
}

func TestResumeNeedsTheKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	p := w.join(ana, "e1", nil)
	_ = p.conn.CloseNow()
	until(t, "the page is away", func() bool { return w.hub.List(ana)[0].Away })
	for _, c := range []struct {
		who  *op.Principal
		more map[string]any
	}{
		{ana, map[string]any{"tab": p.tab()}},
		{ana, map[string]any{"tab": p.tab(), "key": "guessed"}},
		{ben, map[string]any{"tab": p.tab(), "key": p.welcome["key"]}},
	} {
		if q := w.join(c.who, "e2", c.more); q.tab() == p.tab() {
			t.Errorf("%s took the tab with %v", c.who.ID, c.more)
		}
	}
}

func TestDuplicatedTabIsAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	p := w.join(ana, "e1", nil)
	q := w.join(ana, "e2", map[string]any{"tab": p.tab(), "key": p.welcome["key"]})
	if q.tab() == p.tab() {
		t.Fatal("a copy of a living tab took its place")
	}
	done := w.start(ana, p.tab(), "look", nil)
	p.answer(p.next(), map[string]any{})
	if a := get(t, done); a.err != nil {
		t.Error(a.err)
	}
}

func TestTabThatStaysAwayIsForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *hub.Options) { o.Keep = 30 * time.Millisecond })
	p := w.join(ana, "e1", nil)
	waiting := w.start(ana, "", "step", click("b1"))
	p.next()
	_ = p.conn.CloseNow()
	until(t, "the tab is forgotten", func() bool { return len(w.hub.List(ana)) == 0 })
	if a := get(t, waiting); a.code() != hub.CodeUnknown {
		t.Errorf("a step that the page had: %v", a.err)
	}
}

func TestShutdownAnswersEveryone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	p := w.join(ana, "e1", nil)
	look := w.start(ana, "", "look", nil)
	p.next()
	silent, _, err := w.dial(nil) // a peer that says nothing and answers nothing
	if err != nil {
		t.Fatal(err)
	}
	defer silent.CloseNow()
	start := time.Now()
	if err := w.hub.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 4*time.Second {
		t.Errorf("a silent peer held the server up for %v", took)
	}
	if a := get(t, look); a.code() != op.CodeOverloaded {
		t.Errorf("%v", a.err)
	}
	if code := websocket.CloseStatus(<-p.done); code != websocket.StatusGoingAway {
		t.Errorf("the page heard %v", code)
	}
	if _, err := w.hub.Call(t.Context(), ana, "", "look", nil); op.AsError(err).Code != op.CodeOverloaded {
		t.Errorf("a call afterwards: %v", err)
	}
}

func TestStepsThatLeadAwayBecomeMethods(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	p := w.join(ana, "e1", nil)
	for _, c := range []struct {
		method string
		params map[string]any
		want   string
		url    any
	}{
		{"step", map[string]any{"step": "goto /apps/shop"}, "goto", "/apps/shop"},
		{"act", map[string]any{"action": "goto", "args": []any{"/x"}}, "goto", "/x"},
		{"goto", map[string]any{"url": "/y"}, "goto", "/y"},
		{"step", map[string]any{"step": "reload"}, "reload", nil},
		{"act", map[string]any{"action": "reload"}, "reload", nil},
	} {
		done := w.start(ana, "", c.method, c.params)
		call := p.next()
		if call.Method != c.want || call.Params["url"] != c.url {
			t.Errorf("%s %v came as %s %v", c.method, c.params, call.Method, call.Params)
		}
		p.answer(call, nil)
		if a := get(t, done); a.err != nil || !json.Valid(a.raw) {
			t.Errorf("%s, %v", a.raw, a.err)
		}
	}
}
