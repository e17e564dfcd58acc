package server_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
	"fazt/server/servertest"
)

// versionOf returns the top-level version of an answer.
func versionOf(t *testing.T, answer string) string {
	t.Helper()
	var v struct{ Version json.Number }
	if err := json.Unmarshal([]byte(answer), &v); err != nil || v.Version == "" {
		t.Fatalf("no version in %s: %v", answer, err)
	}
	return v.Version.String()
}

// TestRepeatedCall: a call with an idempotency key is applied once, and every
// repetition hears, byte for byte, what the first heard.
func TestRepeatedCall(t *testing.T) {
	t.Parallel()
	w := openShop(t)
	for i, c := range []struct{ operation, input, again string }{
		{"kv_set", `{"app":"shop","key":"a","value":{"b":1.50,"a":[]}}`, `{ "key":"a", "app":"shop", "value":{"b":1.50,"a":[]} }`},
		{"kv_increment", `{"app":"shop","key":"n","by":5}`, `{"by":5,"key":"n","app":"shop"}`},
		{"kv_delete", `{"app":"shop","key":"word"}`, ``},
		{"kv_delete_many", `{"app":"shop","prefix":"user/"}`, ``},
		{"app_create", `{"id":"new"}`, ``},
		{"app_update", `{"app":"new","title":"T"}`, ``},
		{"batch_write", `{"app":"shop","mutations":[{"op":"kv_increment","key":"n"},{"op":"kv_set","key":"x","value":null}]}`, ``},
		{"setting_update", `{"add_origins":["https://a.example"]}`, ``},
		{"app_delete", `{"app":"new"}`, ``},
	} {
		if c.again == "" {
			c.again = c.input
		}
		envelope := op.Envelope{IdempotencyKey: "key-" + string(rune('a'+i))}
		first, err := w.Call(servertest.Owner, c.operation, c.input, envelope)
		if err != nil {
			t.Fatalf("%s: %v", c.operation, err)
		}
		state := dump(t, w.DB)
		second, err := w.Call(servertest.Owner, c.operation, c.again, envelope)
		if err != nil {
			t.Fatalf("%s again: %v", c.operation, err)
		}
		if !second.Replayed || string(second.JSON) != string(first.JSON) {
			t.Errorf("%s: first %s, then %s", c.operation, first.JSON, second.JSON)
		}
		if dump(t, w.DB) != state {
			t.Errorf("%s was applied twice", c.operation)
		}
		// Another caller's key of the same name is another key.
		if c.operation == "kv_increment" {
			other, err := w.Call(servertest.Admin, c.operation, c.input, envelope)
			if err != nil || other.Replayed || !strings.Contains(string(other.JSON), `"value":10`) {
				t.Errorf("another caller: %s, %v", resultText(other), err)
			}
		}
	}
}

// TestRacingCalls: of calls with one key that run at once, one is applied and
// all hear its result.
func TestRacingCalls(t *testing.T) {
	t.Parallel()
	w := openShop(t)
	const callers = 16
	answers := make([]string, callers)
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			result, err := w.Call(servertest.Agent, "kv_increment", `{"app":"shop","key":"n"}`, op.Envelope{IdempotencyKey: "once"})
			if err != nil {
				t.Error(err)
				return
			}
			answers[i] = string(result.JSON)
		})
	}
	wg.Wait()
	for _, a := range answers {
		if a != answers[0] || !strings.Contains(a, `"value":1,`) {
			t.Errorf("heard %s and %s", answers[0], a)
		}
	}
}

// TestDryRun: a trial answers what the call would, and neither it nor its
// idempotency key leaves a trace beside the audit log.
func TestDryRun(t *testing.T) {
	t.Parallel()
	w := openShop(t)
	for _, c := range []struct{ operation, input string }{
		{"kv_set", `{"app":"shop","key":"a","value":1}`},
		{"kv_increment", `{"app":"shop","key":"n","by":5}`},
		{"kv_delete", `{"app":"shop","key":"word"}`},
		{"kv_delete_many", `{"app":"shop","all":true}`},
		{"app_create", `{"id":"new"}`},
		{"app_update", `{"app":"shop","title":"T"}`},
		{"batch_write", `{"app":"shop","mutations":[{"op":"kv_set","key":"x","value":null},{"op":"kv_delete","key":"x"}]}`},
		{"setting_update", `{"add_origins":["https://a.example"],"approvals":"all"}`},
		{"token_create", `{"name":"n"}`},
		{"token_revoke", `{"token":"agent"}`},
		{"app_delete", `{"app":"shop"}`},
	} {
		before := dump(t, w.DB)
		tried, err := w.Call(servertest.Owner, c.operation, c.input, op.Envelope{DryRun: true, IdempotencyKey: "k"})
		if err != nil {
			t.Fatalf("%s: %v", c.operation, err)
		}
		if after := dump(t, w.DB); after != before {
			t.Errorf("%s changed the store\nbefore %s\nafter  %s", c.operation, before, after)
		}
		done := openShop(t).Must(c.operation, c.input)
		want := servertest.Normal(t, done)
		if c.operation == "token_create" {
			want = strings.Replace(want, `,"secret":"text"`, "", 1) // a secret that opens nothing would mislead
		}
		if got := servertest.Normal(t, string(tried.JSON)); got != want {
			t.Errorf("%s tried: %s, done: %s", c.operation, tried.JSON, done)
		}
	}
}

// TestAnswersAreJSON: whatever the key, the answer is JSON and key and value come
// back as the text that was meant.
func TestAnswersAreJSON(t *testing.T) {
	t.Parallel()
	w := openShop(t)
	for _, key := range []string{`"\u003cscript\u003e"`, `"line\u2028"`, `"quote\"and\\"`, `"\ud83d\ude00"`} {
		out := w.Must("kv_set", `{"app":"shop","key":`+key+`,"value":`+key+`}`)
		if !jsontext.Value(out).IsValid() {
			t.Errorf("%s answers %s", key, out)
		}
		var got struct{ Key, Value string }
		var want string
		if err := json.Unmarshal([]byte(key), &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(w.Must("kv_get", `{"app":"shop","key":`+key+`}`)), &got); err != nil {
			t.Fatal(err)
		}
		if got.Key != want || got.Value != want {
			t.Errorf("%s came back as %+v", key, got)
		}
	}
}
