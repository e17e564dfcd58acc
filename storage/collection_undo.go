package storage

import (
	"encoding/json"
	"errors"
	"fmt"
)

// undoBefore is what a collection was before a change. Its documents are not
// in it: a deleted collection keeps them, and is named by its number.
type undoBefore struct {
	version uint64
	Gone    int64           `json:"gone,omitempty"`
	Schema  json.RawMessage `json:"schema,omitempty"`
	Indexes []IndexSpec     `json:"indexes,omitempty"`
	Text    []string        `json:"text,omitempty"`
	History int             `json:"history,omitempty"`
}

func beforeDelete(c *collection) undoBefore { return undoBefore{version: c.version, Gone: c.id} }

func beforeSettings(c *collection) undoBefore {
	b := undoBefore{version: c.version, Schema: c.schema, Text: pathNames(c.texts), History: int(c.history)}
	for _, x := range c.indexes {
		b.Indexes = append(b.Indexes, IndexSpec{Name: x.name, Fields: x.names(), Unique: x.unique, Sparse: x.sparse})
	}
	return b
}

// set is the mutation that gives a collection these settings again.
func (b *undoBefore) set(name string) CollectionSet {
	schema := json.RawMessage("null")
	if b.Schema != nil {
		schema = b.Schema
	}
	return CollectionSet{Collection: name, Schema: &schema, Indexes: &b.Indexes, Text: &b.Text, History: &b.History}
}

// keepCollection keeps what a collection was before it gets the version after,
// 0 = before it is deleted. A zero before means that there was none.
func (t *tx) keepCollection(app *appState, name string, before undoBefore, after uint64) error {
	class, until, kept := t.keeping(after == 0)
	if !kept {
		return nil
	}
	var value []byte
	if before.version != 0 {
		var err error
		if value, err = json.Marshal(before); err != nil {
			return err
		}
	}
	principal, run := t.who()
	size := undoRowBytes + int64(len(value))
	t.count(class, app, size)
	_, err := t.write(t.docs.keep, app.id, int64(t.version), t.now, principal, run, int64(undoKindCollection), nil, name,
		int64(after), class, until, int64(before.version), bytesOrNull(value), size)
	return err
}

func (t *tx) undoCollectionCurrent(app *appState, e *undoEntry) (uint64, error) {
	c, err := t.collection(app, e.key)
	if err != nil || c == nil {
		return 0, err
	}
	return c.version, nil
}

// undoCollectionRemove deletes a collection that had not been there, unless
// somebody has put documents into it.
func (t *tx) undoCollectionRemove(app *appState, e *undoEntry) error {
	c, err := t.collection(app, e.key)
	if err != nil || c == nil {
		return err
	}
	row, _, err := t.docs.scanner.countUpTo.one(c.id, int64(1))
	if err != nil {
		return err
	}
	if asInt(row[0]) > 0 {
		return leftAlone("it holds documents that are not taken back")
	}
	return t.dropCollection(app, c)
}

// undoCollectionRestore brings a deleted collection back, or gives one its
// settings of before.
func (t *tx) undoCollectionRestore(app *appState, e *undoEntry) error {
	row, ok, err := t.docs.kept.one(e.id)
	if err == nil && !ok {
		err = fmt.Errorf("undo: row %d is gone", e.id)
	}
	if err != nil {
		return err
	}
	var before undoBefore
	if err := json.Unmarshal(asBytes(row[0]), &before); err != nil {
		return err
	}
	if before.Gone != 0 {
		return t.undoCollectionTake(app, e, before.Gone)
	}
	s, err := before.set(e.key).prepare(&intake{})
	if err != nil {
		return err
	}
	return t.tryCollection(app, func() error {
		_, err := s.apply(t)
		return err
	})
}

// tryCollection makes of a change that a collection's documents refuse, as by
// a unique index, one that has not been written.
func (t *tx) tryCollection(app *appState, change func() error) error {
	if _, err := t.undos.savepoint.run(); err != nil {
		return err
	}
	index, rows := t.index, app.rows
	err := change()
	if asConflict(err) != nil {
		if _, err := t.undos.rollbackTo.run(); err != nil {
			return err
		}
		t.index, app.rows, app.collections = index, rows, nil
	}
	if _, e := t.undos.release.run(); e != nil {
		return e
	}
	return err
}

func (t *tx) undoCollectionTake(app *appState, e *undoEntry, gone int64) error {
	_, ok, err := t.docs.bin.byID.one(app.id, gone, t.now)
	if err != nil {
		return err
	}
	if !ok {
		return leftAlone("the deleted collection is no longer kept")
	}
	if err := t.undoCollectionRemove(app, e); err != nil {
		return err
	}
	return t.takeCollection(app, e.key, gone)
}

// conflict is why something is left alone by an Undo. Nothing of it has been
// written then.
type conflict struct{ why string }

func (c *conflict) Error() string { return c.why }

func leftAlone(format string, args ...any) error { return &conflict{fmt.Sprintf(format, args...)} }

// asConflict returns why an item is a conflict, nil when err is no conflict.
func asConflict(err error) *conflict {
	var c *conflict
	if errors.As(err, &c) {
		return c
	}
	var e *Error
	if errors.As(err, &e) && (e.Kind == KindUnique || e.Kind == KindSchema || e.Kind == KindTooLarge) {
		return &conflict{e.Message}
	}
	return nil
}
