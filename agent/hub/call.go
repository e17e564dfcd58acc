package hub

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"fazt/server/op"
)

// call is one message to a page that is answered.
type call struct {
	id      uint64
	method  method
	message []byte
	by      string       // the principal's id
	done    chan outcome // one value

	// Guarded by the tab's mu.
	epoch string          // the document it was sent to; "" = not sent
	acted bool            // the page announced that it takes effect now
	did   json.RawMessage // and what that is, in the words of a recipe
}

// outcome is how a call ended, or that it must be made again.
type outcome struct {
	result json.RawMessage
	err    error
	again  bool
}

// goneWith is the outcome of a call whose document went away. The caller holds
// the tab's mu.
func (c *call) goneWith(url string, link Link) outcome {
	switch {
	case !c.method.mutates:
		return outcome{again: true}
	case c.acted:
		return navigated(url, c.did)
	case link != nil && link.Reliable():
		return outcome{again: true}
	}
	return outcome{err: unknownOutcome()}
}

// orUnknown replaces why for a call that may have acted. The caller holds the
// tab's mu.
func (c *call) orUnknown(why *op.Error) error {
	if c.method.mutates && c.epoch != "" {
		return unknownOutcome()
	}
	return why
}

func unknownOutcome() *op.Error {
	return op.Errorf(CodeUnknown, "the page went away while the step ran; nobody can say whether it took effect").
		WithHint("look at the page, or run the recipe's check, before doing it again")
}

// navigated is the result of an action that led to another document.
func navigated(url string, did json.RawMessage) outcome {
	result, err := encode(struct {
		Navigated bool            `json:"navigated"`
		Note      string          `json:"note"`
		URL       string          `json:"url,omitempty"`
		Did       json.RawMessage `json:"did,omitempty"`
	}{true, "the page navigated", url, did})
	return outcome{result: result, err: err}
}

// Call has the page of a tab carry out a method: look, act, expect, step,
// resolve, goto {url}, reload or back. params is a JSON object, or anything
// that encodes as one. The answer is the engine's. An empty tab is p's only
// one. Whether the call's operation is allowed to p is the caller's to check;
// the right in the tab is checked here.
func (h *Hub) Call(ctx context.Context, p *op.Principal, tab string, name string, params any) (json.RawMessage, error) {
	raw, err := encode(params)
	if err != nil {
		return nil, err
	}
	if string(raw) == "null" {
		raw = []byte("{}")
	}
	if !isObject(raw) {
		return nil, op.Errorf(op.CodeInternal, "the parameters of %s are no object", name)
	}
	m, raw, err := methodOf(name, raw)
	if err != nil {
		return nil, err
	}
	t, r, err := h.find(p, tab)
	if err != nil {
		return nil, err
	}
	if m.mutates && r < act {
		return nil, op.Errorf(op.CodeForbidden, "you may look at tab %s, but not act in it", t.id).
			WithHint("ask the person to allow acting, by the button in the tab's corner")
	}
	ctx, cancel := h.deadline(ctx)
	defer cancel()
	if !m.mutates {
		return t.carry(ctx, p, m, raw)
	}
	return t.inTurn(ctx, p, m, raw)
}

// deadline gives a call a deadline when it has none.
func (h *Hub) deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, h.options.CallTime)
}

// inTurn carries a mutating call out when no other runs and the person is not
// at it.
func (t *tab) inTurn(ctx context.Context, p *op.Principal, m method, params []byte) (json.RawMessage, error) {
	select {
	case t.turn <- struct{}{}:
	case <-t.ended:
		return nil, t.over
	case <-ctx.Done():
		return nil, op.Errorf(CodeBusy, "another call acted in tab %s all the time; this one was not run", t.id).
			WithHint("wait for the other call, or open a tab of your own")
	}
	defer func() { <-t.turn }()
	if err := t.free(ctx, p); err != nil {
		return nil, err
	}
	return t.carry(ctx, p, m, params)
}

// carry sends the call until it is answered: again when the document went away
// before it could take effect. What the transport carries out itself needs no
// document: a goto leads out of a crashed page too.
func (t *tab) carry(ctx context.Context, p *op.Principal, m method, params []byte) (json.RawMessage, error) {
	result, err := t.carryOut(ctx, p, m, params)
	if link := t.linkNow(); link != nil && m.mutates {
		return remarked(link.Remarks(), result, err)
	}
	return result, err
}

