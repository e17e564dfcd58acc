package server_test

import (
	"testing"

	"fazt/server/op"
	"fazt/server/servertest"
)

func TestApps(t *testing.T) {
	t.Parallel()
	w := servertest.Open(t)
	play(t, w, []scenario{
		{name: "none", op: "app_list", input: `{}`, want: []string{`{"items":[],"next_cursor":null}`}},
		{name: "none for a bound token", role: servertest.Bound, op: "app_list", input: `{}`, want: []string{`{"items":[],"next_cursor":null}`}},
		{name: "created by an agent", role: servertest.Agent, op: "app_create", input: `{"id":"shop"}`, want: []string{`"id":"shop","title":"shop"`, `"created_at":1764000000000`}},
		{name: "tried", op: "app_create", input: `{"id":"ghost"}`, envelope: op.Envelope{DryRun: true}, want: []string{`"id":"ghost"`}},
		{name: "a second", op: "app_create", input: `{"id":"other","title":"Böse \"Other\""}`, want: []string{`"title":"Böse \"Other\""`}},
		{name: "both", op: "app_list", input: `{}`, want: []string{`"id":"other"`, `"id":"shop"`, `"next_cursor":null`}, not: []string{"ghost"}},
		{name: "one page", op: "app_list", input: `{"limit":1}`, want: []string{`"id":"other"`, `"next_cursor":"`}, not: []string{`"shop"`}},
		{name: "a bound token's own", role: servertest.Bound, op: "app_list", input: `{"limit":1}`, want: []string{`"id":"shop"`, `"next_cursor":null`}, not: []string{"other"}},
		{name: "a bound token gets its own", role: servertest.Bound, op: "app_get", input: `{"app":"shop"}`, want: []string{`"id":"shop"`}},
		{name: "renamed", op: "app_update", input: `{"app":"shop","title":"The shop"}`, want: []string{`"title":"The shop"`}},
		{name: "the title stays", op: "app_get", input: `{"app":"shop"}`, want: []string{`"title":"The shop"`}},
		{name: "deletion tried by an agent needs no word", role: servertest.Agent, op: "app_delete", input: `{"app":"shop"}`, envelope: op.Envelope{DryRun: true}, want: []string{`"deleted":true`}},
		{name: "still there", op: "app_get", input: `{"app":"shop"}`, want: []string{`"id":"shop"`}},
		{name: "deleted by an agent's word", role: servertest.Agent, op: "app_delete", input: `{"app":"shop"}`, envelope: op.Envelope{Confirm: "shop"}, want: []string{`"deleted":true`}},
		{name: "gone", op: "app_list", input: `{}`, want: []string{`"id":"other"`}, not: []string{`"id":"shop"`}},
		{name: "a person needs no word", op: "app_delete", input: `{"app":"other"}`, want: []string{`"deleted":true`}},
	})
}

// TestAppPages walks all apps in pages that end exactly at a page's end.
func TestAppPages(t *testing.T) {
	t.Parallel()
	w := servertest.Open(t)
	for _, id := range []string{"a", "b", "c", "d"} {
		w.Must("app_create", `{"id":"`+id+`"}`)
	}
	for limit, pages := range map[string]int{"1": 4, "2": 2, "3": 2, "4": 1, "5": 1} {
		items, got := walk(t, w, "app_list", `"limit":`+limit)
		if items != "abcd" || got != pages {
			t.Errorf("limit %s: %q in %d pages, want %d", limit, items, got, pages)
		}
	}
}

// TestAppTakesEverything: with an app go its keys and its tokens, and a new app
// of its name begins empty.
func TestAppTakesEverything(t *testing.T) {
	t.Parallel()
	w := openShop(t)
	w.Must("token_create", `{"name":"of the shop","kind":"service","scopes":["kv:read"],"app":"shop"}`)
	w.Must("app_delete", `{"app":"shop"}`)
	refused(t, w, servertest.Owner, "kv_get", `{"app":"shop","key":"word"}`, op.Envelope{}, "app_not_found")
	w.Must("app_create", `{"id":"shop"}`)
	play(t, w, []scenario{
		{name: "no keys", op: "kv_list", input: `{"app":"shop"}`, want: []string{`{"items":[],"next_cursor":null}`}},
		{name: "no old changes", op: "change_list", input: `{"app":"shop"}`, want: []string{`"items":[]`}},
		{name: "no token", op: "token_list", input: `{}`, not: []string{"of the shop"}},
		{name: "the other app keeps its keys", op: "kv_count", input: `{"app":"other"}`, want: []string{`"count":2`}},
	})
}
