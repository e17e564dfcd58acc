package storage

import (
	"context"
	"database/sql/driver"
	"fmt"
	"time"
)

// CollectionRestore brings back the collection of this name that was deleted
// last, with its documents, indexes and schema. KindCollectionNotFound when
// none is kept; KindExists when the name is in use.
type CollectionRestore struct{ Collection string }

// CollectionPurge removes the deleted collections of this name for good.
type CollectionPurge struct{ Collection string }

func (CollectionRestore) mutation() {}
func (CollectionPurge) mutation()   {}

// DeletedCollection is a collection that can be brought back.
type DeletedCollection struct {
	Name      string
	Count     int64 // its documents
	DeletedAt time.Time
	DeletedBy string
	Until     time.Time // when it is removed for good
}

// binWriter moves collections to where deleted ones are kept, and back. Their
// documents and entries stay where they are, under the collection's number.
type binWriter struct {
	put, take, done, last, byID, purge *stmt
}

func newBinWriter(p *preparer) binWriter {
	const one = `SELECT id FROM collection_gone WHERE app = ? AND `
	return binWriter{
		put: p.stmt(`INSERT INTO collection_gone (id, app, name, version, created_at, schema, texts, text_built, history, at, principal, until)
			SELECT id, app, name, version, created_at, schema, texts, text_built, history, ?, ?, ? FROM collection WHERE id = ?`),
		take: p.stmt(`INSERT INTO collection (id, app, name, version, created_at, updated_at, schema, texts, text_built, history)
			SELECT id, app, name, ?, created_at, ?, schema, texts, text_built, history FROM collection_gone WHERE id = ?`),
		done:  p.stmt(`DELETE FROM collection_gone WHERE id = ?`),
		last:  p.stmt(one + `name = ? AND until > ? ORDER BY id DESC LIMIT 1`),
		byID:  p.stmt(one + `id = ? AND until > ?`),
		purge: p.stmt(`UPDATE collection_gone SET until = ? WHERE app = ? AND name = ? AND until > ?`),
	}
}

// dropCollection removes a collection, which hides its documents at once.
func (t *tx) dropCollection(app *appState, c *collection) error {
	if err := t.keepCollection(app, c.name, beforeDelete(c), 0); err != nil {
		return err
	}
	_, until, _ := t.keeping(true) // as long as the row for undo, which names it
	if _, err := t.write(t.docs.bin.put, t.now, orNull(t.principal()), until, c.id); err != nil {
		return err
	}
	if _, err := t.write(t.docs.drop, c.id); err != nil {
		return err
	}
	delete(app.collections, c.name)
	if err := t.catalogueChanged(); err != nil {
		return err
	}
	return t.logNamed(app, changeCollectionDelete, c.name, "")
}

// takeCollection brings a deleted collection back by its number.
func (t *tx) takeCollection(app *appState, name string, id int64) error {
	if err := t.keepCollection(app, name, undoBefore{}, t.version); err != nil {
		return err
	}
	if _, err := t.write(t.docs.bin.take, int64(t.version), t.now, id); err != nil {
		return err
	}
	if _, err := t.write(t.docs.bin.done, id); err != nil {
		return err
	}
	t.retain.hurry() // an index may wait to be completed
	if err := t.catalogueChanged(); err != nil {
		return err
	}
	return t.logNamed(app, changeCollectionRestore, name, "")
}

func (m CollectionRestore) prepare(in *intake) (step, error) {
	in.bytes += mutationBytes + int64(len(m.Collection))
	return m, checkCollection("collection", m.Collection)
}

func (m CollectionRestore) apply(t *tx) (Result, error) {
	app, err := t.inApp()
	if err != nil {
		return Result{}, err
	}
	c, err := t.collection(app, m.Collection)
	if err != nil {
		return Result{}, err
	}
	if c != nil {
		return Result{}, &Error{
			Kind: KindExists, Field: "collection", Index: -1, CurrentVersion: c.version,
			Message: fmt.Sprintf("collection %q exists", m.Collection),
		}
	}
	row, ok, err := t.docs.bin.last.one(app.id, m.Collection, t.now)
	if err != nil {
		return Result{}, err
	}
	if !ok {
		return Result{}, collectionNotKept(app.name, m.Collection)
	}
	return Result{Version: t.version, Created: true}, t.takeCollection(app, m.Collection, asInt(row[0]))
}

func collectionNotKept(app, name string) *Error {
	e := collectionNotFound(app, name)
	e.Message = fmt.Sprintf("no deleted collection %q of app %q is kept", name, app)
	return e
}

func (m CollectionPurge) prepare(in *intake) (step, error) {
	in.bytes += mutationBytes + int64(len(m.Collection))
	return m, checkCollection("collection", m.Collection)
}

func (m CollectionPurge) apply(t *tx) (Result, error) {
	app, err := t.inApp()
	if err != nil {
		return Result{}, err
	}
	n, err := t.write(t.docs.bin.purge, t.now, app.id, m.Collection, t.now)
	if err == nil && n == 0 {
		err = collectionNotKept(app.name, m.Collection)
	}
	t.retain.hurry()
	return Result{Deleted: true, Count: n}, err
}

// DeletedCollections returns the collections of an app that can be brought
// back, the last deleted first, at most 1,000.
func (db *DB) DeletedCollections(ctx context.Context, app string) (list []DeletedCollection, err error) {
	seen := map[string]bool{}
	err = db.readers.page(ctx, func(ctx context.Context, r *reader, now int64) error {
		if err := r.mustHave(app); err != nil {
			return err
		}
		return r.docs.gone.each(ctx, func(row []driver.Value) error {
			name := asText(row[0])
			if seen[name] {
				return nil // only the last of a name can be brought back
			}
			seen[name] = true
			if len(list) == MaxPage {
				return errStop
			}
			list = append(list, DeletedCollection{
				Name: name, DeletedAt: millis(row[1]), DeletedBy: asText(row[2]), Until: millis(row[3]), Count: asInt(row[4]),
			})
			return nil
		}, app, now)
	})
	return list, err
}

const sqlGoneCollections = `SELECT g.name, g.at, g.principal, g.until, (SELECT count(*) FROM doc d WHERE d.collection = g.id)
	FROM collection_gone g WHERE g.app = (SELECT id FROM app WHERE name = ?) AND g.name IS NOT NULL AND g.until > ? ORDER BY g.id DESC`
