package storage

import "fmt"

const dayMillis = 24 * 60 * 60 * 1000

// keepDoc keeps a document as it is before it gets the version after, 0 =
// before it is deleted. It is called after every check.
func (t *tx) keepDoc(app *appState, c *collection, old *storedDoc, name string, after uint64) error {
	class, until, kept := t.keeping(after == 0)
	if c.history > 0 {
		class, kept = undoHistory, true
		until = max(until, t.now+c.history*dayMillis)
	}
	if !kept {
		return nil
	}
	var body []byte
	if old != nil {
		body = old.body
	}
	principal, run := t.who()
	size := undoRowBytes + int64(len(body))
	t.count(class, app, size)
	_, err := t.write(t.docs.keep, app.id, int64(t.version), t.now, principal, run, int64(undoKindDoc), c.name, name,
		int64(after), class, until, int64(old.at()), bytesOrNull(body), size)
	return err
}

func (t *tx) undoDocCurrent(app *appState, e *undoEntry) (uint64, error) {
	c, err := t.collection(app, e.name)
	if err != nil || c == nil {
		return 0, err
	}
	old, err := t.stored(c, e.key)
	return old.at(), err
}

func (t *tx) undoDocRemove(app *appState, e *undoEntry) error {
	c, err := t.collection(app, e.name)
	if err != nil || c == nil {
		return err
	}
	old, err := t.stored(c, e.key)
	if err != nil || old == nil {
		return err
	}
	return t.erase(app, c, old)
}

// undoDocRestore stores what was there, held to the schema and the unique
// indexes of now like any other write.
func (t *tx) undoDocRestore(app *appState, e *undoEntry) error {
	row, ok, err := t.docs.kept.one(e.id)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("undo: row %d is gone", e.id)
	}
	body := asBytes(row[0])
	_, c, err := t.makeCollection(e.name)
	if err != nil {
		return err
	}
	old, err := t.stored(c, e.key)
	if err != nil {
		return err
	}
	what := int64(changeDocReplace)
	if old == nil {
		what = changeDocInsert
	}
	doc := storedValue(body)
	return about(e.key, t.store(app, c, old, e.key, &doc, body, what))
}
