package storage

import (
	"database/sql/driver"
	"fmt"
)

// keepBlob keeps a blob as it is before it gets the version after, 0 = before
// it is deleted: the row holds on to its content, so no byte is copied.
func (t *tx) keepBlob(app *appState, key string, had Blob, after uint64) error {
	class, until, kept := t.keeping(after == 0)
	if !kept {
		return nil
	}
	var content, kind driver.Value
	if had.Version != 0 {
		content, kind = had.content, []byte(had.Type)
		if _, err := t.write(t.blobs.addRef, int64(1), had.content); err != nil {
			return err
		}
	}
	principal, run := t.who()
	t.count(class, app, undoRowBytes)
	_, err := t.write(t.blobs.keep, app.id, int64(t.version), t.now, principal, run, key,
		int64(after), class, until, int64(had.Version), kind, int64(undoRowBytes), content)
	return err
}

func (t *tx) undoBlobCurrent(app *appState, e *undoEntry) (uint64, error) {
	b, err := t.blobs.current(app.id, e.key)
	return b.Version, err
}

func (t *tx) undoBlobRemove(app *appState, e *undoEntry) error {
	had, err := t.blobs.current(app.id, e.key)
	if err != nil || had.Version == 0 {
		return err
	}
	return t.blobs.drop(t, app, e.key, had)
}

func (t *tx) undoBlobRestore(app *appState, e *undoEntry) error {
	row, ok, err := t.blobs.kept.one(e.id)
	if err == nil && !ok {
		err = fmt.Errorf("undo: row %d is gone", e.id)
	}
	if err != nil {
		return err
	}
	had, err := t.blobs.current(app.id, e.key)
	if err != nil {
		return err
	}
	to := Blob{Type: string(asBytes(row[0])), content: asInt(row[1]), Size: asInt(row[2])}
	return t.blobs.store(t, app, e.key, to, had)
}
