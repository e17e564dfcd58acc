package storage

import (
	"hash/maphash"
	"slices"
	"sync"
	"sync/atomic"
)

// kvCache holds entries that were lately read or written, so that a key that
// is asked for often costs no query. It never shows less, or more, than the
// database: a key that a group is about to commit leaves the cache before the
// commit and is held until its outcome is known, and what a reader has found
// enters only if nothing in its shard was committed in between. Expiry is the
// reader's to judge, by the entry.
type kvCache struct {
	seed   maphash.Seed
	shards [kvCacheShards]kvShard
	held   atomic.Bool // an app appears or disappears: nothing is answered or kept
}

const (
	kvCacheShards = 32
	kvCacheBytes  = 16 << 20 // of all shards: about 60,000 small entries
	kvCacheEntry  = 192      // what an entry costs beside its key and value
	kvCacheLimit  = 16 << 10 // a larger value is not kept
)

type kvShard struct {
	mu      sync.Mutex
	epoch   uint64 // counts what commits have taken out
	bytes   int
	entries map[kvName]KVEntry
	held    map[kvName]struct{}
}

type kvName struct{ app, key string }

// kvChange is what a group does to the cache. Without a value the key is only
// forgotten; without a name everything is.
type kvChange struct {
	name  kvName
	entry *KVEntry
}

// kvTicket says when a reader has looked: the cache takes no older finding.
type kvTicket struct {
	epoch uint64
	valid bool
}

func newKVCache() *kvCache {
	c := &kvCache{seed: maphash.MakeSeed()}
	for i := range c.shards {
		c.shards[i].entries = map[kvName]KVEntry{}
		c.shards[i].held = map[kvName]struct{}{}
	}
	return c
}

func (c *kvCache) shard(n kvName) *kvShard {
	return &c.shards[maphash.Comparable(c.seed, n)%kvCacheShards]
}

// get returns the entry, or a ticket to bring it with.
func (c *kvCache) get(n kvName) (KVEntry, bool, kvTicket) {
	s := c.shard(n)
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.held.Load() {
		return KVEntry{}, false, kvTicket{}
	}
	if e, ok := s.entries[n]; ok {
		return e, true, kvTicket{}
	}
	_, held := s.held[n]
	return KVEntry{}, false, kvTicket{epoch: s.epoch, valid: !held}
}

// bring keeps what a reader has found after it got the ticket.
func (c *kvCache) bring(n kvName, e KVEntry, t kvTicket) {
	s := c.shard(n)
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.valid && t.epoch == s.epoch && !c.held.Load() {
		s.put(n, e)
	}
}

// hold takes the keys of a group out before its commit.
func (c *kvCache) hold(changes []kvChange) {
	for _, ch := range changes {
		if ch.name == (kvName{}) {
			c.held.Store(true)
			continue
		}
		s := c.shard(ch.name)
		s.mu.Lock()
		s.epoch++
		s.drop(ch.name)
		s.held[ch.name] = struct{}{}
		s.mu.Unlock()
	}
}

// settle ends what hold began, and keeps the new entries of a commit.
func (c *kvCache) settle(changes []kvChange, committed bool) {
	all := false
	for _, ch := range slices.Backward(changes) { // the last change of a key counts
		if ch.name == (kvName{}) {
			all = true
			continue
		}
		c.shard(ch.name).settle(ch, committed)
	}
	if all {
		c.clear()
		c.held.Store(false)
	}
}

// clear forgets every entry. What is held stays held.
func (c *kvCache) clear() {
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		s.epoch++
		s.bytes = 0
		clear(s.entries)
		s.mu.Unlock()
	}
}

// DropCaches gives up the memory of what can be read again from the file. It
// may be called at any time.
func (db *DB) DropCaches() { db.kvs.clear() }

func (s *kvShard) settle(ch kvChange, committed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.held[ch.name]; !ok {
		return
	}
	delete(s.held, ch.name)
	if committed && ch.entry != nil {
		s.put(ch.name, *ch.entry)
	}
}

func (s *kvShard) put(n kvName, e KVEntry) {
	s.drop(n)
	if len(e.Value) > kvCacheLimit {
		return
	}
	s.bytes += kvCost(n, e)
	for victim := range s.entries { // in random order
		if s.bytes <= kvCacheBytes/kvCacheShards {
			break
		}
		s.drop(victim)
	}
	s.entries[n] = e
}

func (s *kvShard) drop(n kvName) {
	if e, ok := s.entries[n]; ok {
		s.bytes -= kvCost(n, e)
		delete(s.entries, n)
	}
}

func kvCost(n kvName, e KVEntry) int { return kvCacheEntry + len(n.key) + len(e.Value) }
