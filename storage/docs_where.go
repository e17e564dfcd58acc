package storage

import (
	"context"
	"encoding/json"
	"fmt"
)

// A write by a filter is one batch, and the writer looks for what matches: a
// reader's answer could be old. So it looks at little: what an index gives, or
// a small collection.
const (
	MaxWhereDocs  = 10_000
	MaxWhereBytes = 8 << 20
)

// where is the filter of a write, made ready.
type where struct {
	collection string
	filter     *filter
	order      order
}

func (in *intake) where(collection string, filter json.RawMessage, all bool, sort []string) (where, error) {
	in.bytes += mutationBytes + int64(len(collection)+len(filter))
	in.isolate = true // it can fail at its second document
	w := where{collection: collection}
	err := checkCollection("collection", collection)
	if err == nil {
		w.filter, err = compileFilter(filter)
	}
	if err == nil {
		w.order, err = compileSort(sort)
	}
	switch {
	case err != nil:
		return w, err
	case w.filter.any && !all:
		return w, invalid("filter", "the filter is empty, which means every document: say all: true if that is meant")
	case !w.filter.any && all:
		return w, invalid("all", "all: true goes without a filter")
	}
	return w, nil
}

// matches returns the documents that a write is about, with limit the first of
// them in the order.
func (t *tx) matches(c *collection, w where, limit int) ([]candidate, error) {
	q := &query{collection: c, filter: w.filter, order: w.order, plan: c.planOf(w.filter, w.order)}
	if err := t.guard(q, limit); err != nil {
		return nil, err
	}
	if limit > 0 {
		list, _, err := t.docs.scanner.first(context.Background(), q, limit)
		return list, err
	}
	var list []candidate
	bytes := 0
	q.found = func(k candidate, _ *value) (bool, error) {
		if bytes += len(k.body); len(list) == MaxWhereDocs || bytes > MaxWhereBytes {
			e := tooLarge("filter", "over %d documents or %d MiB of %q match: change them in parts, as by ranges of id", MaxWhereDocs, MaxWhereBytes>>20, c.name)
			return false, e
		}
		list = append(list, k)
		return true, nil
	}
	return list, t.docs.scanner.run(context.Background(), q)
}

// guard refuses a write that would hold up every other for a scan.
func (t *tx) guard(q *query, limit int) error {
	if q.plan.bounded() || limit > 0 && q.plan.ordered && q.filter.any {
		return nil
	}
	row, _, err := t.docs.scanner.countUpTo.one(q.collection.id, int64(MaxUnindexed+1))
	if err != nil || asInt(row[0]) <= MaxUnindexed {
		return err
	}
	e := tooLarge("filter", "collection %q has over %d documents, and no index serves this filter%s", q.collection.name, MaxUnindexed, q.missingIndex())
	e.Kind = KindIndexNeeded
	return e
}

func (k candidate) stored() *storedDoc {
	return &storedDoc{row: k.id, name: k.at.Name, body: k.body, version: k.version}
}

type docUpdateWhere struct {
	where
	update *update
	limit  int
	before bool
}

func (m DocUpdateWhere) prepare(in *intake) (step, error) {
	in.bytes += int64(len(m.Update))
	if len(m.Sort) > 0 && !m.First {
		return nil, invalid("sort", "an order matters only to the first document")
	}
	w, err := in.where(m.Collection, m.Filter, m.All, m.Sort)
	if err != nil {
		return nil, err
	}
	s := docUpdateWhere{where: w, before: m.Before, limit: int(boolInt(m.First))}
	s.update, err = compileUpdate(m.Update)
	return s, err
}

func (m docUpdateWhere) apply(t *tx) (Result, error) {
	app, c, err := t.mustCollection(m.collection)
	if err != nil {
		return Result{}, err
	}
	list, err := t.matches(c, m.where, m.limit)
	if err != nil {
		return Result{}, err
	}
	sum := Result{Count: int64(len(list))}
	for _, k := range list {
		r, changed, err := t.updateDoc(app, c, k.stored(), m.update)
		if err != nil {
			return Result{}, about(k.at.Name, err)
		}
		if changed {
			sum.Changed++
		}
		if sum.Version = max(sum.Version, r.Version); m.limit == 1 {
			sum.Value = r.Value
			if m.before {
				sum.Value = k.body
			}
		}
	}
	return sum, nil
}

