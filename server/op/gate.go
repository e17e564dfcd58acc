package op

import (
	"context"
	"errors"
	"io"
)

// Gate is asked about every call that its caller has the rights for, also
// those made inside others. bytes is how much the caller sent.
type Gate interface {
	Enter(ctx context.Context, inv *Invocation, bytes int64) (Pass, error)
}

// Pass is what a gate lets a call go on with. Its zero value asks for nothing.
type Pass struct {
	// Until ends the call, and the stream or the bytes that it answers, with
	// the cause that it ended by; nil never does.
	Until context.Context
	// Spent is told how many bytes were answered; nil wants to know nothing.
	Spent func(bytes int64)
}

// gated runs a call that the gate lets in.
func (r *Registry) gated(ctx context.Context, inv *Invocation, req *Request) (*Result, error) {
	if r.ports.Gate == nil {
		return r.permitted(ctx, inv, req)
	}
	pass, err := r.ports.Gate.Enter(ctx, inv, req.size())
	if err != nil {
		return nil, err
	}
	if req.Body != nil && pass.Spent != nil {
		req.Body = &countedReader{req.Body, pass.Spent}
		inv.Body = req.Body
	}
	ctx, end := pass.bound(ctx)
	defer end()
	result, err := r.permitted(ctx, inv, req)
	if err != nil {
		return nil, pass.reason(err)
	}
	return pass.follow(result), nil
}

// size is how many bytes of input a request carries. A body is counted while
// it is read.
func (req *Request) size() int64 {
	n := len(req.Input)
	for _, p := range req.Params {
		n += len(p.Value)
	}
	return int64(n)
}

// bound returns a context that ends with the pass too.
func (p Pass) bound(ctx context.Context) (context.Context, func()) {
	if p.Until == nil {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(p.Until, func() { cancel(context.Cause(p.Until)) })
	return ctx, func() {
		stop()
		cancel(nil)
	}
}

// reason is why a call failed that the pass may have ended.
func (p Pass) reason(err error) error {
	if p.Until == nil || p.Until.Err() == nil {
		return err
	}
	var e *Error
	if errors.As(err, &e) && e.Code != CodeDeadline {
		return err // it failed by itself
	}
	return context.Cause(p.Until)
}

// follow counts what a call answered, and lets what goes on after the call end
// with the pass.
func (p Pass) follow(result *Result) *Result {
	if p.Until == nil && p.Spent == nil {
		return result
	}
	p.spend(len(result.JSON))
	if result.Stream != nil {
		result.Stream = &passedStream{result.Stream, p}
	}
	if result.Body != nil {
		result.Body = p.followBody(result.Body)
	}
	return result
}

type passedStream struct {
	Stream
	pass Pass
}

func (s *passedStream) Next(ctx context.Context) (Event, error) {
	ctx, end := s.pass.bound(ctx)
	defer end()
	event, err := s.Stream.Next(ctx)
	if err != nil {
		return event, s.pass.reason(err)
	}
	if s.pass.Spent != nil {
		if encoded, err := Encode(event.Data); err == nil {
			s.pass.spend(len(encoded))
		}
	}
	return event, nil
}

func (p Pass) followBody(b *Body) *Body {
	followed := *b
	if b.Write != nil {
		followed.Write = func(ctx context.Context, w io.Writer) error {
			ctx, end := p.bound(ctx)
			defer end()
			if err := b.Write(ctx, passedWriter{w, p}); err != nil {
				return p.reason(err)
			}
			return nil
		}
	}
	if b.Open != nil {
		followed.Open = func(ctx context.Context) (io.ReadSeekCloser, error) {
			content, err := b.Open(ctx)
			if err != nil {
				return nil, err
			}
			return passedContent{content, p}, nil
		}
	}
	return &followed
}

type passedWriter struct {
	io.Writer
	pass Pass
}

func (w passedWriter) Write(data []byte) (int, error) {
	if err := w.pass.ended(); err != nil {
		return 0, err
	}
	n, err := w.Writer.Write(data)
	w.pass.spend(n)
	return n, err
}

type passedContent struct {
	io.ReadSeekCloser
	pass Pass
}

func (c passedContent) Read(data []byte) (int, error) {
	if err := c.pass.ended(); err != nil {
		return 0, err
	}
	n, err := c.ReadSeekCloser.Read(data)
	c.pass.spend(n)
	return n, err
}

type countedReader struct {
	io.Reader
	spent func(int64)
}

func (r *countedReader) Read(data []byte) (int, error) {
	n, err := r.Reader.Read(data)
	r.spent(int64(n))
	return n, err
}

func (p Pass) ended() error {
	if p.Until == nil || p.Until.Err() == nil {
		return nil
	}
	return context.Cause(p.Until)
}

func (p Pass) spend(n int) {
	if p.Spent != nil {
		p.Spent(int64(n))
	}
}
