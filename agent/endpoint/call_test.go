package endpoint

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fazt/server/op"
)

// direct makes a call without a network, so that a test can rule its time.
func direct(e *Endpoint, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/mcp", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", acceptsEvents)
	r.Header.Set("Authorization", "Bearer agent")
	w := httptest.NewRecorder()
	e.Handler().ServeHTTP(w, r)
	return w
}

func bubbleEndpoint(t *testing.T, s *store) *Endpoint {
	t.Helper()
	registry := op.NewRegistry(op.Ports{Admitter: op.AdmitAll{}, Recorder: op.RecordNone{}, Approver: op.ApproveAll{}})
	if err := registry.Add(s.operations()...); err != nil {
		t.Fatal(err)
	}
	return New(Options{Registry: registry, Authenticate: authenticate, Hosts: localHost, Origins: func(string) bool { return false }, Rand: newSteady()})
}

func overloaded(after time.Duration) *op.Error {
	e := op.Errorf(op.CodeOverloaded, "the server is full").WithHint("call again later")
	e.RetryAfter = after
	return e
}

// TestOverloadIsWaitedOut: a full server is asked again within ten seconds, and
// after them the answer says that nothing was written and when to call again.
func TestOverloadIsWaitedOut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		until time.Duration // the store is full for so long
		after time.Duration
		says  string
		took  time.Duration
	}{
		{"frees up", 3 * time.Second, time.Second, "ok kv_set", 3 * time.Second},
		{"names no time", time.Second, 0, "ok kv_set", time.Second},
		{"stays full", time.Hour, 4 * time.Second, "Nothing was written: the server was full for 10s. Call again later.\\nnext: kv_set {\\\"app\\\":\\\"shop\\\",\\\"key\\\":\\\"a\\\",\\\"value\\\":1}, in 4 s", overloadWait},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStore()
				start := time.Now()
				s.full = func() *op.Error {
					if time.Since(start) < c.until {
						return overloaded(c.after)
					}
					return nil
				}
				e := bubbleEndpoint(t, s)
				got := direct(e, callBody("kv_set", `{"app":"shop","key":"a","value":1}`)).Body.String()
				if !strings.Contains(got, c.says) || time.Since(start) != c.took {
					t.Errorf("after %v: %s", time.Since(start), got)
				}
				start = time.Now().Add(-c.until) // there is room again
				if again := direct(e, callBody("kv_set", `{"app":"shop","key":"a","value":1}`)).Body.String(); !strings.Contains(again, "ok kv_set") {
					t.Errorf("the call that it named: %s", again)
				}
				if err := e.Close(context.Background()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestProgressOfLongCalls: a client that sent a token hears every two seconds
// that its call is alive, and without a token nothing.
func TestProgressOfLongCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		e := bubbleEndpoint(t, s)
		time.AfterFunc(5*time.Second, func() { close(s.release) })
		body := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"op_run","arguments":{"name":"system_wait"},"_meta":{"progressToken":9}}}`
		got := events(direct(e, body).Body.Bytes())
		if len(got) != 3 || !strings.Contains(string(got[1]), `"progress":4,"progressToken":9`) || !strings.Contains(string(got[2]), `"result"`) {
			t.Errorf("the stream had %s", got)
		}
		got2 := direct(e, callBody("op_run", `{"name":"system_wait"}`))
		if strings.Contains(got2.Body.String(), "progress") {
			t.Errorf("unasked: %s", got2.Body)
		}
		if err := e.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

// TestSweepEndsSessions: a session that nobody uses leaves nothing behind in
// mcp-go either.
func TestSweepEndsSessions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := bubbleEndpoint(t, newStore())
		got := direct(e, initializeBody(`{"sampling":{}}`))
		if got.Header().Get("Mcp-Session-Id") == "" || e.Sessions() != 1 {
			t.Fatal("no session")
		}
		time.Sleep(2 * sessionTTL)
		synctest.Wait()
		if n := e.Sessions(); n != 0 {
			t.Errorf("%d sessions are left", n)
		}
		if err := e.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

// TestRunPassesOn: op_run makes one call, of its target, with mode, tab and
// envelope.
func TestRunPassesOn(t *testing.T) {
	t.Parallel()
	forms := make(chan *op.Invocation, 1)
	w := newWorld(t, func(_ *Options, p *op.Ports) { p.Forms = formsFunc(forms) })
	got := w.text("op_run", `{"name":"kv_set","input":{"app":"shop","key":"a","value":1},"mode":"ui","tab":"t_1","idempotency_key":"k1"}`)
	inv := <-forms
	if inv.Mode != op.ModeUI || inv.Tab != "t_1" || inv.Envelope.IdempotencyKey != "k1" || inv.App != "shop" {
		t.Errorf("the form got %+v", inv)
	}
	if !strings.HasPrefix(got, `ok kv_set «{"key":"a"}»`) {
		t.Errorf("answered %s", got)
	}
	if calls := w.records.list(); len(calls) != 2 || calls[0].Operation.Name != "kv_set" || calls[1].Operation.Name != "system_status" {
		t.Errorf("%d calls were recorded", len(calls))
	}
}

type formsFunc chan *op.Invocation

func (f formsFunc) Run(_ context.Context, inv *op.Invocation, _ []byte) (any, error) {
	f <- inv
	return struct {
		Key string `json:"key"`
	}{"a"}, nil
}

// TestPanicIsAnswered: a mistake in a view must not take the connection down.
func TestPanicIsAnswered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := &call{
		ctx: t.Context(), endpoint: w.endpoint, requestID: "q_1",
		tool: &tool{name: "kv_get", run: func(*call) *answer { panic("oh") }}, exchange: &exchange{principal: principals()["agent"]},
	}
	a := c.safely([]byte(`{}`))
	if got := a.text(); !a.failed || !strings.Contains(got, "error internal") || !strings.Contains(got, "q_1") || strings.Contains(got, "oh\n") {
		t.Errorf("answered %q", got)
	}
}
