package storage

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestKVCacheIsTheDatabase: after every way in which a key can change, what the
// cache answers is what a listing, which knows no cache, shows.
func TestKVCacheIsTheDatabase(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	agrees := func(what string) {
		t.Helper()
		listed, _, err := f.KVList(t.Context(), "a", KVQuery{})
		if KindOf(err) == KindAppNotFound {
			listed, err = nil, nil
		}
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]KVEntry{}
		for _, e := range listed {
			want[e.Key] = e
		}
		for _, key := range []string{"k", "k2", "n"} {
			for range 2 { // from the database, then from the cache
				got, err := f.KVGet(t.Context(), "a", key)
				w, there := want[key]
				if there != (err == nil) || got.Version != w.Version || string(got.Value) != string(w.Value) || !got.ExpiresAt.Equal(w.ExpiresAt) {
					t.Fatalf("%s: %q is %+v, %v, and listed as %+v", what, key, got, err, w)
				}
			}
		}
	}
	agrees("empty")
	f.in(set("k", "1"), set("k2", "1"), set("k", "2"))
	agrees("set twice in a batch")
	f.in(KVIncrement{Key: "n", By: "2"})
	f.in(KVIncrement{Key: "n", By: "2"})
	agrees("incremented")
	f.fails(KindVersionMismatch, &Batch{App: "a", Mutations: []Mutation{set("k", "3"), KVSet{Key: "k2", Value: []byte("3"), IfVersion: ptr(uint64(1))}}})
	agrees("a failed batch")
	f.write(&Batch{App: "a", DryRun: true, Mutations: []Mutation{set("k", "4"), KVDelete{Key: "k2"}}})
	agrees("a dry run")
	f.in(KVDelete{Key: "k"}, KVDeletePrefix{Prefix: "k2"})
	agrees("deleted")
	f.in(KVSet{Key: "k", Value: []byte("5"), TTL: time.Minute})
	agrees("with a time to live")
	f.clock.add(time.Minute)
	agrees("expired")
	f.in(set("k", `"`+strings.Repeat("x", kvCacheLimit)+`"`))
	agrees("too large for the cache")
	f.write(&Batch{Mutations: []Mutation{AppDelete{ID: "a"}}})
	agrees("the app is deleted")
	f.write(&Batch{Mutations: []Mutation{AppCreate{ID: "a"}}})
	agrees("another app of the same name")
}

// TestKVCacheNeverGoesBack: whoever has seen a version, in a listing or by its
// key, sees no older one afterwards, whichever way it looks.
func TestKVCacheNeverGoesBack(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	const keys, rounds = 4, 150
	var writers, readers sync.WaitGroup
	done := make(chan struct{})
	for k := range keys {
		f.in(set(fmt.Sprint(k), "0"))
		writers.Go(func() {
			for range rounds {
				if _, err := f.Write(t.Context(), one(set(fmt.Sprint(k), "1"))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 4 {
		readers.Go(func() {
			var seen [keys]uint64
			see := func(e KVEntry, how string) {
				k := e.Key[0] - '0'
				if e.Version < seen[k] {
					t.Errorf("%s shows key %s at version %d after %d", how, e.Key, e.Version, seen[k])
				}
				seen[k] = e.Version
			}
			for {
				select {
				case <-done:
					return
				default:
				}
				listed, _, err := f.KVList(t.Context(), "a", KVQuery{})
				if err != nil {
					t.Error(err)
				}
				for _, e := range listed {
					see(e, "a listing")
					got, err := f.KVGet(t.Context(), "a", e.Key)
					if err != nil {
						t.Error(err)
					}
					see(got, "a get")
				}
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
}

// TestKVCacheHolds: while a commit is under way its keys are neither answered
// nor taken, and what was read before it is not taken after it.
func TestKVCacheHolds(t *testing.T) {
	t.Parallel()
	c := newKVCache()
	n, old := kvName{"a", "k"}, KVEntry{Key: "k", Version: 1}
	fresh := KVEntry{Key: "k", Version: 2}
	_, _, before := c.get(n)
	change := []kvChange{{name: n}, {name: n, entry: &fresh}}
	c.hold(change)
	c.bring(n, old, before)
	if _, ok, during := c.get(n); ok || during.valid {
		t.Errorf("a held key is answered (%v) or would be taken (%+v)", ok, during)
	}
	c.settle(change, false)
	c.bring(n, old, before)
	if _, ok, _ := c.get(n); ok {
		t.Error("what was read before a commit was taken after it")
	}
	c.hold(change)
	c.settle(change, true)
	if e, ok, _ := c.get(n); !ok || e.Version != 2 {
		t.Errorf("after the commit: %+v, %v", e, ok)
	}
	c.hold([]kvChange{{}})
	if _, ok, ticket := c.get(n); ok || ticket.valid {
		t.Error("an app changes, and the cache answers")
	}
	c.clear() // memory is short
	if _, ok, ticket := c.get(n); ok || ticket.valid {
		t.Error("the cache was emptied while an app changes, and answers")
	}
	c.settle([]kvChange{{}}, true)
	if _, ok, _ := c.get(n); ok {
		t.Error("an entry outlived the change of an app")
	}
}

// TestKVCacheIsBounded: it holds no more than it says.
func TestKVCacheIsBounded(t *testing.T) {
	t.Parallel()
	c := newKVCache()
	value := []byte(strings.Repeat("v", 1000))
	for i := range 3 * kvCacheBytes / 1000 {
		n := kvName{"a", fmt.Sprint(i)}
		_, _, ticket := c.get(n)
		c.bring(n, KVEntry{Key: n.key, Value: value}, ticket)
	}
	held, counted := 0, 0
	for i := range c.shards {
		counted += c.shards[i].bytes
		for n, e := range c.shards[i].entries {
			held += kvCost(n, e)
		}
	}
	if held != counted || held > kvCacheBytes || held < kvCacheBytes/2 {
		t.Errorf("%d bytes are held, %d are counted, and %d are allowed", held, counted, kvCacheBytes)
	}
}

// BenchmarkKVGetHit and BenchmarkKVGetMiss are what a read costs with and
// without the cache.
func BenchmarkKVGetHit(b *testing.B)  { benchmarkGet(b, func(*fixture) {}) }
func BenchmarkKVGetMiss(b *testing.B) { benchmarkGet(b, func(f *fixture) { f.kvs.clear() }) }

func benchmarkGet(b *testing.B, before func(*fixture)) {
	f := openApp(b)
	f.in(set("k", `"`+strings.Repeat("v", 100)+`"`))
	b.ReportAllocs()
	for b.Loop() {
		before(f)
		if _, err := f.KVGet(b.Context(), "a", "k"); err != nil {
			b.Fatal(err)
		}
	}
}
