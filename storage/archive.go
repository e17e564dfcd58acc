package storage

import (
	"archive/tar"
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
// known. Documents lie under docs/COLLECTION/ as they are; the bytes of files
// lie under content/ once, by their SHA-256, before what names them. A reader
// refuses a kind that it does not know, for leaving it out would lose what it
// holds; so a new kind needs no new format number.
const (
	archiveFormat   = 1
	archivePart     = 1 << 20 // bytes of lines in one member
	maxArchivePart  = 8 << 20 // of an honest member: a value is at most 1 MiB
	archivePartName = "%s/%06d.jsonl"
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

// archivedCollection is a line of collections/*.jsonl.
type archivedCollection struct {
	Name    string          `json:"name"`
	Schema  json.RawMessage `json:"schema,omitempty"`
	Indexes []archivedIndex `json:"indexes,omitempty"`
	Text    []string        `json:"text,omitempty"`
	History int             `json:"history,omitempty"` // days
}

type archivedIndex struct {
	Name   string   `json:"name"`
	Fields []string `json:"fields"`
	Unique bool     `json:"unique,omitempty"`
	Sparse bool     `json:"sparse,omitempty"`
}

// archivedBlob is a line of blobs/*.jsonl, and a file of a deployment.
type archivedBlob struct {
	Key    string `json:"key"`
	Type   string `json:"type"`
	SHA256 string `json:"sha256"` // in hex
}

// archivedSite is a line of sites/*.jsonl: one deployment, the oldest first.
type archivedSite struct {
	At     int64          `json:"at"` // Unix ms
	By     string         `json:"by,omitempty"`
	Active bool           `json:"active,omitempty"`
	Files  []archivedBlob `json:"files"`
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
	source := &archiveSource{conn: c, app: id, now: db.now().UnixMilli()}
	err = a.member(archiveManifest, m)
	for _, section := range []func(context.Context, *archiveSource) error{a.keys, a.collections, a.contents, a.sites, a.blobs} {
		if err == nil {
			err = section(ctx, source)
		}
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

// line adds one item to a folder's parts.
func (a *archiver) line(folder string, item any) error {
	enc := json.NewEncoder(&a.part)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(item); err != nil {
		return err
	}
	kind, _, _ := strings.Cut(folder, "/")
	a.totals[kind]++
	if a.part.Len() < archivePart {
		return nil
	}
	return a.write(folder)
}

// flush ends a folder.
func (a *archiver) flush(folder string) error {
	err := a.write(folder)
	a.parts = 0
	return err
}

func (a *archiver) write(folder string) error {
	if a.part.Len() == 0 {
		return nil
	}
	a.parts++
	err := a.put(fmt.Sprintf(archivePartName, folder, a.parts), a.part.Bytes())
	a.part.Reset()
	return err
}
