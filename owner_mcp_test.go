package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestOwnerTakesBackOverMCP: the owner finds out over MCP what an agent did, sees
// what an undo of it since a time would do, and does it: what others did, and
// what the agent did before, stands.
func TestOwnerTakesBackOverMCP(t *testing.T) {
	t.Parallel()
	p := serve(t)
	owner, robot := connectMCP(t, p, "/mcp", ownerSecret), connectMCP(t, p, "/mcp", p.agent)
	mustTool(t, owner, "op_run", map[string]any{"name": "app_create", "input": map[string]any{"id": "shop"}})
	mustTool(t, owner, "kv_set", map[string]any{"app": "shop", "key": "mine", "value": "kept"})
	mustTool(t, owner, "kv_set", map[string]any{"app": "shop", "key": "word", "value": "first"})
	mustTool(t, robot, "kv_set", map[string]any{"app": "shop", "key": "early", "value": 1})
	registry, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	api := newPlainHTTP(t, p, ownerSecret)
	type entry struct {
		At                   int64
		Principal, Operation string
	}
	var audit struct{ Items []entry }
	if err := json.Unmarshal([]byte(must(t, api, registry, "system_audit", `{"app":"shop","operation":"kv_set","limit":1}`)), &audit); err != nil || len(audit.Items) != 1 {
		t.Fatalf("%v %+v", err, audit)
	}
	early := audit.Items[0]
	waitFor(t, func() bool { // the clock has gone on, so that since tells the two apart
		var now struct{ Items []entry }
		mustTool(t, owner, "kv_set", map[string]any{"app": "shop", "key": "mine", "value": "kept"})
		return json.Unmarshal([]byte(must(t, api, registry, "system_audit", `{"app":"shop","operation":"kv_set","limit":1}`)), &now) == nil &&
			len(now.Items) == 1 && now.Items[0].At > early.At
	})
	mustTool(t, robot, "kv_set", map[string]any{"app": "shop", "key": "word", "value": "second"})
	mustTool(t, robot, "kv_set", map[string]any{"app": "shop", "key": "late", "value": 2})

	if seen := mustTool(t, owner, "op_run", map[string]any{"name": "system_audit", "input": map[string]any{"principal": early.Principal, "app": "shop"}}); strings.Count(seen, `"kv_set"`) != 3 {
		t.Errorf("the audit of the agent: %s", seen)
	}
	undo := map[string]any{"app": "shop", "by": early.Principal, "since": early.At + 1}
	seen := mustTool(t, owner, "op_run", map[string]any{"name": "undo_preview", "input": undo})
	done := mustTool(t, owner, "op_run", map[string]any{"name": "undo_run", "input": undo})
	for _, text := range []string{seen, done} {
		if !strings.Contains(text, `"word"`) || !strings.Contains(text, `"late"`) || strings.Contains(text, `"early"`) || strings.Contains(text, `"mine"`) {
			t.Errorf("it answered %s", text)
		}
	}
	left := mustTool(t, owner, "kv_get", map[string]any{"app": "shop"})
	for _, want := range []string{`"early" | 1`, `"mine" | "kept"`, `"word" | "first"`} {
		if !strings.Contains(left, want) {
			t.Errorf("%s is not in %s", want, left)
		}
	}
	if strings.Contains(left, `"late"`) {
		t.Errorf("what the agent made is still there: %s", left)
	}
}
