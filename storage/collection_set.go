package storage

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// CollectionSet creates a collection or changes its settings. What is nil stays
// as it is. Indexes and Text are the whole list: what is not in it is dropped.
//
// Indexes of a small collection are complete when the batch is; those of a
// large one are built afterwards, in slices, and are not used until then.
type CollectionSet struct {
	Collection string
	Schema     *json.RawMessage // a JSON Schema for what is written from now on; null removes it
	Indexes    *[]IndexSpec
	Text       *[]string // the paths whose strings are in the full-text index; empty removes it
	History    *int      // days to keep for Undo what each write replaces, up to MaxHistoryDays; 0 ends it
	IfVersion  *uint64   // nil = any; 0 = must not exist
}

// IndexSpec declares an index.
type IndexSpec struct {
	Name   string // "" = made of the fields
	Fields []string
	Unique bool
	Sparse bool // leave out documents that lack every field
}

// CollectionDelete removes a collection with its documents. For 24 hours
// CollectionRestore and Undo bring it back.
type CollectionDelete struct {
	Collection string
	IfVersion  *uint64
}

func (CollectionSet) mutation()    {}
func (CollectionDelete) mutation() {}

// MaxHistoryDays bounds how long a collection's history is kept.
const MaxHistoryDays = 365

// Bounds of what is declared on one collection: each index costs every write.
const (
	maxIndexes      = 16
	maxIndexFields  = 8
	maxTextPaths    = 16
	maxCollections  = 1000
	buildInlineRows = 2000 // an index over that many documents is built within the batch: some 20 ms
)

type collectionSet struct {
	CollectionSet
	schema  []byte
	indexes []*docIndex
	texts   []path
}

func (m CollectionSet) prepare(in *intake) (step, error) {
	in.bytes += mutationBytes + int64(len(m.Collection))
	s := collectionSet{CollectionSet: m}
	if err := checkCollection("collection", m.Collection); err != nil {
		return nil, err
	}
	if m.Schema != nil && string(*m.Schema) != "null" {
		in.bytes += int64(len(*m.Schema))
		if _, err := compileSchema("schema", *m.Schema); err != nil {
			return nil, err
		}
		s.schema = *m.Schema
	}
	if m.History != nil && (*m.History < 0 || *m.History > MaxHistoryDays) {
		return nil, invalid("history", "%d days are out of range: 0 to %d", *m.History, MaxHistoryDays)
	}
	if err := s.prepareIndexes(); err != nil {
		return nil, err
	}
	return s, s.prepareText()
}

func (m *collectionSet) prepareText() (err error) {
	if m.Text == nil || len(*m.Text) == 0 {
		return nil
	}
	if len(*m.Text) > maxTextPaths {
		return tooLarge("text", "%d paths are too many: at most %d", len(*m.Text), maxTextPaths)
	}
	m.texts, err = parsePaths("text", *m.Text)
	return err
}

func (m *collectionSet) prepareIndexes() error {
	if m.Indexes == nil {
		return nil
	}
	if len(*m.Indexes) > maxIndexes {
		return tooLarge("indexes", "%d indexes are too many: at most %d a collection", len(*m.Indexes), maxIndexes)
	}
	for i, spec := range *m.Indexes {
		field := fmt.Sprintf("indexes[%d]", i)
		x, err := spec.compile(field)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(m.indexes, func(y *docIndex) bool { return y.name == x.name }) {
			return invalid(field+".name", "two indexes are named %q", x.name)
		}
		m.indexes = append(m.indexes, x)
	}
	return nil
}

func (spec IndexSpec) compile(field string) (*docIndex, error) {
	if len(spec.Fields) == 0 || len(spec.Fields) > maxIndexFields {
		return nil, invalid(field+".fields", "an index has 1 to %d fields", maxIndexFields)
	}
	fields, err := parsePaths(field+".fields", spec.Fields)
	if err != nil {
		return nil, err
	}
	for i, p := range fields {
		if strings.HasPrefix(spec.Fields[i], "-") {
			return nil, invalid(field+".fields", "an index has no direction: it is read both ways, so write %q without the hyphen", p)
		}
		if slices.ContainsFunc(fields[:i], p.equal) {
			return nil, invalid(field+".fields", "%s is named twice", p)
		}
	}
	name := spec.Name
	if name == "" {
		name = strings.Join(spec.Fields, "_")
	}
	return &docIndex{name: name, fields: fields, unique: spec.Unique, sparse: spec.Sparse}, checkText(field+".name", name, 200)
}

