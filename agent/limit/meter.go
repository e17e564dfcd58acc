package limit

import (
	"encoding/json"
	"strconv"
	"sync"
	"time"

	"fazt/server/op"
	"fazt/storage"
)

// window is how many minutes a budget is for.
const window = 60

// meters count what each token with a budget has used up.
type meters struct {
	mu   sync.Mutex
	used map[string]*hour
}

// hour is the last sixty minutes of one token.
type hour struct {
	minutes [window]op.Budget // by the minute's number, modulo window
	last    int64             // the minute of the newest
	total   op.Budget         // of all in minutes
	changed bool              // since it was written down
}

func minuteOf(t time.Time) int64 { return t.Unix() / 60 }

func plus(a, b op.Budget) op.Budget {
	return op.Budget{Calls: a.Calls + b.Calls, Writes: a.Writes + b.Writes, Bytes: a.Bytes + b.Bytes}
}

func minus(a, b op.Budget) op.Budget {
	return op.Budget{Calls: a.Calls - b.Calls, Writes: a.Writes - b.Writes, Bytes: a.Bytes - b.Bytes}
}

// roll forgets the minutes that are older than an hour. A clock that went back
// forgets nothing.
func (h *hour) roll(now int64) {
	for drop := min(now-h.last, window); drop > 0; drop-- {
		slot := &h.minutes[(now-drop+1)%window]
		h.total = minus(h.total, *slot)
		*slot = op.Budget{}
	}
	h.last = max(h.last, now)
}

func (h *hour) add(b op.Budget) {
	slot := &h.minutes[h.last%window]
	*slot = plus(*slot, b)
	h.total = plus(h.total, b)
	h.changed = true
}

// of returns a token's hour, brought up to now. The caller holds mu.
func (m *meters) of(token string, now time.Time) *hour {
	h := m.used[token]
	if h == nil {
		h = &hour{last: minuteOf(now)}
		m.used[token] = h
	}
	h.roll(minuteOf(now))
	return h
}

func (m *meters) add(token string, b op.Budget, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.of(token, now).add(b)
}

func (m *meters) sum(token string, now time.Time) op.Budget {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.used[token] == nil {
		return op.Budget{}
	}
	return m.of(token, now).total
}

// charge adds what a call asks for, when all of it fits.
func (m *meters) charge(p *op.Principal, asked op.Budget, now time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.of(p.ID, now)
	for _, l := range limits() {
		most, wants := l.of(p.Budget), l.of(asked)
		if most > 0 && wants > 0 && l.of(h.total)+wants > most {
			return l.exceeded(p, h, wants, now)
		}
	}
	h.add(asked)
	return nil
}

// limit is one of a budget's.
type limit struct {
	field, unit string
	of          func(op.Budget) int64
}

func limits() []limit {
	return []limit{
		{"calls_per_hour", "calls", func(b op.Budget) int64 { return b.Calls }},
		{"writes_per_hour", "writes", func(b op.Budget) int64 { return b.Writes }},
		{"bytes_per_hour", "bytes", func(b op.Budget) int64 { return b.Bytes }},
	}
}

func (l limit) exceeded(p *op.Principal, h *hour, wants int64, now time.Time) error {
	most := l.of(p.Budget)
	e := op.Errorf(op.CodeQuota, "the token %q may use %d %s an hour and has used %d; nothing was done", p.Name, most, l.unit, l.of(h.total))
	e.Field = l.field
	if wants > most {
		return e.WithHint("this call alone needs %d %s: send less at once, or ask a person for a token with a larger budget", wants, l.unit)
	}
	e.RetryAfter = h.freeAfter(l, most-wants, now)
	return e.WithHint("make this call again in %s, or ask a person for a token with a larger budget; token_self shows what is used", e.RetryAfter)
}

// freeAfter is when so much has fallen out of the hour that at most room is
// left in it.
func (h *hour) freeAfter(l limit, room int64, now time.Time) time.Duration {
	left := l.of(h.total)
	for minute := h.last - window + 1; minute <= h.last; minute++ {
		left -= l.of(h.minutes[((minute%window)+window)%window])
		if left <= room {
			return time.Unix((minute+window)*60, 0).Sub(now).Round(time.Second)
		}
	}
	return time.Hour
}

// changed returns what is to be written down since the last time, and forgets
// hours in which nothing is left.
func (m *meters) changed(now int64) ([]storage.Mutation, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []storage.Mutation
	for token, h := range m.used {
		h.roll(now)
		if h.changed {
			text, err := h.encode()
			if err != nil {
				return nil, err
			}
			list = append(list, storage.TokenUsed{ID: token, Used: text})
			h.changed = false
		}
		if h.total == (op.Budget{}) {
			delete(m.used, token)
		}
	}
	return list, nil
}

// encode writes the minutes in which something was used: number → what.
func (h *hour) encode() (json.RawMessage, error) {
	minutes := map[string]storage.Budget{}
	for minute := h.last - window + 1; minute <= h.last; minute++ {
		if b := h.minutes[((minute%window)+window)%window]; b != (op.Budget{}) {
			minutes[strconv.FormatInt(minute, 10)] = storage.Budget(b)
		}
	}
	return json.Marshal(minutes)
}

// restore takes up what an earlier program has written down.
func (m *meters) restore(kept map[string]json.RawMessage, now int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for token, raw := range kept {
		var minutes map[string]storage.Budget
		if json.Unmarshal(raw, &minutes) != nil {
			continue // of another program: its hour begins anew
		}
		h := &hour{last: now}
		for text, b := range minutes {
			minute, err := strconv.ParseInt(text, 10, 64)
			if err != nil || minute > now || minute <= now-window {
				continue
			}
			h.minutes[minute%window] = op.Budget(b)
			h.total = plus(h.total, op.Budget(b))
		}
		if h.total != (op.Budget{}) {
			m.used[token] = h
		}
	}
}
