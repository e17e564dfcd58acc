package storage

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"time"
)

// builder completes indexes of large collections, and removes what belongs to
// deleted ones, in slices between the writer's groups.
type builder struct {
	collection, next, open, openText   *stmt
	built, failed, textBuilt           *stmt
	goneOne, goneDocs                  *stmt
	markIndexes, dropIndexes, goneDone *stmt
	goneIndex, edge, trim, indexDone   *stmt
	appCollections, dropCollections    *stmt
	appGone                            *stmt // what was deleted in the app before it
}

const buildRows = 500 // in one slice: some 5 ms

func newBuilder(p *preparer) builder {
	return builder{
		collection: p.stmt(collectionColumns + `WHERE id = ?`),
		next:       p.stmt(`SELECT id, name, body FROM doc WHERE collection = ? AND name > ? ORDER BY name LIMIT ?`),
		open: p.stmt(`SELECT collection FROM collection_index WHERE built IS NOT NULL AND failed IS NULL
			AND collection NOT IN (SELECT id FROM collection_gone) ORDER BY id LIMIT 1`),
		openText:  p.stmt(`SELECT id FROM collection WHERE text_built IS NOT NULL LIMIT 1`),
		built:     p.stmt(`UPDATE collection_index SET built = ? WHERE id = ?`),
		failed:    p.stmt(`UPDATE collection_index SET failed = ? WHERE id = ?`),
		textBuilt: p.stmt(`UPDATE collection SET text_built = ? WHERE id = ?`),

		goneOne:     p.stmt(`SELECT id FROM collection_gone WHERE until <= ? ORDER BY until LIMIT 1`),
		goneDocs:    p.stmt(`DELETE FROM doc WHERE id IN (SELECT id FROM doc WHERE collection = ? LIMIT ?)`),
		markIndexes: p.stmt(`INSERT OR IGNORE INTO index_gone (id) SELECT id FROM collection_index WHERE collection = ?`),
		dropIndexes: p.stmt(`DELETE FROM collection_index WHERE collection = ?`),
		goneDone:    p.stmt(`DELETE FROM collection_gone WHERE id = ?`),

		goneIndex: p.stmt(`SELECT id FROM index_gone ORDER BY id LIMIT 1`),
		edge:      p.stmt(`SELECT key, name FROM doc_entry WHERE idx = ? ORDER BY key, name LIMIT 1 OFFSET ?`),
		trim:      p.stmt(`DELETE FROM doc_entry WHERE idx = ? AND key <= ? AND (key < ? OR name <= ?)`),
		indexDone: p.stmt(`DELETE FROM index_gone WHERE id = ?`),

		appCollections:  p.stmt(`INSERT INTO collection_gone (id) SELECT id FROM collection WHERE app = ?`),
		appGone:         p.stmt(`UPDATE collection_gone SET until = 0 WHERE app = ?`),
		dropCollections: p.stmt(`DELETE FROM collection WHERE app = ?`),
	}
}

// byID reads a collection by its number.
func (w *writer) collectionByID(id int64) (*collection, error) {
	row, ok, err := w.retain.build.collection.one(id)
	if err != nil || !ok {
		return nil, err
	}
	return w.docs.catalogue.complete(row)
}

// buildSmall completes the indexes of a small collection within the batch that
// declares them; a value that is there twice fails it.
func (t *tx) buildSmall(id int64) error {
	row, _, err := t.docs.scanner.countUpTo.one(id, int64(buildInlineRows+1))
	if err != nil {
		return err
	}
	if asInt(row[0]) > buildInlineRows {
		t.retain.hurry()
		return nil
	}
	t.wrote = true
	for more := true; more && err == nil; {
		var c *collection
		if c, err = t.collectionByID(id); err == nil {
			more, err = t.buildSlice(c, buildInlineRows+1)
		}
	}
	var failed *buildError
	if errors.As(err, &failed) {
		return failed.cause
	}
	return err
}

// buildError says that documents that are there do not fit an index.
type buildError struct {
	index *docIndex
	cause error
}

func (e *buildError) Error() string { return e.cause.Error() }

// buildSlice goes one slice on with the first index that is not complete.
func (w *writer) buildSlice(c *collection, rows int) (more bool, err error) {
	for _, x := range c.indexes {
		if x.built != nil && x.failed == "" {
			return true, w.buildIndex(c, x, rows)
		}
	}
	if c.textBuilt != nil {
		return true, w.buildText(c, rows)
	}
	return false, nil
}

func (w *writer) buildIndex(c *collection, x *docIndex, rows int) error {
	batch, last, done, err := w.nextDocs(c, *x.built, rows)
	if err != nil {
		return err
	}
	for _, d := range batch {
		if err := w.indexDoc(c, x, d); err != nil {
			return err
		}
	}
	return w.advance(w.retain.build.built, last, done, x.id)
}

