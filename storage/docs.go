package storage

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/oklog/ulid/v2"
)

// MaxDocIDBytes bounds the id of a document.
const MaxDocIDBytes = 256

// DocInsert adds a document, and its collection when there is none. KindExists
// when the id is taken.
type DocInsert struct {
	Collection string
	ID         string // "" = the one in Doc; see DB.NewDocID
	Doc        json.RawMessage
}

// DocReplace stores a whole document under an id, whether or not it is there.
type DocReplace struct {
	Collection string
	ID         string
	Doc        json.RawMessage
	IfVersion  *uint64 // nil = any; 0 = must not exist
}

// DocUpdate changes fields of one document. One that changes nothing keeps its
// version.
type DocUpdate struct {
	Collection string
	ID         string
	Update     json.RawMessage
	IfVersion  *uint64
}

// DocDelete removes a document. A missing one is no error.
type DocDelete struct {
	Collection string
	ID         string
	IfVersion  *uint64
}

// DocUpsert changes the first document that matches, or inserts one: made of
// Insert, what the filter says is equal, and the update.
type DocUpsert struct {
	Collection string
	Filter     json.RawMessage
	Update     json.RawMessage
	Insert     json.RawMessage // nil = empty
	NewID      string          // of the new document, when neither Insert nor Filter has one
}

// DocUpdateWhere changes every document that matches, or with First only the
// first in an order. Without a filter All must be said.
type DocUpdateWhere struct {
	Collection string
	Filter     json.RawMessage
	Update     json.RawMessage
	All        bool
	First      bool
	Sort       []string // with First
	Before     bool     // with First: Result.Value is the document as it was
}

// DocDeleteWhere removes every document that matches.
type DocDeleteWhere struct {
	Collection string
	Filter     json.RawMessage
	All        bool
}

// CheckDoc holds when the document is at Version; 0 means that it must not
// exist.
type CheckDoc struct {
	Collection string
	ID         string
	Version    uint64
}

func (CheckDoc) check()          {}
func (DocInsert) mutation()      {}
func (DocReplace) mutation()     {}
func (DocUpdate) mutation()      {}
func (DocDelete) mutation()      {}
func (DocUpsert) mutation()      {}
func (DocUpdateWhere) mutation() {}
func (DocDeleteWhere) mutation() {}

// docIDs makes ids that sort by time, also within a millisecond.
type docIDs struct {
	mu      sync.Mutex
	entropy *ulid.MonotonicEntropy
}

func newDocIDs(random io.Reader) *docIDs { return &docIDs{entropy: ulid.Monotonic(random, 0)} }

func (d *docIDs) next(now time.Time) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	id, err := ulid.New(ulid.Timestamp(now), d.entropy)
	return id.String(), err
}

// NewDocID returns an id for a new document: a ULID.
func (db *DB) NewDocID() (string, error) { return db.docIDs.next(db.now()) }

func checkDocID(field, id string) error {
	switch {
	case id == "":
		return invalid(field, "the id is empty: use 1 to %d bytes of UTF-8", MaxDocIDBytes)
	case len(id) > MaxDocIDBytes:
		return tooLarge(field, "an id of %d bytes is too long: at most %d", len(id), MaxDocIDBytes)
	case !utf8.ValidString(id) || strings.IndexByte(id, 0) >= 0:
		return invalid(field, "the id %q is not valid UTF-8 without U+0000", id)
	}
	return nil
}

// readDoc reads a document and puts its id first.
func readDoc(field, id string, raw json.RawMessage) (doc value, name string, err error) {
	if doc, err = parseValue(field, raw); err != nil {
		return value{}, "", err
	}
	if doc.kind != kindObject {
		return value{}, "", invalid(field, "a document is an object, not %s", article(doc.kind))
	}
	if err := checkNames(field, &doc); err != nil {
		return value{}, "", err
	}
	if given := doc.field("id"); given != nil {
		switch {
		case given.kind != kindString:
			return value{}, "", invalid(field+".id", "an id is a string, not %s", article(given.kind))
		case id != "" && id != given.text:
			return value{}, "", invalid(field+".id", "the document says id %q, and %q was named", clip(given.text, 80), clip(id, 80))
		}
		id = given.text
	}
	return doc, id, identify(field+".id", &doc, id)
}

// identify makes the id the first member.
func identify(field string, doc *value, id string) error {
	if err := checkDocID(field, id); err != nil {
		return err
	}
	if len(doc.names) == 0 || doc.names[0] != "id" {
		doc.unset("id")
		doc.names = append([]string{"id"}, doc.names...)
		doc.list = append([]value{{}}, doc.list...)
	}
	doc.list[0] = stringValue(id)
	return nil
}

// bodyOf is what is stored of a document.
func bodyOf(field string, doc *value) ([]byte, error) {
	body := doc.json()
	if len(body) > MaxValueBytes {
		return nil, tooLarge(field, "a document of %d bytes is too large: at most %d; large content belongs in blobs", len(body), MaxValueBytes)
	}
	return body, nil
}

// docStep is a mutation of one document, made ready.
type docStep struct {
	collection string
	id         string
	doc        value
	body       []byte
}

func (in *intake) doc(collection, id string, raw json.RawMessage) (docStep, error) {
	if err := checkCollection("collection", collection); err != nil {
		return docStep{}, err
	}
	doc, name, err := readDoc("doc", id, raw)
	if err != nil {
		return docStep{}, err
	}
	body, err := bodyOf("doc", &doc)
	in.bytes += mutationBytes + int64(len(collection)+len(name)+len(body))
	return docStep{collection, name, doc, body}, err
}

func (in *intake) docName(collection, id string) error {
	in.bytes += mutationBytes + int64(len(collection)+len(id))
	if err := checkCollection("collection", collection); err != nil {
		return err
	}
	return checkDocID("id", id)
}

func docExists(collection, id string, version uint64) *Error {
	return &Error{
		Kind: KindExists, Field: "doc.id", Index: -1, CurrentVersion: version,
		Message: fmt.Sprintf("collection %q has a document %q, at version %d", collection, id, version),
	}
}
