package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// meeting is an error that an agent meets, by calls of which the last one fails,
// and what the next call that the answer names must say.
type meeting struct {
	error  string             // the code that the answer begins with
	before []step             // calls that must succeed, and are not part of the transcript
	fails  step               // the call that must not
	person func(t *testing.T) // what a person does before the next call
	then   string             // what the next call answers
	asks   *step              // a call that a person is asked about and decides before the last one
}

type step struct {
	tool, arguments string
}

func (s step) given(t *testing.T) map[string]any {
	t.Helper()
	given := map[string]any{}
	if err := json.Unmarshal([]byte(s.arguments), &given); err != nil {
		t.Fatalf("%v in %s", err, s.arguments)
	}
	return given
}

// TestNextCallGolden: every error that an agent can meet names one exact next
// call, and that call, made as it is written, brings the agent on.
func TestNextCallGolden(t *testing.T) {
	t.Parallel()
	chromium.Open(t)
	p := serve(t)
	registry, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	api := newPlainHTTP(t, p, ownerSecret)
	must(t, api, registry, "app_create", `{"id":"shop"}`)
	must(t, api, registry, "app_create", `{"id":"attic"}`)
	must(t, api, registry, "kv_set", `{"app":"shop","key":"greeting","value":"hi"}`)
	must(t, api, registry, "collection_set", `{"app":"shop","collection":"people","schema":{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"number"}},"required":["name"]},"indexes":[{"fields":["name"],"unique":true}]}`)
	must(t, api, registry, "doc_insert", `{"app":"shop","collection":"people","docs":[{"id":"ada","name":"Ada","age":36}]}`)
	decide := func(approve bool) func(t *testing.T) {
		return func(t *testing.T) {
			t.Helper()
			list := must(t, api, registry, "approval_list", `{}`)
			var waiting struct{ Items []struct{ ID string } }
			if err := json.Unmarshal([]byte(list), &waiting); err != nil || len(waiting.Items) == 0 {
				t.Fatalf("nothing waits: %v %s", err, list)
			}
			decision, err := json.Marshal(map[string]any{"approval": waiting.Items[0].ID, "approve": approve})
			if err != nil {
				t.Fatal(err)
			}
			must(t, api, registry, "approval_decide", string(decision))
		}
	}
	l := newLoop(t, p)
	for _, m := range meetings(decide) {
		m.meet(t, l)
	}
	l.golden(t, "testdata/next_calls.txt")
}

