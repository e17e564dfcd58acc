package storage

import (
	"fmt"
	"slices"
	"strings"
)

// docWriter changes documents with everything that follows: entries of
// indexes, full text, the feed.
type docWriter struct {
	catalogue catalogue
	scanner   docScanner
	schemas   schemas
	texts     textWriters

	keep, kept                       *stmt // what undo takes back
	insert, update, remove           *stmt
	addEntry, dropEntry, sameKey     *stmt
	setMany, raise                   *stmt
	create, change, drop, goneIndex  *stmt
	addIndex, dropIndex, dropIndexes *stmt
	bin                              binWriter
}

func newDocWriter(p *preparer) docWriter {
	return docWriter{
		catalogue: newCatalogue(p), scanner: newDocScanner(p), schemas: schemas{}, texts: textWriters{},

		keep: p.stmt(`INSERT INTO undo (app, version, at, principal, run, kind, name, key, after, class, until, before, value, expires_at, size)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?)`),
		kept:      p.stmt(`SELECT value FROM undo WHERE id = ?`),
		insert:    p.stmt(`INSERT INTO doc (collection, name, body, version) VALUES (?, ?, ?, ?) RETURNING id`),
		update:    p.stmt(`UPDATE doc SET body = ?, version = ? WHERE id = ?`),
		remove:    p.stmt(`DELETE FROM doc WHERE id = ?`),
		addEntry:  p.stmt(`INSERT INTO doc_entry (idx, key, name, doc) VALUES (?, ?, ?, ?)`),
		dropEntry: p.stmt(`DELETE FROM doc_entry WHERE idx = ? AND key = ? AND name = ?`),
		sameKey:   p.stmt(`SELECT name FROM doc_entry WHERE idx = ? AND key = ? LIMIT 2`),
		setMany:   p.stmt(`UPDATE collection_index SET many = 1 WHERE id = ?`),
		raise:     p.stmt(`UPDATE meta SET value = value + 1 WHERE name = 'catalogue'`),

		create:      p.stmt(`INSERT INTO collection (app, name, version, created_at, updated_at) VALUES (?, ?, ?, ?, ?)`),
		change:      p.stmt(`UPDATE collection SET version = ?, updated_at = ?, schema = ?, texts = ?, text_built = ?, history = ? WHERE id = ?`),
		drop:        p.stmt(`DELETE FROM collection WHERE id = ?`),
		bin:         newBinWriter(p),
		addIndex:    p.stmt(`INSERT INTO collection_index (collection, name, fields, one, sparse, many, built) VALUES (?, ?, ?, ?, ?, 0, ?) RETURNING id`),
		dropIndex:   p.stmt(`DELETE FROM collection_index WHERE id = ?`),
		goneIndex:   p.stmt(`INSERT INTO index_gone (id) VALUES (?)`),
		dropIndexes: p.stmt(`DELETE FROM collection_index WHERE collection = ?`),
	}
}

// collection returns a collection of the batch's app, nil when there is none.
func (t *tx) collection(app *appState, name string) (*collection, error) {
	if c := app.collections[name]; c != nil {
		return c, nil
	}
	c, err := t.docs.catalogue.load(app.id, name)
	if err != nil || c == nil {
		return nil, err
	}
	if app.collections == nil || len(app.collections) > maxKnownCollections {
		app.collections = map[string]*collection{}
	}
	app.collections[name] = c
	return c, nil
}

// mustCollection is collection for what does not create one.
func (t *tx) mustCollection(name string) (*appState, *collection, error) {
	app, err := t.inApp()
	if err != nil {
		return nil, nil, err
	}
	c, err := t.collection(app, name)
	if err == nil && c == nil {
		err = collectionNotFound(app.name, name)
	}
	return app, c, err
}

// makeCollection is collection for what creates it.
func (t *tx) makeCollection(name string) (*appState, *collection, error) {
	app, err := t.inApp()
	if err != nil {
		return nil, nil, err
	}
	c, err := t.collection(app, name)
	if err != nil || c != nil {
		return app, c, err
	}
	if err := t.keepCollection(app, name, undoBefore{}, t.version); err != nil {
		return nil, nil, err
	}
	if _, err := t.write(t.docs.create, app.id, name, int64(t.version), t.now, t.now); err != nil {
		return nil, nil, err
	}
	if err := t.catalogueChanged(); err != nil {
		return nil, nil, err
	}
	if c, err = t.collection(app, name); err != nil {
		return nil, nil, err
	}
	return app, c, t.logNamed(app, changeCollectionSet, name, "")
}

// catalogueChanged makes readers forget what they know of collections.
func (t *tx) catalogueChanged() error {
	_, err := t.write(t.docs.raise)
	return err
}

// storedDoc is a document as it is in the table.
type storedDoc struct {
	row     int64
	name    string
	body    []byte
	version uint64
}

// stored returns a document, nil when there is none.
func (t *tx) stored(c *collection, id string) (*storedDoc, error) {
	row, ok, err := t.docs.scanner.get.one(c.id, id)
	if err != nil || !ok {
		return nil, err
	}
	return &storedDoc{row: asInt(row[0]), name: id, body: asBytes(row[2]), version: uint64(asInt(row[3]))}, nil
}

