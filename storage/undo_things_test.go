package storage

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// state writes what app "a" holds beside its keys: collections with documents
// and indexes, and blobs.
func (f *fixture) state() string {
	f.t.Helper()
	var b strings.Builder
	list, _, err := f.Collections(f.t.Context(), "a", "", 0)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, c := range list {
		fmt.Fprintf(&b, "%s", c.Name)
		for _, x := range c.Indexes {
			fmt.Fprintf(&b, " by %s", x.Name)
		}
		docs, _, err := f.DocFind(f.t.Context(), "a", DocQuery{Collection: c.Name})
		if err != nil {
			f.t.Fatal(err)
		}
		for _, d := range docs {
			fmt.Fprintf(&b, " %s", strings.NewReplacer(`{"id":`, "", `"`, "", "}", "").Replace(string(d.Body)))
		}
		b.WriteString("; ")
	}
	page, err := f.Blobs(f.t.Context(), "a", BlobQuery{})
	if err != nil {
		f.t.Fatal(err)
	}
	for _, k := range page.Blobs {
		fmt.Fprintf(&b, "%s=%s; ", k.Key, f.readBlob(k.Key))
	}
	return strings.TrimSuffix(b.String(), "; ")
}

func (f *fixture) asPut(kind, key, text string) {
	f.t.Helper()
	u, c := f.upload([]byte(text))
	defer u.Close()
	f.as(kind, kind, "", BlobPut{Key: key, Content: c, Type: "text/plain"})
}

