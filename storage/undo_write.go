package storage

import (
	"database/sql/driver"
	"time"
)

// undoWriter keeps what was there before a change, in the same commit.
type undoWriter struct {
	kvSet, kvNone             *stmt // before a key is written
	kvDelete, kvRange         *stmt // before keys are deleted; they answer the sizes
	byApp, byPrincipal, byRun *stmt
	kvRestore                 *stmt

	savepoint, rollbackTo, release *stmt // around one item

	keepDeletes, keepWrites time.Duration
}

// Classes of what is kept, each with its own bound.
const (
	undoDelete  = 0 // a delete by a person or a program
	undoAgent   = 1 // any write by an agent
	undoHistory = 2 // any write in a collection that keeps a history
)

const (
	keepDeletes        = 24 * time.Hour
	keepAgentWrites    = 7 * 24 * time.Hour
	maxUndoDeletes     = 64 << 20  // bytes kept of an app's deletes
	maxUndoHistory     = 64 << 20  // and of its histories
	maxUndoAgents      = 256 << 20 // bytes kept of agents' writes in all
	undoRowBytes       = 200       // what a row weighs beside its value
	maxUndoEntries     = 20_000    // rows that one undo looks at
	maxUndoItems       = 10_000    // things that one undo changes
	maxUndoReported    = 1000      // of which it names
	undoKindKV         = 1
	undoKindDoc        = 2
	undoKindCollection = 3
	undoKindBlob       = 4
	undoColumns        = `id, kind, name, key, after, before, version, at, principal, expires_at`
	undoInsert         = `INSERT INTO undo (app, version, at, principal, run, kind, key, after, class, until, before, value, expires_at, size) `
	undoInsertValues   = `?, ?, ?, ?, ?, 1, `
)

func newUndoWriter(p *preparer) undoWriter {
	const (
		live = ` AND (expires_at IS NULL OR expires_at > ?)`
		size = ` RETURNING size`
		kept = undoInsert + `SELECT ` + undoInsertValues + `key, ?, ?, ?, version, value, expires_at, length(value) + 200 FROM kv WHERE app = ?`
		list = `SELECT ` + undoColumns + ` FROM undo WHERE app = ?`
		last = ` ORDER BY id DESC LIMIT ?`
	)
	return undoWriter{
		kvSet:       p.stmt(kept + ` AND key = ?` + live),
		kvDelete:    p.stmt(kept + ` AND key = ?` + live + size),
		kvRange:     p.stmt(kept + ` AND key >= ? AND key < ?` + live + size),
		kvNone:      p.stmt(undoInsert + `VALUES (` + undoInsertValues + `?, ?, ?, ?, 0, NULL, NULL, 200)`),
		byApp:       p.stmt(list + last),
		byPrincipal: p.stmt(list + ` AND principal = ?` + last),
		byRun:       p.stmt(list + ` AND run = ?` + last),
		kvRestore: p.stmt(`INSERT INTO kv (app, key, value, version, expires_at) SELECT app, key, value, ?, expires_at FROM undo WHERE id = ?
			ON CONFLICT (app, key) DO UPDATE SET value = excluded.value, version = excluded.version, expires_at = excluded.expires_at`),
		savepoint: p.stmt(`SAVEPOINT item`), rollbackTo: p.stmt(`ROLLBACK TO item`), release: p.stmt(`RELEASE item`),
		keepDeletes: keepDeletes, keepWrites: keepAgentWrites,
	}
}

// keeping says whether a change is to be kept, and in which class.
func (t *tx) keeping(deletes bool) (class int64, until int64, kept bool) {
	if a := t.unit.batch.Audit; a != nil && a.Kind == "agent" {
		return undoAgent, t.now + t.undos.keepWrites.Milliseconds(), true
	}
	return undoDelete, t.now + t.undos.keepDeletes.Milliseconds(), deletes
}

// keepKV keeps a key as it is before it gets the version after, 0 = before it
// is deleted. It is called before the change, and after every check.
func (t *tx) keepKV(app *appState, key string, after uint64) error {
	class, until, kept := t.keeping(after == 0)
	if !kept {
		return nil
	}
	if after == 0 {
		return t.keepAll(t.undos.kvDelete, app, class, until, app.id, key, t.now)
	}
	// What is replaced was written by such a batch before: its weight will do
	// for the estimate, and asking for the size would double the cost.
	t.count(class, app, undoRowBytes+t.unit.bytes/int64(len(t.unit.steps)))
	principal, run := t.who()
	n, err := t.write(t.undos.kvSet, app.id, int64(t.version), t.now, principal, run, int64(after), class, until, app.id, key, t.now)
	if err != nil || n > 0 {
		return err
	}
	_, err = t.write(t.undos.kvNone, app.id, int64(t.version), t.now, principal, run, key, int64(after), class, until)
	return err
}

// keepRange keeps the keys of a range before they are deleted.
func (t *tx) keepRange(app *appState, low, high string) error {
	class, until, _ := t.keeping(true)
	return t.keepAll(t.undos.kvRange, app, class, until, app.id, low, high, t.now)
}

// count adds to what is kept, in all and of this batch.
func (t *tx) count(class int64, app *appState, bytes int64) {
	t.retain.kept(class, app.id, bytes)
	if class != undoAgent {
		t.kept += bytes
	}
}

// unkept reports whether the batch deletes more than is kept of an app.
func (t *tx) unkept() bool { return t.kept > t.retain.maxUndoDeletes }

// keepAll keeps the keys that are about to be deleted and counts their bytes.
func (t *tx) keepAll(s *stmt, app *appState, class, until int64, where ...driver.Value) error {
	t.wrote = true
	principal, run := t.who()
	args := append([]driver.Value{app.id, int64(t.version), t.now, principal, run, int64(0), class, until}, where...)
	return s.all(func(row []driver.Value) error {
		t.count(class, app, asInt(row[0]))
		return nil
	}, args...)
}

// who is the principal that writes, and the run that it writes for.
func (t *tx) who() (principal, run driver.Value) {
	if a := t.unit.batch.Audit; a != nil {
		run = orNull(clip(a.Run, maxAuditBytes))
	}
	return orNull(t.principal()), run
}
