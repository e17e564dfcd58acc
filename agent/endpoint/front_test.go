package endpoint

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"fazt/server/op"
)

const initialize = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","clientInfo":{"name":"tester","version":"3"},"capabilities":%s}}`

func initializeBody(capabilities string) string {
	return strings.Replace(initialize, "%s", capabilities, 1)
}

// modernBody is a message of 2026-07-28.
func modernBody(method, params string) string {
	meta := `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"modern","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}`
	if params != "" {
		meta += "," + params
	}
	return `{"jsonrpc":"2.0","id":7,"method":"` + method + `","params":{` + meta + `}}`
}

func modern(method, name, params string) ask {
	headers := map[string]string{"Mcp-Protocol-Version": "2026-07-28", "Mcp-Method": method}
	if name != "" {
		headers["Mcp-Name"] = name
	}
	return ask{headers: headers, body: modernBody(method, params)}
}

func TestFrontRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ping := `{"jsonrpc":"2.0","id":1,"method":"ping"}`
	for _, c := range []struct {
		name   string
		ask    ask
		status int
		says   string
	}{
		{"no token", ask{token: "nobody", body: ping}, 401, "unauthenticated"},
		{"another origin", ask{headers: map[string]string{"Origin": "https://evil.example"}, body: ping}, 403, "may not call"},
		{"an origin like ours", ask{headers: map[string]string{"Origin": "http://127.0.0.1.evil.example"}, body: ping}, 403, "may not call"},
		{"no origin of a page", ask{headers: map[string]string{"Origin": "null"}, body: ping}, 403, "may not call"},
		{"another host", ask{host: "evil.example", body: ping}, 403, "not served here"},
		{"a body over 4 MiB", ask{body: `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"` + strings.Repeat("x", maxBody) + `"}}`}, 413, "too_large"},
		{"an unknown toolset", ask{path: "/mcp?toolsets=kv,bloobs", body: ping}, 400, "did you mean"},
		{"only, of nothing", ask{path: "/mcp?toolsets=only", body: ping}, 400, "no toolset"},
		{"an unknown parameter", ask{path: "/mcp?toolset=kv", body: ping}, 400, "did you mean"},
		{"another path", ask{path: "/mcp/admin", body: ping}, 404, "nothing at"},
		{"no JSON", ask{body: `{`}, 400, "json"},
	} {
		got := w.post(c.ask)
		if got.status != c.status || !strings.Contains(got.body, c.says) {
			t.Errorf("%s: %d %s, want %d with %q", c.name, got.status, got.body, c.status, c.says)
		}
	}
}

func TestFrontAccepts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ping := `{"jsonrpc":"2.0","id":1,"method":"ping"}`
	for name, a := range map[string]ask{
		"its own origin": {headers: map[string]string{"Origin": w.server.URL}, body: ping},
		"a listed one":   {headers: map[string]string{"Origin": "https://listed.example"}, body: ping},
		"no origin":      {body: ping},
		"readonly":       {path: "/mcp/readonly", body: ping},
	} {
		if got := w.post(a); got.status != 200 || !strings.Contains(got.body, `"result":{}`) {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	if got := w.post(ask{token: "nobody", body: ping}); got.header.Get("WWW-Authenticate") != "Bearer" {
		t.Errorf("401 does not say Bearer: %v", got.header)
	}
}

// TestGetNeedsSession: without one, mcp-go would join it to every other caller
// without a session, and send it their notifications.
func TestGetNeedsSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if got := w.do(w.get("agent", "")); got.status != http.StatusMethodNotAllowed || got.header.Get("Allow") != "POST" {
		t.Errorf("without a session: %d, Allow %q", got.status, got.header.Get("Allow"))
	}
	if got := w.do(w.get("agent", "unknown")); got.status != http.StatusNotFound {
		t.Errorf("with an unknown session: %d", got.status)
	}
}

func (w *world) get(token, session string) *http.Request {
	w.t.Helper()
	return w.request(http.MethodGet, token, session)
}

