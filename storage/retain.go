package storage

import (
	"database/sql/driver"
	"math"
	"time"
)

// retainer removes what has expired or is over what is kept, in slices of at
// most retainRows rows: about 2 ms, which no caller notices.
type retainer struct {
	changeKeep      time.Duration
	changeRows      int64
	idempotencyKeep time.Duration
	auditKeep       time.Duration
	auditRows       int64

	task        int       // the next task of the round
	clean       int       // tasks in a row that found nothing
	lastContent int64     // the content that was looked at last for collection
	lastApp     int64     // the app whose change log was looked at last
	last        time.Time // of the last slice
	due         time.Time // of the next

	sweepKV, sweepSession, sweepTokenSessions, sweepToken *stmt
	goneApp, goneKV, goneChange, goneFloor, goneDone      *stmt
	nextApp, newestChange, oldChanges, trimChanges, floor *stmt
	oldKeys, trimKeys, goneUndo                           *stmt
	oldAudit, newestAudit, trimAudit                      *stmt
	oldRun, newestRun, trimRun                            *stmt
	freePages, pages, vacuum                              *stmt

	build                         builder // of indexes, and what deleted collections leave
	undo                          undoRetainer
	events                        eventRetainer
	maxUndoAgents, maxUndoDeletes int64
	maxUndoHistory                int64
}

const (
	retainRows  = 500
	retainEvery = 10 * time.Second       // between rounds that found nothing
	retainBusy  = 100 * time.Millisecond // between slices under load: 2 % of the time
	retainRetry = time.Second            // after a slice that failed
	retainApps  = 20                     // change logs looked at in one slice
	vacuumPages = 2048                   // 8 MB in one slice
	vacuumFrom  = 4096                   // free pages worth giving back: 16 MB, and a quarter of the file
)

// maxRuns is how many runs are kept.
const maxRuns = 10_000

func newRetainer(p *preparer, o Options) *retainer {
	return &retainer{
		changeKeep: o.ChangeKeep, changeRows: int64(o.ChangeRows), idempotencyKeep: o.IdempotencyKeep,
		auditKeep: o.AuditKeep, auditRows: int64(o.AuditRows), lastApp: -1,

		sweepKV:            p.stmt(`DELETE FROM kv WHERE id IN (SELECT id FROM kv WHERE expires_at <= ? LIMIT ?)`),
		sweepSession:       p.stmt(`DELETE FROM session WHERE id IN (SELECT id FROM session WHERE expires_at <= ? LIMIT ?)`),
		sweepTokenSessions: p.stmt(`DELETE FROM session WHERE token IN (SELECT id FROM token WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)`),
		sweepToken:         p.stmt(`DELETE FROM token WHERE id IN (SELECT id FROM token WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)`),

		goneApp:    p.stmt(`SELECT id FROM app_gone WHERE until <= ? ORDER BY until LIMIT 1`),
		goneKV:     p.stmt(`DELETE FROM kv WHERE id IN (SELECT id FROM kv WHERE app = ? LIMIT ?)`),
		goneChange: p.stmt(`DELETE FROM change WHERE app = ? AND version <= coalesce((SELECT version FROM change WHERE app = ? ORDER BY version LIMIT 1 OFFSET ?), 9223372036854775807)`),
		goneUndo:   p.stmt(`DELETE FROM undo WHERE id IN (SELECT id FROM undo WHERE app = ? LIMIT ?)`),
		goneFloor:  p.stmt(`DELETE FROM change_floor WHERE app = ?`),
		goneDone:   p.stmt(`DELETE FROM app_gone WHERE id = ?`),

		nextApp:      p.stmt(`SELECT id FROM app WHERE id > ? ORDER BY id LIMIT 1`),
		newestChange: p.stmt(`SELECT n FROM change WHERE app = ? ORDER BY version DESC, idx DESC LIMIT 1`),
		oldChanges:   p.stmt(`SELECT version, idx, at, n FROM change WHERE app = ? ORDER BY version, idx LIMIT ?`),
		trimChanges:  p.stmt(`DELETE FROM change WHERE app = ? AND version <= ? AND (version < ? OR idx <= ?)`),
		floor: p.stmt(`INSERT INTO change_floor (app, version, idx) VALUES (?, ?, ?)
			ON CONFLICT (app) DO UPDATE SET version = excluded.version, idx = excluded.idx`),

		oldKeys:  p.stmt(`SELECT id, created_at FROM idempotency ORDER BY id LIMIT ?`),
		trimKeys: p.stmt(`DELETE FROM idempotency WHERE id <= ?`),

		oldAudit:    p.stmt(`SELECT id, at FROM audit ORDER BY id LIMIT ?`),
		newestAudit: p.stmt(`SELECT id FROM audit ORDER BY id DESC LIMIT 1`),
		trimAudit:   p.stmt(`DELETE FROM audit WHERE id <= ?`),
		oldRun:      p.stmt(`SELECT id, started_at FROM run ORDER BY id LIMIT ?`),
		newestRun:   p.stmt(`SELECT id FROM run ORDER BY id DESC LIMIT 1`),
		trimRun:     p.stmt(`DELETE FROM run WHERE id <= ?`),

		build:     newBuilder(p),
		freePages: p.stmt(`PRAGMA freelist_count`),
		pages:     p.stmt(`PRAGMA page_count`),
		vacuum:    p.stmt(`PRAGMA incremental_vacuum(2048)`),

		events: newEventRetainer(p),
		undo:   newUndoRetainer(p), maxUndoAgents: maxUndoAgents, maxUndoDeletes: maxUndoDeletes,
		maxUndoHistory: maxUndoHistory,
	}
}

