package server_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"fazt/server/op"
	"fazt/server/servertest"
)

func TestKeys(t *testing.T) {
	t.Parallel()
	w := openShop(t)
	play(t, w, []scenario{
		{name: "members, order and numbers stay as given", op: "kv_set", input: `{"app":"shop","key":"exact","value":{"b":1.50,"a":[1E3,-0,12345678901234567890],"é":"\u00e9"}}`, want: []string{`"created":true`}},
		{name: "and come back so", op: "kv_get", input: `{"app":"shop","key":"exact"}`, want: []string{`{"b":1.50,"a":[1E3,-0,12345678901234567890],`}},
		{name: "null is a value", op: "kv_set", input: `{"app":"shop","key":"nothing","value":null}`, want: []string{`"created":true`}},
		{name: "and is there", op: "kv_get", input: `{"app":"shop","key":"nothing"}`, want: []string{`"value":null,`, `"expires_at":null`}},
		{name: "overwritten", op: "kv_set", input: `{"app":"shop","key":"nothing","value":0}`, want: []string{`"created":false`}},
		{name: "keys are bytes", op: "kv_set", input: `{"app":"shop","key":"a//b/../é%2F ?#","value":1}`, want: []string{`"key":"a//b/../é%2F ?#"`}},
		{name: "and are found so", op: "kv_get", input: `{"app":"shop","key":"a//b/../é%2F ?#"}`, want: []string{`"value":1`}},
		{name: "no other key is meant", op: "kv_count", input: `{"app":"shop","prefix":"a/b"}`, want: []string{`{"count":0,"more":false}`}},
		{name: "tried", op: "kv_set", input: `{"app":"shop","key":"ghost","value":1}`, envelope: op.Envelope{DryRun: true}, want: []string{`"created":true`}},
		{name: "a prefix is literal", op: "kv_list", input: `{"app":"shop","prefix":"user/"}`, want: []string{"user/ada", "user/bob", `"age":36`}, not: []string{"word", "hidden", "ghost"}},
		{name: "a percent sign is no wildcard", op: "kv_list", input: `{"app":"shop","prefix":"%"}`, want: []string{`"items":[]`}},
		{name: "backwards", op: "kv_list", input: `{"app":"shop","prefix":"user/","reverse":true,"limit":1}`, want: []string{"user/bob"}, not: []string{"user/ada"}},
		{name: "keys only", op: "kv_list", input: `{"app":"shop","prefix":"user/","keys_only":true}`, want: []string{"user/ada", `"version":`}, not: []string{"value", "Ada"}},
		{name: "many", op: "kv_get_many", input: `{"app":"shop","keys":["word","hidden","user/bob","word"]}`, want: []string{`"missing":["hidden"]`, `"text"`, `Bob`}, not: []string{"other app"}},
		{name: "delete", op: "kv_delete", input: `{"app":"shop","key":"word"}`, want: []string{`"deleted":true`}},
		{name: "delete again", op: "kv_delete", input: `{"app":"shop","key":"word"}`, want: []string{`"deleted":false`}},
		{name: "delete tried", op: "kv_delete_many", input: `{"app":"shop","prefix":"user/"}`, envelope: op.Envelope{DryRun: true}, want: []string{`"deleted":2`}},
		{name: "delete some twice", op: "kv_delete_many", input: `{"app":"shop","keys":["nothing","nothing","none"]}`, want: []string{`"deleted":1`}},
		{name: "delete by prefix with an agent's word", role: servertest.Agent, op: "kv_delete_many", input: `{"app":"shop","prefix":"user/"}`, envelope: op.Envelope{Confirm: "user/"}, want: []string{`"deleted":2`}},
		{name: "delete a prefix of nothing", op: "kv_delete_many", input: `{"app":"shop","prefix":"user/"}`, want: []string{`"deleted":0`}},
		{name: "delete all", op: "kv_delete_many", input: `{"app":"shop","all":true}`, want: []string{`"deleted":3`}},
		{name: "the other app is untouched", op: "kv_list", input: `{"app":"other"}`, want: []string{"hidden", "hidden/2"}},
	})
}

func TestIncrement(t *testing.T) {
	t.Parallel()
	w := openShop(t)
	for _, c := range []struct{ members, want string }{
		{``, `"value":1,`},
		{`,"by":41`, `"value":42,`},
		{`,"by":-100,"min":-10`, `"value":-10,`},
		{`,"by":1000,"max":99`, `"value":99,`},
		{`,"by":9223372036854775708`, `"value":9223372036854775807,`},
		{`,"by":-9223372036854775807`, `"value":0,`},
		{`,"by":0.25`, `"value":0.25,`},
		{`,"by":0.25`, `"value":0.5,`},
		{`,"by":1`, `"value":1.5,`},
	} {
		got := w.Must("kv_increment", `{"app":"shop","key":"n"`+c.members+`}`)
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: %s, want %s", c.members, got, c.want)
		}
	}
}