// remarked adds what happened beside a call to its answer.
func remarked(remarks []string, result json.RawMessage, err error) (json.RawMessage, error) {
	if len(remarks) == 0 {
		return result, err
	}
	text := clip(strings.Join(remarks, "; "))
	var e *op.Error
	if errors.As(err, &e) {
		c := *e
		c.Detail += " (meanwhile: " + text + ")"
		return nil, &c
	}
	fields := map[string]any{}
	if err != nil || json.Unmarshal(result, &fields) != nil || fields == nil {
		return result, err // the engine answers with objects; anything else is passed on as it is
	}
	if note, ok := fields["note"].(string); ok && note != "" {
		text = note + "; " + text
	}
	fields["note"] = text
	return encode(fields)
}

func (t *tab) carryOut(ctx context.Context, p *op.Principal, m method, params []byte) (json.RawMessage, error) {
	if link := t.linkNow(); link != nil {
		result, err := link.Do(ctx, m.name, params)
		if err == nil && m.mutates {
			t.actedBy(p)
			return t.landed(ctx, result)
		}
		if !errors.Is(err, ErrNotCarried) {
			return result, err
		}
	}
	for {
		link, err := t.document(ctx)
		if err != nil {
			return nil, err
		}
		c, err := t.send(ctx, link, p, m, params)
		if err != nil {
			return nil, err
		}
		o := t.await(ctx, c)
		if !o.again {
			return o.result, o.err
		}
	}
}

// landed waits for the document that a navigation led to, and adds where that
// is to the transport's own result.
func (t *tab) landed(ctx context.Context, result json.RawMessage) (json.RawMessage, error) {
	if _, err := t.document(ctx); err != nil {
		return nil, err
	}
	fields := map[string]any{}
	if err := json.Unmarshal(result, &fields); err != nil {
		return nil, op.AsError(err)
	}
	t.mu.Lock()
	fields["url"], fields["title"], fields["navigated"] = t.url, t.title, true
	t.mu.Unlock()
	return encode(fields)
}

// actedBy notes who acted last, unless it was a person.
func (t *tab) actedBy(p *op.Principal) {
	if p.Kind == op.KindPerson {
		return
	}
	t.mu.Lock()
	t.agent = p.Name
	t.mu.Unlock()
}

// send hands the call to the page.
func (t *tab) send(ctx context.Context, link Link, p *op.Principal, m method, params []byte) (*call, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last++
	c := &call{id: t.last, method: m, by: p.ID, done: make(chan outcome, 1)}
	var err error
	if c.message, err = request(ctx, c, t.fence, p, params); err != nil {
		return nil, err
	}
	t.calls[c.id] = c
	if t.link != link || t.epoch == "" {
		t.settle(c, outcome{again: true})
		return c, nil
	}
	c.epoch = t.epoch
	if m.mutates && p.Kind != op.KindPerson {
		t.agent = p.Name
	}
	if err := link.Send(c.message); err != nil {
		c.epoch = ""
		t.settle(c, outcome{again: true})
		t.away() // the link's reader notices the loss too, and tells the tab
	}
	return c, nil
}

// await waits for the outcome. A call that is out of time is called back, and
// has its last word by then or is unknown.
func (t *tab) await(ctx context.Context, c *call) outcome {
	select {
	case o := <-c.done:
		return o
	case <-ctx.Done():
	}
	t.mu.Lock()
	link := t.link
	t.mu.Unlock()
	if link == nil {
		return t.abandon(c)
	}
	if cancel, err := notification("cancel", map[string]uint64{"id": c.id}); err == nil {
		_ = link.Send(cancel) // a page that is gone needs no cancelling
	}
	grace := time.NewTimer(cancelGrace)
	defer grace.Stop()
	select {
	case o := <-c.done:
		return o
	case <-grace.C:
		return t.abandon(c)
	}
}

// cancelGrace is what a page has to answer a call that was called back. Engines
// answer their own deadline within it.
const cancelGrace = 300 * time.Millisecond

// abandon forgets a call that nobody answered.
func (t *tab) abandon(c *call) outcome {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.calls, c.id)
	late := op.Errorf(op.CodeDeadline, "the page of tab %s did not answer %s in time", t.id, c.method.name).
		WithHint("look at the page; a hidden tab may be asleep")
	return outcome{err: c.orUnknown(late)}
}

// settle answers a call once. The caller holds mu.
func (t *tab) settle(c *call, o outcome) {
	if _, ok := t.calls[c.id]; !ok {
		return
	}
	delete(t.calls, c.id)
	c.done <- o
}