// hurry makes the next slice due now.
func (r *retainer) hurry() { r.due, r.clean = time.Time{}, 0 }

// turn runs a slice when one is due, and says when to come again.
func (r *retainer) turn(w *writer, busy bool) time.Duration {
	now := time.Now()
	if now.Before(r.due) {
		return r.due.Sub(now)
	}
	if busy && now.Sub(r.last) < retainBusy {
		return retainBusy
	}
	if w.queue.failure() != nil {
		return retainEvery
	}
	r.last = now
	r.due = now
	more, err := r.slice(w, w.now())
	switch {
	case err != nil:
		w.retainFailed(err)
		r.due = now.Add(retainRetry)
	case more:
		r.clean = 0
	default:
		if r.clean++; r.clean >= len(r.tasks()) {
			r.clean = 0
			r.due = now.Add(retainEvery)
		}
	}
	return max(0, time.Until(r.due))
}

func (r *retainer) tasks() []func(*writer, time.Time) (bool, error) {
	return []func(*writer, time.Time) (bool, error){
		r.expired, r.deletedApps, r.deletedCollections, r.buildIndexes, r.oldChangeRows, r.oldIdempotency, r.oldAuditRows, r.oldRuns, r.oldUndo,
		r.events.rows, r.events.visitors, r.events.sums, r.unusedContents, r.shrink,
	}
}

// slice runs one task once; a task that finds more keeps its turn.
func (r *retainer) slice(w *writer, now time.Time) (more bool, err error) {
	tasks := r.tasks()
	more, err = tasks[r.task](w, now)
	if !more || err != nil {
		r.task = (r.task + 1) % len(tasks)
	}
	return more, err
}

// round runs slices until nothing is left to remove.
func (r *retainer) round(w *writer) error {
	for clean := 0; clean < len(r.tasks()); {
		more, err := r.slice(w, w.now())
		if err != nil {
			return err
		}
		if clean++; more {
			clean = 0
		}
	}
	return nil
}

func (r *retainer) expired(w *writer, now time.Time) (more bool, err error) {
	at := now.UnixMilli()
	err = w.transact(func() error {
		for _, s := range []*stmt{r.sweepKV, r.sweepSession, r.sweepTokenSessions, r.sweepToken} {
			n, err := s.run(at, int64(retainRows))
			if err != nil {
				return err
			}
			w.stats.swept.Add(uint64(n))
			more = more || n >= retainRows
		}
		return nil
	})
	return more, err
}

// deletedApps removes rows of deleted apps.
func (r *retainer) deletedApps(w *writer, now time.Time) (more bool, err error) {
	row, ok, err := r.goneApp.one(now.UnixMilli())
	if err != nil || !ok {
		return false, err
	}
	app := asInt(row[0])
	return true, w.transact(func() error {
		n, err := r.goneKV.run(app, int64(retainRows))
		if err != nil || n > 0 {
			return err
		}
		if more, err := w.blobs.dropGone(app); err != nil || more {
			return err
		}
		if n, err = r.goneChange.run(app, app, int64(retainRows-1)); err != nil || n > 0 {
			return err
		}
		if n, err = r.goneUndo.run(app, int64(retainRows)); err != nil || n > 0 {
			return err
		}
		if more, err := r.events.gone(app); err != nil || more {
			return err
		}
		if err := r.forgetCollections(app); err != nil {
			return err
		}
		if _, err := r.goneFloor.run(app); err != nil {
			return err
		}
		_, err = r.goneDone.run(app)
		return err
	})
}

