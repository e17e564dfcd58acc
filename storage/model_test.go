//go:build unix

package storage

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// kvWorld drives one app beside a model of it in plain Go.
type kvWorld struct {
	f       *fixture
	app     string
	keys    map[string]modelKey
	feed    []string // every change, as "cursor op key"
	read    []string // what the resumed reader has seen
	cursor  Cursor
	version uint64
}

type modelKey struct {
	value   string
	version uint64
	expires int64 // Unix ms, 0 = never
}

// TestModel runs random operations on keys, batches, the feed and retention
// against the model.
func TestModel(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	record(t, dir).off = true // no test of the disk: syncs cost nothing
	f := open(t, func(o *Options) { o.Path = filepath.Join(dir, "test.db"); o.ChangeKeep = 1000 * time.Hour })
	apps := 0
	rapid.Check(t, func(rt *rapid.T) {
		apps++
		w := &kvWorld{f: f, app: fmt.Sprint("app", apps), keys: map[string]modelKey{}}
		o, err := f.Write(t.Context(), &Batch{Mutations: []Mutation{AppCreate{ID: w.app}}})
		if err != nil {
			rt.Fatal(err)
		}
		w.version = o.Version
		w.cursor = Cursor{Version: o.Version}
		rt.Repeat(map[string]func(*rapid.T){
			"batch": w.batch, "clock": w.clock, "retain": w.retain, "follow": w.follow, "list": w.list, "": w.check,
		})
		for len(w.read) < len(w.feed) {
			before := len(w.read)
			w.follow(rt)
			if len(w.read) == before {
				rt.Fatalf("the feed ends after %d of %d changes", before, len(w.feed))
			}
		}
	})
	if err := f.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func modelKeys() *rapid.Generator[string] {
	return rapid.SampledFrom([]string{"a", "a/b", "a/c", "a/\U0010ffff", "b", "ü", "%", "_"})
}

func (w *kvWorld) nowMillis() int64 { return w.f.clock.now().UnixMilli() }

// live returns a key that has not expired.
func (m modelKey) live(now int64) bool { return m.version != 0 && (m.expires == 0 || m.expires > now) }

// batch writes one to four random mutations, now and then as a dry run. The
// model is told first, on a copy; when it refuses, so must storage, by kind.
func (w *kvWorld) batch(rt *rapid.T) {
	b := &Batch{App: w.app, DryRun: rapid.IntRange(0, 9).Draw(rt, "dry") == 0}
	m := &modelBatch{now: w.nowMillis(), version: w.f.Version() + 1, keys: map[string]modelKey{}}
	for k, v := range w.keys {
		m.keys[k] = v
	}
	if rapid.IntRange(0, 4).Draw(rt, "check") == 0 {
		c := CheckKV{Key: modelKeys().Draw(rt, "key"), Version: uint64(rapid.IntRange(0, 1).Draw(rt, "version"))}
		b.Checks = append(b.Checks, c)
		m.require(m.current(c.Key) == c.Version, KindVersionMismatch)
	}
	for range rapid.IntRange(1, 4).Draw(rt, "mutations") {
		mutation := drawMutation(rt, m)
		b.Mutations = append(b.Mutations, mutation)
		m.apply(mutation)
	}
	o, err := w.f.Write(w.f.t.Context(), b)
	if KindOf(err) != m.refused || (err != nil && m.refused == "") {
		rt.Fatalf("%+v answered %v, want %q", b, err, m.refused)
	}
	if err != nil || b.DryRun {
		return
	}
	if fmt.Sprintf("%+v", o.Results) != fmt.Sprintf("%+v", m.results) {
		rt.Fatalf("%+v answered\n%+v, want\n%+v", b, o.Results, m.results)
	}
	w.keys, w.version = m.keys, o.Version
	w.feed = append(w.feed, m.changes...)
}

func drawMutation(rt *rapid.T, m *modelBatch) Mutation {
	key := modelKeys().Draw(rt, "key")
	var ifVersion *uint64
	switch rapid.IntRange(0, 9).Draw(rt, "if") {
	case 0:
		ifVersion = ptr(uint64(0))
	case 1:
		ifVersion = ptr(m.current(key))
	}
	switch rapid.IntRange(0, 6).Draw(rt, "op") {
	case 0:
		return KVDelete{Key: key, IfVersion: ifVersion}
	case 1:
		return KVDeletePrefix{Prefix: rapid.SampledFrom([]string{"", "a", "a/", "x"}).Draw(rt, "prefix")}
	case 2, 3:
		return KVIncrement{Key: key, By: json.Number(strconv.Itoa(rapid.IntRange(-5, 5).Draw(rt, "by")))}
	}
	return KVSet{
		Key: key, IfVersion: ifVersion, CreateOnly: rapid.IntRange(0, 9).Draw(rt, "create") == 0,
		Value: json.RawMessage(rapid.SampledFrom([]string{"1", "-7", `"text"`, "null", `{"b":1,"a":[]}`}).Draw(rt, "value")),
		TTL:   time.Duration(rapid.SampledFrom([]int{0, 0, 0, 5, 50}).Draw(rt, "ttl")) * time.Millisecond,
	}
}

// modelBatch is a batch being applied to the model.
type modelBatch struct {
	now     int64
	version uint64
	keys    map[string]modelKey
	results []Result
	changes []string
	refused Kind // "" while everything holds
}

func (m *modelBatch) current(key string) uint64 {
	if k := m.keys[key]; k.live(m.now) {
		return k.version
	}
	return 0
}

func (m *modelBatch) require(ok bool, kind Kind) bool {
	if !ok && m.refused == "" {
		m.refused = kind
	}
	return m.refused == ""
}

func (m *modelBatch) change(op, key string) {
	m.changes = append(m.changes, fmt.Sprintf("%d.%d %s %s", m.version, len(m.changes)+1, op, key))
}

func (m *modelBatch) apply(mutation Mutation) {
	switch x := mutation.(type) {
	case KVSet:
		have := m.current(x.Key)
		if !m.require(!x.CreateOnly || have == 0, KindExists) || !m.require(x.IfVersion == nil || *x.IfVersion == have, KindVersionMismatch) {
			return
		}
		k := modelKey{value: string(x.Value), version: m.version}
		if x.TTL > 0 {
			k.expires = m.now + x.TTL.Milliseconds()
		}
		m.keys[x.Key] = k
		m.results = append(m.results, Result{Version: m.version, Created: have == 0})
		m.change("set", x.Key)
	case KVDelete:
		have := m.current(x.Key)
		if !m.require(x.IfVersion == nil || *x.IfVersion == have, KindVersionMismatch) {
			return
		}
		if have != 0 {
			delete(m.keys, x.Key)
			m.change("delete", x.Key)
		}
		m.results = append(m.results, Result{Deleted: have != 0})
	case KVDeletePrefix:
		m.deletePrefix(x.Prefix)
	case KVIncrement:
		m.increment(x)
	}
}

func (m *modelBatch) deletePrefix(prefix string) {
	n := int64(0)
	for _, key := range sortedKeys(m.keys) {
		if strings.HasPrefix(key, prefix) && m.current(key) != 0 {
			delete(m.keys, key)
			m.change("delete", key)
			n++
		}
	}
	m.results = append(m.results, Result{Deleted: n > 0, Count: n})
}

func (m *modelBatch) increment(x KVIncrement) {
	have := m.current(x.Key)
	k := m.keys[x.Key]
	if have == 0 {
		k = modelKey{value: "0"}
	}
	n, err := strconv.Atoi(k.value)
	if !m.require(err == nil, KindTypeMismatch) {
		return
	}
	by, _ := strconv.Atoi(string(x.By))
	k.value, k.version = strconv.Itoa(n+by), m.version
	m.keys[x.Key] = k
	m.results = append(m.results, Result{Version: m.version, Created: have == 0, Value: json.RawMessage(k.value)})
	m.change("set", x.Key)
}

func sortedKeys(m map[string]modelKey) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (w *kvWorld) clock(rt *rapid.T) {
	w.f.clock.add(time.Duration(rapid.IntRange(0, 30).Draw(rt, "ms")) * time.Millisecond)
}

// retain sweeps what has expired: nobody may notice.
func (w *kvWorld) retain(rt *rapid.T) {
	if err := w.f.onWriter(w.f.t.Context(), func(x *writer) error { return x.retain.round(x) }); err != nil {
		rt.Fatal(err)
	}
}

// follow reads one page of the feed from where it left off.
func (w *kvWorld) follow(rt *rapid.T) {
	page, err := w.f.Changes(w.f.t.Context(), w.app, ChangeQuery{Since: &w.cursor, Limit: rapid.IntRange(1, 5).Draw(rt, "limit")})
	if err != nil {
		rt.Fatal(err)
	}
	for _, c := range page.Items {
		w.read = append(w.read, fmt.Sprintf("%s %s %s", c.Cursor, c.Op, c.Key))
	}
	w.cursor = page.Next
	if !slices.Equal(w.read, w.feed[:min(len(w.read), len(w.feed))]) {
		rt.Fatalf("the feed gave %v, want %v", tail(w.read), w.feed)
	}
}

// list walks all keys in pages, in either direction.
func (w *kvWorld) list(rt *rapid.T) {
	q := KVQuery{
		Prefix:  rapid.SampledFrom([]string{"", "a", "a/", "ü", "x"}).Draw(rt, "prefix"),
		Reverse: rapid.Bool().Draw(rt, "reverse"), Limit: rapid.IntRange(1, 3).Draw(rt, "limit"),
	}
	var want, got []string
	for _, k := range sortedKeys(w.keys) {
		if strings.HasPrefix(k, q.Prefix) && w.keys[k].live(w.nowMillis()) {
			want = append(want, k)
		}
	}
	if q.Reverse {
		slices.Reverse(want)
	}
	for {
		page, next, err := w.f.KVList(w.f.t.Context(), w.app, q)
		if err != nil {
			rt.Fatal(err)
		}
		for _, e := range page {
			got = append(got, e.Key)
		}
		if q.After = next; next == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		rt.Fatalf("%+v lists %q, want %q", q, got, want)
	}
}

// check reads every key at once.
func (w *kvWorld) check(rt *rapid.T) {
	keys := []string{"a", "a/b", "a/c", "a/\U0010ffff", "b", "ü", "%", "_"}
	entries, err := w.f.KVGetMany(w.f.t.Context(), w.app, keys)
	if err != nil {
		rt.Fatal(err)
	}
	for i, e := range entries {
		want := w.keys[keys[i]]
		if !want.live(w.nowMillis()) {
			want = modelKey{}
		}
		got := modelKey{value: string(e.Value), version: e.Version}
		if !e.ExpiresAt.IsZero() {
			got.expires = e.ExpiresAt.UnixMilli()
		}
		if got != want {
			rt.Fatalf("%q is %+v, want %+v", keys[i], got, want)
		}
	}
}
