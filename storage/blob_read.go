package storage

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"strings"
)

type blobReader struct {
	get, list, chunk, present *stmt
	site                      siteReader
}

func newBlobReader(p *preparer) blobReader {
	const columns = `SELECT b.key, b.size, b.type, b.version, b.modified_at, b.content, c.hash FROM blob b JOIN content c ON c.id = b.content
		WHERE b.app = (SELECT id FROM app WHERE name = ?)`
	return blobReader{
		get:     p.stmt(columns + ` AND b.key = ?`),
		list:    p.stmt(columns + ` AND b.key >= ? AND b.key < ? ORDER BY b.key LIMIT ?`),
		chunk:   p.stmt(`SELECT data FROM chunk WHERE id = ?`),
		present: p.stmt(`SELECT 1 FROM content WHERE id = ? AND refs > 0`),
		site:    newSiteReader(p),
	}
}

func blobEntry(row []driver.Value) Blob {
	b := Blob{
		Key: asText(row[0]), Size: asInt(row[1]), Type: asText(row[2]), Version: uint64(asInt(row[3])),
		ModifiedAt: millis(row[4]), content: asInt(row[5]),
	}
	copy(b.Hash[:], asBytes(row[6]))
	return b
}

// Blob returns what is known of a blob, or KindBlobNotFound, KindAppNotFound.
func (db *DB) Blob(ctx context.Context, app, key string) (b Blob, err error) {
	if err := checkKey("key", key); err != nil {
		return Blob{}, err
	}
	err = db.readers.read(ctx, func(r *reader, _ int64) error {
		row, ok, err := r.blobs.get.one(app, key)
		if err != nil {
			return err
		}
		if !ok {
			if err := r.mustHave(app); err != nil {
				return err
			}
			return blobNotFound(app, key)
		}
		b = blobEntry(row)
		return nil
	})
	return b, err
}

// OpenBlob opens a blob for reading. What it reads stays as it was, whatever
// is written meanwhile, until it is closed.
func (db *DB) OpenBlob(ctx context.Context, app, key string) (*BlobReader, error) {
	for range openTries {
		b, err := db.Blob(ctx, app, key)
		if err != nil {
			return nil, err
		}
		if r, err := db.openContent(ctx, b); r != nil || err != nil {
			return r, err
		}
		// It was replaced and collected between the two reads.
	}
	return nil, errors.New("storage: a blob's bytes are not there; fazt db check says more")
}

// OpenRead opens the bytes of a blob as it was when Blob returned it. In the
// rare case that they were replaced and collected since it is KindOverloaded:
// look again.
func (db *DB) OpenRead(ctx context.Context, b Blob) (*BlobReader, error) {
	r, err := db.openContent(ctx, b)
	if r == nil && err == nil {
		err = &Error{Kind: KindOverloaded, Index: -1, RetryAfter: retryFloor, Message: "the blob was replaced in this moment"}
	}
	return r, err
}

// openTries is far more often than a blob is replaced between two reads.
const openTries = 100

// openContent pins a blob's bytes, and looks again: they may have been
// collected before the pin. Then it returns nil.
func (db *DB) openContent(ctx context.Context, b Blob) (*BlobReader, error) {
	if !db.pins.pin(b.content) {
		return nil, nil
	}
	there := false
	err := db.readers.read(ctx, func(r *reader, _ int64) error {
		var err error
		_, there, err = r.blobs.present.one(b.content)
		return err
	})
	if err != nil || !there {
		db.pins.unpin(b.content)
		return nil, err
	}
	return &BlobReader{Blob: b, db: db, ctx: ctx, cached: -1}, nil
}

// OpenContent reads what an upload has stored, while the upload is not closed.
func (u *Upload) OpenContent(ctx context.Context, c Content) *BlobReader {
	u.db.pins.pin(c.id)
	return &BlobReader{Blob: Blob{Size: c.Size, Hash: c.Hash, content: c.id}, db: u.db, ctx: ctx, cached: -1}
}

// BlobReader reads a blob's bytes, a chunk a query, so that no read
// transaction outlives a chunk. It is used by one goroutine, within the context
// that it was opened with. Close it.
type BlobReader struct {
	Blob Blob

	db     *DB
	ctx    context.Context // of the request that it is opened for
	at     int64
	cached int64 // the number of the chunk in data, -1 = none
	data   []byte
	closed bool
}

// Close lets the bytes be collected when nothing names them any more.
func (r *BlobReader) Close() error {
	if !r.closed {
		r.closed = true
		r.db.pins.unpin(r.Blob.content)
	}
	return nil
}

// Read is of io.Reader.
func (r *BlobReader) Read(p []byte) (int, error) {
	n, err := r.ReadAt(p[:min(len(p), chunkBytes)], r.at)
	r.at += int64(n)
	if n > 0 && err == io.EOF {
		err = nil
	}
	return n, err
}

