package storage

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
)

// DocQuery selects documents of a collection.
type DocQuery struct {
	Collection string
	Filter     json.RawMessage // MongoDB's; nil = all
	Sort       []string        // paths, a hyphen before one means descending; nil = by id, or by rank with $text
	Fields     []string        // keep only these, or drop them when each has a hyphen; nil = the whole document
	Limit      int             // 1 to MaxPage, 0 = DefaultPage
	Cursor     string          // as the page before gave it
}

// Doc is one document; its id is the first member of the body.
type Doc struct {
	ID      string
	Body    json.RawMessage
	Version uint64
	Rank    float64 // with $text: how well it fits, more is better
}

// docReader is what a reader knows of documents.
type docReader struct {
	generation *stmt
	appID      *stmt
	gone       *stmt
	catalogue  catalogue
	scanner    docScanner

	known   map[string]*collection // by app and name, of one generation
	knownAt int64
}

// maxKnownCollections bounds what a connection remembers.
const maxKnownCollections = 2000

func newDocReader(p *preparer) docReader {
	return docReader{
		generation: p.stmt(sqlCatalogue), appID: p.stmt(`SELECT id FROM app WHERE name = ?`),
		gone: p.stmt(sqlGoneCollections), catalogue: newCatalogue(p), scanner: newDocScanner(p), known: map[string]*collection{},
	}
}

// collection finds a collection inside a read transaction.
func (r *reader) collection(app, name string) (*collection, error) {
	d := &r.docs
	row, _, err := d.generation.one()
	if err != nil {
		return nil, err
	}
	if at := asInt(row[0]); at != d.knownAt || len(d.known) > maxKnownCollections {
		clear(d.known)
		d.knownAt = at
	}
	key := app + "/" + name // neither has a slash
	if c := d.known[key]; c != nil {
		return c, nil
	}
	row, ok, err := d.appID.one(app)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, appNotFound(app)
	}
	c, err := d.catalogue.load(asInt(row[0]), name)
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, collectionNotFound(app, name)
	}
	d.known[key] = c
	return c, nil
}

// DocGet returns one document, or KindDocNotFound, KindCollectionNotFound,
// KindAppNotFound.
func (db *DB) DocGet(ctx context.Context, app, name, id string) (Doc, error) {
	if err := checkCollection("collection", name); err != nil {
		return Doc{}, err
	}
	if err := checkDocID("id", id); err != nil {
		return Doc{}, err
	}
	var d Doc
	err := db.readers.page(ctx, func(_ context.Context, r *reader, _ int64) error {
		c, err := r.collection(app, name)
		if err != nil {
			return err
		}
		row, ok, err := r.docs.scanner.get.one(c.id, id)
		if err != nil {
			return err
		}
		if !ok {
			return docNotFound(name, id)
		}
		d = Doc{ID: id, Body: asBytes(row[2]), Version: uint64(asInt(row[3]))}
		return nil
	})
	return d, err
}

func docNotFound(collection, id string) *Error {
	return &Error{Kind: KindDocNotFound, Field: "id", Index: -1, Message: fmt.Sprintf("no document %q in collection %q", id, collection)}
}

// search is a DocQuery made ready.
type search struct {
	collection string
	filter     *filter
	order      order
	fields     *projection
	after      *position
	limit      int
}

func (q DocQuery) compile() (*search, error) {
	s := &search{collection: q.Collection}
	err := checkCollection("collection", q.Collection)
	if err == nil {
		s.filter, err = compileFilter(q.Filter)
	}
	if err == nil {
		s.order, err = compileSort(q.Sort)
	}
	if err == nil {
		s.fields, err = compileProjection(q.Fields)
	}
	if err == nil {
		s.after, err = s.order.openPosition(q.Cursor)
	}
	if err == nil {
		s.limit, err = pageLimit(q.Limit)
	}
	return s, err
}

// on plans the search for a collection.
func (s *search) on(c *collection) *query {
	q := &query{collection: c, filter: s.filter, order: s.order, after: s.after, plan: c.planOf(s.filter, s.order)}
	q.partial = q.plan.ordered
	return q
}