func meetings(decide func(bool) func(*testing.T)) []meeting {
	settled := step{"tab_do", `{"steps":["reload","expect row \"shop\" visible"]}`} // the refs of before are stale
	remove := step{"op_run", `{"name":"app_delete","input":{"app":"attic"},"confirm":"attic"}`}
	return []meeting{
		{error: "invalid_input", fails: step{"kv_set", `{"app":"shop","kye":"a","value":1}`}, then: "ok kv_set"},
		{error: "invalid_input", fails: step{"kv_get", `{"app":"shop","key":"greeting","prefix":"g"}`}, then: "ok kv_get"},
		{error: "unknown_field", fails: step{"op_run", `{"name":"kv_get","input":{"app":"shop","kye":"a"}}`}, then: "kv_get (read)"},
		{error: "operation_not_found", fails: step{"op_run", `{"name":"kv_remove","input":{}}`}, then: "kv_delete"},
		{error: "app_not_found", fails: step{"kv_get", `{"app":"shp","key":"greeting"}`}, then: "shop"},
		{error: "key_not_found", fails: step{"kv_get", `{"app":"shop","key":"greetin"}`}, then: "greeting"},
		{error: "collection_not_found", fails: step{"op_run", `{"name":"collection_get","input":{"app":"shop","collection":"persons"}}`}, then: "people"},
		{error: "doc_not_found", fails: step{"op_run", `{"name":"doc_get","input":{"app":"shop","collection":"people","id":"bob"}}`}, then: "Ada"},
		{error: "recipe_not_found", fails: step{"op_run", `{"name":"recipe_get","input":{"name":"greet_all"}}`}, then: "ok recipe_list"},
		{error: "run_not_found", fails: step{"run_get", `{"run":"r_aaaaaaaaaa"}`}, then: "ok run_list"},
		{error: "already_exists", fails: step{"kv_set", `{"app":"shop","key":"greeting","value":1,"create_only":true}`}, then: `"hi"`},
		{error: "version_mismatch", fails: step{"kv_set", `{"app":"shop","key":"greeting","value":1,"if_version":9999}`}, then: `"hi"`},
		{error: "type_mismatch", fails: step{"op_run", `{"name":"kv_increment","input":{"app":"shop","key":"greeting","by":1}}`}, then: `"hi"`},
		{error: "schema_violation", fails: step{"doc_put", `{"app":"shop","collection":"people","docs":[{"name":5}]}`}, then: `"name":{"type":"string"}`},
		{error: "unique_violation", fails: step{"doc_put", `{"app":"shop","collection":"people","docs":[{"name":"Ada"}]}`}, then: "Ada"},
		{error: "invalid_input", fails: step{"doc_find", `{"app":"shop","collection":"people","filter":{"age":{"$gr":3}}}`}, then: "doc_find (read)"},
		{error: "compacted", fails: step{"op_run", `{"name":"change_list","input":{"app":"shop","since":"99999999999999.0"}}`}, then: "ok change_list"},
		{
			error:  "idempotency_mismatch",
			before: []step{{"op_run", `{"name":"kv_set","input":{"app":"shop","key":"once","value":1},"idempotency_key":"k1"}`}},
			fails:  step{"op_run", `{"name":"kv_set","input":{"app":"shop","key":"once","value":2},"idempotency_key":"k1"}`}, then: `"value":1`,
		},
		{error: "confirmation_required", fails: step{"op_run", `{"name":"kv_delete_many","input":{"app":"shop","prefix":"o"}}`}, then: "ok kv_delete_many"},
		{error: "approval_required", fails: remove, person: decide(true), then: "ok app_delete"},
		{
			error: "declined", before: []step{{"op_run", `{"name":"app_create","input":{"id":"attic"}}`}}, asks: &remove,
			person: decide(false), fails: remove, then: "attic",
		},
		{error: "invalid_input", fails: step{"recipe_save", `{"name":"greet_all","source":"export default 1"}`}, then: "recipe_save (write)"},
		{error: "forbidden", fails: step{"op_run", `{"name":"token_list","input":{}}`}, then: `"kind":"agent"`},
		{error: "script_error", fails: step{"code_run", `{"code":"throw new Error('no')"}`}, then: "code_run (write)"},
		{
			error: "no_match", before: []step{{"tab_open", `{"url":"/apps"}`}, settled},
			fails: step{"tab_do", `{"steps":["click button \"Not there\""],"wait_s":1}`}, then: "ok tab_look",
		},
		{error: "gone", before: []step{settled}, fails: step{"tab_do", `{"steps":["click b77"],"wait_s":1}`}, then: "ok tab_look"},
		{error: "tab_not_found", fails: step{"tab_look", `{"tab":"t_aaaaaaaa"}`}, then: "t_"},
		{error: "bad_step", fails: step{"tab_do", `{"steps":["jump high"]}`}, then: "ok tab_look"},
	}
}

// meet makes the calls, and then the one that the failed answer names.
func (m meeting) meet(t *testing.T, l *loop) {
	t.Helper()
	for _, s := range m.before {
		mustTool(t, l.session, s.tool, s.given(t))
	}
	if m.asks != nil {
		l.say(t, m.asks.tool, m.asks.given(t))
		m.person(t)
	}
	text, failed, _, _ := l.say(t, m.fails.tool, m.fails.given(t))
	if !failed || !strings.Contains(text, m.error) {
		t.Errorf("%s %s did not meet %s: %s", m.fails.tool, m.fails.arguments, m.error, text)
		return
	}
	next, ok := nextOf(text)
	if !ok {
		t.Errorf("%s: no next call in %s", m.error, text)
		return
	}
	if m.person != nil && m.asks == nil {
		m.person(t)
	}
	then, failed := tool(t.Context(), t, l.session, next.tool, next.given(t))
	first, _, _ := strings.Cut(then, "\n") // the rest is not of this test, and changes with what is described there
	l.script.WriteString("> " + next.tool + " " + next.arguments + "\n" + first + "\n\n")
	if failed || !strings.Contains(then, m.then) {
		t.Errorf("%s: the next call %s %s answered %s", m.error, next.tool, next.arguments, then)
	}
}

// nextOf is the call that an answer names.
func nextOf(text string) (step, bool) {
	_, call, ok := strings.Cut(text, "\nnext: ")
	tool, rest, spaced := strings.Cut(call, " ")
	if !ok || !spaced {
		return step{}, false
	}
	var arguments json.RawMessage
	if err := json.NewDecoder(strings.NewReader(rest)).Decode(&arguments); err != nil {
		return step{}, false
	}
	return step{tool, string(arguments)}, true
}
