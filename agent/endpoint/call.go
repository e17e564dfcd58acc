package endpoint

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/mark3labs/mcp-go/mcp"

	"fazt/agent/approval"
	"fazt/server/op"
)

const (
	// overloadWait is how long a call stays for a place: less than the timeouts
	// of clients, which take a retry for a new attempt.
	overloadWait = 10 * time.Second
	// overloadPause is the wait where the refusal names none.
	overloadPause = 500 * time.Millisecond
	// progressEvery keeps clients from giving up a call that takes long.
	progressEvery = 2 * time.Second
)

// call is one tools/call under way.
type call struct {
	ctx       context.Context
	endpoint  *Endpoint
	exchange  *exchange
	tool      *tool
	arguments arguments
	requestID string
	pending   *approval.Request // what a person is to be asked in place
}

// handle is the handler of every tool but the fixtures.
func (e *Endpoint) handle(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	x := from(ctx)
	t, ok := e.tools.get(request.Params.Name)
	if !ok {
		return nil, invalidParams("no tool of that name")
	}
	c := &call{ctx: ctx, endpoint: e, exchange: x, tool: t, requestID: e.requestID()}
	if err := c.asksInPlace(request); err != nil {
		return nil, err
	}
	stop := c.progress()
	defer stop()
	a := c.safely(request.Params.RawArguments)
	if c.pending != nil {
		return c.question(request.Params.RawArguments), nil
	}
	return a.result(x.variant), nil
}

// safely answers a mistake of the program in a view as an internal error, so
// that a model is told what is known. Operations have a net of their own.
func (c *call) safely(raw []byte) (a *answer) {
	defer func() {
		if p := recover(); p != nil {
			c.endpoint.options.Logger.Error("panic in a tool", "tool", c.tool.name, "request_id", c.requestID, "panic", p, "stack", string(debug.Stack()))
			e := op.AsError(fmt.Errorf("panic in %s: %v", c.tool.name, p))
			e.RequestID = c.requestID
			a = c.failure(request{operation: c.tool.name}, e)
			a.tail = "It is unknown whether anything was done: look before you call again."
		}
	}()
	return c.answer(raw)
}

func (e *Endpoint) requestID() string {
	id, err := randomName(e.options.Rand, 10)
	if err != nil {
		return "" // the log then has the time and the principal
	}
	return "q_" + id
}

func (c *call) answer(raw []byte) *answer {
	var err error
	if c.arguments, err = readArguments(raw); err != nil {
		return c.invalid(err)
	}
	if c.tool.operation != nil {
		return c.runOperationTool()
	}
	if err := c.arguments.check(c.tool.fields); err != nil {
		return c.invalid(err)
	}
	return c.tool.run(c)
}

// progress tells a client that asked for it that the call is alive, in seconds
// since it began.
func (c *call) progress() (stop func()) {
	token := c.exchange.message.Params.Meta.ProgressToken
	if token == nil {
		return func() {}
	}
	done := make(chan struct{})
	stopped := make(chan struct{})
	ticker := time.NewTicker(progressEvery)
	go func() {
		defer close(stopped)
		defer ticker.Stop()
		for n := 1; ; n++ {
			select {
			case <-ticker.C:
				c.exchange.reply.notify("notifications/progress", map[string]any{
					"progressToken": token, "progress": float64(n) * progressEvery.Seconds(), "message": "still at work",
				})
			case <-done:
				return
			}
		}
	}()
	return func() { close(done); <-stopped }
}

// request is what a tool asks of the registry.
type request struct {
	operation string
	input     jsontext.Value
	envelope  op.Envelope
	mode      op.Mode
	tab       string
}

// do makes the one call. A server that is full is asked again for a while,
// since it has done nothing; so is one whose queue is full.
func (c *call) do(r request) (*op.Result, error) {
	deadline := time.NewTimer(overloadWait)
	defer deadline.Stop()
	for {
		result, err := c.endpoint.options.Registry.Call(c.ctx, op.Request{
			Operation: r.operation, Principal: c.exchange.principal, Input: r.input, App: op.PeekApp(r.input),
			Envelope: r.envelope, Mode: r.mode, Tab: r.tab,
			Face: op.FaceMCP, Client: c.exchange.client, RequestID: c.requestID,
		})
		c.noted(err)
		pause, again := retryPause(err)
		if !again {
			return result, err
		}
		select {
		case <-time.After(pause):
		case <-deadline.C:
			return nil, err
		case <-c.ctx.Done():
			return nil, err
		}
	}
}

func retryPause(err error) (time.Duration, bool) {
	var e *op.Error
	if !errors.As(err, &e) || e.Code != op.CodeOverloaded {
		return 0, false
	}
	if e.RetryAfter <= 0 {
		return overloadPause, true
	}
	return e.RetryAfter, true
}

// read makes a call whose answer only serves another one.
func (c *call) read(operation string, input object) (jsontext.Value, error) {
	result, err := c.do(request{operation: operation, input: jsontext.Value(mustJSON(input))})
	if err != nil {
		return nil, err
	}
	return result.JSON, nil
}

// has reports whether an operation is registered with a field.
func (c *call) has(operation, field string) bool {
	o, ok := c.endpoint.options.Registry.Lookup(operation)
	if !ok {
		return false
	}
	for _, f := range o.Fields() {
		if f.Name == field {
			return true
		}
	}
	return false
}
