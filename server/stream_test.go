package server_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fazt/server"
	"fazt/server/op"
)

// sse is one event as it came over the wire.
type sse struct{ id, event, data string }

// reader reads events from a response, skipping comments and retry.
type reader struct {
	response *http.Response
	lines    *bufio.Scanner
}

func (r *reader) next(t *testing.T) (sse, bool) {
	t.Helper()
	var e sse
	for r.lines.Scan() {
		name, value, _ := strings.Cut(r.lines.Text(), ": ")
		switch name {
		case "id":
			e.id = value
		case "event":
			e.event = value
		case "data":
			e.data = value
		case "":
			if e.data != "" {
				return e, true
			}
		}
	}
	return e, false
}

// follow opens a stream over a real connection.
func (f *face) follow(web *httptest.Server, path, lastID string) *reader {
	f.t.Helper()
	r, err := http.NewRequestWithContext(f.t.Context(), "GET", web.URL+path, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+ownerToken)
	r.Header.Set("Accept", "text/event-stream")
	if lastID != "" {
		r.Header.Set("Last-Event-ID", lastID)
	}
	a, err := web.Client().Do(r)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { a.Body.Close() })
	return &reader{a, bufio.NewScanner(a.Body)}
}

func TestStreamResumes(t *testing.T) {
	t.Parallel()
	f := openFace(t)
	web := f.serve()
	const path = "/api/apps/shop/changes?since=0"
	for _, key := range []string{"a", "b", "c"} {
		f.put("/api/apps/shop/kv/"+key, `{"value":1}`)
	}
	first := f.follow(web, path, "")
	if kind := first.response.Header.Get("Content-Type"); first.response.StatusCode != 200 || kind != "text/event-stream" {
		t.Fatalf("%d %s", first.response.StatusCode, kind)
	}
	var seen []sse
	for range 2 {
		e, ok := first.next(t)
		if !ok {
			t.Fatal("the stream ended")
		}
		seen = append(seen, e)
	}
	if !strings.Contains(seen[1].data, `"key":"b"`) || seen[1].event != "change" || seen[1].id == "" {
		t.Fatalf("%+v", seen)
	}
	first.response.Body.Close()
	second := f.follow(web, path, seen[1].id) // the same address, with the id of the last event
	if e, ok := second.next(t); !ok || !strings.Contains(e.data, `"key":"c"`) {
		t.Errorf("resumed at %+v, %v", e, ok)
	}
	f.put("/api/apps/shop/kv/d", `{"value":1}`)
	if e, ok := second.next(t); !ok || !strings.Contains(e.data, `"key":"d"`) {
		t.Errorf("live: %+v, %v", e, ok)
	}
	if a := f.get(path); a.header.Get("Content-Type") != "application/json" || !strings.Contains(a.body, `"key":"d"`) {
		t.Errorf("a page without Accept: %v", a)
	}
	if a := f.do(request{method: "GET", path: "/api/apps/none/changes", headers: []string{"Accept", "text/event-stream"}}); a.problem(t).Code != "app_not_found" {
		t.Errorf("an error before the first event: %s", a.body)
	}
}

func TestDrainEndsStreams(t *testing.T) {
	t.Parallel()
	f := openFace(t, func(o *server.Options) { o.MaxStreams = 2 })
	web := f.serve()
	const path = "/api/apps/shop/changes?since=0"
	open := []*reader{f.follow(web, path, ""), f.follow(web, path, "")}
	third := f.follow(web, path, "")
	if third.response.StatusCode != 503 || third.response.Header.Get("Retry-After") == "" {
		t.Errorf("over the gate: %d %v", third.response.StatusCode, third.response.Header)
	}
	if err := f.server.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, r := range open {
		for {
			if _, ok := r.next(t); !ok {
				break
			}
		}
	}
	if late := f.follow(web, path, ""); late.response.StatusCode != 503 {
		t.Errorf("after the drain: %d", late.response.StatusCode)
	}
	if a := f.get("/api/apps"); a.status != 200 {
		t.Errorf("another call after the drain: %d", a.status)
	}
}

// script is a stream that a test writes.
type script struct {
	events chan op.Event
	end    error
	closed chan struct{}
}

func (s *script) Next(ctx context.Context) (op.Event, error) {
	select {
	case e, ok := <-s.events:
		if !ok {
			return op.Event{}, s.end
		}
		return e, nil
	case <-ctx.Done():
		return op.Event{}, ctx.Err()
	}
}

func (s *script) Close() error { close(s.closed); return nil }

type noInput struct{}

// scripted adds an operation that answers the script.
func scripted(t *testing.T, s *script) func(*server.Options) {
	return func(o *server.Options) {
		err := o.Registry.Add(op.Define(op.Operation{
			Name: "test_follow", Summary: "Follow", Scope: "kv:read", Effect: op.Read, Method: "GET", Path: "/api/test", Streams: true,
		}, func(context.Context, noInput) (op.Stream, error) { return s, nil }))
		if err != nil {
			t.Fatal(err)
		}
	}
}

// line is the far end of a connection: what was written, and whether it takes
// any more.
type line struct {
	header http.Header

	mu       sync.Mutex
	text     strings.Builder
	stuck    bool
	deadline time.Time
}

func (l *line) Header() http.Header { return l.header }
func (l *line) WriteHeader(int)     {}
func (l *line) FlushError() error   { return nil }

func (l *line) SetWriteDeadline(t time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.deadline = t
	return nil
}

func (l *line) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stuck {
		time.Sleep(time.Until(l.deadline)) // of the bubble's clock
		return 0, os.ErrDeadlineExceeded
	}
	return l.text.Write(b)
}

func (l *line) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func TestStreamTimes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{events: make(chan op.Event), closed: make(chan struct{})}
		f := openFace(t, scripted(t, s))
		out := &line{header: http.Header{}}
		r := httptest.NewRequestWithContext(t.Context(), "GET", "http://localhost/api/test", nil)
		r.Header.Set("Authorization", "Bearer "+ownerToken)
		done := make(chan struct{})
		go func() {
			defer close(done)
			f.server.Handler().ServeHTTP(out, r)
		}()
		s.events <- op.Event{ID: "1", Type: "tick", Data: "x\ny"}
		time.Sleep(31 * time.Second)
		synctest.Wait()
		want := "id: 1\nevent: tick\ndata: \"x\\ny\"\n\n: keepalive\n\n: keepalive\n\n"
		if _, got, _ := strings.Cut(out.String(), "\n\n"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		out.mu.Lock()
		out.stuck = true
		out.mu.Unlock()
		began := time.Now()
		s.events <- op.Event{ID: "2", Data: 1}
		<-done
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("a reader that takes nothing was dropped after %v", took)
		}
		<-s.closed
		if a := f.get("/metrics"); !strings.Contains(a.body, "fazt_streams_dropped_total 1") {
			t.Error("the drop is not counted")
		}
	})
}

func TestStreamErrorIsAnEvent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		end  error
		want string
	}{
		{io.EOF, ""},
		{op.Errorf(op.CodeCompacted, "gone").WithHint("list again"), `"code":"compacted"`},
		{errors.New("secret"), `"code":"internal"`},
	} {
		s := &script{events: make(chan op.Event), end: c.end, closed: make(chan struct{})}
		close(s.events)
		f := openFace(t, scripted(t, s))
		a := f.get("/api/test")
		if c.want == "" && strings.Contains(a.body, "event: error") || !strings.Contains(a.body, c.want) || strings.Contains(a.body, "secret") {
			t.Errorf("%v: %s", c.end, a.body)
		}
		<-s.closed
	}
}