// about says which of many documents an error is about.
func about(id string, err error) error {
	e, ok := err.(*Error)
	if !ok { // nil too
		return err
	}
	c := *e
	c.Message = fmt.Sprintf("document %q: %s", id, e.Message)
	return &c
}

type docDeleteWhere struct{ where }

func (m DocDeleteWhere) prepare(in *intake) (step, error) {
	w, err := in.where(m.Collection, m.Filter, m.All, nil)
	return docDeleteWhere{w}, err
}

func (m docDeleteWhere) apply(t *tx) (Result, error) {
	app, c, err := t.mustCollection(m.collection)
	if err != nil {
		return Result{}, err
	}
	list, err := t.matches(c, m.where, 0)
	if err != nil {
		return Result{}, err
	}
	for _, k := range list {
		if err := t.erase(app, c, k.stored()); err != nil {
			return Result{}, err
		}
	}
	return Result{Deleted: len(list) > 0, Count: int64(len(list)), Unkept: t.unkept()}, nil
}

type docUpsert struct {
	where
	update *update
	base   value
	id     string
}

func (m DocUpsert) prepare(in *intake) (step, error) {
	in.bytes += int64(len(m.Update) + len(m.Insert) + len(m.NewID))
	w, err := in.where(m.Collection, m.Filter, false, nil)
	if err != nil {
		return nil, err
	}
	s := docUpsert{where: w, base: value{kind: kindObject}}
	if s.update, err = compileUpdate(m.Update); err != nil {
		return nil, err
	}
	if m.Insert != nil {
		if s.base, err = parseValue("insert", m.Insert); err != nil {
			return nil, err
		}
		if s.base.kind != kindObject {
			return nil, invalid("insert", "a document is an object, not %s", article(s.base.kind))
		}
		if err := checkNames("insert", &s.base); err != nil {
			return nil, err
		}
	}
	if err := s.fill(); err != nil {
		return nil, err
	}
	s.id = m.NewID
	if id := s.base.field("id"); id != nil {
		if id.kind != kindString {
			return nil, invalid("insert.id", "an id is a string, not %s", article(id.kind))
		}
		s.id = id.text
	}
	return s, checkDocID("insert.id", s.id)
}

// fill puts into the new document what the filter says is equal.
func (m *docUpsert) fill() error {
	for _, b := range bounds(m.filter.root, nil) {
		if len(b.points) != 1 || b.path.find(&m.base) != nil {
			continue
		}
		at, _, err := (&docChange{field: "filter." + b.path.String(), path: b.path}).place(&m.base)
		if err != nil {
			return err
		}
		*at = b.points[0].clone()
	}
	return nil
}

func (m docUpsert) apply(t *tx) (Result, error) {
	app, c, err := t.makeCollection(m.collection)
	if err != nil {
		return Result{}, err
	}
	list, err := t.matches(c, m.where, 1)
	if err != nil {
		return Result{}, err
	}
	if len(list) > 0 {
		r, changed, err := t.updateDoc(app, c, list[0].stored(), m.update)
		r.Count, r.Changed = 1, boolInt(changed)
		return r, err
	}
	doc := m.base.clone()
	if err := m.update.apply(&doc, t.at); err != nil {
		return Result{}, err
	}
	if err := identify("insert.id", &doc, m.id); err != nil {
		return Result{}, err
	}
	body, err := bodyOf("insert", &doc)
	if err != nil {
		return Result{}, err
	}
	old, err := t.stored(c, m.id)
	if err != nil {
		return Result{}, err
	}
	if old != nil {
		return Result{}, docExists(m.collection, m.id, old.version)
	}
	err = t.store(app, c, nil, m.id, &doc, body, changeDocInsert)
	return Result{Version: t.version, Created: true, Value: body}, err
}
