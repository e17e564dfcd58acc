package storage

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// TestFilterOperators is MongoDB's documented behaviour, one row a rule.
func TestFilterOperators(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ doc, yes, no string }{
		{`{"a":1}`, `{"a":1}`, `{"a":"1"}`},
		{`{"a":1.0}`, `{"a":{"$eq":1}}`, `{"a":{"$ne":1}}`},
		{`{"a":[1,2]}`, `{"a":2}`, `{"a":3}`},
		{`{"a":[1,2]}`, `{"a":[1,2]}`, `{"a":[2,1]}`},
		{`{"a":[[1,2]]}`, `{"a":[1,2]}`, `{"a":1}`},
		{`{"a":{"x":1,"y":2}}`, `{"a":{"x":1,"y":2}}`, `{"a":{"y":2,"x":1}}`},
		{`{"a":{"x":1,"y":2}}`, `{"a.x":1}`, `{"a":{"x":1}}`},
		{`{}`, `{"a":null}`, `{"a":{"$exists":true}}`},
		{`{"a":null}`, `{"a":{"$exists":true}}`, `{"a":{"$ne":null}}`},
		{`{"a":null}`, `{"a":{"$gte":null}}`, `{"a":{"$gt":null}}`},
		{`{"a":[]}`, `{"a":{"$exists":true}}`, `{"a":null}`},
		{`{"a":[]}`, `{"a.b":{"$exists":false}}`, `{"a.b":null}`},
		{`{"a":[{"b":1},{}]}`, `{"a.b":null}`, `{"a.b":{"$nin":[1]}}`},
		{`{"a":5}`, `{"a.b":null}`, `{"a.b":{"$exists":true}}`},
		{`{"a":[1,10]}`, `{"a":{"$gt":5,"$lt":3}}`, `{"a":{"$elemMatch":{"$gt":5,"$lt":3}}}`},
		{`{"a":"b"}`, `{"a":{"$gt":"a"}}`, `{"a":{"$gt":1}}`},
		{`{"a":true}`, `{"a":{"$gt":false}}`, `{"a":{"$lt":true}}`},
		{`{"a":2}`, `{"a":{"$in":[1,2]}}`, `{"a":{"$nin":[1,2]}}`},
		{`{}`, `{"a":{"$in":[null]}}`, `{"a":{"$nin":[null]}}`},
		{`{"a":[1,2,3]}`, `{"a":{"$all":[3,1]}}`, `{"a":{"$all":[]}}`},
		{`{"a":[{"b":1,"c":2},{"b":2,"c":1}]}`, `{"a.b":1,"a.c":1}`, `{"a":{"$elemMatch":{"b":1,"c":1}}}`},
		{`{"a":[{"b":1}]}`, `{"a":{"$all":[{"$elemMatch":{"b":1}}]}}`, `{"a":{"$all":[{"$elemMatch":{"b":2}}]}}`},
		{`{"a":[1,2]}`, `{"a":{"$size":2}}`, `{"a":{"$size":1}}`},
		{`{"a":"x"}`, `{"a":{"$not":{"$size":1}}}`, `{"a":{"$size":1}}`},
		{`{"a":1}`, `{"a":{"$type":"number"}}`, `{"a":{"$type":["string","double"]}}`},
		{`{"a":[1,"x"]}`, `{"a":{"$type":2}}`, `{"a":{"$type":"bool"}}`},
		{`{"a":5000000000}`, `{"a":{"$type":"long"}}`, `{"a":{"$type":"int"}}`},
		{`{"a":"Hello"}`, `{"a":{"$regex":"^h","$options":"i"}}`, `{"a":{"$regex":"^h"}}`},
		{`{"a":["x","Hello"]}`, `{"a":{"$regex":"ll"}}`, `{"a":{"$not":{"$regex":"ll"}}}`},
		{`{"a":7.9}`, `{"a":{"$mod":[4,3]}}`, `{"a":{"$mod":[4,0]}}`},
		{`{"a":-5}`, `{"a":{"$mod":[4,-1]}}`, `{"a":{"$mod":[4,3]}}`},
		{`{"a":1}`, `{"$or":[{"a":2},{"a":1}]}`, `{"$nor":[{"a":2},{"a":1}]}`},
		{`{"a":1}`, `{"$and":[{"a":1},{"b":null}]}`, `{"$and":[{"a":1},{"b":1}]}`},
		{`{"a":[10,{"b":[1,2]}]}`, `{"a.1.b.0":1}`, `{"a.0.b":1}`},
		{`{"a":9007199254740993}`, `{"a":9007199254740993}`, `{"a":9007199254740992}`},
	} {
		doc := storedValue([]byte(c.doc))
		for filter, want := range map[string]bool{c.yes: true, c.no: false} {
			f, err := compileFilter([]byte(filter))
			if err != nil {
				t.Errorf("%s: %v", filter, err)
			} else if f.root.match(&doc) != want {
				t.Errorf("%s on %s is not %v", filter, c.doc, want)
			}
		}
	}
}

