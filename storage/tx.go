package storage

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// tx is one batch being applied inside the group's transaction.
type tx struct {
	*writer
	unit    *unit
	version uint64
	at      time.Time
	now     int64  // at, in Unix milliseconds: one clock for the whole group
	index   uint32 // of the last change logged
	home    *appState
	wrote   bool
	kept    int64 // bytes kept for Undo, but for those of agents
}

// write runs a statement that changes something.
func (t *tx) write(s *stmt, args ...driver.Value) (int64, error) {
	t.wrote = true
	return s.run(args...)
}

// apply does everything that the batch's commit holds: checks, mutations,
// change rows, the idempotency record and the audit row.
func (t *tx) apply() (*Outcome, error) {
	u := t.unit
	u.touched = u.touched[:0]
	if u.entry != nil {
		return nil, t.audit.insert(t, u.entry, 0)
	}
	if u.events != nil {
		return nil, t.events.insert(t, u.events)
	}
	b := u.batch
	if b.Idempotency != nil && !b.DryRun {
		if o, err := t.idempotency.replay(t, b); o != nil || err != nil {
			return o, err
		}
	}
	u.outcomeBuf = Outcome{Version: t.version, At: t.at}
	o := &u.outcomeBuf
	if err := t.mutate(o); err != nil || b.DryRun {
		return o, err
	}
	if b.Idempotency != nil {
		if err := t.idempotency.record(t, b.Idempotency, o); err != nil {
			return nil, err
		}
	}
	if b.Audit != nil {
		if err := t.audit.insert(t, b.Audit, t.version); err != nil {
			return nil, err
		}
	}
	t.wrote = true // the version itself is used up
	return o, nil
}

func (t *tx) mutate(o *Outcome) error {
	for i, c := range t.unit.tests {
		if err := c.test(t); err != nil {
			return located(err, "checks", i, -1)
		}
	}
	if len(t.unit.steps) == 0 {
		return nil
	}
	if o.Results = t.unit.oneResult[:]; len(t.unit.steps) > 1 {
		o.Results = make([]Result, len(t.unit.steps))
	}
	for i, s := range t.unit.steps {
		r, err := s.apply(t)
		if err != nil {
			return located(err, "mutations", i, i)
		}
		o.Results[i] = r
	}
	return nil
}

// inApp returns the batch's app. It is looked up at the first use, so that one
// batch can create an app and fill it.
func (t *tx) inApp() (*appState, error) {
	if t.home != nil {
		return t.home, nil
	}
	if t.unit.batch.App == "" {
		return nil, invalid("app", "the batch names no app")
	}
	a, err := t.apps.state(t.unit.batch.App)
	if err != nil {
		return nil, err
	}
	t.home = a
	return a, nil
}

// principal is who the batch is written for.
func (t *tx) principal() string {
	switch b := t.unit.batch; {
	case b.Audit != nil:
		return b.Audit.Principal
	case b.Idempotency != nil:
		return b.Idempotency.Principal
	}
	return ""
}

func (u *unit) dryRun() bool { return u.batch != nil && u.batch.DryRun }

func (u *unit) app() string {
	if u.batch == nil {
		return ""
	}
	return u.batch.App
}

// mismatch is the error for a version that is not the one asked for.
func mismatch(what string, want, have uint64) *Error {
	e := &Error{Kind: KindVersionMismatch, Field: "if_version", Index: -1, CurrentVersion: have}
	switch {
	case have == 0:
		e.Message = fmt.Sprintf("%s does not exist, and version %d was asked for", what, want)
	case want == 0:
		e.Message = fmt.Sprintf("%s exists at version %d, and none was to be there", what, have)
	default:
		e.Message = fmt.Sprintf("%s is at version %d, and %d was asked for", what, have, want)
	}
	return e
}
