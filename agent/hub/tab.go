package hub

import (
	"context"
	"sync"
	"time"

	"fazt/server/op"
)

// tab is one live tab.
type tab struct {
	hub    *Hub
	id     string
	owner  *op.Principal
	kind   Kind
	key    string        // the secret to resume it with
	turn   chan struct{} // holds one value while a mutating call runs
	ended  chan struct{} // closed when the tab is gone for good
	shown  bool
	expiry *time.Timer // forgets a tab whose page stays away; guarded by mu

	mu      sync.Mutex
	link    Link          // nil while no page is connected
	fence   uint64        // rises with every connection
	epoch   string        // of the document that is there; "" while none is
	there   chan struct{} // closed while a document is there and linked
	open    bool          // there is closed
	asleep  *op.Error     // why the page does not answer although its tab is there; nil = it does
	url     string
	title   string
	hidden  bool
	unsaved bool
	calls   map[uint64]*call
	last    uint64 // id of the newest call
	agent   string // who acted last
	over    *op.Error
	pause   pause
}

func newTab(h *Hub, owner *op.Principal, kind Kind) *tab {
	return &tab{
		hub: h, owner: owner, kind: kind,
		turn: make(chan struct{}, 1), ended: make(chan struct{}),
		there: make(chan struct{}), calls: map[uint64]*call{},
		pause: pause{changed: make(chan struct{})},
	}
}

func (t *tab) info(now time.Time) Tab {
	t.mu.Lock()
	defer t.mu.Unlock()
	return Tab{
		ID: t.id, URL: t.url, Title: t.title, Owner: t.owner.ID, Kind: t.kind, Hidden: t.hidden,
		Away: t.epoch == "", Agent: t.agent, Paused: t.pause.holds(now), Shown: t.shown,
	}
}

func (t *tab) linkNow() Link {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.link
}

// connect gives the tab a new link. The fence rises, so that the page refuses
// what was sent over the old one.
func (t *tab) connect(link Link) (fence uint64, old Link) {
	t.mu.Lock()
	defer t.mu.Unlock()
	old, t.link = t.link, link
	t.fence++
	t.reachable()
	if t.expiry != nil {
		t.expiry.Stop()
		t.expiry = nil
	}
	return t.fence, old
}

// lost takes link away from the tab, if it is still the tab's. The document may
// come back with its calls, so they wait on.
func (t *tab) lost(link Link) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.link != link {
		return
	}
	t.link = nil
	t.away()
	t.expiry = time.AfterFunc(t.hub.options.Keep, func() { t.hub.remove(t, "its page did not come back") })
}

// away says that no document is there. The caller holds mu.
func (t *tab) away() {
	t.epoch = ""
	if t.open {
		t.open = false
		t.there = make(chan struct{})
	}
}

// reachable wakes those who wait for a document, once one is there and linked.
// The caller holds mu.
func (t *tab) reachable() {
	if t.link != nil && t.epoch != "" && !t.open {
		t.open = true
		close(t.there)
	}
}

// arrived says that a document is there: a new one, or the same after a
// reconnect, which names the calls it still has.
func (t *tab) arrived(h hello) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over != nil {
		return
	}
	t.url, t.title, t.hidden, t.unsaved = clip(h.URL), clip(h.Title), h.Hidden, h.Unsaved
	for _, c := range t.calls {
		switch {
		case c.epoch == "":
		case c.epoch != h.Epoch:
			t.settle(c, c.goneWith(t.url, t.link))
		case !contains(h.Pending, c.id):
			t.settle(c, outcome{again: true}) // its message never arrived
		}
	}
	t.epoch, t.asleep = h.Epoch, nil
	t.reachable()
}

// left says that the document is gone for good and another will come.
func (t *tab) left() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range t.calls {
		if c.epoch != "" {
			t.settle(c, c.goneWith("", t.link))
		}
	}
	t.unsaved = false
	t.away()
}

// document waits until the tab shows a document that can be spoken to.
func (t *tab) document(ctx context.Context) (Link, error) {
	for {
		t.mu.Lock()
		link, there, over, asleep, ready := t.link, t.there, t.over, t.asleep, t.open
		t.mu.Unlock()
		switch {
		case over != nil:
			return nil, over
		case asleep != nil:
			return nil, asleep
		case ready:
			return link, nil
		}
		select {
		case <-there:
		case <-t.ended:
		case <-ctx.Done():
			return nil, op.Errorf(CodeAway, "the page of tab %s did not come within the deadline", t.id).
				WithHint("call again with more time; tab_list says whether the tab is still there")
		}
	}
}

// end closes the tab for good: every call hears why.
func (t *tab) end(why *op.Error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over != nil {
		return
	}
	t.over = why
	close(t.ended)
	if t.expiry != nil {
		t.expiry.Stop()
	}
	for _, c := range t.calls {
		t.settle(c, outcome{err: c.orUnknown(why)})
	}
}

// sleeps ends every call that the page has, and refuses others until another
// document comes.
func (t *tab) sleeps(why *op.Error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.asleep = why
	t.away()
	for _, c := range t.calls {
		t.settle(c, outcome{err: c.orUnknown(why)})
	}
}

func contains(ids []uint64, id uint64) bool {
	for _, other := range ids {
		if other == id {
			return true
		}
	}
	return false
}