func TestUpdateOperators(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct{ doc, update, want string }{
		{`{}`, `{"$set":{"a.b":1}}`, `{"a":{"b":1}}`},
		{`{"a":[1,2]}`, `{"$set":{"a.1":9,"b":null}}`, `{"a":[1,9],"b":null}`},
		{`{"a":[1]}`, `{"$set":{"a.3.b":1}}`, `{"a":[1,null,null,{"b":1}]}`},
		{`{"a":1,"b":[1,2]}`, `{"$unset":{"a":"","b.0":"","c.d":""}}`, `{"b":[null,2]}`},
		{`{"n":1.50}`, `{"$inc":{"n":1,"m":2}}`, `{"n":2.5,"m":2}`},
		{`{"n":9007199254740993}`, `{"$inc":{"n":1}}`, `{"n":9007199254740994}`},
		{`{"n":3}`, `{"$mul":{"n":2,"m":5}}`, `{"n":6,"m":0}`},
		{`{"n":3}`, `{"$min":{"n":2,"m":5},"$max":{"k":1}}`, `{"n":2,"m":5,"k":1}`},
		{`{"n":3}`, `{"$max":{"n":2}}`, `{"n":3}`},
		{`{"a":{"b":1}}`, `{"$rename":{"a.b":"c.d","x":"y"}}`, `{"a":{},"c":{"d":1}}`},
		{`{"l":[1]}`, `{"$push":{"l":2,"m":1}}`, `{"l":[1,2],"m":[1]}`},
		{`{"l":[5,1]}`, `{"$push":{"l":{"$each":[3,4],"$position":0,"$sort":-1,"$slice":3}}}`, `{"l":[5,4,3]}`},
		{`{"l":[{"n":2}]}`, `{"$push":{"l":{"$each":[{"n":1}],"$sort":{"n":1},"$slice":-1}}}`, `{"l":[{"n":2}]}`},
		{`{"l":[1,2]}`, `{"$addToSet":{"l":{"$each":[2,3,3]}}}`, `{"l":[1,2,3]}`},
		{`{"l":[1,2,3,{"a":1,"b":2}]}`, `{"$pull":{"l":{"$gte":2}}}`, `{"l":[1,{"a":1,"b":2}]}`},
		{`{"l":[1,{"a":1,"b":2}]}`, `{"$pull":{"l":{"a":1}}}`, `{"l":[1]}`},
		{`{"l":[1,2,3]}`, `{"$pop":{"l":1}}`, `{"l":[1,2]}`},
		{`{"l":[1,2,3]}`, `{"$pop":{"l":-1,"m":1}}`, `{"l":[2,3]}`},
		{`{"l":[{"a":[1]}]}`, `{"$pop":{"l.0.a":1,"l.5.a":1,"m.n":1},"$pull":{"k.0":1},"$rename":{"l.7":"j"}}`, `{"l":[{"a":[]}]}`},
		{`{}`, `{"$currentDate":{"at":true,"ms":{"$type":"timestamp"}}}`, `{"at":"2026-01-31T12:00:00.000Z","ms":1769860800000}`},
	} {
		doc := storedValue([]byte(c.doc))
		u, err := compileUpdate([]byte(c.update))
		if err == nil {
			err = u.apply(&doc, now)
		}
		if got := string(doc.json()); err != nil || got != c.want {
			t.Errorf("%s on %s: %s, %v, want %s", c.update, c.doc, got, err, c.want)
		}
	}
	for _, c := range []struct{ doc, update, part string }{
		{`{"a":"x"}`, `{"$inc":{"a":1}}`, "no number"},
		{`{"a":9223372036854775807}`, `{"$inc":{"a":1}}`, "overflows"},
		{`{"a":1}`, `{"$set":{"a.b":1}}`, "has no field"},
		{`{"a":1}`, `{"$push":{"a":1}}`, "not an array"},
		{`{"a":[]}`, `{"$set":{"a.x":1}}`, "no place in it"},
		{`{"a":[]}`, `{"$set":{"a.99999":1}}`, "no place in it"},
		{`{"a":1}`, `{"$pop":{"a.b":1}}`, "a holds a number, which has no field"},
		{`{"a":null}`, `{"$pull":{"a.0":1}}`, "a holds null, which has no field"},
		{`{"a":{"b":[]}}`, `{"$pull":{"a.b.c":1}}`, "a.b is an array"},
		{`{"a":"x"}`, `{"$rename":{"a.b":"c"}}`, "a holds a string, which has no field"},
		{`{"a":[1]}`, `{"$rename":{"a.0":"c"}}`, "moves no elements"},
		{`{"a":[1],"b":2}`, `{"$rename":{"b":"a.0"}}`, "moves no elements"},
	} {
		doc := storedValue([]byte(c.doc))
		u, err := compileUpdate([]byte(c.update))
		if err == nil {
			err = u.apply(&doc, now)
		}
		if err == nil || !strings.Contains(err.Error(), c.part) {
			t.Errorf("%s on %s: %v, want %q", c.update, c.doc, err, c.part)
		}
	}
}