// DocFind returns one page of documents and the cursor of the next, "" at the
// end. A page ends early over MaxPageBytes, and after MaxExamined documents
// where the order allows; where it does not, that is KindIndexNeeded.
//
// A cursor is a place in the order: documents that come or go meanwhile neither
// repeat nor hide others.
func (db *DB) DocFind(ctx context.Context, app string, dq DocQuery) (page []Doc, next string, err error) {
	s, err := dq.compile()
	if err != nil {
		return nil, "", err
	}
	err = db.readers.page(ctx, func(ctx context.Context, r *reader, _ int64) error {
		c, err := r.collection(app, s.collection)
		if err != nil {
			return err
		}
		list, more, err := r.docs.scanner.first(ctx, s.on(c), s.limit)
		page, next = s.page(list, more)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	return page, next, nil
}

// first returns the first documents of a query, in order, and the place where
// it goes on, nil at the end.
func (s *docScanner) first(ctx context.Context, q *query, limit int) (list []candidate, more *position, err error) {
	if q.plan.ordered {
		bytes := 0
		q.found = func(c candidate, _ *value) (bool, error) {
			if len(list) == limit || bytes > MaxPageBytes {
				more = &list[len(list)-1].at
				return false, nil
			}
			bytes += len(c.body)
			list = append(list, c)
			return true, nil
		}
		err = s.run(ctx, q)
		if more == nil {
			more = q.stoppedAt
		}
		return list, more, err
	}
	top := &best{order: q.order, n: limit + 1}
	q.found = func(c candidate, _ *value) (bool, error) {
		top.offer(c)
		return true, nil
	}
	if err := s.run(ctx, q); err != nil {
		return nil, nil, err
	}
	list = top.sorted()
	bytes := 0
	for i := range list {
		if i == limit || bytes > MaxPageBytes {
			return list[:i], &list[i-1].at, nil
		}
		bytes += len(list[i].body)
	}
	return list, nil, nil
}

func (s *search) page(list []candidate, more *position) (page []Doc, next string) {
	page = make([]Doc, len(list))
	for i, c := range list {
		page[i] = Doc{ID: c.at.Name, Body: s.fields.apply(c.body), Version: c.version, Rank: -c.at.Score}
	}
	if more != nil {
		next = more.cursor()
	}
	return page, next
}

// DocCount counts documents that match. KindIndexNeeded when that means to look
// at more than MaxExamined.
func (db *DB) DocCount(ctx context.Context, app, name string, filter json.RawMessage) (n int64, err error) {
	s, err := DocQuery{Collection: name, Filter: filter}.compile()
	if err != nil {
		return 0, err
	}
	err = db.readers.page(ctx, func(ctx context.Context, r *reader, _ int64) error {
		c, err := r.collection(app, name)
		if err != nil {
			return err
		}
		if s.filter.any {
			return r.docs.scanner.countAll.each(ctx, func(row []driver.Value) error {
				n = asInt(row[0])
				return nil
			}, c.id)
		}
		return r.docs.scanner.every(ctx, s.on(c), func(*value) error { n++; return nil })
	})
	return n, err
}

// every calls fn with all that match, in no order.
func (s *docScanner) every(ctx context.Context, q *query, fn func(*value) error) error {
	q.partial = false
	q.found = func(_ candidate, doc *value) (bool, error) { return true, fn(doc) }
	return s.run(ctx, q)
}

// maxDistinct bounds the values that one DocDistinct answers.
const maxDistinct = 10_000

// DocDistinct returns the different values of a path, in order; an array counts
// as its elements.
func (db *DB) DocDistinct(ctx context.Context, app, name, field string, filter json.RawMessage) (values []json.RawMessage, err error) {
	p, err := parsePath("field", field)
	if err != nil {
		return nil, err
	}
	s, err := DocQuery{Collection: name, Filter: filter}.compile()
	if err != nil {
		return nil, err
	}
	set := newDistinct()
	err = db.readers.page(ctx, func(ctx context.Context, r *reader, _ int64) error {
		c, err := r.collection(app, name)
		if err != nil {
			return err
		}
		return r.docs.scanner.every(ctx, s.on(c), func(doc *value) error {
			p.each(doc, func(v *value) bool {
				set.add(v)
				return false
			})
			if len(set.values) > maxDistinct || set.bytes > MaxPageBytes {
				return tooLarge("field", "%s has over %d different values: narrow the filter, or page through doc_find", p, maxDistinct)
			}
			return nil
		})
	})
	return set.sorted(), err
}
