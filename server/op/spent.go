package op

import (
	"sync/atomic"
	"time"
)

// Spent is what the time of a call went into so far. What is left of it is the
// handler's own.
type Spent struct {
	Admit  time.Duration // waiting to be let in
	Queue  time.Duration // of its writes, waiting for the writer
	Commit time.Duration // of its writes, until they were on the disk
	Idle   time.Duration // waiting for a tab, a person, a timer or a slow sender, without a permit
}

// spent is Spent while the call is under way, in nanoseconds.
type spent struct{ admit, queue, commit, idle atomic.Int64 }

// Spent returns what the time of the call went into so far.
func (inv *Invocation) Spent() Spent {
	s := &inv.spent
	return Spent{
		Admit: time.Duration(s.admit.Load()), Queue: time.Duration(s.queue.Load()),
		Commit: time.Duration(s.commit.Load()), Idle: time.Duration(s.idle.Load()),
	}
}

// Committed adds what the time of a write went into.
func (inv *Invocation) Committed(queue, commit time.Duration) {
	inv.spent.queue.Add(int64(queue))
	inv.spent.commit.Add(int64(commit))
}