// entryChange is what a write does to one index.
type entryChange struct {
	index     *docIndex
	add, drop [][]byte
	many      bool
}

// store writes a document that is new (old is nil) or has changed. Everything
// that can refuse it comes before the first write.
func (t *tx) store(app *appState, c *collection, old *storedDoc, name string, doc *value, body []byte, what int64) error {
	if err := t.docs.schemas.check(c, doc); err != nil {
		return err
	}
	changes, err := t.entryChanges(c, old, name, doc)
	if err != nil {
		return err
	}
	if err := t.keepDoc(app, c, old, name, t.version); err != nil {
		return err
	}
	row := int64(0)
	if old != nil {
		row = old.row
		if _, err := t.write(t.docs.update, body, int64(t.version), row); err != nil {
			return err
		}
	} else {
		t.wrote = true
		inserted, _, err := t.docs.insert.one(c.id, name, body, int64(t.version))
		if err != nil {
			return err
		}
		row = asInt(inserted[0])
	}
	if err := t.writeEntries(changes, row, name); err != nil {
		return err
	}
	if err := t.storeText(c, old, row, name, doc); err != nil {
		return err
	}
	return t.logNamed(app, what, c.name, name)
}

// entryChanges works out the entries and asks the unique indexes.
func (t *tx) entryChanges(c *collection, old *storedDoc, name string, doc *value) ([]entryChange, error) {
	if len(c.indexes) == 0 {
		return nil, nil
	}
	var before *value
	if old != nil {
		v := storedValue(old.body)
		before = &v
	}
	changes := make([]entryChange, 0, len(c.indexes))
	for _, x := range c.indexes {
		if x.failed != "" || old != nil && !covers(x.built, name) {
			continue
		}
		e, err := x.difference(before, doc)
		if err != nil {
			return nil, err
		}
		if x.unique {
			if err := t.unique(c, x, name, e.add); err != nil {
				return nil, err
			}
		}
		changes = append(changes, e)
	}
	return changes, nil
}

// difference returns the entries to add and to drop; either document may be
// nil.
func (x *docIndex) difference(before, after *value) (e entryChange, err error) {
	e.index = x
	if after != nil {
		if e.add, e.many, err = x.keys(after); err != nil {
			return e, err
		}
	}
	if before == nil {
		return e, nil
	}
	if e.drop, _, err = x.keys(before); err != nil {
		return e, err
	}
	added := e.add
	e.add = without(e.add, e.drop)
	e.drop = without(e.drop, added)
	return e, nil
}

func without(list, other [][]byte) (rest [][]byte) {
	for _, k := range list {
		if !slices.ContainsFunc(other, func(o []byte) bool { return string(o) == string(k) }) {
			rest = append(rest, k)
		}
	}
	return rest
}

func (t *tx) unique(c *collection, x *docIndex, name string, keys [][]byte) error {
	for _, k := range keys {
		row, ok, err := t.docs.sameKey.one(x.id, k)
		if err != nil {
			return err
		}
		if ok {
			return uniqueViolation(c, x, asText(row[0]), name)
		}
	}
	return nil
}

func uniqueViolation(c *collection, x *docIndex, has, name string) *Error {
	fields := strings.Join(x.names(), ", ")
	return &Error{
		Kind: KindUnique, Field: "doc." + x.fields[0].String(), Index: -1,
		Message: fmt.Sprintf("document %q of collection %q has the same %s as %q would have, and index %q is unique", has, c.name, fields, name, x.name),
	}
}

func (t *tx) writeEntries(changes []entryChange, row int64, name string) error {
	for _, e := range changes {
		if !covers(e.index.built, name) {
			continue
		}
		for _, k := range e.drop {
			if _, err := t.write(t.docs.dropEntry, e.index.id, k, name); err != nil {
				return err
			}
		}
		for _, k := range e.add {
			if _, err := t.write(t.docs.addEntry, e.index.id, k, name, row); err != nil {
				return err
			}
		}
		if e.many && !e.index.many {
			if _, err := t.write(t.docs.setMany, e.index.id); err != nil {
				return err
			}
			e.index.many = true // the state of the app, which a rollback forgets
			if err := t.catalogueChanged(); err != nil {
				return err
			}
		}
	}
	return nil
}

// erase removes a document.
func (t *tx) erase(app *appState, c *collection, old *storedDoc) error {
	if err := t.keepDoc(app, c, old, old.name, 0); err != nil {
		return err
	}
	before := storedValue(old.body)
	for _, x := range c.indexes {
		if !covers(x.built, old.name) || x.failed != "" {
			continue
		}
		e, err := x.difference(&before, nil)
		if err != nil {
			return err
		}
		if err := t.writeEntries([]entryChange{e}, old.row, old.name); err != nil {
			return err
		}
	}
	if err := t.eraseText(c, old.row, old.name); err != nil {
		return err
	}
	if _, err := t.write(t.docs.remove, old.row); err != nil {
		return err
	}
	return t.logNamed(app, changeDocDelete, c.name, old.name)
}
