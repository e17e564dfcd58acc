package storage

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func insertDoc(doc string) DocInsert { return DocInsert{Collection: "c", Doc: json.RawMessage(doc)} }

func (f *fixture) find(q DocQuery) (ids []string, next string) {
	f.t.Helper()
	if q.Collection == "" {
		q.Collection = "c"
	}
	page, next, err := f.DocFind(f.t.Context(), "a", q)
	if err != nil {
		f.t.Fatalf("DocFind %s: %v", q.Filter, err)
	}
	for _, d := range page {
		ids = append(ids, d.ID)
	}
	return ids, next
}

func (f *fixture) doc(id string) string {
	f.t.Helper()
	d, err := f.DocGet(f.t.Context(), "a", "c", id)
	if err != nil {
		f.t.Fatal(err)
	}
	return string(d.Body)
}

func indexed(fields ...string) IndexSpec { return IndexSpec{Fields: fields} }

func declare(specs ...IndexSpec) CollectionSet {
	return CollectionSet{Collection: "c", Indexes: &specs}
}

func TestDocLife(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	o := f.in(insertDoc(`{"name":"Ada","n":1.50,"id":"x"}`))
	if !o.Results[0].Created || o.Version != 2 {
		t.Errorf("%+v", o)
	}
	if got := f.doc("x"); got != `{"id":"x","name":"Ada","n":1.50}` {
		t.Error(got)
	}
	f.fails(KindExists, &Batch{App: "a", Mutations: []Mutation{insertDoc(`{"id":"x"}`)}})
	f.fails(KindVersionMismatch, &Batch{App: "a", Mutations: []Mutation{DocReplace{Collection: "c", ID: "x", Doc: json.RawMessage(`{}`), IfVersion: ptr(uint64(9))}}})
	f.in(DocReplace{Collection: "c", ID: "x", Doc: json.RawMessage(`{"name":"Bob"}`), IfVersion: ptr(uint64(2))})
	o = f.in(DocUpdate{Collection: "c", ID: "x", Update: json.RawMessage(`{"$inc":{"n":2},"$push":{"tags":"new"}}`)})
	if got := f.doc("x"); got != `{"id":"x","name":"Bob","n":2,"tags":["new"]}` || string(o.Results[0].Value) != got {
		t.Error(got)
	}
	f.fails(KindDocNotFound, &Batch{App: "a", Mutations: []Mutation{DocUpdate{Collection: "c", ID: "y", Update: json.RawMessage(`{"$set":{"a":1}}`)}}})
	before := f.Version()
	o = f.in(DocUpdate{Collection: "c", ID: "x", Update: json.RawMessage(`{"$set":{"name":"Bob"}}`)})
	if o.Results[0].Version != before {
		t.Errorf("an update that changes nothing made version %d of %d", o.Results[0].Version, before)
	}
	if o := f.in(DocDelete{Collection: "c", ID: "x"}); !o.Results[0].Deleted {
		t.Error("not deleted")
	}
	if o := f.in(DocDelete{Collection: "c", ID: "x"}); o.Results[0].Deleted {
		t.Error("deleted twice")
	}
	page, err := f.Changes(t.Context(), "a", ChangeQuery{Since: &Cursor{}, Values: true})
	if err != nil {
		t.Fatal(err)
	}
	var ops []string
	for _, c := range page.Items {
		ops = append(ops, c.Kind+" "+c.Op+" "+c.Name+"/"+c.Key)
	}
	want := "collection set c/,doc insert c/x,doc replace c/x,doc update c/x,doc delete c/x"
	if got := strings.Join(ops, ","); got != want {
		t.Errorf("changes\n got %s\nwant %s", got, want)
	}
	if err := f.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestDocPages pages through orders with and without an index: the same
// documents, each once, however the plan is.
func TestDocPages(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	var many []Mutation
	for i := range 100 {
		many = append(many, insertDoc(fmt.Sprintf(`{"id":"d%02d","n":%d,"even":%v}`, i, i*7%10, i%2 == 0)))
	}
	f.in(many...)
	pages := func(sort []string, filter string) string {
		var all []string
		for cursor := ""; ; {
			ids, next := f.find(DocQuery{Filter: json.RawMessage(filter), Sort: sort, Limit: 7, Cursor: cursor})
			all = append(all, ids...)
			if cursor = next; next == "" {
				return strings.Join(all, " ")
			}
		}
	}
	queries := []struct {
		sort   []string
		filter string
	}{
		{nil, `{}`},
		{[]string{"-id"}, `{}`},
		{[]string{"n"}, `{}`},
		{[]string{"-n"}, `{}`},
		{[]string{"-n"}, `{"even":true}`},
		{[]string{"n"}, `{"even":true,"n":{"$gt":3,"$lte":7}}`},
		{[]string{"n", "-even"}, `{"n":{"$in":[1,3,5]}}`},
		{nil, `{"n":3}`},
		{[]string{"-id"}, `{"n":{"$gte":8}}`},
	}
	var before []string
	for _, q := range queries {
		before = append(before, pages(q.sort, q.filter))
	}
	f.in(declare(indexed("n"), indexed("even", "n")))
	for i, q := range queries {
		if got := pages(q.sort, q.filter); got != before[i] {
			t.Errorf("%v %s\n with    %s\n without %s", q.sort, q.filter, got, before[i])
		}
	}
}

func TestUnique(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	f.in(declare(IndexSpec{Fields: []string{"email"}, Unique: true, Sparse: true}))
	f.in(insertDoc(`{"id":"1","email":"a@x"}`), insertDoc(`{"id":"2"}`), insertDoc(`{"id":"3"}`))
	e := f.fails(KindUnique, &Batch{App: "a", Mutations: []Mutation{insertDoc(`{"id":"4","email":"a@x"}`)}})
	if e.Field != "mutations[0].doc.email" {
		t.Error(e.Field)
	}
	f.in(DocUpdate{Collection: "c", ID: "1", Update: json.RawMessage(`{"$set":{"email":"b@x"}}`)}, insertDoc(`{"id":"4","email":"a@x"}`))
	f.fails(KindUnique, &Batch{App: "a", Mutations: []Mutation{declare(IndexSpec{Fields: []string{"kind"}, Unique: true})}})
	f.in(DocDelete{Collection: "c", ID: "4"}, insertDoc(`{"id":"5","email":"a@x"}`))
}

func TestText(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	text := []string{"title", "tags"}
	f.in(insertDoc(`{"id":"0","title":"before the index: coffee"}`))
	f.in(CollectionSet{Collection: "c", Text: &text})
	f.in(insertDoc(`{"id":"1","title":"Coffee and cake"}`), insertDoc(`{"id":"2","title":"Tea","tags":["cake","Café"]}`), insertDoc(`{"id":"3","title":"nothing"}`))
	for search, want := range map[string]string{
		"coffee": "0 1", "cake": "1 2", "cafe": "2", "cake -tea": "1", `\"and cake\"`: "1", "zebra": "", `cake AND \"`: "1 2", "title:coffee": "",
	} {
		ids, _ := f.find(DocQuery{Filter: json.RawMessage(`{"$text":{"$search":"` + search + `"}}`), Sort: []string{"id"}})
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%s: %s, want %s", search, got, want)
		}
	}
	f.in(DocUpdate{Collection: "c", ID: "1", Update: json.RawMessage(`{"$set":{"title":"Bread"}}`)}, DocDelete{Collection: "c", ID: "2"})
	if ids, _ := f.find(DocQuery{Filter: json.RawMessage(`{"$text":{"$search":"cake bread"}}`)}); strings.Join(ids, " ") != "1" {
		t.Error(ids)
	}
	f.in(CollectionDelete{Collection: "c"})
	if err := f.onWriter(t.Context(), func(w *writer) error { return w.retain.round(w) }); err != nil {
		t.Fatal(err)
	}
	if err := f.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestDocUndo: what an agent did with documents is taken back, with their
// indexes, and what has changed since is left alone.
func TestDocUndo(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	f.in(declare(indexed("n")), insertDoc(`{"id":"1","n":1}`), insertDoc(`{"id":"2","n":2}`), insertDoc(`{"id":"3","n":3}`))
	f.as("agent", "bot", "r_1",
		DocUpdateWhere{Collection: "c", All: true, Update: json.RawMessage(`{"$set":{"n":7}}`)},
		DocDelete{Collection: "c", ID: "2"}, insertDoc(`{"id":"4","n":7}`))
	f.in(DocUpdate{Collection: "c", ID: "3", Update: json.RawMessage(`{"$set":{"n":8}}`)})
	o := f.in(Undo{Run: "r_1"})
	if u := o.Results[0].Undo; u.Restored != 2 || u.Removed != 1 || u.Conflicts != 1 {
		t.Errorf("%+v", u)
	}
	for n, want := range map[string]string{"1": "1", "2": "2", "7": "", "8": "3"} {
		if ids, _ := f.find(DocQuery{Filter: json.RawMessage(`{"n":` + n + `}`)}); strings.Join(ids, " ") != want {
			t.Errorf("n %s: %v, want %s", n, ids, want)
		}
	}
	if err := f.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestAttempt: what is wrong with one document is its own result, and the
// others are written; a step that is not attempted still fails all.
func TestAttempt(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	schema := json.RawMessage(`{"properties":{"n":{"type":"number"}}}`)
	f.in(CollectionSet{Collection: "c", Schema: &schema, Indexes: &[]IndexSpec{{Fields: []string{"email"}, Unique: true, Sparse: true}}})
	try := func(doc string) Mutation { return Attempt{Of: DocInsert{Collection: "c", Doc: json.RawMessage(doc)}} }
	o := f.in(try(`{"id":"1","email":"a@x"}`), try(`{"id":"2","email":"a@x"}`), try(`{"id":"3","n":"x"}`), try(`{"id":"1"}`), try(`{"id":""}`), try(`{"id":"6"}`))
	for i, want := range []Kind{"", KindUnique, KindSchema, KindExists, KindInvalid, ""} {
		got := Kind("")
		if r := o.Results[i].Refused; r != nil {
			got = r.Kind
		}
		if got != want {
			t.Errorf("document %d: %q, want %q", i, got, want)
		}
	}
	if ids, _ := f.find(DocQuery{Collection: "c"}); len(ids) != 2 {
		t.Errorf("stored %v", ids)
	}
	f.fails(KindUnique, &Batch{App: "a", Mutations: []Mutation{try(`{"id":"7"}`), insertDoc(`{"id":"8","email":"a@x"}`)}})
	f.fails(KindUnique, &Batch{App: "a", Mutations: []Mutation{
		insertDoc(`{"id":"9"}`), Attempt{Of: insertDoc(`{"id":"8","email":"a@x"}`), Only: []Kind{KindExists}},
	}})
	f.fails(KindInvalid, &Batch{App: "a", Mutations: []Mutation{Attempt{Of: set("k", "1")}}})
	if ids, _ := f.find(DocQuery{Collection: "c"}); len(ids) != 2 {
		t.Errorf("stored %v", ids)
	}
}
