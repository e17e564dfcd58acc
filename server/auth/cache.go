package auth

import (
	"sync"
	"time"

	"fazt/server/op"
	"fazt/storage"
)

// maxCached bounds the memory; forgetting all costs one look-up for each.
const maxCached = 10_000

// cache remembers who a secret's hash belongs to, so that a request costs no
// SQL. It holds no refusals: those could be made up without end.
//
// The database wakes its watchers before it answers the writer. A wake-up that
// waits in the channel therefore means that what is remembered may be wrong,
// and get looks there first.
type cache struct {
	watcher *storage.Watcher

	mu      sync.RWMutex
	entries map[[32]byte]entry
	age     uint64 // counts the times all was forgotten
}

type entry struct {
	principal *op.Principal
	expires   time.Time // zero = never
}

func newCache(db *storage.DB) *cache {
	return &cache{watcher: db.Watch(""), entries: map[[32]byte]entry{}}
}

func (c *cache) close() { c.watcher.Close() }

// get returns what is remembered of key, or what find returns.
func (c *cache) get(key [32]byte, now func() time.Time, find func() (*op.Principal, time.Time, error)) (*op.Principal, error) {
	if len(c.watcher.C()) > 0 {
		c.forget()
	}
	c.mu.RLock()
	e, ok := c.entries[key]
	age := c.age
	c.mu.RUnlock()
	if ok && (e.expires.IsZero() || now().Before(e.expires)) {
		return e.principal, nil
	}
	principal, expires, err := find()
	if err != nil {
		return nil, err
	}
	c.put(key, entry{principal, expires}, age)
	return principal, nil
}

// put remembers an entry unless all was forgotten since it was looked up.
func (c *cache) put(key [32]byte, e entry, age uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.age != age {
		return
	}
	if len(c.entries) >= maxCached {
		clear(c.entries)
	}
	c.entries[key] = e
}

// forget empties the cache. The wake-up is taken under the lock: whoever finds
// the channel empty waits there until the entries are gone.
func (c *cache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.watcher.C():
	default:
	}
	c.age++
	clear(c.entries)
}
