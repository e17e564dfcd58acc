package storage

import (
	"database/sql/driver"
	"math"
	"time"
)

// undoRetainer removes what is kept for undo and is too old or too much. It
// estimates the bytes as they are kept, and counts them exactly before it
// removes any for being too many.
type undoRetainer struct {
	agents int64               // estimated bytes of agents' writes
	shares map[undoShare]int64 // of the rest

	expired, agentBytes, apps *stmt
	oldAgents, trimAgents     *stmt
	deletes, history          undoTrimmer
}

// undoShare is what is bounded for itself: a class of an app.
type undoShare struct{ class, app int64 }

// undoTrimmer bounds one class of an app. Each has an index of its own.
type undoTrimmer struct{ bytes, old, trim *stmt }

func newUndoTrimmer(p *preparer, class string) undoTrimmer {
	where := ` FROM undo WHERE class = ` + class + ` AND app = ?`
	return undoTrimmer{
		bytes: p.stmt(`SELECT coalesce(sum(size), 0)` + where),
		old:   p.stmt(`SELECT size` + where + ` ORDER BY until LIMIT ?`),
		trim:  p.stmt(`DELETE FROM undo WHERE id IN (SELECT id` + where + ` ORDER BY until LIMIT ?)`),
	}
}

func newUndoRetainer(p *preparer) undoRetainer {
	const oldest = `DELETE FROM undo WHERE id IN (SELECT id FROM undo WHERE `
	return undoRetainer{
		agents:     math.MaxInt64 / 2, // not counted yet
		expired:    p.stmt(oldest + `class = ? AND until <= ? LIMIT ?)`),
		agentBytes: p.stmt(`SELECT coalesce(sum(size), 0) FROM undo WHERE class = 1`),
		oldAgents:  p.stmt(`SELECT size FROM undo WHERE class = 1 ORDER BY until LIMIT ?`),
		trimAgents: p.stmt(oldest + `class = 1 ORDER BY until LIMIT ?)`),
		apps:       p.stmt(`SELECT class, app, sum(size) FROM undo WHERE class <> 1 GROUP BY class, app`),
		deletes:    newUndoTrimmer(p, `0`), history: newUndoTrimmer(p, `2`),
	}
}

// kept counts what was kept for undo. What is rolled back is counted too, which
// makes the estimate too high and costs one exact count.
func (r *retainer) kept(class, app, bytes int64) {
	if class == undoAgent {
		r.undo.agents += bytes
	} else if r.undo.shares != nil {
		r.undo.shares[undoShare{class, app}] += bytes
	}
}

func (r *retainer) oldUndo(w *writer, now time.Time) (more bool, err error) {
	for _, class := range []int64{undoDelete, undoAgent, undoHistory} {
		n := int64(0)
		err := w.transact(func() (err error) {
			n, err = r.undo.expired.run(class, now.UnixMilli(), int64(retainRows))
			return err
		})
		if err != nil || n >= retainRows {
			return n >= retainRows, err
		}
	}
	if more, err = r.trimUndoAgents(w); more || err != nil {
		return more, err
	}
	return r.trimUndoShares(w)
}

func (r *retainer) trimUndoAgents(w *writer) (more bool, err error) {
	if r.undo.agents <= r.maxUndoAgents {
		return false, nil
	}
	row, _, err := r.undo.agentBytes.one()
	if err != nil {
		return false, err
	}
	if r.undo.agents = asInt(row[0]); r.undo.agents <= r.maxUndoAgents {
		return false, nil
	}
	return true, trimOldest(w, r.undo.agents-r.maxUndoAgents, r.undo.oldAgents, r.undo.trimAgents)
}

// trimOldest removes as many of the oldest rows as hold the bytes that are too
// many, at most a slice.
func trimOldest(w *writer, excess int64, old, trim *stmt, args ...driver.Value) error {
	rows := int64(0)
	err := old.all(func(row []driver.Value) error {
		if excess <= 0 {
			return errStop
		}
		excess -= asInt(row[0])
		rows++
		return nil
	}, append(args[:len(args):len(args)], int64(retainRows))...)
	if err != nil {
		return err
	}
	return w.transact(func() error {
		_, err := trim.run(append(args[:len(args):len(args)], rows)...)
		return err
	})
}

func (r *retainer) trimUndoShares(w *writer) (more bool, err error) {
	if r.undo.shares == nil {
		r.undo.shares = map[undoShare]int64{}
		err := r.undo.apps.all(func(row []driver.Value) error {
			r.undo.shares[undoShare{asInt(row[0]), asInt(row[1])}] = asInt(row[2])
			return nil
		})
		if err != nil {
			return false, err
		}
	}
	for share, bytes := range r.undo.shares {
		most, s := r.maxUndoDeletes, &r.undo.deletes
		if share.class == undoHistory {
			most, s = r.maxUndoHistory, &r.undo.history
		}
		if bytes <= most {
			continue
		}
		row, _, err := s.bytes.one(share.app)
		if err != nil {
			return false, err
		}
		bytes = asInt(row[0])
		if r.undo.shares[share] = bytes; bytes > most {
			return true, trimOldest(w, bytes-most, s.old, s.trim, share.app)
		}
	}
	return false, nil
}
