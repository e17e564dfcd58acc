package storage

import (
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// A foreign process (a backup tool, a person's sqlite3) can hold the file's
// lock. The waits double from 20 to 320 ms: 620 ms in all.
const (
	busyTries = 5
	busyWait  = 20 * time.Millisecond
)

// commitGroup applies every batch of the group, commits once, and answers
// everyone. A batch fails alone; only what happens to the file itself fails
// the group.
func (w *writer) commitGroup(group []*unit) {
	started := time.Now()
	for busy := 0; ; {
		err := w.attempt(group)
		if err == nil {
			w.stats.committed(group, time.Since(started))
			timed(group, started)
			w.publish(group)
			return
		}
		if errors.Is(err, errRerun) {
			continue // the batch at fault is marked; the others start again
		}
		if troubleOf(err) == troubleBusy && busy < busyTries {
			w.stats.busyRetries.Add(1)
			time.Sleep(busyWait << busy)
			busy++
			continue
		}
		timed(group, started)
		w.failGroup(group, err)
		return
	}
}

// timed tells those who asked what the time of their batch went into.
func timed(group []*unit, started time.Time) {
	for _, u := range group {
		if u.batch != nil && u.batch.Timing != nil {
			*u.batch.Timing = Timing{Queue: started.Sub(u.queuedAt), Commit: time.Since(started)}
		}
	}
}

// errRerun says that a batch without a savepoint failed after it had written.
// The transaction is rolled back and applied again without it. This is rare by
// construction (see step), which is why most batches need no savepoint.
var errRerun = errors.New("apply the group again without the failed batch")

// attempt is one transaction. When it returns an error, nothing was written.
func (w *writer) attempt(group []*unit) (err error) {
	if _, err := w.begin.run(); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			w.abandon()
		}
	}()
	now := w.now()
	wrote := false
	clear(w.kvChanges)
	w.kvChanges = w.kvChanges[:0]
	for _, u := range group {
		if u.struck {
			continue
		}
		if err := w.apply(u, now); err != nil {
			return err
		}
		wrote = wrote || w.tx.wrote
	}
	if !wrote {
		_, err := w.rollback.run()
		return err
	}
	if w.last != w.committed.Load() {
		if _, err := w.setVersion.run(int64(w.last)); err != nil {
			return err
		}
	}
	w.kvs.hold(w.kvChanges)
	_, err = w.commit.run()
	w.kvs.settle(w.kvChanges, err == nil)
	return err
}

// abandon rolls the transaction back. SQLite may have done so itself already,
// so an error here says nothing.
func (w *writer) abandon() {
	_, _ = w.rollback.run()
	w.last = w.committed.Load()
	w.apps.forget()
	w.events.forget()
}

// apply applies one batch. It returns an error only when the whole group is
// lost; the batch's own failure goes to the unit.
func (w *writer) apply(u *unit, now time.Time) error {
	w.tx = tx{writer: w, unit: u, version: w.last + 1, at: now, now: now.UnixMilli()}
	t := &w.tx
	u.outcome, u.err = nil, nil
	isolate := u.isolate || w.isolateAll
	before := len(w.kvChanges)
	if isolate {
		if _, err := w.savepoint.run(); err != nil {
			return err
		}
	}
	outcome, err := t.guarded()
	if err != nil && troubleOf(err) != troubleNone {
		return err
	}
	u.outcome, u.err = outcome, err
	if err == nil && !u.dryRun() {
		if outcome != nil && outcome.Replayed == nil {
			w.last = t.version
		}
		if isolate {
			_, err = w.release.run()
		}
		return err
	}
	if err != nil {
		w.logUnexpected(u, err)
	}
	w.kvChanges = w.kvChanges[:before]
	return w.undo(u, isolate)
}

// undo takes back what a failed batch or a dry run has written.
func (w *writer) undo(u *unit, isolated bool) error {
	wrote := w.tx.wrote
	w.tx.wrote = false
	if isolated {
		if _, err := w.rollbackTo.run(); err != nil {
			return err
		}
		if _, err := w.release.run(); err != nil {
			return err
		}
		if wrote {
			w.apps.forget()
			w.events.forget()
		}
		return nil
	}
	if wrote {
		u.struck = true
		return errRerun
	}
	return nil
}

// guarded turns a panic into the batch's own error.
func (t *tx) guarded() (o *Outcome, err error) {
	defer func() {
		if r := recover(); r != nil {
			o, err = nil, &panicError{value: r, stack: debug.Stack()}
		}
	}()
	return t.apply()
}

// panicError is a panic caught while one batch was applied.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string {
	return fmt.Sprintf("storage: panic while a batch was applied: %v", e.value)
}

func (w *writer) logUnexpected(u *unit, err error) {
	var p *panicError
	switch {
	case errors.As(err, &p):
		w.log.Error("a batch panicked and was rolled back", "app", u.app(), "panic", p.value, "stack", string(p.stack))
	case KindOf(err) == "":
		w.log.Error("a batch failed unexpectedly and was rolled back", "app", u.app(), "error", err)
	}
}

// publish makes a committed group visible: the version first, then whoever
// waits for changes, then the callers.
func (w *writer) publish(group []*unit) {
	w.committed.Store(w.last)
	if w.watchers.any() {
		for _, u := range group {
			if u.err == nil && !u.dryRun() {
				w.watchers.wake(u.touched)
			}
		}
	}
	for _, u := range group {
		u.answer(u.outcome, u.err)
	}
}

// failGroup answers everyone with what happened to the file.
func (w *writer) failGroup(group []*unit, cause error) {
	e := &Error{Index: -1, Cause: cause}
	switch troubleOf(cause) {
	case troubleBusy:
		e.Kind, e.RetryAfter = KindOverloaded, time.Second
		e.Message = "another program has locked the database file; nothing was written"
		w.stats.busyFailed.Add(1)
	case troubleFull:
		e.Kind, e.Message = KindFull, "the disk is full; nothing was written"
	case troubleForGood:
		e.Kind = KindFailed
		e.Message = "the disk did not take a write, and writing has stopped; whether this batch is there is known after a restart"
	default:
		e.Kind, e.RetryAfter = KindOverloaded, time.Second
		e.Message = "the transaction was lost; nothing was written"
	}
	w.log.Error("a group of batches failed", "kind", e.Kind, "batches", len(group), "error", cause)
	w.stats.groupsFailed.Add(1)
	if e.Kind == KindFailed {
		w.stop(cause)
	}
	w.queue.lose(group)
	for _, u := range group {
		u.answer(nil, e)
	}
}

// stop ends writing for good: everyone who waits or comes hears so.
func (w *writer) stop(cause error) {
	w.queue.fail(&Error{
		Kind: KindFailed, Index: -1, Cause: cause,
		Message: "writing has stopped after the disk failed; nothing was written; restart when the disk is well",
	})
}
