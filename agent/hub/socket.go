package hub

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"fazt/server/op"
)

// socket is one page's websocket, and the Link of a person's tab.
type socket struct {
	hub       *Hub
	conn      *websocket.Conn
	cut       context.CancelFunc           // ends the reader, and with it the connection
	principal atomic.Pointer[op.Principal] // nil until hello
	tab       *tab                         // nil for a page that only subscribes; written before the reader's loop

	mu        sync.Mutex
	outbox    [][]byte
	waiting   int  // bytes in outbox
	writing   bool // a goroutine is emptying outbox
	closed    bool
	following map[uint64]*following
}

// Handler serves /agent/ws.
func (h *Hub) Handler() http.Handler { return http.HandlerFunc(h.serveSocket) }

// serveSocket checks where the page comes from before anything is accepted: an
// Origin equal to the Host would pass the library's own check whatever Host
// says, so Host is checked first.
func (h *Hub) serveSocket(w http.ResponseWriter, r *http.Request) {
	if !h.options.Hosts(r.Host) {
		http.Error(w, "wrong host", http.StatusMisdirectedRequest)
		return
	}
	if !h.fromOurs(r) {
		http.Error(w, "this origin may not join; the owner can list it: fazt origin add URL", http.StatusForbidden)
		return
	}
	conn, err := websocket.Accept(smallBuffers{w}, r, &websocket.AcceptOptions{InsecureSkipVerify: true}) // verified above
	if err != nil {
		return // Accept has answered
	}
	ctx, cut := context.WithCancel(h.ctx) // the request's own context ends with this handler
	s := &socket{hub: h, conn: conn, cut: cut, following: map[uint64]*following{}}
	if !h.register(s) {
		cut()
		_ = conn.CloseNow() // closing, or full
		return
	}
	go s.serve(ctx)
}

// register counts the connection and its reader, while the hub is open.
func (h *Hub) register(s *socket) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || len(h.conns) >= h.options.Connections {
		return false
	}
	h.conns[s] = struct{}{}
	h.running.Add(1)
	return true
}

// fromOurs reports whether the page's origin is the admin host it asks, or a
// listed one. Browsers always send an Origin with a websocket (RFC 6455,
// section 4.1).
func (h *Hub) fromOurs(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return false
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false
	}
	return strings.EqualFold(u.Host, r.Host) || h.options.Origins(origin)
}

// serve is the connection's one goroutine.
func (s *socket) serve(ctx context.Context) {
	defer s.hub.running.Done()
	defer s.leave()
	s.conn.SetReadLimit(maxMessage)
	var err error
	aside(func() { err = s.join(ctx) })
	if err != nil {
		s.refuse(err)
		return
	}
	for {
		kind, data, err := s.conn.Read(ctx)
		if err != nil {
			return
		}
		if kind != websocket.MessageText {
			s.refuse(op.Errorf(op.CodeInvalidJSON, "messages are text"))
			return
		}
		aside(func() { s.receive(data) })
	}
}

// aside runs f on a stack of its own and waits for it. Decoding goes deep, and
// the reader of a page that is idle from then on would keep the stack that it
// grew: 4 kB more of each page.
func aside(f func()) {
	var done sync.WaitGroup
	done.Go(f)
	done.Wait()
}

// leave runs when the connection has ended, however that came.
func (s *socket) leave() {
	s.mu.Lock()
	s.closed, s.outbox = true, nil
	follows := s.following
	s.following = nil
	s.mu.Unlock()
	for _, f := range follows {
		s.hub.feeds.drop(f)
	}
	s.hub.mu.Lock()
	delete(s.hub.conns, s)
	s.hub.mu.Unlock()
	if s.tab != nil {
		s.tab.lost(s)
	}
	s.cut()
	_ = s.conn.CloseNow()
}

