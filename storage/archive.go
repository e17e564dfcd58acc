package storage

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// An archive is one app as a compressed tar: first manifest.json, then members
// by kind in numbered parts (kv/000001.jsonl, one JSON object a line), last
// end.json with the number of items of each kind, by which a cut-off archive is
// known. A reader refuses a kind that it does not know, for leaving it out would
// lose what it holds; so a new kind needs no new format number.
const (
	archiveFormat   = 1
	archivePart     = 1 << 20 // bytes of lines in one member
	maxArchivePart  = 8 << 20 // of an honest member: a value is at most 1 MiB
	archiveManifest = "manifest.json"
	archiveEnd      = "end.json"
)

// Manifest is the head of an archive.
type Manifest struct {
	Fazt      int       `json:"fazt"` // the format's number
	App       string    `json:"app"`
	Title     string    `json:"title"`
	Version   uint64    `json:"version"` // of the database when it was made
	CreatedAt time.Time `json:"created_at"`
}

// archivedKey is a line of kv/*.jsonl.
type archivedKey struct {
	Key       string          `json:"key"`
	Value     json.RawMessage `json:"value"`
	ExpiresAt int64           `json:"expires_at,omitempty"` // Unix ms
}

type archiveTotals map[string]int64

// Export writes everything of an app, as of one moment, as an archive. Like a
// backup it has a connection of its own, which no time limit interrupts; while
// it is made the WAL can not shrink.
func (db *DB) Export(ctx context.Context, app string, w io.Writer) (err error) {
	if err := checkApp("app", app); err != nil {
		return err
	}
	c, err := dial(ctx, db.path, readOnly)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if err := c.exec(ctx, `BEGIN`); err != nil {
		return err
	}
	m, id, err := archiveHead(ctx, c, app)
	if err != nil {
		return err
	}
	m.CreatedAt = db.now().UTC()
	zip := gzip.NewWriter(w)
	a := &archiver{tar: tar.NewWriter(zip), at: m.CreatedAt, totals: archiveTotals{}}
	err = a.member(archiveManifest, m)
	if err == nil {
		err = a.keys(ctx, c, id, db.now().UnixMilli())
	}
	if err == nil {
		err = a.member(archiveEnd, a.totals)
	}
	return errors.Join(err, a.tar.Close(), zip.Close())
}

func archiveHead(ctx context.Context, c *conn, app string) (m Manifest, id int64, err error) {
	m = Manifest{Fazt: archiveFormat, App: app}
	found := false
	err = c.query(ctx, `SELECT id, title, (SELECT value FROM meta WHERE name = 'version') FROM app WHERE name = ?`, func(row []driver.Value) error {
		id, m.Title, m.Version, found = asInt(row[0]), asText(row[1]), uint64(asInt(row[2])), true
		return nil
	}, app)
	if err == nil && !found {
		err = appNotFound(app)
	}
	return m, id, err
}

// archiver writes the members of an archive.
type archiver struct {
	tar    *tar.Writer
	at     time.Time
	totals archiveTotals
	part   bytes.Buffer
	parts  int
}

func (a *archiver) member(name string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return a.put(name, append(data, '\n'))
}

func (a *archiver) put(name string, data []byte) error {
	err := a.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(data)), ModTime: a.at})
	if err == nil {
		_, err = a.tar.Write(data)
	}
	return err
}

// line adds one item of a kind.
func (a *archiver) line(kind string, item any) error {
	enc := json.NewEncoder(&a.part)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(item); err != nil {
		return err
	}
	a.totals[kind]++
	if a.part.Len() < archivePart {
		return nil
	}
	return a.flush(kind)
}

func (a *archiver) flush(kind string) error {
	if a.part.Len() == 0 {
		return nil
	}
	a.parts++
	err := a.put(fmt.Sprintf("%s/%06d.jsonl", kind, a.parts), a.part.Bytes())
	a.part.Reset()
	return err
}