func (w *writer) indexDoc(c *collection, x *docIndex, d storedDoc) error {
	doc := storedValue(d.body)
	keys, many, err := x.keys(&doc)
	if err != nil {
		return &buildError{x, about(d.name, err)}
	}
	for _, k := range keys {
		if x.unique {
			row, taken, err := w.docs.sameKey.one(x.id, k)
			if err != nil {
				return err
			}
			if taken {
				e := uniqueViolation(c, x, asText(row[0]), d.name)
				e.Field = "indexes"
				return &buildError{x, e}
			}
		}
		if _, err := w.docs.addEntry.run(x.id, k, d.name, d.row); err != nil {
			return err
		}
	}
	if many && !x.many {
		x.many = true
		_, err = w.docs.setMany.run(x.id)
	}
	return err
}

func (w *writer) buildText(c *collection, rows int) error {
	batch, last, done, err := w.nextDocs(c, *c.textBuilt, rows)
	if err != nil {
		return err
	}
	for _, d := range batch {
		doc := storedValue(d.body)
		if err := w.addText(c, d.row, textOf(&doc, c.texts)); err != nil {
			return err
		}
	}
	return w.advance(w.retain.build.textBuilt, last, done, c.id)
}

// nextDocs reads the documents behind an id. done says that there are no more.
func (w *writer) nextDocs(c *collection, after string, rows int) (batch []storedDoc, last string, done bool, err error) {
	last = after
	err = w.retain.build.next.all(func(row []driver.Value) error {
		batch = append(batch, storedDoc{row: asInt(row[0]), name: asText(row[1]), body: asBytes(row[2])})
		last = asText(row[1])
		return nil
	}, c.id, after, int64(rows))
	return batch, last, len(batch) < rows, err
}

func (w *writer) advance(s *stmt, last string, done bool, id int64) error {
	var at driver.Value = last
	if done {
		at = nil
	}
	_, err := s.run(at, id)
	return err
}

// buildIndexes is the retainer's task that completes indexes.
func (r *retainer) buildIndexes(w *writer, _ time.Time) (bool, error) {
	row, ok, err := r.build.open.one()
	if err == nil && !ok {
		row, ok, err = r.build.openText.one()
	}
	if err != nil || !ok {
		return false, err
	}
	c, err := w.collectionByID(asInt(row[0]))
	if err != nil {
		return false, err
	}
	if c == nil { // deleted while it was being built
		return true, w.transact(func() error { return w.forgetIndexes(asInt(row[0])) })
	}
	w.apps.forget() // of what the writer knows, the indexes change
	err = w.transact(func() error {
		_, err := w.buildSlice(c, buildRows)
		if err == nil {
			_, err = w.docs.raise.run()
		}
		return err
	})
	var failed *buildError
	if errors.As(err, &failed) {
		return true, w.transact(func() error { return w.buildFailed(failed) })
	}
	return true, err
}

func (w *writer) buildFailed(f *buildError) error {
	if _, err := w.retain.build.failed.run(f.cause.(*Error).Message, f.index.id); err != nil {
		return err
	}
	_, err := w.docs.raise.run()
	return err
}

func (w *writer) forgetIndexes(collection int64) error {
	if _, err := w.retain.build.markIndexes.run(collection); err != nil {
		return err
	}
	_, err := w.retain.build.dropIndexes.run(collection)
	return err
}

// deletedCollections is the retainer's task that removes documents of deleted
// collections, then what was in their indexes.
func (r *retainer) deletedCollections(w *writer, now time.Time) (bool, error) {
	row, ok, err := r.build.goneOne.one(now.UnixMilli())
	if err != nil {
		return false, err
	}
	if !ok {
		return r.deletedIndexes(w)
	}
	id := asInt(row[0])
	return true, w.transact(func() error {
		if err := w.forgetIndexes(id); err != nil {
			return err
		}
		n, err := r.build.goneDocs.run(id, int64(retainRows))
		if err != nil || n > 0 {
			return err
		}
		if err := w.dropText(id); err != nil {
			return fmt.Errorf("drop the full-text index of collection %d: %w", id, err)
		}
		_, err = r.build.goneDone.run(id)
		return err
	})
}

func (r *retainer) deletedIndexes(w *writer) (bool, error) {
	row, ok, err := r.build.goneIndex.one()
	if err != nil || !ok {
		return false, err
	}
	id := asInt(row[0])
	return true, w.transact(func() error {
		key, name := []byte{keyAfter}, ""
		edge, full, err := r.build.edge.one(id, int64(retainRows-1))
		if err != nil {
			return err
		}
		if full {
			key, name = asBytes(edge[0]), asText(edge[1])
		}
		if _, err := r.build.trim.run(id, key, key, name); err != nil || full {
			return err
		}
		_, err = r.build.indexDone.run(id)
		return err
	})
}

// forgetCollections hands what an app held to deletedCollections.
func (r *retainer) forgetCollections(app int64) (err error) {
	if _, err = r.build.appGone.run(app); err != nil {
		return err
	}
	if _, err = r.build.appCollections.run(app); err == nil {
		_, err = r.build.dropCollections.run(app)
	}
	return err
}
