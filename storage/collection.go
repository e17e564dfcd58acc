package storage

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Collections and what belongs to them: the catalogue. Readers remember it as
// long as the number in meta stays; the writer keeps it with the app's state,
// which a rollback forgets.

const sqlCatalogue = `SELECT value FROM meta WHERE name = 'catalogue'`

// collection is one collection with its indexes, as the catalogue has it.
type collection struct {
	id        int64
	name      string
	version   uint64
	createdAt int64
	updatedAt int64
	schema    []byte
	texts     []path  // of its full-text index, nil = none
	textBuilt *string // nil = complete
	history   int64   // days that what a write replaces is kept, 0 = not
	indexes   []*docIndex
}

// docIndex is a declared index.
type docIndex struct {
	id     int64
	name   string
	fields []path
	unique bool
	sparse bool
	many   bool    // it holds a document with an array
	built  *string // the id of the document up to which it is built, nil = complete
	failed string
}

func (x *docIndex) ready() bool { return x.built == nil && x.failed == "" }

func (x *docIndex) names() []string { return pathNames(x.fields) }

func pathNames(paths []path) []string {
	names := make([]string, len(paths))
	for i, p := range paths {
		names[i] = p.String()
	}
	return names
}

// covers reports whether the document of this id is in the index by now.
func covers(built *string, id string) bool { return built == nil || id <= *built }

// maxIndexEntries bounds what one document adds to one index.
const maxIndexEntries = 1000

// keys are a document's rows in the index: each combination of what its fields
// find.
func (x *docIndex) keys(doc *value) (keys [][]byte, many bool, err error) {
	keys = [][]byte{nil}
	missing := true
	for _, p := range x.fields {
		found, array := fieldKeys(doc, p)
		many = many || array
		missing = missing && !p.each(doc, func(v *value) bool { return v != nil })
		if len(found)*len(keys) > maxIndexEntries {
			return nil, false, tooLarge("doc", "index %q would have over %d entries of this document", x.name, maxIndexEntries)
		}
		longer := make([][]byte, 0, len(found)*len(keys))
		for _, k := range keys {
			for _, f := range found {
				longer = append(longer, append(slices.Clip(k), f...))
			}
		}
		keys = longer
	}
	for _, k := range keys {
		if len(k) > MaxIndexKey {
			return nil, false, tooLarge("doc", "index %q takes values of up to %d bytes, and %v of this document is longer: index another field, or use full text", x.name, MaxIndexKey, x.names())
		}
	}
	if x.sparse && missing {
		return nil, many, nil
	}
	return keys, many, nil
}

// catalogue reads collections, on a reader or the writer.
type catalogue struct {
	byName, indexes, list *stmt
}

const collectionColumns = `SELECT id, name, version, created_at, updated_at, schema, texts, text_built, history FROM collection `

func newCatalogue(p *preparer) catalogue {
	return catalogue{
		byName:  p.stmt(collectionColumns + `WHERE app = ? AND name = ?`),
		indexes: p.stmt(`SELECT id, name, fields, one, sparse, many, built, failed FROM collection_index WHERE collection = ? ORDER BY name`),
		list:    p.stmt(collectionColumns + `WHERE app = ? AND name > ? ORDER BY name LIMIT ?`),
	}
}

// load returns a collection, nil when there is none.
func (k *catalogue) load(app int64, name string) (*collection, error) {
	row, ok, err := k.byName.one(app, name)
	if err != nil || !ok {
		return nil, err
	}
	return k.complete(row)
}

func (k *catalogue) complete(row []driver.Value) (*collection, error) {
	c := &collection{
		id: asInt(row[0]), name: asText(row[1]), version: uint64(asInt(row[2])), createdAt: asInt(row[3]), updatedAt: asInt(row[4]),
		schema: asBytes(row[5]), textBuilt: textOrNil(row[7]), history: asInt(row[8]),
	}
	var err error
	if c.texts, err = storedPaths(asText(row[6])); err != nil {
		return nil, err
	}
	err = k.indexes.all(func(row []driver.Value) error {
		fields, err := storedPaths(asText(row[2]))
		c.indexes = append(c.indexes, &docIndex{
			id: asInt(row[0]), name: asText(row[1]), fields: fields, unique: asInt(row[3]) != 0, sparse: asInt(row[4]) != 0,
			many: asInt(row[5]) != 0, built: textOrNil(row[6]), failed: asText(row[7]),
		})
		return err
	}, c.id)
	return c, err
}

func textOrNil(v driver.Value) *string {
	if s, ok := v.(string); ok {
		return &s
	}
	return nil
}

func storedPaths(text string) ([]path, error) {
	if text == "" {
		return nil, nil
	}
	var names []string
	if err := json.Unmarshal([]byte(text), &names); err != nil {
		return nil, err
	}
	return parsePaths("fields", names)
}

func parsePaths(field string, names []string) ([]path, error) {
	var list []path
	for i, name := range names {
		p, err := parsePath(fmt.Sprintf("%s[%d]", field, i), name)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

func collectionNotFound(app, name string) *Error {
	return &Error{Kind: KindCollectionNotFound, Field: "collection", Index: -1, Message: fmt.Sprintf("no collection %q in app %q", name, app)}
}

// checkCollection holds a collection's name to what stands in a path as it is.
func checkCollection(field, name string) error {
	ok := name != "" && len(name) <= maxCollectionBytes
	for i := 0; ok && i < len(name); i++ {
		c := name[i]
		ok = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || i > 0 && (c >= '0' && c <= '9' || c == '-')
	}
	if !ok {
		return invalid(field, "%q is no name of a collection: use 1 to %d of a–z, A–Z, 0–9, _ and -, beginning with a letter or _", clip(name, 80), maxCollectionBytes)
	}
	return nil
}

const maxCollectionBytes = 64

// CollectionInfo describes a collection.
type CollectionInfo struct {
	Name      string
	Version   uint64
	CreatedAt time.Time
	UpdatedAt time.Time
	Schema    json.RawMessage // nil = none
	Text      []string        // the paths in its full-text index
	TextReady bool
	Indexes   []IndexInfo
	History   int   // days that what a write replaces is kept for Undo, 0 = not
	Count     int64 // its documents
}

// IndexInfo describes an index. One that is not ready is not used.
type IndexInfo struct {
	Name   string
	Fields []string
	Unique bool
	Sparse bool
	Ready  bool
	Failed string // why it can not be built
}

func (c *collection) info() CollectionInfo {
	info := CollectionInfo{
		Name: c.name, Version: c.version, CreatedAt: time.UnixMilli(c.createdAt), UpdatedAt: time.UnixMilli(c.updatedAt),
		Schema: c.schema, Text: pathNames(c.texts), TextReady: c.texts != nil && c.textBuilt == nil, History: int(c.history),
	}
	for _, x := range c.indexes {
		info.Indexes = append(info.Indexes, IndexInfo{
			Name: x.name, Fields: x.names(), Unique: x.unique, Sparse: x.sparse, Ready: x.ready(), Failed: x.failed,
		})
	}
	return info
}
