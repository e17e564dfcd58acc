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
	agents  int64           // estimated bytes of agents' writes
	deletes map[int64]int64 // of deletes, by app

	expired, agentBytes, deleteBytes, apps         *stmt
	oldAgents, trimAgents, oldDeletes, trimDeletes *stmt
}

func newUndoRetainer(p *preparer) undoRetainer {
	const oldest = `DELETE FROM undo WHERE id IN (SELECT id FROM undo WHERE `
	return undoRetainer{
		agents:      math.MaxInt64 / 2, // not counted yet
		expired:     p.stmt(oldest + `class = ? AND until <= ? LIMIT ?)`),
		agentBytes:  p.stmt(`SELECT coalesce(sum(size), 0) FROM undo WHERE class = 1`),
		deleteBytes: p.stmt(`SELECT coalesce(sum(size), 0) FROM undo WHERE class = 0 AND app = ?`),
		oldAgents:   p.stmt(`SELECT size FROM undo WHERE class = 1 ORDER BY until LIMIT ?`),
		oldDeletes:  p.stmt(`SELECT size FROM undo WHERE class = 0 AND app = ? ORDER BY until LIMIT ?`),
		trimAgents:  p.stmt(oldest + `class = 1 ORDER BY until LIMIT ?)`),
		trimDeletes: p.stmt(oldest + `class = 0 AND app = ? ORDER BY until LIMIT ?)`),
		apps:        p.stmt(`SELECT app, sum(size) FROM undo WHERE class = 0 GROUP BY app`),
	}
}

// kept counts what was kept for undo. What is rolled back is counted too, which
// makes the estimate too high and costs one exact count.
func (r *retainer) kept(class, app, bytes int64) {
	if class == undoAgent {
		r.undo.agents += bytes
	} else if r.undo.deletes != nil {
		r.undo.deletes[app] += bytes
	}
}

func (r *retainer) oldUndo(w *writer, now time.Time) (more bool, err error) {
	for _, class := range []int64{undoDelete, undoAgent} {
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
	return r.trimUndoDeletes(w)
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

func (r *retainer) trimUndoDeletes(w *writer) (more bool, err error) {
	if r.undo.deletes == nil {
		r.undo.deletes = map[int64]int64{}
		err := r.undo.apps.all(func(row []driver.Value) error {
			r.undo.deletes[asInt(row[0])] = asInt(row[1])
			return nil
		})
		if err != nil {
			return false, err
		}
	}
	for app, bytes := range r.undo.deletes {
		if bytes <= r.maxUndoDeletes {
			continue
		}
		row, _, err := r.undo.deleteBytes.one(app)
		if err != nil {
			return false, err
		}
		if r.undo.deletes[app] = asInt(row[0]); r.undo.deletes[app] <= r.maxUndoDeletes {
			continue
		}
		return true, trimOldest(w, r.undo.deletes[app]-r.maxUndoDeletes, r.undo.oldDeletes, r.undo.trimDeletes, app)
	}
	return false, nil
}
