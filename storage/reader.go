package storage

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"
)

// readers is the pool of read-only connections. More of them than processors
// are slower, and starve the writer.
type readers struct {
	free    chan *reader
	all     []*reader
	timeout time.Duration
	now     func() time.Time
	closed  chan struct{}
}

// reader is one read-only connection with every reading statement prepared. A
// read is one page: its transaction ends before anybody else sees the page.
type reader struct {
	conn    *conn
	since   atomic.Int64 // Unix nanoseconds of the read in progress, 0 when idle
	yielded int64        // Unix nanoseconds when its caller last let others run
	begin   *stmt
	commit  *stmt
	version *stmt

	apps        appReader
	kv          kvReader
	tokens      tokenReader
	sessions    sessionReader
	settings    settingReader
	secrets     secretReader
	recipes     recipeReader
	runs        runReader
	docs        docReader
	blobs       blobReader
	changes     changeReader
	idempotency *stmt
	audit       auditReader
	events      eventReader
}

func newReaders(ctx context.Context, o Options) (*readers, error) {
	rs := &readers{free: make(chan *reader, o.Readers), timeout: o.ReadTimeout, now: o.Now, closed: make(chan struct{})}
	for range o.Readers {
		r, err := newReader(ctx, o.Path)
		if err != nil {
			return nil, errors.Join(err, rs.close())
		}
		rs.all = append(rs.all, r)
		rs.free <- r
	}
	return rs, nil
}

func newReader(ctx context.Context, path string) (*reader, error) {
	c, err := dial(ctx, path, readOnly)
	if err != nil {
		return nil, err
	}
	p := &preparer{conn: c}
	r := &reader{
		conn:        c,
		begin:       p.stmt(`BEGIN`),
		commit:      p.stmt(`COMMIT`),
		version:     p.stmt(sqlVersion),
		apps:        newAppReader(p),
		kv:          newKVReader(p),
		tokens:      newTokenReader(p),
		sessions:    newSessionReader(p),
		settings:    newSettingReader(p),
		secrets:     newSecretReader(p),
		recipes:     newRecipeReader(p),
		runs:        newRunReader(p),
		docs:        newDocReader(p),
		blobs:       newBlobReader(p),
		changes:     newChangeReader(p),
		idempotency: p.stmt(sqlIdempotency),
		audit:       newAuditReader(p),
		events:      newEventReader(p),
	}
	if p.err != nil {
		return nil, errors.Join(p.err, c.close())
	}
	return r, nil
}

// read runs fn on a free connection. It is for what ends by itself, such as
// one row by its key: fn gets no context, which would cost a goroutine a call.
func (rs *readers) read(ctx context.Context, fn func(r *reader, now int64) error) error {
	r, err := rs.acquire(ctx)
	if err != nil {
		return err
	}
	defer rs.release(r)
	return fn(r, rs.now().UnixMilli())
}

// page runs fn inside one read transaction, interrupted when it takes longer
// than a page may: a snapshot that stays open keeps the WAL from shrinking.
func (rs *readers) page(ctx context.Context, fn func(ctx context.Context, r *reader, now int64) error) (err error) {
	limited, cancel := context.WithTimeout(ctx, rs.timeout)
	defer cancel()
	r, err := rs.acquire(ctx)
	if err != nil {
		return err
	}
	defer rs.release(r)
	if _, err := r.begin.run(); err != nil {
		return err
	}
	defer func() {
		if _, e := r.commit.run(); err == nil {
			err = e
		}
	}()
	err = fn(limited, r, rs.now().UnixMilli())
	if err != nil && ctx.Err() == nil && (limited.Err() != nil || troubleOf(err) == troubleDeadline) {
		return &Error{
			Kind: KindDeadline, Index: -1, Cause: err,
			Message: fmt.Sprintf("the read took longer than %v and was interrupted: ask for a smaller page", rs.timeout),
		}
	}
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// usable reports whether a read may be answered at all.
func (rs *readers) usable(ctx context.Context) bool {
	select {
	case <-rs.closed:
		return false
	default:
		return ctx.Err() == nil
	}
}

func (rs *readers) acquire(ctx context.Context) (*reader, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case <-rs.closed:
		return nil, &Error{Kind: KindClosed, Index: -1, Message: "the database is closed"}
	default:
	}
	select {
	case r := <-rs.free:
		r.since.Store(time.Now().UnixNano())
		return r, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-rs.closed:
		return nil, &Error{Kind: KindClosed, Index: -1, Message: "the database is closed"}
	}
}

// maxReadRun is how long a connection reads before its caller lets others run.
// Callers that read without a pause would keep the writer, whose sync has come
// back, waiting for a processor until the scheduler preempts them: 10 ms, in
// which it could have committed several groups.
const maxReadRun = 200 * time.Microsecond

func (rs *readers) release(r *reader) {
	yield := false
	if now := time.Now().UnixNano(); now-r.yielded > int64(maxReadRun) {
		r.yielded, yield = now, true
	}
	r.since.Store(0)
	rs.free <- r
	if yield {
		runtime.Gosched()
	}
}

// oldest is the age of the longest read in progress.
func (rs *readers) oldest() time.Duration {
	var age time.Duration
	for _, r := range rs.all {
		if since := r.since.Load(); since != 0 {
			age = max(age, time.Since(time.Unix(0, since)))
		}
	}
	return age
}

// close waits for the reads in progress, which the time limit bounds, and
// closes the connections.
func (rs *readers) close() error {
	close(rs.closed)
	var errs []error
	for range rs.all {
		r := <-rs.free
		errs = append(errs, r.conn.close())
	}
	return errors.Join(errs...)
}
