package hub_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"fazt/agent/hub"
	"fazt/server/op"
)

func TestWhereAPageMayComeFrom(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for _, c := range []struct {
		name   string
		header http.Header
		want   int
	}{
		{"its own origin", http.Header{"Origin": {w.url}}, http.StatusSwitchingProtocols},
		{"a listed origin", http.Header{"Origin": {"https://listed.example"}}, http.StatusSwitchingProtocols},
		{"another origin", http.Header{"Origin": {"https://evil.example"}}, http.StatusForbidden},
		{"another port", http.Header{"Origin": {"http://127.0.0.1:1"}}, http.StatusForbidden},
		{"no origin", http.Header{}, http.StatusForbidden},
		{"an opaque origin", http.Header{"Origin": {"null"}}, http.StatusForbidden},
		// Equal to the Host, which is not ours: the rebinding of a name.
		{"a foreign host", http.Header{"Origin": {"http://evil.example"}, "Host": {"evil.example"}}, http.StatusMisdirectedRequest},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		conn, response, err := websocket.Dial(ctx, w.url, &websocket.DialOptions{HTTPHeader: c.header, Host: c.header.Get("Host")})
		cancel()
		if response == nil || response.StatusCode != c.want {
			t.Errorf("%s: %v, %v", c.name, response, err)
		}
		if err == nil {
			_ = conn.CloseNow()
		}
	}
}

func TestTickets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	used := w.ticket(ana)
	w.join(ana, "e1", map[string]any{"ticket": used})
	old := w.ticket(ana)
	w.clock.add(30 * time.Second)
	for name, ticket := range map[string]string{"used": used, "old": old, "unknown": "x", "none": ""} {
		_, err := w.tryJoin(ana, "e2", map[string]any{"ticket": ticket})
		if websocket.CloseStatus(err) != websocket.StatusPolicyViolation || !strings.Contains(err.Error(), "unauthenticated") {
			t.Errorf("a ticket that is %s: %v", name, err)
		}
	}
}

func TestFirstMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	id := uint64(1)
	for name, m := range map[string]wire{
		"another method":   {ID: &id, Method: "subscribe"},
		"no id":            {Method: "hello", Params: map[string]any{"protocol": hub.Protocol, "ticket": w.ticket(ana)}},
		"another protocol": {ID: &id, Method: "hello", Params: map[string]any{"protocol": hub.Protocol + 1, "ticket": w.ticket(ana)}},
	} {
		conn, _, err := w.dial(nil)
		if err != nil {
			t.Fatal(err)
		}
		p := &page{t: t, conn: conn}
		p.send(m)
		if _, _, err := conn.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(w.hub.List(ana)) != 0 {
		t.Error("a tab came of it")
	}
}

func TestMessagesThatAreNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	p := w.join(ana, "e1", nil)
	id := uint64(9)
	p.send(wire{ID: &id, Method: "kv_set", Params: map[string]any{"key": "a"}})
	if a := <-p.answers; a.Error == nil || a.Error.Data["code"] != "invalid_input" {
		t.Errorf("an operation over the socket: %+v", a)
	}
	unknown := uint64(999)
	p.send(wire{ID: &unknown, Result: []byte(`1`)}) // an answer to nothing
	p.note("acted", map[string]any{"id": "no number"})
	p.note("nobody knows this", nil)
	done := w.start(ana, "", "look", nil)
	p.answer(p.next(), map[string]any{})
	if a := get(t, done); a.err != nil {
		t.Errorf("after nonsense: %v", a.err)
	}
	if err := p.conn.Write(t.Context(), websocket.MessageText, []byte(`{"jsonrpc": "2.0", "id": {}}`)); err != nil {
		t.Fatal(err)
	}
	if err := <-p.done; websocket.CloseStatus(err) != websocket.StatusInvalidFramePayloadData {
		t.Errorf("%v", err)
	}
}

func TestTabsOfOnePrincipal(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for i := range 32 {
		w.join(ana, fmt.Sprint("e", i), nil)
	}
	if _, err := w.tryJoin(ana, "e32", nil); err == nil || !strings.Contains(err.Error(), "quota") {
		t.Errorf("one tab too many: %v", err)
	}
	w.join(ben, "e1", nil)
	if _, err := w.hub.Call(t.Context(), ana, "", "look", nil); op.AsError(err).Field != "tab" {
		t.Errorf("which of them is not said, and the answer is %v", err)
	}
}

// A page that a browser of ours shows is driven already: it may follow topics,
// and becomes no second tab.
func TestDrivenPageIsNoTab(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	driven := *ana
	driven.Driven = true
	p := w.join(&driven, "e1", nil)
	if p.welcome["tab"] != nil || len(w.hub.List(ana)) != 0 {
		t.Errorf("%v, %v", p.welcome, w.hub.List(ana))
	}
	p.follow(7, "runs", "")
	w.hub.Publish("runs", map[string]string{"run": "r_1"})
	if m := p.noted("published"); m.Params["id"] != 7.0 {
		t.Errorf("%+v", m)
	}
}

