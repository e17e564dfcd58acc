package storage

import (
	"fmt"
	"time"
	"unicode/utf8"
)

// Limits of blobs.
const (
	MaxBlobBytes = 5 << 30
	MaxTypeBytes = 255 // of a media type

	chunkBytes   = 256 << 10 // larger rows gain nothing, smaller ones cost
	chunkIDs     = 1 << 15   // chunk ids of one content: over MaxBlobBytes / chunkBytes
	uploadChunks = 4         // in one batch: 1 MiB, some 5 ms of a commit
)

// change kinds of blobs; see changeKind.
const (
	changeBlobSet      = 60
	changeBlobDelete   = 61
	changeSiteDeploy   = 65
	changeSiteRollback = 66
)

// Blob is what is known of one blob beside its bytes.
type Blob struct {
	Key        string
	Size       int64
	Type       string
	Hash       [32]byte // SHA-256 of the bytes
	Version    uint64
	ModifiedAt time.Time

	content int64
}

// CheckBlob holds when the blob is at Version; 0 means that it must not exist.
type CheckBlob struct {
	Key     string
	Version uint64
}

// BlobPut gives a key the bytes of an upload, replacing what was there.
type BlobPut struct {
	Key        string
	Content    Content // of an upload that has ended well and is not closed yet
	Type       string
	IfVersion  *uint64 // nil = any; 0 = must not exist
	CreateOnly bool
}

// BlobDelete removes a blob. Deleting a missing one is no error.
type BlobDelete struct {
	Key       string
	IfVersion *uint64
}

// BlobCopy gives To the bytes and the type of Key. No byte is copied. With
// Move the blob leaves Key in the same commit.
type BlobCopy struct {
	Key, To    string
	Move       bool
	IfVersion  *uint64 // of Key
	CreateOnly bool    // of To
}

// Content is bytes that an upload has stored.
type Content struct {
	Hash [32]byte
	Size int64

	id int64
}

func (CheckBlob) check()     {}
func (BlobPut) mutation()    {}
func (BlobDelete) mutation() {}
func (BlobCopy) mutation()   {}

// blobWriter changes blobs and the contents they share.
type blobWriter struct {
	get, put, remove                  *stmt
	start, byHash, settle, addRef     *stmt
	chunk                             *stmt
	keep, kept                        *stmt // what undo takes back
	unused, disown, dropChunks, erase *stmt
	goneBlobs, goneSites              *stmt
	site                              siteWriter
}

func newBlobWriter(p *preparer) blobWriter {
	return blobWriter{
		get: p.stmt(`SELECT content, size, type, version FROM blob WHERE app = ? AND key = ?`),
		put: p.stmt(`INSERT INTO blob (app, key, content, size, type, version, modified_at) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (app, key) DO UPDATE SET content = excluded.content, size = excluded.size, type = excluded.type,
			version = excluded.version, modified_at = excluded.modified_at`),
		remove: p.stmt(`DELETE FROM blob WHERE app = ? AND key = ?`),
		start:  p.stmt(`INSERT INTO content (hash, size, refs) VALUES (NULL, 0, 0) RETURNING id`),
		byHash: p.stmt(`SELECT id FROM content WHERE hash = ?`),
		settle: p.stmt(`UPDATE content SET hash = ?, size = ? WHERE id = ? AND hash IS NULL`),
		addRef: p.stmt(`UPDATE content SET refs = refs + ? WHERE id = ?`),
		chunk:  p.stmt(`INSERT INTO chunk (id, data) VALUES (?, ?)`),
		keep: p.stmt(`INSERT INTO undo (app, version, at, principal, run, kind, key, after, class, until, before, value, size, content)
			VALUES (?, ?, ?, ?, ?, 4, ?, ?, ?, ?, ?, ?, ?, ?)`),
		kept: p.stmt(`SELECT u.value, u.content, c.size FROM undo u JOIN content c ON c.id = u.content WHERE u.id = ?`),

		unused:     p.stmt(`SELECT id FROM content WHERE refs = 0 AND id > ? ORDER BY id LIMIT 1`),
		disown:     p.stmt(`UPDATE content SET hash = NULL WHERE id = ?`),
		dropChunks: p.stmt(`DELETE FROM chunk WHERE id IN (SELECT id FROM chunk WHERE id >= ? AND id < ? LIMIT ?)`),
		erase:      p.stmt(`DELETE FROM content WHERE id = ?`),
		goneBlobs:  p.stmt(`SELECT key, content FROM blob WHERE app = ? LIMIT ?`),
		goneSites:  p.stmt(`SELECT id FROM site WHERE app = ? LIMIT 1`),
		site:       newSiteWriter(p),
	}
}

// current returns a blob's place, a zero version when there is none.
func (w *blobWriter) current(app int64, key string) (Blob, error) {
	row, ok, err := w.get.one(app, key)
	if err != nil || !ok {
		return Blob{}, err
	}
	return Blob{content: asInt(row[0]), Size: asInt(row[1]), Type: asText(row[2]), Version: uint64(asInt(row[3]))}, nil
}

// store points a key at a content and counts the references. had is what the
// key pointed at.
func (w *blobWriter) store(t *tx, app *appState, key string, to, had Blob) error {
	if err := t.keepBlob(app, key, had, t.version); err != nil {
		return err
	}
	if _, err := t.write(w.addRef, int64(1), to.content); err != nil {
		return err
	}
	if had.Version != 0 {
		if _, err := t.write(w.addRef, int64(-1), had.content); err != nil {
			return err
		}
	}
	if _, err := t.write(w.put, app.id, key, to.content, to.Size, to.Type, int64(t.version), t.now); err != nil {
		return err
	}
	return t.log(app, changeBlobSet, key)
}