// TestUndoThings: documents, collections and blobs are taken back as keys are.
func TestUndoThings(t *testing.T) {
	t.Parallel()
	unique := IndexSpec{Fields: []string{"n"}, Unique: true}
	cases := map[string]struct {
		do         func(f *fixture)
		undo       Undo
		said, want string
	}{
		"a collection that a person has deleted": {
			do: func(f *fixture) {
				f.in(declare(unique), insertDoc(`{"id":"1","n":1}`))
				f.as("person", "me", "", CollectionDelete{Collection: "c"})
			},
			undo: Undo{By: "me"}, said: "collection c restored", want: "c by n 1,n:1",
		},
		"documents that have exchanged a unique value": {
			do: func(f *fixture) {
				f.in(declare(unique), insertDoc(`{"id":"1","n":1}`), insertDoc(`{"id":"2","n":2}`))
				set := func(id, n string) DocUpdate {
					return DocUpdate{Collection: "c", ID: id, Update: json.RawMessage(`{"$set":{"n":` + n + `}}`)}
				}
				f.as("agent", "robot", "", set("1", "3"))
				f.as("agent", "robot", "", set("2", "1"))
				f.as("agent", "robot", "", set("1", "2"))
			},
			undo: Undo{By: "robot"}, said: "doc 1 restored; doc 2 restored", want: "c by n 1,n:1 2,n:2",
		},
		"a collection that an agent has made": {
			do: func(f *fixture) {
				f.as("agent", "robot", "", insertDoc(`{"id":"1"}`), insertDoc(`{"id":"2"}`))
			},
			undo: Undo{By: "robot"}, said: "doc 1 removed; doc 2 removed; collection c removed", want: "",
		},
		"one that somebody else uses by now": {
			do: func(f *fixture) {
				f.as("agent", "robot", "", insertDoc(`{"id":"1"}`))
				f.in(insertDoc(`{"id":"2"}`))
			},
			undo: Undo{By: "robot"}, said: "doc 1 removed; collection c conflict (it holds documents that are not taken back)", want: "c 2",
		},
		"a collection deleted after its documents were changed": {
			do: func(f *fixture) {
				f.in(insertDoc(`{"id":"1","n":1}`), insertDoc(`{"id":"2","n":2}`))
				f.as("agent", "robot", "", DocUpdate{Collection: "c", ID: "1", Update: json.RawMessage(`{"$set":{"n":7}}`)},
					DocDelete{Collection: "c", ID: "2"}, insertDoc(`{"id":"3"}`))
				f.as("agent", "robot", "", CollectionDelete{Collection: "c"})
			},
			undo: Undo{By: "robot"}, said: "doc 1 restored; doc 2 restored; doc 3 removed; collection c restored", want: "c 1,n:1 2,n:2",
		},
		"a collection deleted and made anew": {
			do: func(f *fixture) {
				f.in(declare(unique), insertDoc(`{"id":"1","n":1}`))
				f.as("agent", "robot", "", CollectionDelete{Collection: "c"}, insertDoc(`{"id":"9"}`))
			},
			undo: Undo{By: "robot"}, said: "doc 9 removed; collection c restored", want: "c by n 1,n:1",
		},
		"the settings of a collection": {
			do: func(f *fixture) {
				f.in(declare(unique), insertDoc(`{"id":"1","n":1}`))
				f.as("agent", "robot", "", declare(indexed("m")))
			},
			undo: Undo{By: "robot"}, said: "collection c restored", want: "c by n 1,n:1",
		},
		"settings that the documents refuse by now": {
			do: func(f *fixture) {
				f.in(declare(unique), insertDoc(`{"id":"1","n":1}`))
				f.as("agent", "robot", "", declare())
				f.in(insertDoc(`{"id":"2","n":1}`))
			},
			undo: Undo{By: "robot"}, said: `collection c conflict (document "1" of collection "c" has the same n as "2" would have, and index "n" is unique)`, want: "c 1,n:1 2,n:1",
		},
		"a value that another document has by now": {
			do: func(f *fixture) {
				f.in(declare(unique), insertDoc(`{"id":"1","n":1}`))
				f.as("agent", "robot", "", DocDelete{Collection: "c", ID: "1"})
				f.in(insertDoc(`{"id":"2","n":1}`))
			},
			undo: Undo{By: "robot"}, said: `doc 1 conflict (document "1": document "2" of collection "c" has the same n as "1" would have, and index "n" is unique)`, want: "c by n 2,n:1",
		},
		"values that were handed on": {
			do: func(f *fixture) {
				f.in(declare(unique), insertDoc(`{"id":"1","n":1}`), insertDoc(`{"id":"2","n":2}`))
				f.as("agent", "robot", "", DocUpdate{Collection: "c", ID: "1", Update: json.RawMessage(`{"$set":{"n":3}}`)},
					DocUpdate{Collection: "c", ID: "2", Update: json.RawMessage(`{"$set":{"n":1}}`)})
			},
			undo: Undo{By: "robot"}, said: "doc 1 restored; doc 2 restored", want: "c by n 1,n:1 2,n:2",
		},
		"the history of a collection": {
			do: func(f *fixture) {
				f.in(CollectionSet{Collection: "c", History: ptr(30)}, insertDoc(`{"id":"1","n":1}`))
				f.clock.add(time.Minute)
				f.as("service", "s", "", DocUpdate{Collection: "c", ID: "1", Update: json.RawMessage(`{"$set":{"n":2}}`)})
				f.clock.add(29 * 24 * time.Hour)
				f.round()
			},
			undo: Undo{Since: newClock().now().Add(time.Second)}, said: "doc 1 restored", want: "c 1,n:1",
		},
		"an agent's blobs": {
			do: func(f *fixture) {
				f.asPut("person", "old", "first")
				f.asPut("agent", "old", "second")
				f.asPut("agent", "new", "third")
				f.as("agent", "agent", "", BlobCopy{Key: "new", To: "moved", Move: true})
				f.collectAll()
			},
			undo: Undo{By: "agent"}, said: "blob moved removed; blob new removed; blob old restored", want: "old=first",
		},
		"blobs that a person has deleted": {
			do: func(f *fixture) {
				f.asPut("person", "k", "text")
				f.as("person", "me", "", BlobDelete{Key: "k"})
				f.collectAll()
			},
			undo: Undo{By: "me"}, said: "blob k restored", want: "k=text",
		},
		"one kind only": {
			do: func(f *fixture) {
				f.as("agent", "robot", "", insertDoc(`{"id":"1"}`), set("k", "1"))
			},
			undo: Undo{By: "robot", Kinds: []string{"kv"}}, said: "kv k removed; 2 skipped", want: "c 1",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := openApp(t)
			c.do(f)
			before := f.state()
			dry := told(f.write(&Batch{App: "a", DryRun: true, Mutations: []Mutation{c.undo}}))
			if now := f.state(); now != before {
				t.Fatalf("a preview changed\n%s to\n%s", before, now)
			}
			o := f.in(c.undo)
			if said := told(o); said != c.said || dry != c.said {
				t.Errorf("said    %s\npreview %s\nwant    %s", said, dry, c.said)
			}
			if got := f.state(); got != c.want {
				t.Errorf("left %s, want %s", got, c.want)
			}
			if err := f.Check(t.Context()); err != nil {
				t.Error(err)
			}
			f.clock.add(400 * 24 * time.Hour)
			f.round()
			if got := f.state(); got != c.want {
				t.Errorf("left a year later: %s, want %s", got, c.want)
			}
			if n := f.count("undo"); n != 0 {
				t.Errorf("%d rows are kept for ever", n)
			}
			if err := f.Check(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// told writes a report in words.
func told(o *Outcome) string {
	r := o.Results[0].Undo
	var list []string
	for _, i := range r.Items {
		text := i.Kind + " " + i.Key + " " + i.Did
		if i.Why != "" {
			text += " (" + i.Why + ")"
		}
		list = append(list, text)
	}
	if r.Skipped > 0 {
		list = append(list, fmt.Sprintf("%d skipped", r.Skipped))
	}
	return strings.Join(list, "; ")
}

// TestCollectionBin: a deleted collection comes back with everything in it, for
// a day, or is removed at once.
func TestCollectionBin(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	f.in(CollectionSet{Collection: "c", Indexes: &[]IndexSpec{indexed("n")}, Text: &[]string{"t"}}, insertDoc(`{"id":"1","n":1,"t":"tea"}`))
	bin := func() (names string) {
		t.Helper()
		list, err := f.DeletedCollections(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			names += fmt.Sprint(c.Name, c.Count, c.DeletedBy, " ")
		}
		return names
	}
	f.as("person", "me", "", CollectionDelete{Collection: "c"})
	f.round()
	if got := bin(); got != "c1me " {
		t.Errorf("bin %q", got)
	}
	f.in(CollectionRestore{Collection: "c"})
	for _, filter := range []string{`{"n":1}`, `{"$text":{"$search":"tea"}}`} {
		if ids, _ := f.find(DocQuery{Filter: json.RawMessage(filter)}); len(ids) != 1 {
			t.Errorf("%s finds %v", filter, ids)
		}
	}
	f.fails(KindExists, one(CollectionRestore{Collection: "c"}))
	f.in(CollectionDelete{Collection: "c"})
	f.in(CollectionPurge{Collection: "c"})
	f.fails(KindCollectionNotFound, one(CollectionRestore{Collection: "c"}))
	f.fails(KindCollectionNotFound, one(CollectionPurge{Collection: "c"}))
	f.round()
	f.empty("doc", "doc_entry", "collection_gone", "collection_index")
	f.in(insertDoc(`{"id":"1"}`))
	f.in(CollectionDelete{Collection: "c"})
	f.clock.add(24 * time.Hour)
	f.round()
	f.empty("doc", "collection_gone")
	f.in(insertDoc(`{"id":"1"}`))
	f.in(CollectionDelete{Collection: "c"})
	f.system(AppDelete{ID: "a"})
	f.system(AppPurge{ID: "a"})
	f.fails(KindAppNotFound, &Batch{Mutations: []Mutation{AppRestore{ID: "a"}}})
	f.fails(KindAppNotFound, &Batch{Mutations: []Mutation{AppPurge{ID: "a"}}})
	f.round()
	f.empty("doc", "collection_gone", "undo", "app_gone")
	if err := f.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestUndoUnkept: a batch that deletes more than is kept says so.
func TestUndoUnkept(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	if err := f.onWriter(t.Context(), func(w *writer) error {
		w.retain.maxUndoDeletes = 2000
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	value := `"` + strings.Repeat("x", 1000) + `"`
	f.in(set("a", value), set("b", value), insertDoc(`{"id":"1","t":`+value+`}`), insertDoc(`{"id":"2","t":`+value+`}`))
	o := f.in(KVDelete{Key: "a"}, KVDelete{Key: "b"})
	if o.Results[0].Unkept || !o.Results[1].Unkept {
		t.Errorf("keys: %+v", o.Results)
	}
	if o := f.in(DocDelete{Collection: "c", ID: "1"}); o.Results[0].Unkept {
		t.Error("one document is too much to keep")
	}
	f.in(insertDoc(`{"id":"1","t":` + value + `}`))
	if o := f.in(DocDeleteWhere{Collection: "c", All: true}); !o.Results[0].Unkept {
		t.Error("two documents are kept")
	}
}