// oldChangeRows looks at the next few apps' logs; more means that one of them
// has rows to remove still, or that there are apps to look at.
func (r *retainer) oldChangeRows(w *writer, now time.Time) (more bool, err error) {
	for range retainApps {
		if r.lastApp < 0 {
			r.lastApp = systemFeed
		} else {
			row, ok, err := r.nextApp.one(r.lastApp)
			if err != nil {
				return false, err
			}
			if !ok {
				r.lastApp = -1
				return false, nil
			}
			r.lastApp = asInt(row[0])
		}
		trimmed, err := r.trimLog(w, r.lastApp, now)
		if err != nil {
			return false, err
		}
		if trimmed {
			r.lastApp-- // look again: there may be more
			return true, nil
		}
	}
	return true, nil
}

func (r *retainer) trimLog(w *writer, app int64, now time.Time) (trimmed bool, err error) {
	row, ok, err := r.newestChange.one(app)
	if err != nil || !ok {
		return false, err
	}
	lastN, before := asInt(row[0])-r.changeRows, now.Add(-r.changeKeep).UnixMilli()
	var version, index int64
	err = r.oldChanges.all(func(row []driver.Value) error {
		if asInt(row[2]) > before && asInt(row[3]) > lastN {
			return errStop
		}
		version, index, trimmed = asInt(row[0]), asInt(row[1]), true
		return nil
	}, app, int64(retainRows))
	if err != nil || !trimmed {
		return false, err
	}
	return true, w.transact(func() error {
		if _, err := r.trimChanges.run(app, version, version, index); err != nil {
			return err
		}
		_, err := r.floor.run(app, version, index)
		return err
	})
}

func (r *retainer) oldIdempotency(w *writer, now time.Time) (bool, error) {
	return r.trimByID(w, r.oldKeys, r.trimKeys, now.Add(-r.idempotencyKeep), 0)
}

func (r *retainer) oldAuditRows(w *writer, now time.Time) (bool, error) {
	row, ok, err := r.newestAudit.one()
	if err != nil || !ok {
		return false, err
	}
	return r.trimByID(w, r.oldAudit, r.trimAudit, now.Add(-r.auditKeep), asInt(row[0])-r.auditRows)
}

// oldRuns keeps runs as long as the audit log, and far fewer of them: each
// holds its steps.
func (r *retainer) oldRuns(w *writer, now time.Time) (bool, error) {
	row, ok, err := r.newestRun.one()
	if err != nil || !ok {
		return false, err
	}
	return r.trimByID(w, r.oldRun, r.trimRun, now.Add(-r.auditKeep), asInt(row[0])-maxRuns)
}

// trimByID removes the oldest rows of a table that are older than before or
// have an id up to last.
func (r *retainer) trimByID(w *writer, old, trim *stmt, before time.Time, last int64) (bool, error) {
	cut := int64(math.MinInt64)
	err := old.all(func(row []driver.Value) error {
		if asInt(row[1]) > before.UnixMilli() && asInt(row[0]) > last {
			return errStop
		}
		cut = asInt(row[0])
		return nil
	}, int64(retainRows))
	if err != nil || cut == math.MinInt64 {
		return false, err
	}
	return true, w.transact(func() error {
		_, err := trim.run(cut)
		return err
	})
}

// shrink gives free pages back to the disk when they are many.
func (r *retainer) shrink(w *writer, _ time.Time) (bool, error) {
	free, _, err := r.freePages.one()
	if err != nil {
		return false, err
	}
	spare := asInt(free[0])
	total, _, err := r.pages.one()
	if err != nil || spare < vacuumFrom || spare < asInt(total[0])/4 {
		return false, err
	}
	// Each row of the answer frees one page: read them all.
	return spare-vacuumPages >= vacuumFrom, r.vacuum.all(func([]driver.Value) error { return nil })
}

// transact runs fn in a transaction of its own, which uses up no version.
func (w *writer) transact(fn func() error) (err error) {
	if _, err := w.begin.run(); err != nil {
		return err
	}
	if err = fn(); err == nil {
		_, err = w.commit.run()
	}
	if err != nil {
		_, _ = w.rollback.run() // SQLite may have done so itself
	}
	return err
}

func (w *writer) retainFailed(err error) {
	if troubleOf(err) == troubleForGood {
		w.stop(err)
		return
	}
	w.log.Warn("a slice of retention failed and is tried again", "error", err)
}
