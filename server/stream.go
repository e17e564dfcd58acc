package server

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"

	"fazt/server/op"
)

const (
	// heartbeat keeps proxies from taking a quiet stream for a dead one.
	heartbeat = 15 * time.Second
	// streamWrite is how long a reader may take nothing before it is dropped.
	// It loses no event: it comes back with the last id it saw.
	streamWrite = 10 * time.Second
)

// gate counts the streams that are open, beside the calls that are admitted,
// and ends them all when the server drains.
type gate struct {
	limit int

	mu      sync.Mutex
	open    int
	drained bool
	idle    sync.Cond // none is open

	draining context.Context // ends when the gate drains
	end      context.CancelFunc
}

func newGate(limit int) *gate {
	g := &gate{limit: limit}
	g.idle.L = &g.mu
	g.draining, g.end = context.WithCancel(context.Background())
	return g
}

func (g *gate) enter() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.drained {
		return &op.Error{
			Code: op.CodeOverloaded, Detail: "the server is stopping", RetryAfter: 5 * time.Second,
			Hint: "connect again when it is back, with the id of the last event",
		}
	}
	if g.open >= g.limit {
		return &op.Error{
			Code: op.CodeOverloaded, Detail: "there are " + strconv.Itoa(g.open) + " streams open, as many as this server keeps",
			RetryAfter: 5 * time.Second, Hint: "close streams that are not needed, or read pages instead",
		}
	}
	g.open++
	return nil
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open--; g.open == 0 {
		g.idle.Broadcast()
	}
}

func (g *gate) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.open
}

// drain refuses new streams, ends those there are and waits until they have.
func (g *gate) drain() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.drained = true
	g.end()
	for g.open > 0 {
		g.idle.Wait()
	}
}

// bound returns a context that also ends when the gate drains.
func (g *gate) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	detach := context.AfterFunc(g.draining, cancel)
	return ctx, func() {
		detach()
		cancel()
	}
}

// serveStream answers with server-sent events (WHATWG HTML, section 9.2).
func (x *exchange) serveStream(req op.Request) error {
	if err := x.s.streams.enter(); err != nil {
		return err
	}
	defer x.s.streams.leave()
	x.resume(&req)
	ctx, stop := x.s.streams.bound(x.r.Context())
	defer stop()
	result, err := x.s.registry.Call(ctx, req)
	if err != nil {
		return err
	}
	if result.Stream == nil { // the operation had a page to answer instead
		return x.answer(result)
	}
	defer result.Stream.Close()
	events := &eventWriter{w: x.w, control: http.NewResponseController(x.w)}
	x.begin()
	err = x.follow(ctx, result.Stream, events)
	x.written = events.written
	_ = events.control.SetWriteDeadline(time.Time{})
	return err
}

// resume continues behind the last event that a reader saw. It asks again with
// the address of its first request, whose since is long past.
func (x *exchange) resume(req *op.Request) {
	id := x.r.Header.Get("Last-Event-ID")
	if id == "" || !x.endpoint.fields["since"] {
		return
	}
	kept := req.Params[:0]
	for _, p := range req.Params {
		if p.Name != "since" {
			kept = append(kept, p)
		}
	}
	req.Params = append(kept, op.Param{Name: "since", Value: id})
}

func (x *exchange) begin() {
	h := x.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would hold events back
	x.status = http.StatusOK
	x.w.WriteHeader(http.StatusOK)
}

// follow sends events until the stream ends, the reader goes, or the server
// drains. The answer has begun, so it returns no error of the stream: that is
// an event.
func (x *exchange) follow(ctx context.Context, stream op.Stream, out *eventWriter) error {
	// Readers that were ended together come back spread over two seconds.
	out.text("retry: " + strconv.Itoa(1000+rand.IntN(2000)) + "\n\n")
	for out.err == nil {
		event, err := x.next(ctx, stream)
		switch {
		case err == nil:
			out.event(event)
		case ctx.Err() != nil || errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, context.DeadlineExceeded):
			out.text(": keepalive\n\n")
		default:
			x.streamError(out, err)
			return nil
		}
	}
	x.s.metrics.dropped.Inc()
	return nil
}

// next waits for an event as long as a heartbeat.
func (x *exchange) next(ctx context.Context, stream op.Stream) (op.Event, error) {
	ctx, cancel := context.WithTimeout(ctx, heartbeat)
	defer cancel()
	return stream.Next(ctx)
}

func (x *exchange) streamError(out *eventWriter, err error) {
	e := op.AsError(ErrorOf(err))
	if e.Code == op.CodeInternal {
		x.s.logger.ErrorContext(x.r.Context(), "a stream failed", "operation", x.endpoint.op.Name, "request", x.id, "error", err)
	}
	x.code = e.Code
	_, body := Problem(e, x.id)
	out.text("event: error\ndata: " + string(body) + "\n\n")
}

// eventWriter writes events, each with its own time, and remembers the first
// error.
type eventWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	written int
	err     error
	buf     []byte
}

func (o *eventWriter) event(e op.Event) {
	data, err := op.Encode(e.Data)
	if err != nil {
		o.err = err
		return
	}
	b := o.buf[:0]
	if e.ID != "" {
		b = append(append(append(b, "id: "...), e.ID...), '\n')
	}
	if e.Type != "" {
		b = append(append(append(b, "event: "...), e.Type...), '\n')
	}
	b = append(append(append(b, "data: "...), data...), "\n\n"...)
	o.buf = b
	o.write(b)
}

func (o *eventWriter) text(s string) { o.write([]byte(s)) }

func (o *eventWriter) write(b []byte) {
	if o.err != nil {
		return
	}
	_ = o.control.SetWriteDeadline(time.Now().Add(streamWrite)) // a writer of a test may have none
	n, err := o.w.Write(b)
	o.written += n
	if err == nil {
		err = o.control.Flush()
	}
	o.err = err
}