// refuse says why the connection ends. A close reason has at most 123 bytes
// (RFC 6455, section 5.5).
func (s *socket) refuse(err error) {
	e := op.AsError(err)
	code := websocket.StatusPolicyViolation
	if e.Code == op.CodeOverloaded {
		code = websocket.StatusTryAgainLater
	}
	_ = s.conn.Close(code, shortReason(string(e.Code)+": "+e.Detail))
}

func shortReason(text string) string {
	const most = 120
	text = strings.ToValidUTF8(text, "")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "")
	}
	return text
}

// join reads hello, finds or makes the tab, and says welcome.
func (s *socket) join(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, helloTime)
	defer cancel()
	_, data, err := s.conn.Read(ctx)
	if err != nil {
		return op.Errorf(op.CodeDeadline, "no hello came")
	}
	var m message
	var h hello
	if err := decode(data, &m); err != nil || m.Method != "hello" || m.ID == nil {
		return op.Errorf(op.CodeInvalidJSON, "the first message must be hello")
	}
	if err := json.Unmarshal(m.Params, &h); err != nil {
		return op.Errorf(op.CodeInvalidJSON, "hello does not fit its form")
	}
	if h.Protocol != Protocol {
		return op.Errorf(op.CodeUnsupportedType, "protocol %d is not spoken here, %d is; reload the page", h.Protocol, Protocol)
	}
	p := s.hub.tickets.use(h.Ticket)
	if p == nil {
		return op.Errorf(op.CodeUnauthenticated, "the ticket is unknown, used or too old; get a new one")
	}
	s.principal.Store(p)
	return s.welcome(p, h, *m.ID)
}

// welcome admits the page. One that a browser of ours shows is driven through
// that, so it becomes no tab of its own, and may only subscribe.
func (s *socket) welcome(p *op.Principal, h hello, id uint64) error {
	w := welcome{Protocol: Protocol, Module: s.hub.options.ModuleHash, Person: p.Name}
	if p.Driven {
		return s.answer(id, w)
	}
	t, err := s.hub.tabOf(p, h)
	if err != nil {
		return err
	}
	s.tab = t
	fence, old := t.connect(s)
	if old != nil {
		old.Close("the tab has another connection")
	}
	w.Tab, w.Key, w.Fence = t.id, t.key, fence
	if err := s.answer(id, w); err != nil {
		return err
	}
	t.arrived(h)
	t.tellState()
	s.hub.Publish("tabs", map[string]string{"tab": t.id})
	return nil
}

// tabOf resumes the tab that the page names, if it has its key, else makes a
// new one. A browser that duplicates a tab copies the key: the copy is a new
// tab, because the first one still answers.
func (h *Hub) tabOf(p *op.Principal, hi hello) (*tab, error) {
	h.mu.Lock()
	t := h.tabs[hi.Tab]
	mine := 0
	for _, other := range h.tabs {
		if other.kind == Person && other.owner.ID == p.ID {
			mine++
		}
	}
	h.mu.Unlock()
	if t != nil && t.kind == Person && t.owner.ID == p.ID && sameSecret(t.key, hi.Key) && !t.answers(hi.Epoch) {
		return t, nil
	}
	if mine >= maxTabs {
		return nil, op.Errorf(op.CodeQuota, "%d tabs are open already", mine)
	}
	t = newTab(h, p, Person)
	key, err := h.random("", 16)
	if err != nil {
		return nil, err
	}
	t.key = key
	return t, h.add(t)
}

// answers reports whether another document than epoch still answers for the
// tab. A document that is being left closes its socket at about the time when
// the next one says hello, so it gets a moment.
func (t *tab) answers(epoch string) bool {
	t.mu.Lock()
	link, current := t.link, t.epoch
	t.mu.Unlock()
	s, ok := link.(*socket)
	if !ok || current == "" || current == epoch {
		return false
	}
	ctx, cancel := context.WithTimeout(t.hub.ctx, duplicateTime)
	defer cancel()
	return s.conn.Ping(ctx) == nil && !s.isClosed()
}

// duplicateTime is how long a document that may have been left has to show
// that it is alive.
const duplicateTime = time.Second

