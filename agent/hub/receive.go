package hub

import (
	"context"
	"crypto/subtle"
	"encoding/json"

	"fazt/server/op"
)

// receive takes one message of the page over its socket: what is about the
// socket itself, or else about its tab.
func (s *socket) receive(data []byte) {
	var m message
	if err := decode(data, &m); err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !s.closed {
			s.end(1007, "invalid_json: "+err.Error()) // 1007: data that is not what it says (RFC 6455, section 7.4.1)
		}
		return
	}
	switch {
	case m.Method == "subscribe" && m.ID != nil:
		s.subscribe(*m.ID, m.Params)
	case m.Method == "unsubscribe" && m.ID != nil:
		s.unsubscribe(*m.ID, m.Params)
	case m.Method != "" && m.ID != nil:
		s.fail(*m.ID, op.Errorf(op.CodeInvalidInput, "no request %q", clip(m.Method)).
			WithHint("operations are called over HTTP; subscribe and unsubscribe are known here"))
	case s.tab != nil:
		s.tab.take(&m)
	}
}

// receive takes one message of a page behind any link.
func (t *tab) receive(data []byte) {
	var m message
	if err := decode(data, &m); err != nil {
		t.hub.options.Logger.LogAttrs(context.Background(), -4, "a page sent no message", attr("tab", t.id), attr("error", err.Error()))
		return
	}
	t.take(&m)
}

// take sorts a response or notification of the tab's page.
func (t *tab) take(m *message) {
	if m.Method == "" && m.ID != nil {
		t.answered(m)
		return
	}
	var p struct {
		ID      uint64          `json:"id"`
		URL     string          `json:"url"`
		Title   string          `json:"title"`
		Epoch   string          `json:"epoch"`
		Hidden  bool            `json:"hidden"`
		Unsaved bool            `json:"unsaved"`
		Do      string          `json:"do"`
		Did     json.RawMessage `json:"did"`
	}
	if len(m.Params) > 0 && json.Unmarshal(m.Params, &p) != nil {
		return // a notification has no answer, so there is nobody to tell
	}
	switch m.Method {
	case "acted":
		t.acted(p.ID, p.Did)
	case "nav":
		t.navigated(p.URL, p.Title, p.Epoch)
	case "hidden":
		t.set(func() { t.hidden = p.Hidden })
	case "unsaved":
		t.set(func() { t.unsaved = p.Unsaved })
	case "userInput":
		t.userInput()
	case "control":
		t.control(p.Do)
	case "closing":
		t.left()
	}
}

func (t *tab) set(change func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	change()
}

// answered settles the call that a response belongs to. A response that came
// too late, or twice, has none.
func (t *tab) answered(m *message) {
	o := outcome{result: m.Result}
	if m.Error != nil {
		o = outcome{err: fromEngine(m.Error)}
	} else if len(o.result) == 0 {
		o.result = json.RawMessage("null")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if c := t.calls[*m.ID]; c != nil {
		t.settle(c, o)
	}
}

// acted notes that a call takes effect now. An engine that counts its effects
// by itself, as in tabs of ours, means the one mutating call that there is.
// did is what the effect is, for the answer of a call whose document it leads
// away from.
func (t *tab) acted(id uint64, did json.RawMessage) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c := t.calls[id]; t.kind == Person && c != nil {
		c.acted, c.did = true, did
		return
	}
	for _, c := range t.calls {
		if t.kind == Ours && c.method.mutates {
			c.acted, c.did = true, did
		}
	}
}

// navigated takes a page's word where it is. Within a document the address
// changes alone; another epoch is a new document.
func (t *tab) navigated(url, title, epoch string) {
	t.mu.Lock()
	if epoch == "" || epoch == t.epoch {
		t.url, t.title = clip(url), clip(title)
		t.mu.Unlock()
		return
	}
	h := hello{URL: url, Title: title, Epoch: epoch, Hidden: t.hidden}
	t.mu.Unlock()
	t.arrived(h)
}

func sameSecret(a, b string) bool {
	return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}