// TestTTL: a key is gone from expires_at on, swept or not, for every operation.
func TestTTL(t *testing.T) {
	t.Parallel()
	w := openShop(t)
	w.Must("kv_set", `{"app":"shop","key":"code","value":1,"ttl_ms":1000}`)
	if got := w.Must("kv_get", `{"app":"shop","key":"code"}`); !strings.Contains(got, `"expires_at":1764000001000`) {
		t.Error(got)
	}
	if got := w.Must("kv_increment", `{"app":"shop","key":"code"}`); !strings.Contains(got, `"value":2`) {
		t.Error(got)
	}
	w.Clock.Add(999 * time.Millisecond)
	w.Must("kv_get", `{"app":"shop","key":"code"}`)
	w.Clock.Add(time.Millisecond)
	refused(t, w, servertest.Owner, "kv_get", `{"app":"shop","key":"code"}`, op.Envelope{}, "key_not_found")
	play(t, w, []scenario{
		{name: "not listed", op: "kv_list", input: `{"app":"shop"}`, not: []string{"code"}},
		{name: "not counted", op: "kv_count", input: `{"app":"shop","prefix":"code"}`, want: []string{`"count":0`}},
		{name: "missing", op: "kv_get_many", input: `{"app":"shop","keys":["code"]}`, want: []string{`"items":[],"missing":["code"]`}},
		{name: "nothing to delete", op: "kv_delete", input: `{"app":"shop","key":"code"}`, want: []string{`"deleted":false`}},
		{name: "no value in the feed", op: "change_list", input: `{"app":"shop","since":"0.0","values":true}`, want: []string{`"key":"code"`}, not: []string{`"value":2`}},
		{name: "a new one", op: "kv_set", input: `{"app":"shop","key":"code","value":5,"create_only":true}`, want: []string{`"created":true`}},
		{name: "without an end", op: "kv_get", input: `{"app":"shop","key":"code"}`, want: []string{`"expires_at":null`}},
		{name: "setting without a ttl clears it", op: "kv_set", input: `{"app":"shop","key":"code","value":6,"ttl_ms":5}`, want: []string{`"created":false`}},
		{name: "so", op: "kv_set", input: `{"app":"shop","key":"code","value":7}`, want: []string{`"created":false`}},
		{name: "it stays", op: "kv_get", input: `{"app":"shop","key":"code"}`, want: []string{`"expires_at":null`}},
	})
}

// TestKeyPages walks keys in both directions and finds each once, also when
// keys come and go between the pages.
func TestKeyPages(t *testing.T) {
	t.Parallel()
	w := openShop(t)
	w.Must("kv_delete_many", `{"app":"shop","all":true}`)
	for _, key := range []string{"a", "b", "c", "d", "e"} {
		w.Must("kv_set", `{"app":"shop","key":"`+key+`","value":1}`)
	}
	for members, want := range map[string]string{
		`"app":"shop","limit":2`:                      "abcde",
		`"app":"shop","limit":2,"reverse":true`:       "edcba",
		`"app":"shop","limit":5`:                      "abcde",
		`"app":"shop","limit":1,"keys_only":true`:     "abcde",
		`"app":"shop","limit":3,"prefix":"c"`:         "c",
		`"app":"shop","limit":1000,"prefix":"nobody"`: "",
	} {
		if items, _ := walk(t, w, "kv_list", members); items != want {
			t.Errorf("%s: %q, want %q", members, items, want)
		}
	}
}

// walk reads a list to its end and returns its keys or ids in one text, and the
// number of pages.
func walk(t *testing.T, w *servertest.World, operation, members string) (items string, pages int) {
	t.Helper()
	cursor := ""
	for pages < 100 {
		input := `{` + members + cursor + `}`
		var page struct {
			Items []struct{ Key, ID string }
			Next  *string `json:"next_cursor"`
		}
		if err := json.Unmarshal([]byte(w.Must(operation, input)), &page); err != nil {
			t.Fatal(err)
		}
		pages++
		for _, item := range page.Items {
			items += item.Key + item.ID
		}
		if page.Next == nil {
			return items, pages
		}
		cursor = `,"cursor":"` + *page.Next + `"`
	}
	t.Fatalf("%s has no end", operation)
	return items, pages
}
