package storage

import (
	"sync"
	"sync/atomic"
)

// watchers wakes those who follow feeds. A wake-up carries nothing: who is
// woken reads the feed from its cursor, so none can be lost by being merged.
type watchers struct {
	n  atomic.Int64 // registered, so that the writer can skip the lock
	mu sync.Mutex
	by map[string]map[*Watcher]struct{}
}

// Watcher wakes its owner after commits that touch one app.
type Watcher struct {
	of   *watchers
	app  string
	wake chan struct{}
}

// Watch starts watching an app's feed, "" for the system feed. The app need
// not exist yet. Take the watcher first, then read the feed: what is committed
// in between wakes it.
func (db *DB) Watch(app string) *Watcher {
	w := &Watcher{of: db.watchers, app: app, wake: make(chan struct{}, 1)}
	ws := db.watchers
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if ws.by[app] == nil {
		ws.by[app] = map[*Watcher]struct{}{}
	}
	ws.by[app][w] = struct{}{}
	ws.n.Add(1)
	return w
}

// C delivers one value for one or more commits since the last.
func (w *Watcher) C() <-chan struct{} { return w.wake }

// Close stops the wake-ups. C is not closed.
func (w *Watcher) Close() {
	w.of.mu.Lock()
	defer w.of.mu.Unlock()
	set := w.of.by[w.app]
	if _, ok := set[w]; !ok {
		return
	}
	delete(set, w)
	if len(set) == 0 {
		delete(w.of.by, w.app)
	}
	w.of.n.Add(-1)
}

func (ws *watchers) any() bool { return ws.n.Load() > 0 }

func (ws *watchers) wake(apps []string) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	for _, app := range apps {
		for w := range ws.by[app] {
			select {
			case w.wake <- struct{}{}:
			default:
			}
		}
	}
}