func (w *blobWriter) drop(t *tx, app *appState, key string, had Blob) error {
	if err := t.keepBlob(app, key, had, 0); err != nil {
		return err
	}
	if _, err := t.write(w.addRef, int64(-1), had.content); err != nil {
		return err
	}
	if _, err := t.write(w.remove, app.id, key); err != nil {
		return err
	}
	return t.log(app, changeBlobDelete, key)
}

// adopt makes an upload's content the one of its hash, or finds the one that
// there is already; then the upload's own is collected.
func (w *blobWriter) adopt(t *tx, c Content) (int64, error) {
	row, ok, err := w.byHash.one(c.Hash[:])
	if err != nil {
		return 0, err
	}
	if ok {
		return asInt(row[0]), nil
	}
	n, err := t.write(w.settle, c.Hash[:], c.Size, c.id)
	if err == nil && n == 0 {
		err = fmt.Errorf("storage: content %d is no finished upload", c.id)
	}
	return c.id, err
}

// checkType holds a media type to what a header can carry.
func checkType(field, text string) error {
	if len(text) > MaxTypeBytes {
		return tooLarge(field, "%d bytes are too many: at most %d", len(text), MaxTypeBytes)
	}
	for i := range len(text) {
		if text[i] < ' ' || text[i] >= utf8.RuneSelf-1 {
			return invalid(field, "%q is no media type: use printable ASCII, as in text/plain", text)
		}
	}
	if text == "" {
		return invalid(field, "the media type is empty")
	}
	return nil
}

func (c CheckBlob) prepare(in *intake) (condition, error) {
	in.bytes += mutationBytes + int64(len(c.Key))
	return c, checkKey("key", c.Key)
}

func (c CheckBlob) test(t *tx) error {
	app, err := t.inApp()
	if err != nil {
		return err
	}
	have, err := t.blobs.current(app.id, c.Key)
	if err == nil && have.Version != c.Version {
		e := mismatch(fmt.Sprintf("blob %q", c.Key), c.Version, have.Version)
		e.Field = "version"
		return e
	}
	return err
}

func (m BlobPut) prepare(in *intake) (step, error) {
	in.bytes += mutationBytes + int64(len(m.Key)+len(m.Type))
	if err := checkKey("key", m.Key); err != nil {
		return nil, err
	}
	if m.Content.id == 0 {
		return nil, invalid("content", "the blob has no content: upload it first")
	}
	return m, checkType("type", m.Type)
}

func (m BlobPut) apply(t *tx) (Result, error) {
	app, err := t.inApp()
	if err != nil {
		return Result{}, err
	}
	had, err := t.blobs.current(app.id, m.Key)
	if err == nil {
		err = had.allows("key", m.Key, m.IfVersion, m.CreateOnly)
	}
	if err != nil {
		return Result{}, err
	}
	id, err := t.blobs.adopt(t, m.Content)
	if err != nil {
		return Result{}, err
	}
	to := Blob{content: id, Size: m.Content.Size, Type: m.Type}
	return Result{Version: t.version, Created: had.Version == 0}, t.blobs.store(t, app, m.Key, to, had)
}

// allows holds a write to its conditions on what is there.
func (b Blob) allows(field, key string, ifVersion *uint64, createOnly bool) error {
	switch {
	case createOnly && b.Version != 0:
		return &Error{
			Kind: KindExists, Field: field, Index: -1, CurrentVersion: b.Version,
			Message: fmt.Sprintf("blob %q exists at version %d", key, b.Version),
		}
	case ifVersion != nil && *ifVersion != b.Version:
		return mismatch(fmt.Sprintf("blob %q", key), *ifVersion, b.Version)
	}
	return nil
}

func (m BlobDelete) prepare(in *intake) (step, error) {
	in.bytes += mutationBytes + int64(len(m.Key))
	return m, checkKey("key", m.Key)
}

func (m BlobDelete) apply(t *tx) (Result, error) {
	app, err := t.inApp()
	if err != nil {
		return Result{}, err
	}
	had, err := t.blobs.current(app.id, m.Key)
	if err == nil {
		err = had.allows("key", m.Key, m.IfVersion, false)
	}
	if err != nil || had.Version == 0 {
		return Result{}, err
	}
	return Result{Deleted: true}, t.blobs.drop(t, app, m.Key, had)
}

func (m BlobCopy) prepare(in *intake) (step, error) {
	in.bytes += mutationBytes + int64(len(m.Key)+len(m.To))
	if err := checkKey("key", m.Key); err != nil {
		return nil, err
	}
	if m.Key == m.To {
		return nil, invalid("to", "%q is where it is already", m.To)
	}
	return m, checkKey("to", m.To)
}

func (m BlobCopy) apply(t *tx) (Result, error) {
	app, err := t.inApp()
	if err != nil {
		return Result{}, err
	}
	from, err := t.blobs.current(app.id, m.Key)
	if err != nil {
		return Result{}, err
	}
	if from.Version == 0 {
		return Result{}, blobNotFound(t.unit.app(), m.Key)
	}
	if err := from.allows("key", m.Key, m.IfVersion, false); err != nil {
		return Result{}, err
	}
	had, err := t.blobs.current(app.id, m.To)
	if err == nil {
		err = had.allows("to", m.To, nil, m.CreateOnly)
	}
	if err == nil {
		err = t.blobs.store(t, app, m.To, from, had)
	}
	if err == nil && m.Move {
		err = t.blobs.drop(t, app, m.Key, from)
	}
	return Result{Version: t.version, Created: had.Version == 0}, err
}

func blobNotFound(app, key string) *Error {
	return &Error{Kind: KindBlobNotFound, Field: "key", Index: -1, Message: fmt.Sprintf("no blob %q in app %q", key, app)}
}
