package endpoint

import (
	"io"
	"strings"
	"sync"
	"time"

	"fazt/server/op"
)

const (
	// cursorTTL is how long a handle is kept: a model that reads on does so in
	// its next steps.
	cursorTTL = 10 * time.Minute
	// maxCursors bounds the handles of one principal; the oldest go first.
	maxCursors = 200
	// handlePrefix and handleSize make handles of 12 characters.
	handlePrefix = "c_"
	handleSize   = 10
)

// cursors gives models short handles for long cursors. A handle belongs to the
// principal that got it.
type cursors struct {
	now  func() time.Time
	rand io.Reader

	mu          sync.Mutex
	byPrincipal map[string][]cursorEntry // oldest first
}

type cursorEntry struct {
	handle, cursor string
	made           time.Time
}

func newCursors(now func() time.Time, rand io.Reader) *cursors {
	return &cursors{now: now, rand: rand, byPrincipal: map[string][]cursorEntry{}}
}

// handle returns a handle for a cursor, which is its own handle when it is
// short already.
func (c *cursors) handle(principal, cursor string) string {
	if len(cursor) <= len(handlePrefix)+handleSize && !strings.HasPrefix(cursor, handlePrefix) {
		return cursor
	}
	name, err := randomName(c.rand, handleSize)
	if err != nil {
		return cursor
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sweep()
	entries := c.byPrincipal[principal]
	if len(entries) >= maxCursors {
		entries = entries[1:]
	}
	c.byPrincipal[principal] = append(entries, cursorEntry{handlePrefix + name, cursor, c.now()})
	return handlePrefix + name
}

// cursor returns what a handle stands for. Anything else is a cursor already.
func (c *cursors) cursor(principal, handle string) (string, error) {
	if !strings.HasPrefix(handle, handlePrefix) {
		return handle, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sweep()
	for _, entry := range c.byPrincipal[principal] {
		if entry.handle == handle {
			return entry.cursor, nil
		}
	}
	return "", op.Invalid("cursor", "the cursor %q is unknown or older than 10 minutes", handle).
		WithHint("read the list again from its start, without cursor")
}

// sweep forgets what is too old. The caller holds mu.
func (c *cursors) sweep() {
	for principal, entries := range c.byPrincipal {
		for len(entries) > 0 && c.now().Sub(entries[0].made) >= cursorTTL {
			entries = entries[1:]
		}
		if len(entries) == 0 {
			delete(c.byPrincipal, principal)
			continue
		}
		c.byPrincipal[principal] = entries
	}
}
