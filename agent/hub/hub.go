package hub

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base32"
	"io"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"fazt/server/op"
)

// Options configure a hub.
type Options struct {
	Browser Browser // opens tabs of our own; nil = none can be opened
	// Hosts says which Host headers are the admin page's, and Origins which
	// foreign pages may join. A page whose Origin is its own admin host always may.
	Hosts   func(host string) bool
	Origins func(origin string) bool
	// May says whether p may follow a topic ("changes" with its app, "runs", …);
	// nil = nobody may follow anything.
	May func(ctx context.Context, p *op.Principal, topic, app string) error
	// Changes waits until something lies behind since in the app's feed and
	// returns the newest cursor; since "" asks for the present one at once. An
	// [*op.Error] compacted becomes "resync". nil = there are no feeds.
	Changes func(ctx context.Context, app, since string) (cursor string, err error)

	ModuleHash string // of the ES module, told to pages
	Logger     *slog.Logger
	Now        func() time.Time
	Rand       io.Reader

	Heartbeat time.Duration // how often a silent page is pinged; the default is 25 s
	Keep      time.Duration // how long a tab without a page is kept; the default is 2 min
	Countdown time.Duration // how long a person's input pauses an agent; the default is 10 s
	CallTime  time.Duration // a call's deadline when its context has none; the default is 30 s
	// Connections bounds the pages that are joined; the default is 16,384, and
	// each costs some 20 kB.
	Connections int
	Outbox      int // bytes that may wait for a page that reads slowly; the default is 8 MiB
}

// Bounds of what pages may take.
const (
	maxMessage      = 4 << 20 // a look of a huge page is some 100 kB
	maxTabs         = 32      // of one principal, over websockets
	maxSubscribed   = 64      // topics of one page
	helloTime       = 10 * time.Second
	writeTime       = 10 * time.Second
	maxPublishedOut = 256 // published messages that wait for one slow page
)

// Hub knows every live tab.
type Hub struct {
	options Options
	ctx     context.Context // ends with the hub
	stop    context.CancelFunc
	running sync.WaitGroup

	tickets tickets
	feeds   feeds

	mu     sync.Mutex
	closed bool
	tabs   map[string]*tab
	conns  map[*socket]struct{}
	grants []Grant
}

// New returns a hub; its heart beats until Close.
func New(o Options) *Hub {
	o.Heartbeat = cmp.Or(o.Heartbeat, 25*time.Second)
	o.Keep = cmp.Or(o.Keep, 2*time.Minute)
	o.Countdown = cmp.Or(o.Countdown, 10*time.Second)
	o.CallTime = cmp.Or(o.CallTime, 30*time.Second)
	o.Connections = cmp.Or(o.Connections, 16_384)
	o.Outbox = cmp.Or(o.Outbox, 8<<20)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Hosts == nil {
		o.Hosts = func(string) bool { return false }
	}
	if o.Origins == nil {
		o.Origins = func(string) bool { return false }
	}
	ctx, stop := context.WithCancel(context.Background())
	h := &Hub{options: o, ctx: ctx, stop: stop, tabs: map[string]*tab{}, conns: map[*socket]struct{}{}}
	h.tickets.init(o)
	h.feeds.init(h)
	h.running.Go(h.beat)
	return h
}

// Pages returns how many pages are joined.
func (h *Hub) Pages() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.conns)
}

// Tab is one live tab, as it is now.
type Tab struct {
	ID     string
	URL    string
	Title  string
	Owner  string // the principal's id
	Kind   Kind
	Hidden bool
	Away   bool   // its page is gone and may come back
	Agent  string // the name of who acted last, "" when only the person did
	Paused bool
	Shown  bool   // of ours: a person can see its window
	Note   string // of Open: what happened while the first page came
}

// Kind says who opened a tab.
type Kind string

// The kinds of tab.
const (
	Ours   Kind = "ours"   // opened by the server for its owner
	Person Kind = "person" // opened by a person in a browser of theirs
)

// List returns the tabs that p may see: its own, those it was granted, and for
// the owner also what agents have open. They are ordered by id.
func (h *Hub) List(p *op.Principal) []Tab {
	h.mu.Lock()
	visible := make([]*tab, 0, len(h.tabs))
	for _, t := range h.tabs {
		if h.rightLocked(p, t) != none || p.Owner && t.kind == Ours {
			visible = append(visible, t)
		}
	}
	h.mu.Unlock()
	list := make([]Tab, len(visible))
	for i, t := range visible {
		list[i] = t.info(h.options.Now())
	}
	slices.SortFunc(list, func(a, b Tab) int { return strings.Compare(a.ID, b.ID) })
	return list
}

// Count returns how many tabs are open, for the system's status.
func (h *Hub) Count() (ours, persons int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, t := range h.tabs {
		if t.kind == Ours {
			ours++
		} else {
			persons++
		}
	}
	return ours, persons
}

// find returns the tab that p means: the one named, or the only one it has. A
// tab in which p has no right does not exist for it.
func (h *Hub) find(p *op.Principal, id string) (*tab, right, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, none, closedError()
	}
	if id != "" {
		if t := h.tabs[id]; t != nil {
			if r := h.rightLocked(p, t); r != none {
				return t, r, nil
			}
		}
		return nil, none, notFound(id)
	}
	return h.onlyTab(p)
}