func (a *archiver) keys(ctx context.Context, c *conn, app, now int64) error {
	err := c.query(ctx, `SELECT key, value, expires_at FROM kv WHERE app = ? AND (expires_at IS NULL OR expires_at > ?) ORDER BY key`, func(row []driver.Value) error {
		return a.line("kv", archivedKey{Key: asText(row[0]), Value: asBytes(row[1]), ExpiresAt: asInt(row[2])})
	}, app, now)
	return errors.Join(err, a.flush("kv"))
}

// ArchiveReader reads what Export wrote, in constant memory.
type ArchiveReader struct {
	Manifest Manifest

	zip    *gzip.Reader
	tar    *tar.Reader
	lines  *bufio.Scanner
	seen   archiveTotals
	totals archiveTotals
}

// NewArchiveReader reads the head of an archive. What is no archive of this
// program, or of a later format, is KindInvalid.
func NewArchiveReader(r io.Reader) (*ArchiveReader, error) {
	zip, err := gzip.NewReader(r)
	if err != nil {
		return nil, invalid("archive", "this is no archive of an app: %v", err)
	}
	a := &ArchiveReader{zip: zip, tar: tar.NewReader(zip), seen: archiveTotals{}}
	header, err := a.tar.Next()
	if err != nil || header.Name != archiveManifest {
		return nil, invalid("archive", "this is no archive of an app: it does not begin with %s", archiveManifest)
	}
	if err := a.decode(&a.Manifest); err != nil {
		return nil, err
	}
	if a.Manifest.Fazt != archiveFormat {
		return nil, invalid("archive", "the archive has format %d and this program knows %d: use a newer program", a.Manifest.Fazt, archiveFormat)
	}
	return a, checkApp("archive.app", a.Manifest.App)
}

func (a *ArchiveReader) decode(into any) error {
	data, err := io.ReadAll(io.LimitReader(a.tar, maxArchivePart))
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		return invalid("archive", "the archive is damaged: %v", err)
	}
	return nil
}

// Key returns the next key, or io.EOF behind the last of a complete archive.
func (a *ArchiveReader) Key() (KVEntry, error) {
	for {
		if a.lines == nil {
			if err := a.next(); err != nil {
				return KVEntry{}, err
			}
			continue
		}
		if a.lines.Scan() {
			var k archivedKey
			if err := json.Unmarshal(a.lines.Bytes(), &k); err != nil || k.Key == "" || k.Value == nil {
				return KVEntry{}, invalid("archive", "the archive is damaged at key %d", a.seen["kv"]+1)
			}
			a.seen["kv"]++
			e := KVEntry{Key: k.Key, Value: k.Value}
			if k.ExpiresAt != 0 {
				e.ExpiresAt = time.UnixMilli(k.ExpiresAt)
			}
			return e, nil
		}
		if err := a.lines.Err(); err != nil {
			return KVEntry{}, invalid("archive", "the archive is damaged: %v", err)
		}
		a.lines = nil
	}
}

// next opens the next member.
func (a *ArchiveReader) next() error {
	header, err := a.tar.Next()
	switch {
	case err == io.EOF && a.totals != nil:
		// The rest is padding, and the sum that says that all of it is right.
		if _, err := io.Copy(io.Discard, io.LimitReader(a.zip, archivePart)); err != nil {
			return invalid("archive", "the archive is damaged: %v", err)
		}
		if a.seen["kv"] != a.totals["kv"] {
			return invalid("archive", "the archive holds %d keys and says %d: it is damaged", a.seen["kv"], a.totals["kv"])
		}
		return io.EOF
	case err == io.EOF:
		return invalid("archive", "the archive ends too early: it is not complete")
	case err != nil:
		return invalid("archive", "the archive is damaged: %v", err)
	case a.totals != nil:
		return invalid("archive", "the archive goes on behind its end")
	case header.Name == archiveEnd:
		a.totals = archiveTotals{}
		return a.decode(&a.totals)
	case !strings.HasPrefix(header.Name, "kv/") || header.Typeflag != tar.TypeReg:
		kind, _, _ := strings.Cut(header.Name, "/")
		return invalid("archive", "the archive holds %q, which this program does not know: use a newer program", clip(kind, 40))
	}
	a.lines = bufio.NewScanner(a.tar)
	a.lines.Buffer(make([]byte, 0, 64<<10), maxArchivePart)
	return nil
}