// follow subscribes and waits for the answer.
func (p *page) follow(id uint64, topic, app string) wire {
	p.t.Helper()
	p.send(wire{ID: &id, Method: "subscribe", Params: map[string]any{"topic": topic, "app": app}})
	select {
	case a := <-p.answers:
		return a
	case <-time.After(20 * time.Second):
		p.t.Fatal("no answer to subscribe")
		return wire{}
	}
}

func TestSubscriptions(t *testing.T) {
	t.Parallel()
	cursors := make(chan string)
	w := newWorld(t, func(o *hub.Options) {
		o.Changes = func(ctx context.Context, app, since string) (string, error) {
			select {
			case c := <-cursors:
				if c == "compacted" {
					return "", op.Errorf(op.CodeCompacted, "too old")
				}
				return c, nil
			case <-ctx.Done():
				return "", ctx.Err()
			}
		}
	})
	p, q := w.join(ana, "e1", nil), w.join(ben, "e1", nil)
	if a := p.follow(2, "approvals", ""); a.Error == nil || a.Error.Data["code"] != "forbidden" {
		t.Errorf("a topic without the right: %+v", a)
	}
	if a := p.follow(3, "changes", "other"); a.Error == nil {
		t.Errorf("an app without the right: %+v", a)
	}
	p.follow(4, "changes", "shop")
	q.follow(4, "changes", "shop")
	cursors <- "7.0"
	for _, pg := range []*page{p, q} {
		if m := pg.noted("published"); m.Params["cursor"] != "7.0" || m.Params["topic"] != "changes" {
			t.Errorf("%+v", m)
		}
	}
	late := w.join(ana, "e2", nil)
	late.follow(5, "changes", "shop")
	if m := late.noted("published"); m.Params["cursor"] != "7.0" {
		t.Errorf("who comes later hears where the feed is: %+v", m)
	}
	five := uint64(6)
	q.send(wire{ID: &five, Method: "unsubscribe", Params: map[string]any{"id": 4}})
	<-q.answers
	cursors <- "compacted"
	if m := p.noted("published"); m.Params["resync"] != true {
		t.Errorf("%+v", m)
	}
	select {
	case m := <-q.notes:
		if m.Method == "published" {
			t.Errorf("after unsubscribing came %+v", m)
		}
	default:
	}
}

// A page that does not read is told to read anew, and is cut off when even
// that does not help.
func TestSlowPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *hub.Options) { o.Outbox = 256 << 10 })
	// Little room in the kernel, so that the hub's own is soon full.
	slow := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err == nil {
			err = conn.(*net.TCPConn).SetReadBuffer(4 << 10)
		}
		return conn, err
	}}}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, w.url, &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {w.url}}, HTTPClient: slow})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	p := &page{t: t, conn: conn}
	id := uint64(1)
	p.send(wire{ID: &id, Method: "hello", Params: map[string]any{"protocol": hub.Protocol, "ticket": w.ticket(ana), "epoch": "e1"}})
	id = 2
	p.send(wire{ID: &id, Method: "subscribe", Params: map[string]any{"topic": "runs"}})
	big := strings.Repeat("x", 32<<10)
	until(t, "the page that does not read is left without its tab's page", func() bool {
		w.hub.Publish("runs", big)
		list := w.hub.List(ana)
		return len(list) == 1 && list[0].Away
	})
	reader := w.join(ben, "e1", nil)
	done := w.start(ben, "", "look", nil)
	reader.answer(reader.next(), map[string]any{})
	if a := get(t, done); a.err != nil {
		t.Errorf("a page that reads: %v", a.err)
	}
}

func TestHeartbeatNoticesASilentPeer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *hub.Options) { o.Heartbeat = 50 * time.Millisecond })
	conn, _, err := w.dial(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	p := &page{t: t, conn: conn}
	id := uint64(1)
	p.send(wire{ID: &id, Method: "hello", Params: map[string]any{"protocol": hub.Protocol, "ticket": w.ticket(ana), "epoch": "e1"}})
	// Nobody reads here, so no ping is answered.
	until(t, "the silent page is away", func() bool {
		list := w.hub.List(ana)
		return len(list) == 1 && list[0].Away
	})
}

// TestMemoryOfATab holds the price of a tab that only waits.
func TestMemoryOfATab(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector's own memory is in the way")
	}
	w := newWorld(t, nil)
	const tabs = 200
	before := memory()
	for i := range tabs {
		conn, _, err := w.dial(nil)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.CloseNow()
		p, id := &page{t: t, conn: conn}, uint64(1)
		p.send(wire{ID: &id, Method: "hello", Params: map[string]any{
			"protocol": hub.Protocol, "epoch": "e1", "ticket": w.ticket(principal(fmt.Sprint("p", i%10), op.KindPerson)),
		}})
		if _, _, err := conn.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	// The clients live in this process too, and cost about as much as the hub.
	each := (memory() - before) / tabs
	if each > 80<<10 {
		t.Errorf("a tab and its test client take %d kB", each>>10)
	}
	t.Logf("%d kB a tab, with its client", each>>10)
}

func memory() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}
