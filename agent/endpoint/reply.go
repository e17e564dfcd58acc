package endpoint

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"
)

// keepAliveEvery is below the idle limits of common proxies (30 s and up).
const keepAliveEvery = 15 * time.Second

// reply is the response writer that mcp-go gets. A JSON answer is held back
// until the handler ends, so that notifications can go out before it, as
// events, from the handler's own goroutine: mcp-go's forwarder loses the last
// one and mixes up those of concurrent calls in a session.
type reply struct {
	w       http.ResponseWriter
	streams bool // the client accepts events

	mu      sync.Mutex
	header  http.Header // what mcp-go sets; copied when sent
	status  int
	body    bytes.Buffer
	begun   bool // the headers are out, as an event stream
	theirs  bool // mcp-go writes events itself
	written bool // and has written one
	ended   bool
	timer   *time.Timer
	broken  error
	fault   *fault // replaces the answer
}

func newReply(w http.ResponseWriter, r *http.Request) *reply {
	return &reply{
		w: w, header: http.Header{}, status: http.StatusOK,
		streams: r.Method == http.MethodPost && strings.Contains(r.Header.Get("Accept"), "text/event-stream"),
	}
}

// Header implements http.ResponseWriter.
func (a *reply) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *reply) WriteHeader(status int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.status = status
	if a.header.Get("Content-Type") == "text/event-stream" {
		a.theirs = true
		a.begin()
	}
}

// Write implements http.ResponseWriter.
func (a *reply) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.theirs {
		return a.body.Write(p)
	}
	a.written = true
	return a.w.Write(p)
}

// Flush implements http.Flusher.
func (a *reply) Flush() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.begun {
		a.flush()
	}
}

func (a *reply) flush() { _ = http.NewResponseController(a.w).Flush() }

// begin sends the headers of an event stream. The caller holds mu.
func (a *reply) begin() {
	if a.begun {
		return
	}
	a.begun = true
	maps.Copy(a.w.Header(), a.header)
	a.w.Header().Set("Content-Type", "text/event-stream")
	a.w.Header().Set("Cache-Control", "no-cache")
	a.w.Header().Set("X-Accel-Buffering", "no") // nginx would hold events back
	a.w.WriteHeader(http.StatusOK)
}

// notify sends a message ahead of the answer, where the client accepts events.
func (a *reply) notify(method string, params any) {
	data, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "method": method, "params": params})
	if err != nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended || !a.streams {
		return
	}
	a.begin()
	a.event(data)
}

// streaming reports whether mcp-go has begun to write events.
func (a *reply) streaming() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.theirs && a.written
}

// event writes one message. The caller holds mu.
func (a *reply) event(data []byte) {
	if a.broken == nil {
		_, a.broken = a.w.Write(append(append([]byte("event: message\ndata: "), bytes.TrimSpace(data)...), "\n\n"...))
	}
	a.flush()
}

// fail puts a protocol error in the place of the answer.
func (a *reply) fail(f *fault) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.fault = f
}

// finish sends what was held back.
func (a *reply) finish(x *exchange) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended = true
	if a.theirs {
		return
	}
	if a.fault != nil && a.body.Len() > 0 {
		a.body.Reset()
		a.body.Write(a.fault.encode(x.message.ID))
		a.status = a.fault.status(&x.message)
	}
	if a.begun {
		if a.body.Len() > 0 {
			a.event(a.body.Bytes())
		}
		return
	}
	maps.Copy(a.w.Header(), a.header)
	a.w.WriteHeader(a.status)
	_, _ = a.w.Write(a.body.Bytes())
}

// keepAlive writes a comment now and then while events can flow. A call that
// takes long becomes an event stream by it, so that no proxy gives it up.
func (a *reply) keepAlive() (stop func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.timer = time.AfterFunc(keepAliveEvery, a.tick)
	return func() { a.timer.Stop() }
}

func (a *reply) tick() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended {
		return
	}
	if a.streams {
		a.begin()
	}
	if a.begun {
		_, _ = a.w.Write([]byte(": keepalive\n\n"))
		a.flush()
	}
	a.timer.Reset(keepAliveEvery)
}
