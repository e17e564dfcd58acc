package storage

import (
	"fmt"
	"time"
)

// unit is a batch on its way through the queue: validated, normalised and
// weighed by its caller, so that the writer does nothing but write.
type unit struct {
	batch   *Batch
	tests   []condition
	steps   []step
	bulk    bool                // it holds chunks of a blob, or many events: one such in a group
	isolate bool                // it can fail after its first write: give it a savepoint
	entry   *AuditEntry         // a droppable audit row, instead of a batch
	events  *eventBatch         // droppable events, instead of a batch
	after   func(error)         // of a droppable entry: hears whether it was written
	control func(*writer) error // runs on the writer between groups instead of a batch
	bytes   int64

	// Guarded by the queue's mutex.
	list       *unitList
	prev, next *unit
	queuedAt   time.Time

	// Written by the writer before done is signalled, read by the caller after.
	outcome *Outcome
	err     error
	done    chan struct{} // capacity 1; nil for a droppable entry

	// Room for the batch of one mutation, the common one, in this allocation.
	oneStep    [1]step
	oneResult  [1]Result
	outcomeBuf Outcome

	struck  bool     // it failed without a savepoint: the group goes on without it
	touched []string // apps whose feeds have something new, "" the system feed
}

// step is one mutation made ready. A step that fails with an *Error does so
// before its first write: a batch of one step needs no savepoint then.
type step interface {
	apply(*tx) (Result, error)
}

// condition is one check made ready.
type condition interface {
	test(*tx) error
}

// intake collects what the mutations of a batch say about themselves.
type intake struct {
	bytes   int64
	isolate bool // a step can fail after its first write
	bulk    bool
}

// answer tells the caller; it is called exactly once for a waiting unit.
func (u *unit) answer(o *Outcome, err error) {
	u.outcome, u.err = o, err
	if u.done != nil {
		u.done <- struct{}{}
	}
	if u.after != nil {
		u.after(err)
	}
}

// size is how many rows it writes, roughly.
func (u *unit) size() int {
	if u.events != nil {
		return len(u.events.events)
	}
	return len(u.steps)
}

// newUnit validates a batch. It runs in the caller's goroutine.
func newUnit(b *Batch) (*unit, error) {
	if len(b.Mutations) > MaxBatchMutations {
		return nil, tooLarge("mutations", "%d mutations are too many: at most %d in one batch", len(b.Mutations), MaxBatchMutations)
	}
	if len(b.Checks) > MaxBatchMutations {
		return nil, tooLarge("checks", "%d checks are too many: at most %d in one batch", len(b.Checks), MaxBatchMutations)
	}
	if b.App != "" && !b.staged {
		if err := checkApp("app", b.App); err != nil {
			return nil, err
		}
	}
	u := &unit{batch: b, done: make(chan struct{}, 1)}
	in := &intake{bytes: batchBytes}
	if err := u.prepare(b, in); err != nil {
		return nil, err
	}
	if u.bytes = in.bytes; u.bytes > MaxBatchBytes {
		return nil, tooLarge("mutations", "%d bytes are too many: at most %d in one batch", u.bytes, MaxBatchBytes)
	}
	u.bulk = in.bulk
	u.isolate = b.DryRun || len(u.steps) > 1 || in.isolate || b.Idempotency != nil
	return u, nil
}

func (u *unit) prepare(b *Batch, in *intake) error {
	if len(b.Checks) > 0 {
		u.tests = make([]condition, len(b.Checks))
	}
	for i, c := range b.Checks {
		t, err := c.prepare(in)
		if err != nil {
			return located(err, "checks", i, -1)
		}
		u.tests[i] = t
	}
	u.steps = u.oneStep[:min(len(b.Mutations), 1)]
	if len(b.Mutations) > 1 {
		u.steps = make([]step, len(b.Mutations))
	}
	for i, m := range b.Mutations {
		s, err := m.prepare(in)
		if err != nil {
			return located(err, "mutations", i, i)
		}
		u.steps[i] = s
	}
	if b.Idempotency != nil {
		return b.Idempotency.prepare(in)
	}
	return nil
}

// located puts the place of a check or mutation before an error's field.
func located(err error, list string, i, index int) error {
	e, ok := err.(*Error)
	if !ok {
		return fmt.Errorf("%s[%d]: %w", list, i, err)
	}
	if e.Field == "app" { // the batch's own field
		return e
	}
	c := *e
	c.Index = index
	c.Field = fmt.Sprintf("%s[%d]", list, i)
	if e.Field != "" {
		c.Field += "." + e.Field
	}
	return &c
}