// TestDocInputRefused: what is no filter, update, sort, path or pipeline, with
// the field that is at fault.
func TestDocInputRefused(t *testing.T) {
	t.Parallel()
	filter := func(s string) error { _, err := compileFilter([]byte(s)); return err }
	update := func(s string) error { _, err := compileUpdate([]byte(s)); return err }
	pipe := func(s string) error { _, err := compilePipeline([]byte(s)); return err }
	for _, c := range []struct {
		err         error
		field, part string
	}{
		{filter(`[]`), "filter", "an array"},
		{filter(`{"$where":"1"}`), "filter.$where", "unknown operator"},
		{filter(`{"a":{"$gtt":1}}`), "filter.a.$gtt", "unknown operator"},
		{filter(`{"a":{"$gt":1,"b":2}}`), "filter.a", "no other names"},
		{filter(`{"$or":[]}`), "filter.$or", "one or more"},
		{filter(`{"$or":[1]}`), "filter.$or[0]", "objects"},
		{filter(`{"a..b":1}`), "filter.a..b", "no path"},
		{filter(`{"a":{"$in":1}}`), "filter.a.$in", "array"},
		{filter(`{"a":{"$regex":"(?=x)"}}`), "filter.a.$regex", "RE2"},
		{filter(`{"a":{"$options":"i"}}`), "filter.a.$options", "$regex"},
		{filter(`{"a":{"$mod":[0,1]}}`), "filter.a.$mod", "divide"},
		{filter(`{"a":{"$size":-1}}`), "filter.a.$size", "whole"},
		{filter(`{"a":{"$type":"blob"}}`), "filter.a.$type", "no type"},
		{filter(`{"a":{"$not":1}}`), "filter.a.$not", "$ne"},
		{filter(`{"$or":[{"$text":{"$search":"x"}}]}`), "filter.$or[0].$text", "top"},
		{filter(`{"$text":{"$search":"-- *"}}`), "filter.$text", "no word"},
		{filter(strings.Repeat(`{"$and":[`, 60) + `{}` + strings.Repeat(`]}`, 60)), "filter", "deeper"},
		{filter(`{"a":1,"a":2}`), "filter", "once"},
		{update(`{}`), "update", "operators"},
		{update(`{"a":1}`), "update.a", "no operator"},
		{update(`{"$setOnInsert":{"a":1}}`), "update.$setOnInsert", "unknown operator"},
		{update(`{"$set":{"id":"x"}}`), "update.$set.id", "does not change"},
		{update(`{"$set":{"a":1},"$inc":{"a.b":1}}`), "update.$inc.a.b", "two operators"},
		{update(`{"$set":{"a":{"$b":1}}}`), "update.$set.a", "begins with $"},
		{update(`{"$inc":{"a":"1"}}`), "update.$inc.a", "a number"},
		{update(`{"$pop":{"a":2}}`), "update.$pop.a", "1 for the last"},
		{update(`{"$push":{"a":{"$sort":1}}}`), "update.$push.a", "$each"},
		{update(`{"$rename":{"a":"a.b"}}`), "update.$rename.a", "can not be renamed"},
		{pipe(`{}`), "pipeline", "array"},
		{pipe(`[{"$lookup":{}}]`), "pipeline[0].$lookup", "unknown operator"},
		{pipe(`[{"$match":{"a":{"$x":1}}}]`), "pipeline[0].$match.a.$x", "unknown operator"},
		{pipe(`[{"$group":{"n":{"$sum":1}}}]`), "pipeline[0].$group", "_id"},
		{pipe(`[{"$group":{"_id":null,"n":{"$push":1}}}]`), "pipeline[0].$group.n", "unknown operator"},
		{pipe(`[{"$project":{"a":1,"b":0}}]`), "pipeline[0].$project", "all or for none"},
		{pipe(`[{"$unwind":"tags"}]`), "pipeline[0].$unwind", "with a $"},
	} {
		e, ok := c.err.(*Error)
		if !ok || e.Field != c.field || !strings.Contains(e.Message, c.part) {
			t.Errorf("%v (field %q), want field %q and %q", c.err, fieldOf(c.err), c.field, c.part)
		}
	}
}