func (m collectionSet) apply(t *tx) (Result, error) {
	app, err := t.inApp()
	if err != nil {
		return Result{}, err
	}
	c, err := t.collection(app, m.Collection)
	if err != nil {
		return Result{}, err
	}
	var have uint64
	if c != nil {
		have = c.version
	}
	if m.IfVersion != nil && *m.IfVersion != have {
		return Result{}, mismatch(fmt.Sprintf("collection %q", m.Collection), *m.IfVersion, have)
	}
	created := c == nil
	if created {
		if app, c, err = t.makeCollection(m.Collection); err != nil {
			return Result{}, err
		}
	} else if err := t.keepCollection(app, c.name, beforeSettings(c), t.version); err != nil {
		return Result{}, err
	} else if err := t.logNamed(app, changeCollectionSet, m.Collection, ""); err != nil {
		return Result{}, err
	}
	delete(app.collections, m.Collection) // read anew, after all is in the tables
	if err := t.configure(c, m); err != nil {
		return Result{}, err
	}
	return Result{Version: t.version, Created: created}, nil
}

func (t *tx) configure(c *collection, m collectionSet) error {
	schema, texts, built, history := c.schema, c.texts, c.textBuilt, c.history
	if m.History != nil {
		history = int64(*m.History)
	}
	if m.Schema != nil {
		schema = m.schema
	}
	if m.Text != nil && !slices.Equal(pathNames(m.texts), pathNames(c.texts)) {
		if texts, built = m.texts, nil; texts != nil {
			built = new(string)
		}
		if err := t.changeText(c, texts != nil); err != nil {
			return err
		}
	}
	var textNames driver.Value
	if texts != nil {
		textNames = namesJSON(pathNames(texts))
	}
	if _, err := t.write(t.docs.change, int64(t.version), t.now, bytesOrNull(schema), textNames, textOrNull(built), history, c.id); err != nil {
		return err
	}
	if m.Indexes != nil {
		if err := t.changeIndexes(c, m.indexes); err != nil {
			return err
		}
	}
	if err := t.catalogueChanged(); err != nil {
		return err
	}
	return t.buildSmall(c.id)
}

func (t *tx) changeText(c *collection, wanted bool) error {
	if c.texts != nil {
		t.wrote = true
		if err := t.dropText(c.id); err != nil {
			return err
		}
	}
	if wanted {
		return t.createText(c.id)
	}
	return nil
}

// changeIndexes drops what is not wanted any more and adds what is new.
func (t *tx) changeIndexes(c *collection, wanted []*docIndex) error {
	for _, old := range c.indexes {
		if !slices.ContainsFunc(wanted, old.same) {
			if _, err := t.write(t.docs.dropIndex, old.id); err != nil {
				return err
			}
			if _, err := t.write(t.docs.goneIndex, old.id); err != nil {
				return err
			}
			t.retain.hurry()
		}
	}
	for _, x := range wanted {
		if slices.ContainsFunc(c.indexes, x.same) {
			continue
		}
		t.wrote = true
		_, _, err := t.docs.addIndex.one(c.id, x.name, namesJSON(x.names()), boolInt(x.unique), boolInt(x.sparse), "")
		if err != nil {
			return err
		}
	}
	return nil
}

// same reports whether two declarations mean one index. One that has failed is
// made anew.
func (x *docIndex) same(y *docIndex) bool {
	return x.name == y.name && x.unique == y.unique && x.sparse == y.sparse && slices.Equal(x.names(), y.names()) &&
		x.failed == "" && y.failed == ""
}

func namesJSON(names []string) string {
	text, err := json.Marshal(names)
	if err != nil {
		return "[]" // strings have no error
	}
	return string(text)
}

func textOrNull(s *string) driver.Value {
	if s == nil {
		return nil
	}
	return *s
}

func (m CollectionDelete) prepare(in *intake) (step, error) {
	in.bytes += mutationBytes + int64(len(m.Collection))
	return m, checkCollection("collection", m.Collection)
}

// apply removes the collection itself, as AppDelete does an app.
func (m CollectionDelete) apply(t *tx) (Result, error) {
	app, c, err := t.mustCollection(m.Collection)
	if err != nil {
		return Result{}, err
	}
	if m.IfVersion != nil && *m.IfVersion != c.version {
		return Result{}, mismatch(fmt.Sprintf("collection %q", m.Collection), *m.IfVersion, c.version)
	}
	return Result{Deleted: true}, t.dropCollection(app, c)
}
