package hub

import (
	"encoding/hex"
	"io"
	"sync"
	"time"

	"fazt/server/op"
)

// ticketTime is how long a ticket is good: a page uses it at once.
const ticketTime = 30 * time.Second

// maxTickets bounds the tickets that nobody has used yet.
const maxTickets = 10_000

// tickets are the open admissions. They live in memory, as sockets do.
type tickets struct {
	options Options

	mu   sync.Mutex
	open map[string]ticket
}

type ticket struct {
	principal *op.Principal
	expires   time.Time
}

func (ts *tickets) init(o Options) { ts.options, ts.open = o, map[string]ticket{} }

// Ticket returns a secret with which one page may join for p within 30 seconds.
// The page then has what p has at this moment.
func (h *Hub) Ticket(p *op.Principal) (secret string, expires time.Time, err error) {
	ts := &h.tickets
	b := make([]byte, 16)
	if _, err := io.ReadFull(ts.options.Rand, b); err != nil {
		return "", time.Time{}, op.AsError(err)
	}
	secret = hex.EncodeToString(b)
	now := ts.options.Now()
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if len(ts.open) >= maxTickets {
		ts.sweep(now)
	}
	if len(ts.open) >= maxTickets {
		return "", time.Time{}, op.Errorf(op.CodeOverloaded, "too many pages are joining").WithHint("call again in half a minute")
	}
	snapshot := *p
	ts.open[secret] = ticket{principal: &snapshot, expires: now.Add(ticketTime)}
	return secret, now.Add(ticketTime), nil
}

// use takes a ticket out and returns whose it is, nil when it is no good.
func (ts *tickets) use(secret string) *op.Principal {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	t, ok := ts.open[secret]
	delete(ts.open, secret)
	if !ok || !ts.options.Now().Before(t.expires) {
		return nil
	}
	return t.principal
}

// sweep drops what is too old to be used.
func (ts *tickets) sweep(now time.Time) {
	for secret, t := range ts.open {
		if !now.Before(t.expires) {
			delete(ts.open, secret)
		}
	}
}
