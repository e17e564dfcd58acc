package storage

import (
	"context"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"sync"
	"time"
)

// pins keeps contents that somebody reads or uploads from being collected.
type pins struct {
	mu      sync.Mutex
	count   map[int64]int
	dying   int64 // the content being collected, 0 = none
	uploads int
}

// maxUploads bounds the memory of uploads: each holds two batches of chunks.
const maxUploads = 64

func newPins() *pins { return &pins{count: map[int64]int{}} }

// pin reports whether the content will stay.
func (p *pins) pin(id int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dying == id {
		return false
	}
	p.count[id]++
	return true
}

func (p *pins) unpin(id int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.count[id]--; p.count[id] == 0 {
		delete(p.count, id)
	}
}

// doom reports whether nobody holds the content; from then on nobody can.
func (p *pins) doom(id int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.count[id] > 0 {
		return false
	}
	p.dying = id
	return true
}

// spare takes the last doom back.
func (p *pins) spare() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dying = 0
}

func (p *pins) enter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.uploads >= maxUploads {
		return false
	}
	p.uploads++
	return true
}

func (p *pins) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.uploads--
}

// Upload stores bytes, which nobody sees before a BlobPut names its Content.
// An upload that is closed before that leaves chunks that are collected later.
// It is used by one goroutine at a time.
type Upload struct {
	db      *DB
	id      int64
	size    int64
	n       int64 // chunks handed to the writer
	hash    hash.Hash
	filling []byte
	spare   []byte
	writing chan error // of the batch on its way, nil = none
	err     error
	closed  bool
}

// Upload begins one. Close it when the blob is put, and in every other case.
func (db *DB) Upload(ctx context.Context) (*Upload, error) {
	if !db.pins.enter() {
		return nil, overloaded(4*time.Second, "%d uploads are under way, as many as may be", maxUploads)
	}
	u := &Upload{db: db, hash: sha256.New(), filling: make([]byte, 0, uploadChunks*chunkBytes)}
	start := &contentStart{pins: db.pins}
	if _, err := db.Write(ctx, &Batch{Mutations: []Mutation{start}}); err != nil {
		if start.id != 0 {
			db.pins.unpin(start.id)
		}
		db.pins.leave()
		return nil, err
	}
	u.id = start.id
	return u, nil
}

// Close lets go of what was uploaded.
func (u *Upload) Close() {
	if u.closed {
		return
	}
	u.closed = true
	u.wait()
	u.db.pins.unpin(u.id)
	u.db.pins.leave()
}

// Size is how many bytes it has taken.
func (u *Upload) Size() int64 { return u.size }

// Copy takes everything that r has. While a batch of chunks is being
// committed, the next is read and hashed. An error of r leaves the upload as it
// is: what came before counts, and more may come from elsewhere.
func (u *Upload) Copy(ctx context.Context, r io.Reader) error {
	for u.err == nil {
		room := u.filling[len(u.filling):cap(u.filling)]
		n, err := r.Read(room)
		u.hash.Write(room[:n])
		u.filling = u.filling[:len(u.filling)+n]
		if u.size += int64(n); u.size > MaxBlobBytes {
			u.err = tooLarge("", "the bytes are over %d, the most that a blob may have", int64(MaxBlobBytes))
			break
		}
		if len(u.filling) == cap(u.filling) {
			u.flush(ctx)
		}
		if err == io.EOF {
			return u.err
		}
		if err != nil {
			return err
		}
	}
	return u.err
}

// flush hands the full buffer to the writer and goes on with the other.
func (u *Upload) flush(ctx context.Context) {
	if u.wait(); u.err != nil || len(u.filling) == 0 {
		return
	}
	full, done := u.filling, make(chan error, 1)
	if u.filling = u.spare; u.filling == nil {
		u.filling = make([]byte, 0, cap(full))
	}
	u.spare = full[:0]
	first := u.id*chunkIDs + u.n
	u.n += int64((len(full) + chunkBytes - 1) / chunkBytes)
	u.writing = done
	go func() { done <- u.db.writeChunks(ctx, first, full) }()
}

func (u *Upload) wait() {
	if u.writing == nil {
		return
	}
	if err := <-u.writing; u.err == nil {
		u.err = err
	}
	u.writing = nil
}

// Finish writes what is left and returns the content for a BlobPut. Nothing
// can be added after it.
func (u *Upload) Finish(ctx context.Context) (Content, error) {
	u.flush(ctx)
	u.wait()
	if u.err != nil {
		return Content{}, u.err
	}
	c := Content{Size: u.size, id: u.id}
	u.hash.Sum(c.Hash[:0])
	return c, nil
}

// chunkTries bounds how often a batch of chunks is offered to a full queue: an
// upload of hours must not fail for one busy moment.
const chunkTries = 5

func (db *DB) writeChunks(ctx context.Context, first int64, data []byte) error {
	for try := 1; ; try++ {
		_, err := db.Write(ctx, &Batch{Mutations: []Mutation{chunksAdd{first, data}}})
		var e *Error
		if !errors.As(err, &e) || e.Kind != KindOverloaded || try == chunkTries {
			return err
		}
		timer := time.NewTimer(e.RetryAfter)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// contentStart makes the row that chunks belong to. It pins it on the writer,
// before the collector can look.
type contentStart struct {
	pins *pins
	id   int64
}

func (*contentStart) mutation() {}

func (m *contentStart) prepare(in *intake) (step, error) {
	in.bytes += mutationBytes
	return m, nil
}

func (m *contentStart) apply(t *tx) (Result, error) {
	t.wrote = true
	row, _, err := t.blobs.start.one()
	if err != nil {
		return Result{}, err
	}
	if m.id != 0 { // the group was rolled back and is applied again
		m.pins.unpin(m.id)
	}
	m.id = asInt(row[0])
	m.pins.pin(m.id)
	return Result{}, nil
}

// chunksAdd adds chunks to a content, from the id of the first on.
type chunksAdd struct {
	first int64
	data  []byte
}

func (chunksAdd) mutation() {}

func (m chunksAdd) prepare(in *intake) (step, error) {
	in.bytes += int64(len(m.data))
	in.bulk = true
	return m, nil
}

func (m chunksAdd) apply(t *tx) (Result, error) {
	for id, data := m.first, m.data; len(data) > 0; id++ {
		n := min(len(data), chunkBytes)
		if _, err := t.write(t.blobs.chunk, id, data[:n]); err != nil {
			return Result{}, err
		}
		data = data[n:]
	}
	return Result{}, nil
}
