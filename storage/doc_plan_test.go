package storage

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func (f *fixture) explain(filter string, sort ...string) DocPlan {
	f.t.Helper()
	p, err := f.DocExplain(f.t.Context(), "a", DocQuery{Collection: "c", Filter: json.RawMessage(filter), Sort: sort, Limit: 10})
	if err != nil {
		f.t.Fatal(err)
	}
	return p
}

// fill inserts n documents, in batches.
func (f *fixture) fill(n int, doc func(i int) string) {
	f.t.Helper()
	for at := 0; at < n; {
		var m []Mutation
		for ; at < n && len(m) < 1000; at++ {
			m = append(m, insertDoc(doc(at)))
		}
		f.in(m...)
	}
}

// TestPlans: what serves a query, and what it looks at.
func TestPlans(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	f.fill(500, func(i int) string {
		return fmt.Sprintf(`{"id":"d%03d","status":"s%d","at":%d,"tags":["t%d","u"],"email":"e%d"}`, i, i%10, i, i%50, i)
	})
	f.in(declare(indexed("status", "at"), indexed("tags"), indexed("at"), IndexSpec{Fields: []string{"email"}, Unique: true}))
	for _, c := range []struct {
		filter   string
		sort     []string
		index    string
		sorted   bool
		examined int
	}{
		{`{"status":"s1"}`, []string{"-at"}, "status_at", true, 11},
		{`{"status":"s1","at":{"$gt":400}}`, []string{"at"}, "status_at", true, 10},
		{`{"status":{"$in":["s1","s2"]}}`, []string{"at"}, "status_at", false, 100},
		{`{"tags":"t7"}`, nil, "tags", true, 10},
		{`{"at":{"$gte":10,"$lt":20}}`, nil, "at", false, 10},
		{`{"at":{"$gte":10}}`, []string{"-at"}, "at", true, 11},
		{`{}`, []string{"at"}, "at", true, 11},
		{`{"email":"e7","status":"s7"}`, nil, "email", true, 1},
		{`{"id":"d007"}`, nil, "", false, 1},
		{`{"status":{"$ne":"s1"}}`, nil, "", true, 13},
		{`{"other":1}`, []string{"status"}, "", false, 500},
	} {
		p := f.explain(c.filter, c.sort...)
		if p.Index != c.index || p.Sorted != c.sorted || p.Examined != c.examined {
			t.Errorf("%s %v: %+v, want index %q sorted %v examined %d", c.filter, c.sort, p, c.index, c.sorted, c.examined)
		}
	}
	if p := f.explain(`{"x":1,"y":{"$gt":1}}`, "z"); !slices.Equal(p.Wanted, []string{"x", "z"}) {
		t.Error(p.Wanted)
	}
}

