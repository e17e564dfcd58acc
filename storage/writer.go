package storage

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"
)

// writer owns the one connection that writes. Everything in it is used by its
// own goroutine only, except what is atomic.
type writer struct {
	conn  *conn
	queue *WriteQueue
	now   func() time.Time
	log   *slog.Logger

	begin, commit, rollback        *stmt
	savepoint, rollbackTo, release *stmt
	setVersion                     *stmt

	apps        appWriter
	kv          kvWriter
	tokens      tokenWriter
	sessions    sessionWriter
	settings    settingWriter
	secrets     secretWriter
	recipes     recipeWriter
	runs        runWriter
	docs        docWriter
	blobs       blobWriter
	kvs         *kvCache
	kvChanges   []kvChange // of the group's transaction so far
	pins        *pins
	changes     changeWriter
	idempotency idempotencyWriter
	audit       auditWriter
	undos       undoWriter
	events      eventWriter
	retain      *retainer

	last      uint64        // the version of the last batch in the transaction
	committed atomic.Uint64 // the last version that is on the disk
	tx        tx            // of the batch being applied, reused

	isolateAll bool // a savepoint for every batch; benchmarks compare
	watchers   *watchers
	stats      *writerStats
	stopped    chan struct{}
}

const sqlVersion = `SELECT value FROM meta WHERE name = 'version'`

func newWriter(ctx context.Context, o Options, q *WriteQueue, ws *watchers, held *pins, kvs *kvCache) (*writer, error) {
	c, err := dial(ctx, o.Path, readWrite)
	if err != nil {
		return nil, err
	}
	w := &writer{
		conn: c, queue: q, now: o.Now, log: o.Logger, watchers: ws, pins: held, kvs: kvs,
		stats: newWriterStats(), stopped: make(chan struct{}),
	}
	if err := w.prepare(o); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return w, nil
}

func (w *writer) prepare(o Options) error {
	p := &preparer{conn: w.conn}
	w.begin = p.stmt(`BEGIN IMMEDIATE`)
	w.commit = p.stmt(`COMMIT`)
	w.rollback = p.stmt(`ROLLBACK`)
	w.savepoint = p.stmt(`SAVEPOINT batch`)
	w.rollbackTo = p.stmt(`ROLLBACK TO batch`)
	w.release = p.stmt(`RELEASE batch`)
	w.setVersion = p.stmt(`UPDATE meta SET value = ? WHERE name = 'version'`)
	w.apps = newAppWriter(p)
	w.kv = newKVWriter(p)
	w.tokens = newTokenWriter(p)
	w.sessions = newSessionWriter(p)
	w.settings = newSettingWriter(p)
	w.secrets = newSecretWriter(p)
	w.recipes = newRecipeWriter(p)
	w.runs = newRunWriter(p)
	w.docs = newDocWriter(p)
	w.blobs = newBlobWriter(p)
	w.changes = newChangeWriter(p)
	w.idempotency = newIdempotencyWriter(p)
	w.audit = newAuditWriter(p)
	w.undos = newUndoWriter(p)
	w.events = newEventWriter(p)
	w.retain = newRetainer(p, o)
	version := p.stmt(sqlVersion)
	if p.err != nil {
		return p.err
	}
	row, ok, err := version.one()
	if err != nil {
		return err
	}
	if !ok {
		return errors.New("the database has no version row: it is not one of fazt's, or it is damaged")
	}
	w.last = uint64(asInt(row[0]))
	w.committed.Store(w.last)
	return nil
}

// run serves the queue until it is closed and empty. Between groups, and at
// the latest every retainEvery under load, it removes what has expired, in
// slices short enough that no caller notices.
func (w *writer) run() {
	defer close(w.stopped)
	idle := time.NewTimer(retainEvery)
	defer idle.Stop()
	buf := make([]*unit, 0, maxGroup+droppableShare)
	for {
		group, finished := w.queue.next(buf, idle.C)
		if finished {
			return
		}
		if len(group) > 0 {
			w.serve(group)
			clear(group)
		}
		if wait := w.retain.turn(w, len(group) > 0); len(group) == 0 || wait == 0 {
			idle.Reset(wait)
		}
	}
}

// serve commits a group and runs the control units in it, which stand outside
// of any transaction.
func (w *writer) serve(group []*unit) {
	batches := group[:0:0]
	for i, u := range group {
		if u.control == nil {
			if batches != nil {
				batches = append(batches, u)
			}
			continue
		}
		if batches == nil {
			batches = append(make([]*unit, 0, len(group)), group[:i]...)
		}
	}
	if batches == nil {
		batches = group
	}
	if len(batches) > 0 {
		w.commitGroup(batches)
	}
	if len(batches) == len(group) {
		return
	}
	for _, u := range group {
		if u.control != nil {
			u.answer(nil, u.control(w))
		}
	}
}

// close releases the connection after run has ended. When writing had stopped
// for good nothing more is written, so no checkpoint either.
func (w *writer) close() error {
	var err error
	if w.queue.failure() == nil {
		err = w.checkpoint()
	}
	return errors.Join(err, w.docs.close(), w.conn.close())
}

func (w *writer) checkpoint() error {
	s, err := w.conn.temporary(`PRAGMA wal_checkpoint(TRUNCATE)`)
	if err != nil {
		return err
	}
	_, _, err = s.one()
	return errors.Join(err, s.close())
}
