package server

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"fazt/server/op"
)

// SlowLog keeps the last calls that took longer than the setting slow_ms, with
// what their time went into, and logs each. What a call waits for without a
// permit, such as a person or a long poll, is no part of its time.
type SlowLog struct {
	limit  func(context.Context) time.Duration
	logger *slog.Logger

	mu   sync.Mutex
	ring []SlowCall // of the last ones, the next place is at
	at   int
	all  uint64
}

// SlowCall is one call of the log.
type SlowCall struct {
	At                           time.Time // when it ended
	Operation, App               string
	Principal, Face, Code        string
	RequestID                    string
	Took                         time.Duration
	Admit, Queue, Commit, Handle time.Duration // what Took went into
}

// slowKept is how many calls are kept.
const slowKept = 256

// SlowMillis is the setting slow_ms when nothing was set.
const SlowMillis = 500

// NewSlowLog returns a log of calls over a limit, which is asked for each.
func NewSlowLog(limit func(context.Context) time.Duration, logger *slog.Logger) *SlowLog {
	return &SlowLog{limit: limit, logger: logger}
}

// note keeps a call that took long.
func (l *SlowLog) note(ctx context.Context, inv *op.Invocation, done op.Done, now time.Time) {
	spent := inv.Spent()
	took := inv.Since(now) - spent.Idle
	if took < l.limit(ctx) {
		return
	}
	c := SlowCall{
		At: now, Operation: inv.Operation.Name, App: inv.App, Face: inv.Face, Code: "ok", RequestID: inv.RequestID, Took: took,
		Admit: spent.Admit, Queue: spent.Queue, Commit: spent.Commit,
		Handle: max(0, took-spent.Admit-spent.Queue-spent.Commit),
	}
	if done.Code != "" {
		c.Code = string(done.Code)
	}
	if inv.Principal != nil {
		c.Principal = inv.Principal.ID
	}
	l.keep(c)
	l.logger.WarnContext(ctx, "a slow call", "operation", c.Operation, "app", c.App, "request", c.RequestID, "code", c.Code,
		"took", c.Took, "admit", c.Admit, "queue", c.Queue, "commit", c.Commit, "handle", c.Handle)
}

func (l *SlowLog) keep(c SlowCall) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all++
	if len(l.ring) < slowKept {
		l.ring = append(l.ring, c)
		return
	}
	l.ring[l.at] = c
	l.at = (l.at + 1) % slowKept
}

// Calls returns what is kept, newest first, and how many there were since the
// start.
func (l *SlowLog) Calls() ([]SlowCall, uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := slices.Concat(l.ring[l.at:], l.ring[:l.at])
	slices.Reverse(list)
	return list, l.all
}
