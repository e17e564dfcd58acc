package hub_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"fazt/agent/hub"
	"fazt/server/op"
)

func TestMain(m *testing.M) {
	if address := os.Getenv(crowdEnv); address != "" {
		crowdMain(address)
		return
	}
	goleak.VerifyTestMain(m)
}

// clock is a time that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is a hub behind a real server.
type world struct {
	t     testing.TB
	hub   *hub.Hub
	url   string
	clock *clock
}

func newWorld(t testing.TB, change func(*hub.Options)) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{now: time.Unix(1_800_000_000, 0)}}
	o := hub.Options{
		Hosts:   func(host string) bool { return strings.HasPrefix(host, "127.0.0.1:") },
		Origins: func(origin string) bool { return origin == "https://listed.example" },
		Now:     w.clock.Now, ModuleHash: "m1",
		May: func(_ context.Context, p *op.Principal, topic, app string) error {
			if topic == "runs" || app == "shop" {
				return nil
			}
			return op.Errorf(op.CodeForbidden, "%s may not follow %s", p.Name, topic)
		},
	}
	if change != nil {
		change(&o)
	}
	w.hub = hub.New(o)
	server := httptest.NewServer(w.hub.Handler())
	w.url = server.URL
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := w.hub.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	return w
}

func principal(id string, kind op.Kind) *op.Principal {
	return &op.Principal{ID: id, Name: "name of " + id, Kind: kind}
}

// The people and agents of the tests.
var (
	ana   = principal("ana", op.KindPerson)
	ben   = principal("ben", op.KindPerson)
	robot = principal("robot", op.KindAgent)
)

// wire is any message, as a page sees it.
type wire struct {
	Version string          `json:"jsonrpc"`
	ID      *uint64         `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  map[string]any  `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *wireError      `json:"error,omitempty"`
}

type wireError struct {
	Code    int            `json:"code"`
	Message string         `json:"message"`
	Data    map[string]any `json:"data,omitempty"`
}

// page is a scripted tab: what it receives waits in calls, notes and answers.
type page struct {
	t       testing.TB
	conn    *websocket.Conn
	welcome map[string]any
	calls   chan wire // requests of the hub
	notes   chan wire // notifications of the hub
	answers chan wire // answers to the page's own requests
	done    chan error
}

// dial connects without hello.
func (w *world) dial(header http.Header) (*websocket.Conn, *http.Response, error) {
	if header == nil {
		header = http.Header{"Origin": {w.url}}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return websocket.Dial(ctx, w.url+"/agent/ws", &websocket.DialOptions{HTTPHeader: header})
}

func (w *world) ticket(p *op.Principal) string {
	w.t.Helper()
	secret, _, err := w.hub.Ticket(p)
	if err != nil {
		w.t.Fatal(err)
	}
	return secret
}

// join connects a page and says hello.
func (w *world) join(p *op.Principal, epoch string, more map[string]any) *page {
	w.t.Helper()
	pg, err := w.tryJoin(p, epoch, more)
	if err != nil {
		w.t.Fatal(err)
	}
	return pg
}

func (w *world) tryJoin(p *op.Principal, epoch string, more map[string]any) (*page, error) {
	conn, _, err := w.dial(nil)
	if err != nil {
		return nil, err
	}
	pg := &page{
		t: w.t, conn: conn,
		calls: make(chan wire, 20), notes: make(chan wire, 1_000), answers: make(chan wire, 20), done: make(chan error, 1),
	}
	conn.SetReadLimit(-1)
	hello := map[string]any{"protocol": hub.Protocol, "epoch": epoch, "url": "/apps", "title": "Apps", "module": "m1"}
	if more["ticket"] == nil {
		hello["ticket"] = w.ticket(p)
	}
	for k, v := range more {
		hello[k] = v
	}
	id := uint64(1)
	pg.send(wire{ID: &id, Method: "hello", Params: hello})
	go pg.read()
	w.t.Cleanup(func() { _ = conn.CloseNow() })
	select {
	case answer := <-pg.answers:
		return pg, json.Unmarshal(answer.Result, &pg.welcome)
	case err := <-pg.done:
		return nil, err
	}
}

func (p *page) read() {
	for {
		_, data, err := p.conn.Read(context.Background())
		if err != nil {
			p.done <- err
			return
		}
		var m wire
		if err := json.Unmarshal(data, &m); err != nil {
			p.done <- err
			return
		}
		switch {
		case m.Method == "":
			p.answers <- m
		case m.ID != nil:
			p.calls <- m
		default:
			p.notes <- m
		}
	}
}

func (p *page) send(m wire) {
	m.Version = "2.0"
	data, err := json.Marshal(m)
	if err != nil {
		p.t.Error(err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = p.conn.Write(ctx, websocket.MessageText, data) // a connection that is cut shows in done
}

func (p *page) note(method string, params map[string]any) {
	p.send(wire{Method: method, Params: params})
}

func (p *page) answer(call wire, result any) {
	raw, err := json.Marshal(result)
	if err != nil {
		p.t.Error(err)
	}
	p.send(wire{ID: call.ID, Result: raw})
}

func (p *page) tab() string { return p.welcome["tab"].(string) }

// next waits for the hub's next request.
func (p *page) next() wire {
	p.t.Helper()
	select {
	case c := <-p.calls:
		return c
	case err := <-p.done:
		p.t.Fatalf("the connection ended: %v", err)
	case <-time.After(20 * time.Second):
		p.t.Fatal("no call came")
	}
	return wire{}
}

// noted waits for a notification of one method.
func (p *page) noted(method string) wire {
	p.t.Helper()
	for {
		select {
		case m := <-p.notes:
			if m.Method == method {
				return m
			}
		case <-time.After(20 * time.Second):
			p.t.Fatalf("no %s came", method)
		}
	}
}

// answered is what a call in the background came to.
type answered struct {
	raw json.RawMessage
	err error
}

func (w *world) start(p *op.Principal, tab, method string, params any) <-chan answered {
	out := make(chan answered, 1)
	go func() {
		raw, err := w.hub.Call(context.Background(), p, tab, method, params)
		out <- answered{raw, err}
	}()
	return out
}

func (a answered) code() op.Code {
	if a.err == nil {
		return ""
	}
	return op.AsError(a.err).Code
}

func get(t testing.TB, c <-chan answered) answered {
	t.Helper()
	select {
	case a := <-c:
		return a
	case <-time.After(40 * time.Second):
		t.Fatal("the call did not end")
		return answered{}
	}
}

// until waits for something that another goroutine brings about.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("it did not come about that %s", what)
		}
		<-tick.C
	}
}