func fieldOf(err error) string {
	if e, ok := err.(*Error); ok {
		return e.Field
	}
	return ""
}

func TestAggregate(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	f.in(
		insertDoc(`{"id":"1","city":"Bonn","n":1,"tags":["x","y"]}`), insertDoc(`{"id":"2","city":"Bonn","n":2.5,"tags":["y"]}`),
		insertDoc(`{"id":"3","city":"Rome","n":"many"}`), insertDoc(`{"id":"4","n":4,"tags":[]}`),
	)
	for _, c := range []struct{ pipeline, want string }{
		{`[{"$group":{"_id":"$city","n":{"$sum":"$n"},"a":{"$avg":"$n"},"k":{"$count":{}}}},{"$sort":{"_id":1}}]`,
			`[{"_id":null,"n":4,"a":4,"k":1},{"_id":"Bonn","n":3.5,"a":1.75,"k":2},{"_id":"Rome","n":0,"a":null,"k":1}]`},
		{`[{"$unwind":"$tags"},{"$group":{"_id":"$tags","docs":{"$sum":1},"first":{"$first":"$id"},"last":{"$last":"$id"}}},{"$sort":{"docs":-1}},{"$limit":1}]`,
			`[{"_id":"y","docs":2,"first":"1","last":"2"}]`},
		{`[{"$match":{"city":{"$exists":true}}},{"$group":{"_id":null,"min":{"$min":"$n"},"max":{"$max":"$n"}}}]`, `[{"_id":null,"min":1,"max":"many"}]`},
		{`[{"$match":{"id":"1"}},{"$project":{"city":1,"place":{"of":"$city","all":"$tags"}}}]`, `[{"id":"1","city":"Bonn","place":{"of":"Bonn","all":["x","y"]}}]`},
		{`[{"$match":{"id":"3"}},{"$project":{"n":0}}]`, `[{"id":"3","city":"Rome"}]`},
		{`[{"$unwind":{"path":"$tags","preserveNullAndEmptyArrays":true}},{"$match":{"tags":{"$ne":"y"}}},{"$project":{"t":"$tags"}}]`, `[{"id":"1","t":"x"},{"id":"3"},{"id":"4","t":[]}]`},
	} {
		rows, err := f.DocAggregate(t.Context(), "a", "c", json.RawMessage(c.pipeline))
		if err != nil {
			t.Errorf("%s: %v", c.pipeline, err)
			continue
		}
		got, err := json.Marshal(rows)
		if err != nil || string(got) != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.pipeline, got, c.want)
		}
	}
}