// TestLargeCollection: its indexes are built between groups and used when they
// are complete; until then a write by a filter is refused.
func TestLargeCollection(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	f.fill(MaxUnindexed+1, func(i int) string { return fmt.Sprintf(`{"id":"d%05d","n":%d,"words":"w%d"}`, i, i, i%100) })
	where := DocUpdateWhere{Collection: "c", Filter: json.RawMessage(`{"n":{"$lt":10}}`), Update: json.RawMessage(`{"$inc":{"n":-100}}`)}
	e := f.fails(KindIndexNeeded, &Batch{App: "a", Mutations: []Mutation{where}})
	if !strings.Contains(e.Message, "[n]") {
		t.Error(e.Message)
	}
	f.in(CollectionSet{Collection: "c", Indexes: &[]IndexSpec{{Fields: []string{"n"}, Unique: true}, {Name: "bad", Fields: []string{"words"}, Unique: true}}, Text: &[]string{"words"}})
	// Written while the indexes are being built, on both sides of their edge.
	f.in(insertDoc(`{"id":"a","n":-1,"words":"early"}`), insertDoc(`{"id":"z","n":-2,"words":"late"}`),
		DocUpdate{Collection: "c", ID: "d00000", Update: json.RawMessage(`{"$set":{"n":70000}}`)},
		DocDelete{Collection: "c", ID: "d00001"}, DocDelete{Collection: "c", ID: "d09999"})
	if err := f.onWriter(t.Context(), func(w *writer) error { return w.retain.round(w) }); err != nil {
		t.Fatal(err)
	}
	info, err := f.Collection(t.Context(), "a", "c")
	if err != nil || !info.TextReady || info.Count != MaxUnindexed+1 {
		t.Errorf("%+v, %v", info, err)
	}
	for _, x := range info.Indexes {
		if x.Ready != (x.Name == "n") || (x.Failed == "") != x.Ready {
			t.Errorf("%+v", x)
		}
	}
	if o := f.in(where); o.Results[0].Count != 10 || o.Results[0].Changed != 10 {
		t.Errorf("%+v", o.Results)
	}
	if ids, _ := f.find(DocQuery{Filter: json.RawMessage(`{"$text":{"$search":"early late"}}`), Sort: []string{"id"}}); !slices.Equal(ids, []string{"a", "z"}) {
		t.Error(ids)
	}
	if err := f.Check(t.Context()); err != nil {
		t.Error(err)
	}
	f.fails(KindTooLarge, &Batch{App: "a", Mutations: []Mutation{DocDeleteWhere{Collection: "c", Filter: json.RawMessage(`{"n":{"$gt":-5000}}`)}}})
	f.write(&Batch{Mutations: []Mutation{AppDelete{ID: "a"}}})
	f.clock.add(48 * time.Hour) // it is in the bin until then
	if err := f.onWriter(t.Context(), func(w *writer) error { return w.retain.round(w) }); err != nil {
		t.Fatal(err)
	}
	f.empty("collection", "collection_index", "doc", "doc_entry", "collection_gone", "index_gone")
}

func (f *fixture) empty(tables ...string) {
	f.t.Helper()
	err := f.onWriter(f.t.Context(), func(w *writer) error {
		for _, table := range tables {
			s, err := w.conn.temporary(`SELECT count(*) FROM ` + table)
			if err != nil {
				return err
			}
			row, _, err := s.one()
			if err != nil {
				return err
			}
			if asInt(row[0]) != 0 {
				f.t.Errorf("%d rows are left in %s", asInt(row[0]), table)
			}
			if err := s.close(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

// TestCursorUnderWrites: while others insert, delete and move documents, a
// reader of pages sees every document that stays, exactly once.
func TestCursorUnderWrites(t *testing.T) {
	t.Parallel()
	for _, specs := range [][]IndexSpec{{}, {indexed("n")}} {
		f := openApp(t)
		f.in(declare(specs...))
		f.fill(400, func(i int) string { return fmt.Sprintf(`{"id":"k%03d","n":%d}`, i, i%7) })
		stop := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				_, err := f.Write(t.Context(), &Batch{App: "a", Mutations: []Mutation{
					DocReplace{Collection: "c", ID: fmt.Sprintf("x%d", i%50), Doc: json.RawMessage(fmt.Sprintf(`{"n":%d}`, i%9))},
					DocDelete{Collection: "c", ID: fmt.Sprintf("x%d", (i*31)%50)},
				}})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
		for range 3 {
			seen := map[string]int{}
			for cursor := ""; ; {
				ids, next := f.find(DocQuery{Sort: []string{"-n"}, Limit: 9, Cursor: cursor})
				for _, id := range ids {
					seen[id]++
				}
				if cursor = next; next == "" {
					break
				}
			}
			for i := range 400 {
				if id := fmt.Sprintf("k%03d", i); seen[id] != 1 {
					t.Errorf("%s was seen %d times", id, seen[id])
				}
			}
		}
		close(stop)
		wg.Wait()
		if err := f.Check(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
