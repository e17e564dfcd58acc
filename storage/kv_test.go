package storage

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// TestKVValues: a value is kept as given but for white space, or refused.
func TestKVValues(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	for given, want := range map[string]string{
		`null`: `null`, ` [ 1 , 2 ] `: `[1,2]`, `{"b":1,"a":2}`: `{"b":1,"a":2}`, `{"a":1,"a":2}`: `{"a":1,"a":2}`,
		`1.50e+3`: `1.50e+3`, `12345678901234567890123`: `12345678901234567890123`, `" x  y "`: `" x  y "`, `"\u00e4"`: `"\u00e4"`,
	} {
		f.in(set("k", given))
		f.holds(map[string]string{"k": want})
	}
	for _, bad := range []string{``, ` `, `{`, `1 2`, `{"a":}`, `'a'`, `01`, `nan`, "\"\xff\"", "\"\x00\""} {
		if e := f.fails(KindInvalid, one(set("k", bad))); e.Field != "mutations[0].value" || e.Index != 0 {
			t.Errorf("%q: field %q, index %d", bad, e.Field, e.Index)
		}
	}
	f.in(set("k", `"`+strings.Repeat("x", MaxValueBytes-2)+`"`))
	f.in(set("k", strings.Repeat(" ", MaxValueBytes)+`1`))
	f.fails(KindTooLarge, one(set("k", `"`+strings.Repeat("x", MaxValueBytes-1)+`"`)))
}

func TestKVKeys(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	for _, good := range []string{"a", " ", "a//b", ".", "..", "%", "_", "\x01", "\U0010ffff", strings.Repeat("k", MaxKeyBytes)} {
		f.in(set(good, "1"))
		if !f.has(good) {
			t.Errorf("%q is not there", good)
		}
	}
	for bad, kind := range map[string]Kind{"": KindInvalid, "a\x00b": KindInvalid, "\xff": KindInvalid, strings.Repeat("k", MaxKeyBytes+1): KindTooLarge} {
		f.fails(kind, one(set(bad, "1")))
		f.fails(kind, one(KVDelete{Key: bad}))
		f.fails(kind, one(KVIncrement{Key: bad, By: "1"}))
		if _, err := f.KVGet(t.Context(), "a", bad); KindOf(err) != kind {
			t.Errorf("get %q: %v", bad, err)
		}
	}
}

func TestKVConditions(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	f.in(set("k", "1")) // version 2
	for _, c := range []struct {
		name    string
		batch   *Batch
		kind    Kind
		current uint64
	}{
		{"create what exists", one(KVSet{Key: "k", Value: json.RawMessage("2"), CreateOnly: true}), KindExists, 2},
		{"if_version 0 of what exists", one(KVSet{Key: "k", Value: json.RawMessage("2"), IfVersion: ptr(uint64(0))}), KindVersionMismatch, 2},
		{"an old version", one(KVSet{Key: "k", Value: json.RawMessage("2"), IfVersion: ptr(uint64(1))}), KindVersionMismatch, 2},
		{"a version of nothing", one(KVSet{Key: "none", Value: json.RawMessage("2"), IfVersion: ptr(uint64(2))}), KindVersionMismatch, 0},
		{"delete an old version", one(KVDelete{Key: "k", IfVersion: ptr(uint64(1))}), KindVersionMismatch, 2},
		{"delete a version of nothing", one(KVDelete{Key: "none", IfVersion: ptr(uint64(2))}), KindVersionMismatch, 0},
		{"a check", &Batch{App: "a", Checks: []Check{CheckKV{Key: "k", Version: 3}}, Mutations: []Mutation{set("l", "1")}}, KindVersionMismatch, 2},
		{"a check of nothing", &Batch{App: "a", Checks: []Check{CheckKV{Key: "k"}}, Mutations: []Mutation{set("l", "1")}}, KindVersionMismatch, 2},
		{"after a first write", one(set("l", "1"), KVSet{Key: "k", Value: json.RawMessage("2"), CreateOnly: true}), KindExists, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			if e := f.fails(c.kind, c.batch); e.CurrentVersion != c.current {
				t.Errorf("current version %d, want %d", e.CurrentVersion, c.current)
			}
			f.holds(map[string]string{"k": "1", "l": "", "none": ""})
		})
	}
	o := f.write(&Batch{App: "a", Checks: []Check{CheckKV{Key: "k", Version: 2}, CheckKV{Key: "none"}}, Mutations: []Mutation{
		KVSet{Key: "k", Value: json.RawMessage("2"), IfVersion: ptr(uint64(2))}, KVDelete{Key: "k", IfVersion: ptr(uint64(3))},
		KVSet{Key: "k", Value: json.RawMessage("3"), CreateOnly: true}, KVDelete{Key: "none", IfVersion: ptr(uint64(0))},
	}})
	if o.Version != 3 || o.Results[0].Created || !o.Results[1].Deleted || !o.Results[2].Created || o.Results[3].Deleted {
		t.Errorf("%+v", o)
	}
}