// ReadAt is of io.ReaderAt, but for one goroutine.
func (r *BlobReader) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, errors.New("storage: a negative offset")
	}
	for n < len(p) && off < r.Blob.Size {
		if err := r.load(off / chunkBytes); err != nil {
			return n, err
		}
		m := copy(p[n:], r.data[off%chunkBytes:])
		n += m
		off += int64(m)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Seek is of io.Seeker.
func (r *BlobReader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.Blob.Size
	}
	if offset < 0 {
		return 0, errors.New("storage: a seek before the beginning")
	}
	r.at = offset
	return offset, nil
}

// WriteTo is of io.WriterTo: it hands chunks on as they are.
func (r *BlobReader) WriteTo(w io.Writer) (n int64, err error) {
	for r.at < r.Blob.Size {
		if err := r.load(r.at / chunkBytes); err != nil {
			return n, err
		}
		m, err := w.Write(r.data[r.at%chunkBytes:])
		n += int64(m)
		r.at += int64(m)
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

func (r *BlobReader) load(n int64) error {
	if n == r.cached {
		return nil
	}
	if r.closed {
		return errors.New("storage: a closed blob is read")
	}
	return r.db.readers.read(r.ctx, func(c *reader, _ int64) error {
		row, ok, err := c.blobs.chunk.one(r.Blob.content*chunkIDs + n)
		if err != nil {
			return err
		}
		want := min(chunkBytes, r.Blob.Size-n*chunkBytes)
		if !ok || int64(len(asBytes(row[0]))) != want {
			return errors.New("storage: a chunk of a blob is missing; fazt db check says more")
		}
		r.data, r.cached = asBytes(row[0]), n
		return nil
	})
}

// BlobQuery selects blobs.
type BlobQuery struct {
	Prefix    string // taken literally
	Delimiter string // keys that have it behind the prefix are given once, up to it
	After     string // the page starts behind this key or common prefix
	Limit     int    // 1 to MaxPage, 0 = DefaultPage
}

// BlobPage is one page of blobs. Prefixes counts towards the limit.
type BlobPage struct {
	Blobs    []Blob
	Prefixes []string // what several keys have in common up to the delimiter
	Next     string   // After of the next page, "" at the end
}

// Blobs returns one page in the order of the keys' bytes.
func (db *DB) Blobs(ctx context.Context, app string, q BlobQuery) (page BlobPage, err error) {
	limit, err := pageLimit(q.Limit)
	if err != nil {
		return page, err
	}
	for _, f := range []struct{ name, value string }{{"prefix", q.Prefix}, {"delimiter", q.Delimiter}, {"cursor", q.After}} {
		if err := checkPrefix(f.name, f.value); err != nil {
			return page, err
		}
	}
	err = db.readers.page(ctx, func(ctx context.Context, r *reader, _ int64) error {
		low, high := prefixRange(q.Prefix)
		if q.After != "" {
			low = max(low, behind(q, q.After))
		}
		for low < high {
			var err error
			if low, err = r.blobs.collect(ctx, app, q, low, high, limit, &page); err != nil {
				return err
			}
		}
		if len(page.Blobs)+len(page.Prefixes) > 0 {
			return nil
		}
		return r.mustHave(app)
	})
	if err != nil {
		return BlobPage{}, err
	}
	return page, nil
}

// behind is the first key behind a place: a key, or all that begins with a
// common prefix.
func behind(q BlobQuery, place string) string {
	if q.Delimiter != "" && strings.HasPrefix(place, q.Prefix) && strings.HasSuffix(place[len(q.Prefix):], q.Delimiter) {
		_, high := prefixRange(place)
		return high
	}
	return place + "\x00"
}

// collect adds what is from low on, and returns where to go on: behind a
// common prefix, whose other keys are not read, or at the end.
func (b *blobReader) collect(ctx context.Context, app string, q BlobQuery, low, high string, limit int, page *BlobPage) (string, error) {
	next, last := high, ""
	err := b.list.each(ctx, func(row []driver.Value) error {
		if n := len(page.Blobs) + len(page.Prefixes); n == limit {
			page.Next = page.last()
			return errStop
		}
		entry := blobEntry(row)
		if common, ok := q.common(entry.Key); ok {
			page.Prefixes = append(page.Prefixes, common)
			_, next = prefixRange(common)
			return errStop
		}
		page.Blobs = append(page.Blobs, entry)
		last = entry.Key
		return nil
	}, app, low, high, int64(limit+1))
	if page.Next != "" {
		return high, err
	}
	if next == high && last != "" { // the statement's limit may have ended it
		next = last + "\x00"
	}
	return next, err
}

func (p *BlobPage) last() string {
	last := ""
	if n := len(p.Blobs); n > 0 {
		last = p.Blobs[n-1].Key
	}
	if n := len(p.Prefixes); n > 0 {
		last = max(last, p.Prefixes[n-1])
	}
	return last
}

func (q BlobQuery) common(key string) (string, bool) {
	if q.Delimiter == "" {
		return "", false
	}
	i := strings.Index(key[len(q.Prefix):], q.Delimiter)
	if i < 0 {
		return "", false
	}
	return key[:len(q.Prefix)+i+len(q.Delimiter)], true
}