func (w *world) request(method, token, session string) *http.Request {
	w.t.Helper()
	r, err := http.NewRequest(method, w.server.URL+"/mcp", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Accept", "text/event-stream")
	if session != "" {
		r.Header.Set("Mcp-Session-Id", session)
	}
	return r
}

// TestSessions: only a client that can be asked gets a session; it is its
// principal's alone, and over when it is deleted.
func TestSessions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if got := w.post(ask{body: initializeBody(`{}`)}); got.header.Get("Mcp-Session-Id") != "" {
		t.Error("a client that cannot be asked got a session")
	}
	session := w.open("agent")
	list := func(token string) int {
		return w.post(ask{token: token, headers: map[string]string{"Mcp-Session-Id": session}, body: `{"jsonrpc":"2.0","id":2,"method":"tools/list"}`}).status
	}
	if status := list("agent"); status != 200 {
		t.Errorf("its principal: %d", status)
	}
	if status := list("other"); status != 404 {
		t.Errorf("another principal: %d", status)
	}
	if got := w.do(w.get("other", session)); got.status != 404 {
		t.Errorf("another principal listens: %d", got.status)
	}
	if got := w.do(w.request(http.MethodDelete, "other", session)); got.status != 404 {
		t.Errorf("another principal ends it: %d", got.status)
	}
	if got := w.do(w.request(http.MethodDelete, "agent", session)); got.status != 200 {
		t.Errorf("its principal ends it: %d", got.status)
	}
	if status := list("agent"); status != 404 {
		t.Errorf("after its end: %d", status)
	}
}

// open starts a session of a client that can be asked.
func (w *world) open(token string) string {
	w.t.Helper()
	got := w.post(ask{token: token, body: initializeBody(`{"elicitation":{}}`)})
	session := got.header.Get("Mcp-Session-Id")
	if session == "" {
		w.t.Fatalf("no session: %d %s", got.status, got.body)
	}
	return session
}

// TestSessionsEnd: sessions that are not used end, and one caller cannot fill
// the memory.
func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	s := newSessions(func() time.Time { return now }, newSteady())
	p := principals()["agent"]
	x := &exchange{principal: p, client: "tester"}
	id := s.open(x)
	now = now.Add(sessionTTL - 1)
	if !s.holds(id, p) {
		t.Error("ended too early")
	}
	now = now.Add(sessionTTL)
	if s.holds(id, p) {
		t.Error("idle for its time and not ended")
	}
	for range 2 * maxSessions {
		now = now.Add(time.Second)
		id = s.open(x)
	}
	if s.count() > maxSessions || !s.holds(id, p) {
		t.Errorf("%d sessions of one principal, the newest held: %v", s.count(), s.holds(id, p))
	}
}

// TestCancelledNeedsSession: requests without a session are known by their id
// alone, so that anyone's "cancel 1" would end everyone's request 1.
func TestCancelledNeedsSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	done := make(chan result)
	go func() { done <- w.call("/mcp", "op_run", `{"name":"system_wait"}`) }()
	w.eventually(func() bool { return w.endpointCalls() > 0 })
	for _, a := range []ask{
		{token: "other", body: `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`},
		{token: "other", body: strings.Replace(modernBody("notifications/cancelled", `"requestId":1`), `"id":7,`, "", 1), headers: map[string]string{"Mcp-Protocol-Version": "2026-07-28", "Mcp-Session-Id": "x"}},
	} {
		if got := w.post(a); got.status != http.StatusAccepted {
			t.Errorf("cancelled: %d %s", got.status, got.body)
		}
	}
	close(w.store.release)
	if r := <-done; r.IsError {
		t.Errorf("another caller cancelled it: %+v", r)
	}
}

// endpointCalls counts the waiting calls of the store.
func (w *world) endpointCalls() int {
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	return w.store.waiting
}

// eventually waits for what another goroutine is about to do.
func (w *world) eventually(true func() bool) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for !true() {
		select {
		case <-ctx.Done():
			w.t.Fatal("it did not happen")
		case <-time.After(time.Millisecond):
		}
	}
}