func TestKVExpiry(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	ttl := func(key string, d time.Duration) KVSet {
		return KVSet{Key: key, Value: json.RawMessage("1"), TTL: d}
	}
	f.in(ttl("k", time.Second), ttl("kept", time.Second), ttl("counted", time.Second))
	f.in(set("kept", "2"), KVIncrement{Key: "counted", By: "1"})
	f.clock.add(time.Second - time.Millisecond)
	f.holds(map[string]string{"k": "1", "kept": "2", "counted": "2"})
	f.clock.add(time.Millisecond)
	f.holds(map[string]string{"k": "", "kept": "2", "counted": ""})
	if page, _, err := f.KVList(t.Context(), "a", KVQuery{}); err != nil || len(page) != 1 {
		t.Errorf("a list shows %d keys, %v", len(page), err)
	}
	if o := f.in(KVDelete{Key: "k"}, ttl("k", time.Nanosecond)); o.Results[0].Deleted || !o.Results[1].Created {
		t.Errorf("an expired key was there: %+v", o.Results)
	}
	f.holds(map[string]string{"k": "1"}) // less than a millisecond is one
	f.fails(KindInvalid, one(ttl("k", -time.Second)))
}

func TestKVIncrement(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	n := func(s string) *json.Number { return ptr(json.Number(s)) }
	for _, c := range []struct {
		name, start string
		m           KVIncrement
		want        string
		kind        Kind
	}{
		{"from nothing", "", KVIncrement{By: "5"}, "5", ""},
		{"integers are exact", "9007199254740993", KVIncrement{By: "1"}, "9007199254740994", ""},
		{"down to the least", "-9223372036854775807", KVIncrement{By: "-1"}, "-9223372036854775808", ""},
		{"over the greatest", "9223372036854775807", KVIncrement{By: "1"}, "", KindTypeMismatch},
		{"clamped instead", "9223372036854775807", KVIncrement{By: "1", Max: n("9223372036854775807")}, "9223372036854775807", ""},
		{"a fraction", "1", KVIncrement{By: "0.5"}, "1.5", ""},
		{"to the least of a bound", "3", KVIncrement{By: "-9", Min: n("0")}, "0", ""},
		{"a text", `"a"`, KVIncrement{By: "1"}, "", KindTypeMismatch},
		{"null", `null`, KVIncrement{By: "1"}, "", KindTypeMismatch},
		{"by no number", "1", KVIncrement{By: "x"}, "", KindInvalid},
		{"by too long an integer", "1", KVIncrement{By: "99999999999999999999"}, "", KindInvalid},
		{"bounds that cross", "1", KVIncrement{By: "1", Min: n("2"), Max: n("1")}, "", KindInvalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			f.in(KVDelete{Key: "n"})
			if c.start != "" {
				f.in(set("n", c.start))
			}
			c.m.Key = "n"
			if c.kind != "" {
				f.fails(c.kind, one(c.m))
				f.holds(map[string]string{"n": c.start})
				return
			}
			if o := f.in(c.m); string(o.Results[0].Value) != c.want || o.Results[0].Created != (c.start == "") {
				t.Errorf("%+v %s, want %s", o.Results[0], o.Results[0].Value, c.want)
			}
			f.holds(map[string]string{"n": c.want})
		})
	}
}

func TestKVDeletePrefix(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	f.in(set("a", "1"), set("a/1", "1"), set("a/2", "1"), set("a0", "1"), set("a%", "1"))
	f.fails(KindTooLarge, one(KVDeletePrefix{Prefix: "a", Limit: 4}))
	f.fails(KindInvalid, one(KVDeletePrefix{Prefix: "a", Limit: MaxPrefixDelete + 1}))
	if o := f.in(KVDeletePrefix{Prefix: "a/"}); o.Results[0].Count != 2 || o.Results[0].Unkept {
		t.Errorf("%+v", o.Results[0])
	}
	f.holds(map[string]string{"a": "1", "a/1": "", "a0": "1", "a%": "1"})
	if o := f.in(KVDeletePrefix{Prefix: "a%"}); o.Results[0].Count != 1 {
		t.Errorf("a prefix is not taken literally: %+v", o.Results[0])
	}
	if o := f.in(KVDeletePrefix{Prefix: "a/"}); o.Results[0].Deleted {
		t.Errorf("%+v", o.Results[0])
	}
}

// TestBatchLimits: what is too much is refused before it is queued.
func TestBatchLimits(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	many := make([]Mutation, MaxBatchMutations+1)
	for i := range many {
		many[i] = set("k", "1")
	}
	f.in(many[1:]...)
	f.fails(KindTooLarge, one(many...))
	f.fails(KindTooLarge, &Batch{App: "a", Checks: make([]Check, MaxBatchMutations+1)})
	big := make([]Mutation, 17)
	for i := range big {
		big[i] = set("k", `"`+strings.Repeat("x", MaxValueBytes-2)+`"`)
	}
	f.fails(KindTooLarge, one(big...))
	f.fails(KindInvalid, &Batch{App: "A", Mutations: []Mutation{set("k", "1")}})
	f.fails(KindInvalid, &Batch{Mutations: []Mutation{set("k", "1")}})
}

// TestDryRun: it answers what would be, and leaves nothing.
func TestDryRun(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	o := f.write(&Batch{App: "a", DryRun: true, Audit: &AuditEntry{Operation: "dry"}, Mutations: []Mutation{set("k", "1"), AppCreate{ID: "b"}, set("k", "2")}})
	if o.Version != 2 || !o.Results[0].Created || o.Results[2].Created {
		t.Errorf("%+v", o)
	}
	f.holds(map[string]string{"k": ""})
	if _, err := f.App(t.Context(), "b"); KindOf(err) != KindAppNotFound {
		t.Errorf("the app is there: %v", err)
	}
	if page, _, _ := f.AuditLog(t.Context(), AuditQuery{}); len(page) != 0 {
		t.Errorf("%d audit rows", len(page))
	}
	if o := f.in(set("k", "1")); o.Version != 2 {
		t.Errorf("the next version is %d: a dry run used one up", o.Version)
	}
}
