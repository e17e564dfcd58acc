package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/page"
	cdpruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// place is where a frame's driver lives.
type place struct {
	session *chromedp.Target
	world   string // unique id of its context
}

// adopt takes in a frame of another site. Chromium keeps such frames in
// processes of their own, each a target: it gets the driver like the tab itself.
func (t *tab) adopt(ctx context.Context, id target.ID) {
	own, stop := chromedp.NewContext(ctx, chromedp.WithTargetID(id), chromedp.WithDetachOnCancel(),
		chromedp.WithListener(func(ev any) { t.frameEvent(id, ev) }))
	defer stop()
	if err := chromedp.Do(own); err != nil {
		t.note(err)
		return
	}
	session := chromedp.FromContext(own).Target
	t.mu.Lock()
	t.sessions[id] = session
	t.mu.Unlock()
	defer t.abandon(id)
	if err := t.inject(own, session, true); err != nil {
		t.note(err)
		return
	}
	detached, err := chromedp.Detached(own)
	if err != nil {
		t.note(err)
		return
	}
	select {
	case <-detached:
	case <-own.Done():
	}
}

// abandon forgets a frame's target with the drivers in it.
func (t *tab) abandon(id target.ID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for frame, p := range t.places {
		if p.session == t.sessions[id] {
			delete(t.places, frame)
		}
	}
	delete(t.sessions, id)
}

// inject puts the driver into every document that a session will show, and where
// one is there already into that.
func (t *tab) inject(ctx context.Context, session *chromedp.Target, present bool) error {
	_, err := cdp.Call(ctx, session, cdpruntime.AddBinding, cdpruntime.AddBindingParams{Name: binding, ExecutionContextName: worldName})
	if err != nil {
		return err
	}
	_, err = cdp.Call(ctx, session, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: string(t.room.process.browser.options.Driver), WorldName: worldName, RunImmediately: &present,
	})
	return err
}

// frameEvent takes the events of a frame's own target.
func (t *tab) frameEvent(id target.ID, ev any) {
	switch ev := ev.(type) {
	case *cdpruntime.EventExecutionContextCreated:
		frame, ok := driverFrame(ev.Context)
		if !ok {
			return
		}
		t.mu.Lock()
		if session := t.sessions[id]; session != nil {
			t.places[frame] = place{session: session, world: ev.Context.UniqueID}
			t.signal()
		}
		t.mu.Unlock()
	case *cdpruntime.EventBindingCalled:
		t.mu.Lock()
		session := t.sessions[id]
		t.mu.Unlock()
		if session != nil {
			t.request(session, ev)
		}
	case *target.EventAttachedToTarget:
		t.attached(ev)
	}
}

// attached notices a frame of another site.
func (t *tab) attached(ev *target.EventAttachedToTarget) {
	if ev.TargetInfo.Type == "iframe" {
		t.apart(func(ctx context.Context) { t.adopt(ctx, ev.TargetInfo.TargetID) })
	}
}

// driverFrame returns the frame that a driver's context belongs to.
func driverFrame(c *cdpruntime.ExecutionContextDescription) (cdp.FrameID, bool) {
	var aux struct {
		FrameID cdp.FrameID `json:"frameId"`
		Type    string      `json:"type"`
	}
	if c.Name != worldName || json.Unmarshal(c.AuxData, &aux) != nil || aux.Type != "isolated" {
		return "", false
	}
	return aux.FrameID, true
}

// signal wakes those who wait for a frame's driver. The caller holds mu.
func (t *tab) signal() {
	close(t.changed)
	t.changed = make(chan struct{})
}

// intoFrame carries a call of an engine into a frame of another origin, which
// the engine cannot reach itself. Frames are numbered as in window.frames.
func (t asker) intoFrame(ctx context.Context, params json.RawMessage) (any, error) {
	var p struct {
		Index  int             `json:"index"`
		Method string          `json:"method"`
		Params json.RawMessage `json:"params"`
	}
	if err := json.Unmarshal(params, &p); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, frameTime)
	defer cancel()
	frame, err := t.frameAt(ctx, p.Index)
	if err != nil {
		return nil, err
	}
	to, err := t.tab.placeOf(ctx, frame)
	if err != nil {
		return nil, fmt.Errorf("the frame %d has no driver yet", p.Index)
	}
	call, err := json.Marshal(map[string]any{"method": p.Method, "params": p.Params})
	if err != nil {
		return nil, err
	}
	return to.ask(ctx, dispatch+"("+string(call)+")")
}

// frameTime bounds a call into a frame, which may still be loading.
const frameTime = 30 * time.Second

// dispatch is the driver's function that carries out one call and promises its
// result.
const dispatch = "__fazt_dispatch"

// findFrame finds the element that shows window[index]: a window of another
// origin tells nothing about itself, but may be compared.
const findFrame = `((index) => {
  const walk = (root) => {
    for (const el of root.querySelectorAll("*")) {
      if (el.contentWindow === window[index]) return el;
      const found = el.shadowRoot && walk(el.shadowRoot);
      if (found) return found;
    }
    return null;
  };
  return walk(document);
})`

func (t asker) frameAt(ctx context.Context, index int) (cdp.FrameID, error) {
	found, err := cdp.Call(ctx, t.session, cdpruntime.Evaluate, cdpruntime.EvaluateParams{
		Expression: findFrame + "(" + strconv.Itoa(index) + ")", ContextID: t.context,
	})
	if err != nil {
		return "", err
	}
	if found.Result == nil || found.Result.ObjectID == "" {
		return "", fmt.Errorf("the page has no frame %d", index)
	}
	described, err := cdp.Call(ctx, t.session, dom.DescribeNode, dom.DescribeNodeParams{ObjectID: found.Result.ObjectID})
	if err != nil {
		return "", err
	}
	return described.Node.FrameID, nil
}

// placeOf waits for a frame's driver.
func (t *tab) placeOf(ctx context.Context, frame cdp.FrameID) (place, error) {
	for {
		t.mu.Lock()
		changed := t.changed
		found, ok := t.places[frame]
		for id, f := range t.worlds {
			if f == frame {
				found, ok = place{session: t.page.Load(), world: id}, true
			}
		}
		t.mu.Unlock()
		if ok {
			return found, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return place{}, ctx.Err()
		}
	}
}

// ask evaluates an expression of ours and waits for what it promises.
func (p place) ask(ctx context.Context, code string) (json.RawMessage, error) {
	result, err := cdp.Call(ctx, p.session, cdpruntime.Evaluate, cdpruntime.EvaluateParams{
		Expression: code, UniqueContextID: p.world, AwaitPromise: new(true), ReturnByValue: new(true),
	})
	if err != nil {
		return nil, err
	}
	if d := result.ExceptionDetails; d != nil {
		if d.Exception != nil && d.Exception.Description != "" {
			return nil, fmt.Errorf("%s", firstLine(d.Exception.Description))
		}
		return nil, fmt.Errorf("%s", d.Text)
	}
	return json.RawMessage(result.Result.Value), nil
}
