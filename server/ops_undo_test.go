package server_test

import (
	"testing"

	"fazt/server/op"
	"fazt/server/servertest"
)

func TestUndo(t *testing.T) {
	t.Parallel()
	w := openShop(t)
	play(t, w, []scenario{
		{name: "an agent changes", role: servertest.Agent, op: "batch_write", input: `{"app":"shop","mutations":[{"op":"kv_set","key":"word","value":"other"},{"op":"kv_set","key":"new","value":1},{"op":"kv_delete","key":"user/bob"}]}`},
		{name: "seen beforehand", role: servertest.Reader, op: "undo_preview", input: `{"app":"shop","by":"t_agent"}`, want: []string{`"restored":2,"removed":1,"conflicts":0`, `"key":"user/bob","did":"restored"`}},
		{name: "which changes nothing", op: "kv_get", input: `{"app":"shop","key":"word"}`, want: []string{`"other"`}},
		{name: "a person changes one", op: "kv_set", input: `{"app":"shop","key":"word","value":"mine"}`},
		{name: "tried", op: "undo_run", input: `{"app":"shop","by":"t_agent"}`, envelope: op.Envelope{DryRun: true}, want: []string{`"restored":1,"removed":1,"conflicts":1`}},
		{name: "done", op: "undo_run", input: `{"app":"shop","by":"t_agent"}`, want: []string{`"restored":1,"removed":1,"conflicts":1`, `"key":"word","did":"conflict"`}},
		{name: "left alone", op: "kv_get", input: `{"app":"shop","key":"word"}`, want: []string{`"mine"`}},
		{name: "brought back", op: "kv_get", input: `{"app":"shop","key":"user/bob"}`, want: []string{`"Bob"`}},
		{name: "twice changes nothing", op: "undo_run", input: `{"app":"shop","by":"t_agent"}`, want: []string{`"restored":0,"removed":0,"conflicts":3`}},
		{name: "by an agent", role: servertest.Agent, op: "kv_delete", input: `{"app":"shop","key":"word"}`},
		{name: "its own", role: servertest.Agent, op: "undo_run", input: `{"app":"shop","since":1764000000000}`, want: []string{`"key":"word","did":"restored"`}},
	})
	refused(t, w, servertest.Owner, "undo_run", `{"app":"shop"}`, op.Envelope{}, op.CodeInvalidInput)
	refused(t, w, servertest.Owner, "undo_preview", `{"app":"none","since":0}`, op.Envelope{}, "app_not_found")
	refused(t, w, servertest.Reader, "undo_run", `{"app":"shop","since":0}`, op.Envelope{}, op.CodeForbidden)
	refused(t, w, servertest.Bound, "undo_run", `{"app":"other","since":0}`, op.Envelope{}, "app_not_found")
}

// TestUndoThings: an undo of documents, collections and files, within what the
// token may write.
func TestUndoThings(t *testing.T) {
	t.Parallel()
	w := openShop(t)
	play(t, w, []scenario{
		{name: "a file", op: "blob_put", input: `{"app":"shop","key":"a.txt","text":"first"}`},
		{name: "an agent changes", role: servertest.Agent, op: "batch_write", input: `{"app":"shop","mutations":[{"op":"doc_insert","collection":"crew","doc":{"id":"ada"}},{"op":"blob_delete","key":"a.txt"},{"op":"kv_set","key":"new","value":1}]}`},
		{name: "with keys alone", role: servertest.Keeper, op: "undo_run", input: `{"app":"shop","by":"t_agent"}`, want: []string{`"removed":1,"conflicts":0,"skipped":3`}},
		{name: "the rest", op: "undo_run", input: `{"app":"shop","by":"t_agent"}`, want: []string{`"restored":1,"removed":2,"conflicts":1`, `"kind":"collection","key":"crew","did":"removed"`, `"kind":"blob","key":"a.txt","did":"restored"`}},
		{name: "a collection", op: "doc_insert", input: `{"app":"shop","collection":"crew","doc":{"id":"bob"}}`},
		{name: "deleted", op: "collection_delete", input: `{"app":"shop","collection":"crew"}`},
		{name: "in the bin", op: "collection_bin", input: `{"app":"shop"}`, want: []string{`"collection":"crew","count":1`}},
		{name: "brought back", op: "collection_restore", input: `{"app":"shop","collection":"crew"}`},
		{name: "with its document", op: "doc_find", input: `{"app":"shop","collection":"crew"}`, want: []string{`"bob"`}},
	})
}

// TestBin: an app comes back with its keys, and not with its tokens.
func TestBin(t *testing.T) {
	t.Parallel()
	w := openShop(t)
	w.Must("token_create", `{"name":"of the shop","kind":"service","scopes":["kv:read"],"app":"shop"}`)
	w.Must("app_delete", `{"app":"shop"}`)
	play(t, w, []scenario{
		{name: "listed", op: "app_bin", input: `{}`, want: []string{`"id":"shop","title":"Shop"`, `"principal":"t_owner"`}},
		{name: "another's", op: "app_bin", input: `{"id":"other"}`, want: []string{`{"items":[]}`}},
		{name: "brought back", role: servertest.Agent, op: "app_restore", input: `{"app":"shop"}`, want: []string{`"id":"shop","title":"Shop"`}},
		{name: "with its keys", op: "kv_count", input: `{"app":"shop"}`, want: []string{`"count":4`}},
		{name: "without its token", op: "token_list", input: `{}`, not: []string{"of the shop"}},
		{name: "no longer in the bin", op: "app_bin", input: `{}`, want: []string{`{"items":[]}`}},
	})
	refused(t, w, servertest.Owner, "app_restore", `{"app":"shop"}`, op.Envelope{}, op.CodeAlreadyExists)
	e := refused(t, w, servertest.Owner, "app_restore", `{"app":"none"}`, op.Envelope{}, "app_not_found")
	if e.Field != "app" {
		t.Errorf("field %q", e.Field)
	}
}
