package storage

import (
	"encoding/json"
	"testing"
	"time"
)

// FuzzDocFilter: no filter panics or reaches SQLite, whatever its names and
// values are; what compiles is carried out, with every index.
func FuzzDocFilter(f *testing.F) {
	for _, seed := range []string{
		`{"a":1}`, `{"a":{"$gt":"x'; DROP TABLE doc; --"}}`, `{"$or":[{"a.b":{"$in":[1,null,[]]}}]}`, `{"a":{"$elemMatch":{"b":{"$not":{"$regex":"("}}}}}`,
		`{"$text":{"$search":"\"a\" OR b* NEAR(c) -d ^e {f}:g"}}`, `{"a\" OR 1=1 --":1}`, `{"a":{"$mod":[-1,0]}}`, `{"a":1e999}`,
	} {
		f.Add(seed, "-a", "bm9uZQ")
	}
	db := openApp(f)
	db.in(CollectionSet{Collection: "c", Indexes: &[]IndexSpec{indexed("a"), indexed("a.b", "a")}, Text: &[]string{"a"}},
		insertDoc(`{"id":"1","a":[1,{"b":"x"}]}`), insertDoc(`{"id":"2","a":"text"}`))
	f.Fuzz(func(t *testing.T, filter, sort, cursor string) {
		for _, q := range []DocQuery{
			{Collection: "c", Filter: json.RawMessage(filter), Sort: []string{sort}, Cursor: cursor},
			{Collection: "c", Filter: json.RawMessage(filter)}, {Collection: filter}, {Collection: "c", Fields: []string{sort, filter}},
		} {
			if _, _, err := db.DocFind(t.Context(), "a", q); err != nil && KindOf(err) == "" {
				t.Fatalf("%q: %v", q.Filter, err)
			}
		}
		if n, err := db.DocCount(t.Context(), "a", "c", nil); n != 2 || err != nil {
			t.Fatalf("%d documents, %v", n, err)
		}
	})
}

// FuzzDocUpdate: what compiles either changes a document into one that can be
// stored and read again, or says why not.
func FuzzDocUpdate(f *testing.F) {
	for _, seed := range []string{
		`{"$set":{"a.0.b":[1]}}`, `{"$push":{"a":{"$each":[1],"$slice":-1,"$position":-9,"$sort":{"b":1}}}}`, `{"$rename":{"a":"b.c"}}`,
		`{"$pull":{"a":{"b":{"$gt":1}}}}`, `{"$mul":{"n":-1e308}}`, `{"$inc":{"n":9223372036854775807}}`, `{"$unset":{"a.1":1,"":1}}`,
	} {
		f.Add(seed, `{"a":[1,{"b":2}],"n":1.5}`)
	}
	f.Fuzz(func(t *testing.T, text, doc string) {
		v, err := parseValue("doc", []byte(doc))
		if err != nil || v.kind != kindObject {
			return
		}
		u, err := compileUpdate([]byte(text))
		if err != nil || u.apply(&v, time.UnixMilli(0)) != nil {
			return
		}
		if got, err := parseValue("doc", v.json()); err != nil || string(got.json()) != string(v.json()) {
			t.Fatalf("%s: %v", v.json(), err)
		}
	})
}
