package storage

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"modernc.org/sqlite"
)

// Options configures Open. Path, Now and Logger are required; zero in any
// other field means its default.
type Options struct {
	Path   string           // the database file; its folder must exist and be writable
	Now    func() time.Time // the clock of expiry, retention and time stamps
	Logger *slog.Logger     // hears of failures that no caller can act on

	Rand         io.Reader     // of the ids of documents; default crypto/rand
	Readers      int           // read-only connections; default 2 to 4 by processors; more starve the writer
	QueueBytes   int64         // what may wait for the writer; default 64 MiB; it is memory
	QueueBatches int           // batches that may wait; default 32,768
	StartTimeout time.Duration // a batch that waits longer is refused; default 5 s; less refuses during a checkpoint
	ReadTimeout  time.Duration // a read that takes longer is interrupted; default 5 s; more lets the WAL grow

	ChangeKeep      time.Duration // how long changes are kept; default 24 h; followers away for longer start over
	ChangeRows      int           // changes kept for each app; default 1,000,000
	IdempotencyKeep time.Duration // default 24 h; a repetition after that is applied again
	AuditKeep       time.Duration // default 30 days
	AuditRows       int           // default 1,000,000

	migrations fs.FS // replaced by tests
}

func (o Options) withDefaults() (Options, error) {
	switch {
	case o.Path == "":
		return o, errors.New("storage: Options.Path is empty")
	case o.Now == nil:
		return o, errors.New("storage: Options.Now is nil: pass time.Now")
	case o.Logger == nil:
		return o, errors.New("storage: Options.Logger is nil: pass slog.Default()")
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	orElse(&o.Readers, min(4, max(2, runtime.GOMAXPROCS(0))))
	orElse(&o.QueueBytes, 64<<20)
	orElse(&o.QueueBatches, 32_768)
	orElse(&o.StartTimeout, 5*time.Second)
	orElse(&o.ReadTimeout, 5*time.Second)
	orElse(&o.ChangeKeep, 24*time.Hour)
	orElse(&o.ChangeRows, 1_000_000)
	orElse(&o.IdempotencyKeep, 24*time.Hour)
	orElse(&o.AuditKeep, 30*24*time.Hour)
	orElse(&o.AuditRows, 1_000_000)
	if o.migrations == nil {
		sub, err := fs.Sub(migrationFiles, "migrations")
		if err != nil {
			return o, err
		}
		o.migrations = sub
	}
	return o, nil
}

func orElse[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// DB is an open database. All methods may be called at the same time.
type DB struct {
	path     string
	created  bool
	lock     *fileLock
	queue    *WriteQueue
	writer   *writer
	readers  *readers
	watchers *watchers
	kvs      *kvCache
	pins     *pins // contents of blobs that are read or uploaded
	now      func() time.Time
	docIDs   *docIDs
	events   *eventBuffer

	closing  sync.Once
	closed   chan struct{} // everything is released
	closeErr error
}

// Open opens the database, creates it (readable by its owner only) when it is
// not there, and brings its schema up to date. It fails with *LockedError when
// a process has it open, with *NewerSchemaError when a later program wrote it.
func Open(ctx context.Context, o Options) (*DB, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if o.Path, err = resolve(o.Path); err != nil {
		return nil, err
	}
	// A Close of the file by any other code in the process would drop POSIX
	// locks silently. Where the system has no such locks the default remains.
	if _, err := sqlite.OFDLocking(true); err != nil && !errors.Is(err, sqlite.ErrOFDLockingUnavailable) {
		return nil, err
	}
	lock, err := lockDatabase(o.Path)
	if err != nil {
		return nil, err
	}
	db := &DB{
		path: o.Path, lock: lock, now: o.Now, docIDs: newDocIDs(o.Rand), closed: make(chan struct{}), pins: newPins(), kvs: newKVCache(),
		watchers: &watchers{by: map[string]map[*Watcher]struct{}{}},
		queue: newQueue(queueLimits{
			bytes: o.QueueBytes, batches: o.QueueBatches, startTimeout: o.StartTimeout, flushAfter: flushAfter,
			group: maxGroup, groupBytes: maxGroupBytes, groupSteps: maxGroupSteps, droppable: maxDroppable,
		}),
	}
	if err := db.open(ctx, o); err != nil {
		return nil, errors.Join(fmt.Errorf("open the database %s: %w", o.Path, err), lock.release())
	}
	db.events = newEventBuffer(db.queue, o.Logger)
	go db.writer.run()
	return db, nil
}

func (db *DB) open(ctx context.Context, o Options) (err error) {
	if db.created, err = create(o.Path); err != nil {
		return err
	}
	if err := migrate(ctx, o.Path, o.migrations, !db.created); err != nil {
		return err
	}
	if db.writer, err = newWriter(ctx, o, db.queue, db.watchers, db.pins, db.kvs); err != nil {
		return err
	}
	if err := db.writer.discardStaged(ctx); err != nil {
		return errors.Join(err, db.writer.conn.close())
	}
	if db.readers, err = newReaders(ctx, o); err != nil {
		return errors.Join(err, db.writer.conn.close())
	}
	return nil
}

// resolve gives one file one name, so that one lock guards it.
func resolve(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real, nil
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return "", fmt.Errorf("the folder of the database: %w: create it first", err)
	}
	return filepath.Join(dir, filepath.Base(path)), nil
}

// create makes an empty file for its owner only, before SQLite would make one
// that everybody can read. It reports whether there was none, or an empty one.
func create(path string) (bool, error) {
	if err := createPrivate(path); err != nil {
		if !errors.Is(err, fs.ErrExist) {
			return false, fmt.Errorf("create the file: %w: its folder must be writable", err)
		}
		info, err := os.Stat(path)
		return err == nil && info.Size() == 0, err
	}
	return true, nil
}

func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// quiet is a logger for libraries that report what this package returns.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// Created reports whether this Open made the database: the first start.
func (db *DB) Created() bool { return db.created }

// Path is the file, absolute and without symbolic links.
func (db *DB) Path() string { return db.path }

// Version is the version of the last batch that is on the disk.
func (db *DB) Version() uint64 { return db.writer.committed.Load() }

// Write applies a batch and returns after its commit is on the disk. A failure
// of the batch is an *Error and nothing of it was written.
//
// When ctx ends before the batch has started, nothing is written and ctx's
// error is returned. After that ctx has no effect and Write returns the true
// outcome. The batch and what it points to must not change until Write
// returns.
func (db *DB) Write(ctx context.Context, b *Batch) (*Outcome, error) {
	u, err := newUnit(b)
	if err != nil {
		return nil, err
	}
	return db.queue.do(ctx, u)
}

// Idempotent returns the record of an idempotency key, and whether there is
// one. Write decides anew, so this is for answering early.
func (db *DB) Idempotent(ctx context.Context, principal, operation, key string) (rec IdempotencyRecord, found bool, err error) {
	err = db.readers.read(ctx, func(r *reader, _ int64) error {
		row, ok, err := r.idempotency.one(principal, operation, key)
		if found = ok; ok {
			rec = idempotencyRecord(row)
		}
		return err
	})
	return rec, found, err
}

// onWriter runs fn on the writer's goroutine between two groups.
func (db *DB) onWriter(ctx context.Context, fn func(*writer) error) error {
	_, err := db.queue.do(ctx, &unit{control: fn, bytes: batchBytes, done: make(chan struct{}, 1)})
	return err
}

// Close refuses new batches, writes and answers those that were accepted, and
// releases the file. It returns when that is done, or earlier with ctx's error
// while it goes on. A second Close waits for the first.
func (db *DB) Close(ctx context.Context) error {
	db.closing.Do(func() { go db.shutdown() })
	select {
	case <-db.closed:
		return db.closeErr
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (db *DB) shutdown() {
	defer close(db.closed)
	db.events.close()
	db.queue.close()
	<-db.writer.stopped
	db.queue.stop()
	// Readers first: a snapshot would keep the checkpoint from finishing. But
	// after a failed sync the writer goes first, for the last connection to
	// close checkpoints, and a read-only one can not.
	if db.queue.failure() == nil {
		db.closeErr = errors.Join(db.readers.close(), db.writer.close(), db.lock.release())
	} else {
		db.closeErr = errors.Join(db.writer.close(), db.readers.close(), db.lock.release())
	}
}
