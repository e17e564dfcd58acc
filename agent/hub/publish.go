package hub

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"

	"fazt/server/op"
)

func attr(key, value string) slog.Attr { return slog.String(key, value) }

// following is one subscription of one page.
type following struct {
	socket *socket
	id     uint64 // of the request that made it; pages use each id once
	topic  string
	app    string // of changes
	// Guarded by feeds.mu.
	sent   string // the newest cursor that the page was told
	behind bool   // the page was told to read anew, and has not caught up
}

// feeds are the subscriptions, and for each app that somebody follows one
// goroutine that waits for its changes.
type feeds struct {
	hub *Hub

	mu     sync.Mutex
	topics map[string]map[*following]struct{} // all but changes
	apps   map[string]*feed
}

type feed struct {
	followers map[*following]struct{}
	newest    string
	stop      context.CancelFunc
}

func (f *feeds) init(h *Hub) {
	f.hub, f.topics, f.apps = h, map[string]map[*following]struct{}{}, map[string]*feed{}
}

// Publish sends payload to every page that follows the topic: "runs",
// "recipes", "approvals", "tabs", "grants". It does not wait for any.
func (h *Hub) Publish(topic string, payload any) {
	f := &h.feeds
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.topics[topic]) == 0 {
		return
	}
	raw, err := encode(payload)
	if err != nil {
		h.options.Logger.Error("a published message cannot be encoded", "topic", topic, "error", err)
		return
	}
	for follower := range f.topics[topic] {
		follower.socket.publish(follower, raw)
	}
}

// published is what a page hears of a topic.
type published struct {
	ID     uint64          `json:"id"` // of its subscription
	Topic  string          `json:"topic"`
	Data   json.RawMessage `json:"data,omitempty"`
	Cursor string          `json:"cursor,omitempty"`
	Resync bool            `json:"resync,omitzero"` // something was left out: read anew
}

// publish hands one message on. A page with too much waiting hears once that
// it must read anew, instead of a growing heap of messages. The caller holds
// feeds.mu.
func (s *socket) publish(f *following, raw json.RawMessage) {
	p := published{ID: f.id, Topic: f.topic, Data: raw}
	s.mu.Lock()
	full := len(s.outbox) >= maxPublishedOut
	s.mu.Unlock()
	if full {
		if f.behind {
			return
		}
		p.Data, p.Resync = nil, true
	}
	f.behind = full
	s.tell(p)
}

func (s *socket) tell(p published) {
	if data, err := notification("published", p); err == nil {
		_ = s.Send(data) // a page that is gone follows nothing
	}
}

// subscribe begins a subscription, if the page's principal may.
func (s *socket) subscribe(id uint64, params json.RawMessage) {
	var in struct {
		Topic string `json:"topic"`
		App   string `json:"app"`
		Since string `json:"since"`
	}
	if err := json.Unmarshal(params, &in); err != nil {
		s.fail(id, op.Errorf(op.CodeInvalidInput, "subscribe does not fit its form").WithHint("%v", err))
		return
	}
	if err := s.mayFollow(in.Topic, in.App); err != nil {
		s.fail(id, err)
		return
	}
	f := &following{socket: s, id: id, topic: in.Topic, app: in.App, sent: in.Since}
	s.mu.Lock()
	full := len(s.following) >= maxSubscribed || s.following[id] != nil || s.closed
	if !full {
		s.following[id] = f
	}
	s.mu.Unlock()
	if full {
		s.fail(id, op.Errorf(op.CodeQuota, "a page follows at most %d topics, each under an id of its own", maxSubscribed).
			WithHint("unsubscribe from one first"))
		return
	}
	_ = s.answer(id, map[string]uint64{"id": id}) // a page that is gone is cleaned up by its reader
	s.hub.feeds.add(f)
}

func (s *socket) mayFollow(topic, app string) error {
	if s.hub.options.May == nil || topic == "changes" && s.hub.options.Changes == nil {
		return op.Errorf(op.CodeForbidden, "nothing can be followed here").WithHint("read it over HTTP")
	}
	return s.hub.options.May(s.hub.ctx, s.principal.Load(), topic, app)
}

func (s *socket) unsubscribe(id uint64, params json.RawMessage) {
	var in struct {
		ID uint64 `json:"id"`
	}
	if err := json.Unmarshal(params, &in); err != nil {
		s.fail(id, op.Errorf(op.CodeInvalidInput, "unsubscribe does not fit its form").WithHint("%v", err))
		return
	}
	s.mu.Lock()
	f := s.following[in.ID]
	delete(s.following, in.ID)
	s.mu.Unlock()
	if f != nil {
		s.hub.feeds.drop(f)
	}
	_ = s.answer(id, struct{}{}) // a page that is gone needs no answer
}

func (f *feeds) add(n *following) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n.socket.isClosed() {
		return // its reader has cleaned up already
	}
	if n.topic != "changes" {
		if f.topics[n.topic] == nil {
			f.topics[n.topic] = map[*following]struct{}{}
		}
		f.topics[n.topic][n] = struct{}{}
		return
	}
	a := f.apps[n.app]
	if a == nil {
		ctx, stop := context.WithCancel(f.hub.ctx)
		a = &feed{followers: map[*following]struct{}{}, stop: stop}
		f.apps[n.app] = a
		f.hub.running.Go(func() { f.follow(ctx, n.app, a) })
	}
	a.followers[n] = struct{}{}
	if a.newest != "" {
		n.catchUp(a.newest)
	}
}

// catchUp tells a page the newest cursor, if that is news. The caller holds
// feeds.mu.
func (n *following) catchUp(newest string) {
	if n.sent == newest {
		return
	}
	n.sent = newest
	n.socket.tell(published{ID: n.id, Topic: n.topic, Cursor: newest})
}

func (f *feeds) drop(n *following) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.topics[n.topic], n)
	a := f.apps[n.app]
	if n.topic != "changes" || a == nil {
		return
	}
	delete(a.followers, n)
	if len(a.followers) == 0 {
		a.stop()
		delete(f.apps, n.app)
	}
}

// follow tells an app's followers each newest cursor. A feed that cannot be
// read ends with resync, and the pages subscribe again.
func (f *feeds) follow(ctx context.Context, app string, a *feed) {
	since := ""
	for {
		cursor, err := f.hub.options.Changes(ctx, app, since)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			f.broken(app, a, err)
			return
		}
		f.mu.Lock()
		a.newest = cursor
		for n := range a.followers {
			n.catchUp(cursor)
		}
		f.mu.Unlock()
		since = cursor
	}
}

func (f *feeds) broken(app string, a *feed, err error) {
	var e *op.Error
	if !errors.As(err, &e) || e.Code != op.CodeCompacted {
		f.hub.options.Logger.Error("a feed of changes cannot be read", "app", app, "error", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	a.stop()
	if f.apps[app] == a {
		delete(f.apps, app)
	}
	for n := range a.followers {
		n.socket.tell(published{ID: n.id, Topic: n.topic, Resync: true})
	}
}