// TestListenersEndOnClose: a stream that stays open must not hold a shutdown.
func TestListenersEndOnClose(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withFixtures)
	session := w.open("agent")
	legacy := make(chan response)
	go func() { legacy <- w.do(w.get("agent", session)) }()
	stateless := make(chan response)
	go func() {
		stateless <- w.post(modern("subscriptions/listen", "", `"notifications":{"toolsListChanged":true}`))
	}()
	w.eventually(func() bool { return w.endpoint.Listeners() == 2 })
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := w.endpoint.Close(ctx); err != nil {
		t.Error(err)
	}
	<-legacy
	<-stateless
	if got := w.post(ask{body: `{"jsonrpc":"2.0","id":1,"method":"ping"}`}); got.status != http.StatusServiceUnavailable {
		t.Errorf("after Close: %d", got.status)
	}
}

// TestCloseWaitsForCalls: a call under way is answered, and one that takes too
// long is cut off.
func TestCloseWaitsForCalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	done := make(chan result)
	go func() { done <- w.call("/mcp", "op_run", `{"name":"system_wait"}`) }()
	w.eventually(func() bool { return w.endpointCalls() > 0 })
	closed := make(chan error)
	go func() { closed <- w.endpoint.Close(context.Background()) }()
	w.eventually(func() bool { return w.endpoint.closing.Err() != nil })
	close(w.store.release)
	if r := <-done; r.IsError {
		t.Errorf("the call was not answered: %+v", r)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

// TestAudit: a call is recorded under the face, with what the client calls
// itself, in both revisions and in a session.
func TestAudit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	session := w.open("agent")
	body := callBody("kv_get", `{"app":"shop"}`)
	w.post(ask{body: body, headers: map[string]string{"User-Agent": "curl/8 (x)"}})
	w.post(ask{body: body, headers: map[string]string{"Mcp-Session-Id": session}})
	w.post(modern("tools/call", "kv_get", `"name":"kv_get","arguments":{"app":"shop"}`))
	calls := w.records.list()
	if len(calls) != 3 {
		t.Fatalf("%d calls recorded", len(calls))
	}
	for i, want := range []string{"curl/8", "tester 3", "modern 1"} {
		if c := calls[i]; c.Client != want || c.Face != op.FaceMCP || c.Principal.ID != "t_agent" || c.Operation.Name != "kv_list" {
			t.Errorf("call %d: client %q, face %q, by %s, %s", i, c.Client, c.Face, c.Principal.ID, c.Operation.Name)
		}
	}
}

// TestFaultCodes: mcp-go answers -32603 for whatever a handler returns.
func TestFaultCodes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withFixtures)
	for _, c := range []struct {
		name   string
		ask    ask
		status int
		code   int
		data   string
	}{
		{"missing resource", modern("resources/read", "test://none", `"uri":"test://none"`), 400, -32602, `"uri":"test://none"`},
		{"missing resource before", ask{body: `{"jsonrpc":"2.0","id":7,"method":"resources/read","params":{"uri":"test://none"}}`}, 200, -32002, `"uri":"test://none"`},
		{"missing capability", modern("tools/call", "test_missing_capability", `"name":"test_missing_capability","arguments":{}`), 400, -32021, `"requiredCapabilities":{"sampling":{}}`},
		{"unknown tool", modern("tools/call", "nothing", `"name":"nothing","arguments":{}`), 400, -32602, ""},
	} {
		got := w.post(c.ask)
		var answer struct {
			ID    json.RawMessage
			Error struct {
				Code int
				Data json.RawMessage
			}
		}
		if err := json.Unmarshal([]byte(got.body), &answer); err != nil {
			t.Errorf("%s: %s", c.name, got.body)
			continue
		}
		if got.status != c.status || answer.Error.Code != c.code || string(answer.ID) != "7" || !strings.Contains(string(answer.Error.Data), c.data) {
			t.Errorf("%s: %d %s", c.name, got.status, got.body)
		}
	}
}
