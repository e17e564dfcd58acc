package agent_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"fazt/agent/limit"
	"fazt/server/op"
)

const endlessSource = `import { defineRecipe } from "fazt";
export default defineRecipe({ name: "endless", title: "Never ends", effect: "write", scopes: ["kv:write"],
  async api({ fazt }) {
    await fazt.kv.set({ app: "shop", key: "begun", value: 1 });
    await new Promise((resolve) => setTimeout(resolve, 60000));
  },
});`

type agentState struct {
	Stopped   bool
	StoppedBy string `json:"stopped_by"`
	Runs      int
}

// TestStopEndsWhatAgentsDo: a run is cancelled and says so, everything of an
// agent's is refused on every face, and a person goes on.
func TestStopEndsWhatAgentsDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(owner(), "app_create", `{"id":"shop"}`)
	w.must(robot(), "recipe_save", `{"source":`+jsonText(t, endlessSource)+`}`)
	var began struct{ ID, State string }
	decodeInto(t, w.must(robot(), "recipe_run", `{"name":"endless","wait_s":0}`), &began)
	w.waitForKey("begun")

	var stopped agentState
	decodeInto(t, w.must(owner(), "agent_stop", `{}`), &stopped)
	if !stopped.Stopped || stopped.StoppedBy != "owner" || stopped.Runs != 1 {
		t.Errorf("agent_stop answered %+v", stopped)
	}
	record := w.must(owner(), "run_get", `{"run":"`+began.ID+`"}`)
	if !has(record, `"state":"cancelled"`, "owner, who stopped all agents", `"state":"ok"`) {
		t.Errorf("the run's record: %s", record)
	}
	overMCP := func(r *op.Request) { r.Face = op.FaceMCP }
	for name, call := range map[string]func() (string, error){
		"an agent's read":      func() (string, error) { return w.call(robot(), "kv_get", `{"app":"shop","key":"begun"}`) },
		"an agent's run":       func() (string, error) { return w.call(robot(), "recipe_run", `{"name":"endless"}`) },
		"the owner's over MCP": func() (string, error) { return w.call(owner(), "agent_status", `{}`, overMCP) },
		"a tab that is driven": func() (string, error) { p := owner(); p.Driven = true; return w.call(p, "agent_status", `{}`) },
	} {
		if _, err := call(); codeOf(err) != op.CodeAgentsStopped || !strings.Contains(err.Error(), "owner has stopped all agents") {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.must(owner(), "kv_set", `{"app":"shop","key":"person","value":1}`)
	if _, err := w.call(robot(), "agent_resume", `{}`); codeOf(err) != op.CodeForbidden {
		t.Errorf("an agent resumed itself: %v", err)
	}
	w.must(owner(), "agent_resume", `{}`)
	w.must(robot(), "kv_get", `{"app":"shop","key":"begun"}`)
}

// TestStopEndsWaitingCalls: a call under way hears of the stop at once.
func TestStopEndsWaitingCalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(owner(), "app_create", `{"id":"shop"}`)
	w.must(owner(), "recipe_save", `{"source":`+jsonText(t, endlessSource)+`}`)
	ended := make(chan error, 1)
	go func() {
		_, err := w.call(robot(), "recipe_run", `{"name":"endless","wait_s":60}`)
		ended <- err
	}()
	w.waitForKey("begun")
	w.must(owner(), "agent_stop", `{}`)
	select {
	case err := <-ended:
		if err != nil && codeOf(err) != op.CodeAgentsStopped {
			t.Errorf("the waiting call: %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the call waits though all agents are stopped")
	}
}

// TestStopOutlivesTheProgram: a gate over the same database refuses too.
func TestStopOutlivesTheProgram(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(owner(), "agent_stop", `{}`)
	next := limit.New(limit.Options{DB: w.db, Now: time.Now})
	if err := next.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = next.Close(context.Background()) })
	if stop, err := next.Stopped(t.Context()); err != nil || stop == nil || stop.By != "owner" {
		t.Errorf("after a restart: %+v, %v", stop, err)
	}
}

// TestStopAnswersMCP: a session's next call answers one text that says what to do.
func TestStopAnswersMCP(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(owner(), "agent_stop", `{}`)
	body := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"op_run","arguments":{"name":"agent_status","input":{}}}}`
	r := httptest.NewRequest(http.MethodPost, "/mcp", strings.NewReader(body))
	r.Host = "test"
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	answer := httptest.NewRecorder()
	w.agent.Handler().ServeHTTP(answer, r)
	if text := answer.Body.String(); !has(text, "agents_stopped", "tell the person", `"isError":true`) {
		t.Errorf("%d %s", answer.Code, text)
	}
}

func jsonText(t testing.TB, text string) string {
	t.Helper()
	raw, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// waitForKey waits until the app shop holds a key.
func (w *world) waitForKey(key string) {
	w.t.Helper()
	watcher := w.db.Watch("shop")
	defer watcher.Close()
	for {
		if _, err := w.call(owner(), "kv_get", `{"app":"shop","key":"`+key+`"}`); err == nil {
			return
		}
		select {
		case <-watcher.C():
		case <-w.t.Context().Done():
			w.t.Fatalf("the key %s never came", key)
		}
	}
}

func decodeInto(t testing.TB, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatal(err)
	}
}
