package storage

import (
	"encoding/json"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// TestUndoModel: whatever an agent does to keys, documents, collections and
// files, its undo gives back what was there, and who reads the feed in pieces
// sees each change once.
func TestUndoModel(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	next := 0
	rapid.Check(t, func(r *rapid.T) {
		next++
		agent, undo := fmt.Sprint("made", next), fmt.Sprint("undone", next)
		f.write(&Batch{Mutations: []Mutation{AppDelete{ID: "a"}, AppCreate{ID: "a"}}}) // an app of its own: a file for each takes ten times as long
		f.in(declare(IndexSpec{Fields: []string{"n"}, Unique: true}), insertDoc(`{"id":"1","n":1}`), insertDoc(`{"id":"2","n":2}`), set("k", "1"))
		f.putBlob("b", []byte("b"))
		before := f.everything()
		for range rapid.IntRange(1, 12).Draw(r, "steps") {
			f.asAgent(agent, randomMutation(f, r))
		}
		made := f.everything()
		o := f.as("agent", "robot", undo, Undo{Run: agent})
		if after := f.everything(); after != before {
			r.Fatalf("undone to\n%s\nwant\n%s\nfrom\n%s\nby %s", after, before, made, told(o))
		}
		if next%10 == 0 || long() {
			if err := f.Check(t.Context()); err != nil {
				r.Fatal(err)
			}
		}
		f.resumes(r)
	})
}

// asAgent lets an agent try a mutation: one that is refused changes nothing.
func (f *fixture) asAgent(run string, m Mutation) {
	f.t.Helper()
	_, err := f.Write(f.t.Context(), &Batch{
		App: "a", Mutations: []Mutation{m}, Audit: &AuditEntry{Kind: "agent", Principal: "robot", Run: run, Operation: "test"},
	})
	if err != nil && KindOf(err) == "" {
		f.t.Fatal(err)
	}
}

func randomMutation(f *fixture, r *rapid.T) Mutation {
	id := fmt.Sprint(rapid.IntRange(1, 4).Draw(r, "id"))
	n := rapid.IntRange(1, 6).Draw(r, "n")
	doc := json.RawMessage(fmt.Sprintf(`{"n":%d}`, n))
	change := json.RawMessage(fmt.Sprintf(`{"$set":{"n":%d}}`, n))
	key := rapid.SampledFrom([]string{"b", "c"}).Draw(r, "key")
	return rapid.SampledFrom([]Mutation{
		DocReplace{Collection: "c", ID: id, Doc: doc}, DocUpdate{Collection: "c", ID: id, Update: change}, DocDelete{Collection: "c", ID: id},
		DocInsert{Collection: "d", ID: id, Doc: doc}, DocDeleteWhere{Collection: "d", All: true},
		set("k", fmt.Sprint(n)), set("l", fmt.Sprint(n)), KVDelete{Key: "k"}, KVDeletePrefix{Prefix: ""},
		BlobDelete{Key: key}, BlobCopy{Key: "b", To: "c"}, BlobCopy{Key: key, To: "e", Move: true},
		CollectionDelete{Collection: "d"}, CollectionRestore{Collection: "d"},
	}).Draw(r, "mutation")
}

// everything is what app "a" holds, its keys too.
func (f *fixture) everything() string {
	f.t.Helper()
	text := f.state()
	page, _, err := f.KVList(f.t.Context(), "a", KVQuery{})
	if err != nil {
		f.t.Fatal(err)
	}
	for _, e := range page {
		text += fmt.Sprintf("; %s:%s", e.Key, e.Value)
	}
	return text
}

// resumes reads the feed in random pages, each from the cursor of the one
// before, and holds it to each cursor once, in order.
func (f *fixture) resumes(r *rapid.T) {
	f.t.Helper()
	whole, err := f.Changes(f.t.Context(), "a", ChangeQuery{Since: &Cursor{}, Limit: MaxPage})
	if err != nil {
		r.Fatal(err)
	}
	at, seen := Cursor{}, 0
	for {
		page, err := f.Changes(f.t.Context(), "a", ChangeQuery{Since: &at, Limit: rapid.IntRange(1, 5).Draw(r, "page")})
		if err != nil {
			r.Fatal(err)
		}
		if len(page.Items) == 0 {
			break
		}
		for _, c := range page.Items {
			if seen == len(whole.Items) || c.Cursor != whole.Items[seen].Cursor {
				r.Fatalf("change %d is %v", seen, c.Cursor)
			}
			at = c.Cursor
			seen++
		}
	}
	if seen != len(whole.Items) {
		r.Fatalf("%d changes of %d", seen, len(whole.Items))
	}
}
