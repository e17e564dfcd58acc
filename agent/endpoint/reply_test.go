package endpoint

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func newTestReply(accept string) (*reply, *httptest.ResponseRecorder) {
	recorder := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, "/mcp", nil)
	r.Header.Set("Accept", accept)
	return newReply(recorder, r), recorder
}

const acceptsEvents = "application/json, text/event-stream"

// writeJSON answers as mcp-go does.
func writeJSON(a *reply, status int, body string) {
	a.Header().Set("Content-Type", "application/json")
	a.WriteHeader(status)
	_, _ = a.Write([]byte(body))
}

func TestReplyAsJSON(t *testing.T) {
	t.Parallel()
	a, recorder := newTestReply(acceptsEvents)
	writeJSON(a, 400, `{"id":1}`)
	a.finish(&exchange{})
	if recorder.Code != 400 || recorder.Body.String() != `{"id":1}` || recorder.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%d %v %s", recorder.Code, recorder.Header(), recorder.Body)
	}
}

// TestReplyAfterNotification: mcp-go believes that it answers JSON, and the
// client gets a stream that ends with the answer.
func TestReplyAfterNotification(t *testing.T) {
	t.Parallel()
	a, recorder := newTestReply(acceptsEvents)
	a.notify("notifications/progress", map[string]any{"progress": 1})
	writeJSON(a, 200, "{\"id\":1}\n")
	a.finish(&exchange{})
	a.notify("notifications/progress", map[string]any{"progress": 2}) // too late
	want := "event: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progress\":1}}\n\n" +
		"event: message\ndata: {\"id\":1}\n\n"
	if recorder.Body.String() != want || recorder.Header().Get("Content-Type") != "text/event-stream" {
		t.Errorf("%v\n%s", recorder.Header(), recorder.Body)
	}
}

// TestReplyWithoutEvents: a client that does not accept a stream gets none.
func TestReplyWithoutEvents(t *testing.T) {
	t.Parallel()
	a, recorder := newTestReply("application/json")
	a.notify("notifications/progress", map[string]any{"progress": 1})
	writeJSON(a, 200, `{"id":1}`)
	a.finish(&exchange{})
	if recorder.Body.String() != `{"id":1}` {
		t.Errorf("got %s", recorder.Body)
	}
}

func TestReplyFault(t *testing.T) {
	t.Parallel()
	a, recorder := newTestReply(acceptsEvents)
	a.fail(invalidParams("no"))
	writeJSON(a, 200, `{"id":1,"error":{"code":-32603}}`)
	a.finish(&exchange{message: message{ID: json.RawMessage(`"x"`)}})
	if got := recorder.Body.String(); got != `{"error":{"code":-32602,"message":"no"},"id":"x","jsonrpc":"2.0"}` {
		t.Errorf("got %s", got)
	}
}

// TestReplyKeepsAlive: a call that takes long becomes a stream with a comment
// every 15 seconds, and still ends with its answer.
func TestReplyKeepsAlive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, recorder := newTestReply(acceptsEvents)
		stop := a.keepAlive()
		time.Sleep(keepAliveEvery*2 + time.Second)
		synctest.Wait()
		writeJSON(a, 200, `{"id":1}`)
		a.finish(&exchange{})
		stop()
		time.Sleep(keepAliveEvery * 2)
		if got := recorder.Body.String(); strings.Count(got, ": keepalive\n\n") != 2 || !strings.HasSuffix(got, "data: {\"id\":1}\n\n") {
			t.Errorf("got %q", got)
		}
	})
}

func TestReplyKeepsQuiet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, recorder := newTestReply("application/json")
		stop := a.keepAlive()
		time.Sleep(keepAliveEvery * 2)
		synctest.Wait()
		writeJSON(a, 200, `{"id":1}`)
		a.finish(&exchange{})
		stop()
		if got := recorder.Body.String(); got != `{"id":1}` {
			t.Errorf("a client that takes no events got %q", got)
		}
	})
}
