package server_test

import (
	"fmt"
	"strings"
	"testing"

	"fazt/server/op"
	"fazt/server/servertest"
)

func TestDocuments(t *testing.T) {
	t.Parallel()
	w := openShop(t)
	const c = `{"app":"shop","collection":"staff",`
	play(t, w, []scenario{
		{name: "made by the first insert", op: "doc_insert", input: c + `"docs":[{"id":"ada","name":"Ada","age":36},{"name":"Bob","age":41}]}`, want: []string{`{"id":"ada","version":`, `"id":"0`}},
		{name: "numbers and order stay", op: "doc_replace", input: c + `"id":"é/1 ?","doc":{"z":1.50,"a":[1E3],"name":"Cyd"}}`, want: []string{`"id":"é/1 ?"`, `"created":true`}},
		{name: "and come back", op: "doc_get", input: c + `"id":"é/1 ?"}`, want: []string{`{"doc":{"id":"é/1 ?","z":1.50,"a":[1E3],"name":"Cyd"},`}},
		{name: "replaced", op: "doc_replace", input: c + `"id":"é/1 ?","doc":{"id":"é/1 ?","name":"Cyd"}}`, want: []string{`"created":false`}},
		{name: "found", op: "doc_find", input: c + `"filter":{"age":{"$gt":35}},"sort":["-age"]}`, want: []string{`"Bob"`, `"Ada"`, `"next_cursor":null`}, not: []string{"Cyd"}},
		{name: "dropped fields", op: "doc_find", input: c + `"filter":{"id":"ada"},"fields":["-age"]}`, want: []string{`{"id":"ada","name":"Ada"}`}},
		{name: "tried", op: "doc_update_many", input: c + `"filter":{"age":{"$gt":1}},"update":{"$set":{"x":1}}}`, envelope: op.Envelope{DryRun: true}, want: []string{`"matched":2,"changed":2`}},
		{name: "nothing of the trial stays", op: "doc_count", input: c + `"filter":{"x":1}}`, want: []string{`{"count":0}`}},
		{name: "every document", op: "doc_update_many", input: c + `"all":true,"update":{"$set":{"x":1}}}`, want: []string{`"matched":3,"changed":3`}},
		{name: "again", op: "doc_update_many", input: c + `"all":true,"update":{"$set":{"x":1}}}`, want: []string{`"matched":3,"changed":0`}},
		{name: "the next job", op: "doc_find_and_update", input: c + `"filter":{"taken":null},"sort":["age"],"update":{"$set":{"taken":true}},"return":"before"}`, want: []string{`"found":true`, `"Cyd"`}, not: []string{"taken"}},
		{name: "no job", op: "doc_find_and_update", input: c + `"filter":{"taken":"no"},"update":{"$set":{"taken":true}}}`, want: []string{`{"found":false}`}},
		{name: "an index in use", op: "collection_set", input: c + `"indexes":[{"fields":["age"]}]}`, want: []string{`"created":false`}},
		{name: "explained", op: "doc_explain", input: c + `"filter":{"age":{"$gt":35}}}`, want: []string{`"plan":"index","index":"age"`, "SEARCH e USING PRIMARY KEY"}, not: []string{"wanted", "SCAN"}},
		{name: "a dry run of an index", op: "collection_set", input: c + `"indexes":[],"text":["name"]}`, envelope: op.Envelope{DryRun: true}, want: []string{`"version":`}},
		{name: "left nothing", op: "collection_get", input: c[:len(c)-1] + `}`, want: []string{`"ready":true`, `"text":[]`}},
		{name: "with keys in a batch", op: "batch_write", input: `{"app":"shop","checks":[{"kind":"doc","collection":"staff","id":"zoe","version":0}],"mutations":[{"op":"kv_set","key":"n","value":1},` +
			`{"op":"doc_insert","collection":"staff","doc":{"id":"zoe"}},{"op":"doc_update","collection":"staff","id":"ada","update":{"$inc":{"age":1}}},{"op":"doc_delete","collection":"staff","id":"nobody"},` +
			`{"op":"doc_update_many","collection":"staff","filter":{"id":"zoe"},"update":{"$set":{"n":1}}}]}`,
			want: []string{`{"op":"doc_insert","id":"zoe","version":`, `{"op":"doc_update","id":"ada"`, `{"op":"doc_delete","id":"nobody","deleted":false}`, `"count":1`}},
		{name: "the map", op: "system_status", input: `{"app":"shop"}`, want: []string{`"collection":"staff","count":4`, `age?: number`, `"indexes":["age"]`}},
		{name: "in the feed", op: "change_list", input: `{"app":"shop","since":"0.0","kinds":["doc"],"values":true}`, want: []string{`"kind":"doc","op":"insert","name":"staff","id":"zoe"`, `"value":{"id":"ada"`}, not: []string{`"key"`}},
		{name: "all, with an agent's word", role: servertest.Agent, op: "doc_delete_many", input: c + `"all":true}`, envelope: op.Envelope{Confirm: "staff"}, want: []string{`"deleted":4`}},
		{name: "gone", op: "collection_delete", input: c[:len(c)-1] + `}`, want: []string{`"deleted":true`}},
		{name: "not listed", op: "collection_list", input: `{"app":"shop"}`, want: []string{`"items":[{"collection":"people"`}, not: []string{"staff"}},
	})
	refused(t, w, servertest.Agent, "doc_find", c[:len(c)-1]+`}`, op.Envelope{}, "collection_not_found")
}

// TestDocumentPages: a cursor holds for its query and for no other.
func TestDocumentPages(t *testing.T) {
	t.Parallel()
	w := openShop(t)
	var docs []string
	for i := range 25 {
		docs = append(docs, fmt.Sprintf(`{"id":"d%02d","n":%d}`, i, i%3))
	}
	w.Must("doc_insert", `{"app":"shop","collection":"c","docs":[`+strings.Join(docs, ",")+`]}`)
	seen := 0
	for cursor := ""; ; {
		out := w.Must("doc_find", `{"app":"shop","collection":"c","sort":["-n"],"limit":10`+cursor+`}`)
		seen += strings.Count(out, `"id":`)
		_, next, more := strings.Cut(out, `"next_cursor":"`)
		if !more {
			break
		}
		next, _, _ = strings.Cut(next, `"`)
		cursor = `,"cursor":"` + next + `"`
		refused(t, w, servertest.Owner, "doc_find", `{"app":"shop","collection":"c","sort":["n"]`+cursor+`}`, op.Envelope{}, "invalid_input")
	}
	if seen != 25 {
		t.Errorf("%d of 25 documents", seen)
	}
}