func (s *socket) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// Send implements [Link]. A page that does not read is cut off.
func (s *socket) Send(data []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return net.ErrClosed
	}
	if s.waiting += len(data); s.waiting > s.hub.options.Outbox {
		s.closed = true
		s.outbox = nil
		s.end(websocket.StatusPolicyViolation, "too_slow: the page did not read what was sent to it")
		return net.ErrClosed
	}
	s.outbox = append(s.outbox, data)
	if !s.writing {
		s.writing = true
		s.hub.running.Go(s.drain) // the reader is counted still, so this is before any Wait ends
	}
	return nil
}

// drain writes until nothing waits.
func (s *socket) drain() {
	for {
		s.mu.Lock()
		batch := s.outbox
		s.outbox = nil
		if s.closed || len(batch) == 0 {
			s.writing = false
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
		for _, data := range batch {
			if err := s.write(data); err != nil {
				s.cut()
				return // writing stays set: nothing is to be written any more
			}
		}
	}
}

func (s *socket) write(data []byte) error {
	ctx, cancel := context.WithTimeout(s.hub.ctx, writeTime)
	defer cancel()
	err := s.conn.Write(ctx, websocket.MessageText, data)
	s.mu.Lock()
	s.waiting -= len(data)
	s.mu.Unlock()
	return err
}

// answer responds to a request of the page.
func (s *socket) answer(id uint64, result any) error {
	data, err := response(id, result)
	if err != nil {
		return err
	}
	return s.Send(data)
}

// fail answers a request of the page with an error.
func (s *socket) fail(id uint64, err error) {
	if data, encodeErr := encode(message{Version: "2.0", ID: &id, Error: toWire(err)}); encodeErr == nil {
		_ = s.Send(data) // a page that is gone needs no answer
	}
}

// Do implements [Link]: a page in a person's browser does everything itself.
func (s *socket) Do(context.Context, string, json.RawMessage) (json.RawMessage, error) {
	return nil, ErrNotCarried
}

// Remarks implements [Link]: a person sees for themselves.
func (s *socket) Remarks() []string { return nil }

// Reliable implements [Link]: what a page sends while it is being left may be
// lost with it.
func (s *socket) Reliable() bool { return false }

// Close implements [Link].
func (s *socket) Close(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.end(websocket.StatusGoingAway, reason)
}

// end says goodbye in the background and then ends the reader. The caller holds
// mu, and the reader still runs.
func (s *socket) end(code websocket.StatusCode, reason string) {
	s.hub.running.Go(func() {
		late := time.AfterFunc(goodbyeTime, s.cut)
		defer late.Stop()
		_ = s.conn.Close(code, shortReason(reason)) // the peer may be gone
		s.cut()
	})
}

// sayGoodbye closes all connections at the same time. A silent peer would hold
// its own up for seconds, so after goodbyeTime the readers are cut.
func sayGoodbye(ctx context.Context, conns []*socket) {
	ctx, cancel := context.WithTimeout(ctx, goodbyeTime)
	defer cancel()
	var all sync.WaitGroup
	for _, s := range conns {
		all.Go(func() {
			stop := context.AfterFunc(ctx, s.cut)
			defer stop()
			_ = s.conn.Close(websocket.StatusGoingAway, "the server is closing")
			s.cut()
		})
	}
	all.Wait()
}

// goodbyeTime is what a page has to answer a goodbye.
const goodbyeTime = time.Second

// beat pings every connection from time to time: one whose peer vanished
// without a word is noticed.
func (h *Hub) beat() {
	ticker := time.NewTicker(h.options.Heartbeat)
	defer ticker.Stop()
	for {
		select {
		case <-h.ctx.Done():
			return
		case <-ticker.C:
			h.pingAll()
		}
	}
}

func (h *Hub) pingAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.conns {
		h.running.Go(func() {
			ctx, cancel := context.WithTimeout(h.ctx, h.options.Heartbeat)
			defer cancel()
			if err := s.conn.Ping(ctx); err != nil {
				s.cut()
			}
		})
	}
}