func (h *Hub) onlyTab(p *op.Principal) (*tab, right, error) {
	var found *tab
	var ids []string
	for _, t := range h.tabs {
		if h.rightLocked(p, t) != none {
			found, ids = t, append(ids, t.id)
		}
	}
	switch len(ids) {
	case 0:
		return nil, none, notFound("")
	case 1:
		return found, h.rightLocked(p, found), nil
	}
	slices.Sort(ids)
	return nil, none, op.Invalid("tab", "%d tabs are open, so the tab must be named", len(ids)).
		WithHint("name one of %s", strings.Join(ids, ", "))
}

// add registers a tab under a new id.
func (h *Hub) add(t *tab) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return closedError()
	}
	for {
		id, err := h.random("t_", 5)
		if err != nil {
			return err
		}
		if h.tabs[id] == nil {
			t.id = id
			h.tabs[id] = t
			return nil
		}
	}
}

// remove forgets a tab and answers its waiting calls.
func (h *Hub) remove(t *tab, reason string) {
	h.mu.Lock()
	known := h.tabs[t.id] == t
	if known {
		delete(h.tabs, t.id)
	}
	h.mu.Unlock()
	if !known {
		return
	}
	t.end(op.NotFound("tab", "the tab %s was closed: %s", t.id, reason).WithHint("open a new one with tab_open"))
	h.Publish("tabs", map[string]string{"tab": t.id, "gone": reason})
}

// random returns prefix with n bytes of randomness as letters and digits.
func (h *Hub) random(prefix string, n int) (string, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(h.options.Rand, b); err != nil {
		return "", op.AsError(err)
	}
	return prefix + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b)), nil
}

// Open opens a tab of our own for p. It returns when the tab's first document
// is there, or with an error that says why it is not.
func (h *Hub) Open(ctx context.Context, p *op.Principal, r OpenRequest) (Tab, error) {
	if h.options.Browser == nil {
		return Tab{}, op.Errorf(op.CodeInvalidInput, "this server opens no tabs of its own").
			WithHint("ask the person to open the admin page, and to share its tab")
	}
	ctx, cancel := h.deadline(ctx)
	defer cancel()
	t := newTab(h, p, Ours)
	t.shown = r.Show
	if err := h.add(t); err != nil {
		return Tab{}, err
	}
	link, err := h.options.Browser.Open(ctx, p, r, &Page{tab: t})
	if err != nil {
		h.remove(t, "it could not be opened")
		return Tab{}, err
	}
	t.connect(link)
	if _, err := t.document(ctx); err != nil {
		h.remove(t, "its first document did not come")
		link.Close("its first document did not come")
		return Tab{}, err
	}
	h.Publish("tabs", map[string]string{"tab": t.id})
	info := t.info(h.options.Now())
	info.Note = clip(strings.Join(link.Remarks(), "; "))
	return info, nil
}

// Close closes a tab of p's own, or lets go of a person's tab by ending p's
// grants for it: nobody but the person closes that.
func (h *Hub) Close(_ context.Context, p *op.Principal, id string) error {
	t, _, err := h.find(p, id)
	if err != nil {
		if t = h.ownerCloses(p, id); t == nil {
			return err
		}
	}
	if t.kind == Person {
		h.dropGrants(func(g Grant) bool { return g.Agent == p.ID && g.covers(t) })
		return nil
	}
	link := t.linkNow()
	h.remove(t, "its owner closed it")
	if link != nil {
		link.Close("closed")
	}
	return nil
}

// ownerCloses finds a tab of ours that the owner wants closed though an agent
// opened it.
func (h *Hub) ownerCloses(p *op.Principal, id string) *tab {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.tabs[id]
	if t == nil || t.kind != Ours || !p.Owner || p.Kind != op.KindPerson {
		return nil
	}
	return t
}

// Shutdown closes every tab and connection, answers all calls, and returns when
// no goroutine of the hub is left or ctx ends.
func (h *Hub) Shutdown(ctx context.Context) error {
	h.mu.Lock()
	h.closed = true
	conns := make([]*socket, 0, len(h.conns))
	for c := range h.conns {
		conns = append(conns, c)
	}
	tabs := make([]*tab, 0, len(h.tabs))
	for _, t := range h.tabs {
		tabs = append(tabs, t)
	}
	clear(h.tabs)
	h.mu.Unlock()
	for _, t := range tabs {
		t.end(closedError())
	}
	sayGoodbye(ctx, conns)
	h.stop()
	var err error
	if h.options.Browser != nil {
		err = h.options.Browser.Close(ctx)
	}
	h.running.Wait()
	return err
}

// Now is the hub's clock.
func (h *Hub) Now() time.Time { return h.options.Now() }

// Shows reports whether a tab of ours can be shown to a person here.
func (h *Hub) Shows() bool { return h.options.Browser != nil && h.options.Browser.Shows() }

// Named returns the id of a tab that p named so, "" being its only one; "" when
// there is none.
func (h *Hub) Named(p *op.Principal, tab string) string {
	t, _, err := h.find(p, tab)
	if err != nil {
		return ""
	}
	return t.id
}

// Origin returns the origin of the document that a tab of p's shows, as in
// "https://erp.example".
func (h *Hub) Origin(p *op.Principal, tab string) (string, error) {
	t, _, err := h.find(p, tab)
	if err != nil {
		return "", err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	u, err := url.Parse(t.url)
	if err != nil || u.Host == "" {
		return "", op.Errorf(op.CodeInvalidInput, "the tab %s is at no address", t.id).WithHint("goto one first")
	}
	return u.Scheme + "://" + u.Host, nil
}
