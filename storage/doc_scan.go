package storage

import (
	"bytes"
	"cmp"
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"
)

// docScanner reads documents, on a reader or on the writer.
type docScanner struct {
	conn                 *conn
	get, byRow           *stmt
	scan, scanBack       *stmt
	entries, entriesBack *stmt
	countAll, countUpTo  *stmt
}

func newDocScanner(p *preparer) docScanner {
	const (
		columns = `SELECT id, name, body, version FROM doc WHERE `
		// CROSS JOIN keeps the order: entries first, each document by its row.
		entry = `SELECT d.id, e.name, d.body, d.version FROM doc_entry e CROSS JOIN doc d ON d.id = e.doc
			WHERE e.idx = ? AND e.key >= ? AND e.key < ? `
	)
	return docScanner{
		conn:        p.conn,
		get:         p.stmt(columns + `collection = ? AND name = ?`),
		byRow:       p.stmt(columns + `id = ? AND collection = ?`),
		scan:        p.stmt(columns + `collection = ? AND name > ? ORDER BY name`),
		scanBack:    p.stmt(columns + `collection = ? AND name < ? ORDER BY name DESC`),
		entries:     p.stmt(entry + `AND (e.key > ? OR e.name > ?) ORDER BY e.key, e.name`),
		entriesBack: p.stmt(entry + `AND (e.key < ? OR e.name < ?) ORDER BY e.key DESC, e.name DESC`),
		countAll:    p.stmt(`SELECT count(*) FROM doc WHERE collection = ?`),
		countUpTo:   p.stmt(`SELECT count(*) FROM (SELECT 1 FROM doc WHERE collection = ? LIMIT ?)`),
	}
}

// MaxExamined is how many documents one read looks at, and MaxUnindexed how
// many a collection may have for a write by a filter that no index serves.
const (
	MaxExamined  = 100_000
	MaxUnindexed = 10_000
)

// query is a compiled query with what it has cost so far.
type query struct {
	collection *collection
	filter     *filter
	order      order
	after      *position
	plan       *plan
	examined   int
	found      func(candidate, *value) (more bool, err error)
	partial    bool // stop where the bound is reached, instead of failing
	stoppedAt  *position
	seen       map[int64]bool
}

func (s *docScanner) run(ctx context.Context, q *query) error {
	if q.plan.index != nil && q.plan.index.many {
		q.seen = map[int64]bool{}
	}
	switch {
	case q.plan.text:
		return s.runText(ctx, q)
	case q.plan.byIDs:
		return s.runIDs(ctx, q)
	case q.plan.index != nil:
		return s.runIndex(ctx, q)
	}
	return s.runAll(ctx, q)
}

func (s *docScanner) runIDs(ctx context.Context, q *query) error {
	for _, id := range q.plan.ids {
		err := s.get.steps(ctx, q.row, q.collection.id, id)
		if err != nil {
			return ended(err)
		}
	}
	return nil
}

func (s *docScanner) runAll(ctx context.Context, q *query) error {
	st, from := s.scan, ""
	if q.order.backwards() && q.plan.ordered {
		st, from = s.scanBack, keyEnd
	}
	if q.after != nil && q.plan.ordered {
		from = q.after.Name
	}
	return ended(st.steps(ctx, q.row, q.collection.id, from))
}

func (s *docScanner) runIndex(ctx context.Context, q *query) error {
	back := q.order.backwards() && q.plan.ordered
	spans := q.plan.spans
	for _, sp := range spans {
		st, key, name := s.entries, []byte{}, ""
		if back {
			st, key, name = s.entriesBack, []byte{keyAfter}, keyEnd
		}
		if q.after != nil && q.plan.ordered {
			key, name = q.place(sp), q.after.Name
			if back {
				sp.high = append(slices.Clip(key), 0)
			} else if bytes.Compare(key, sp.low) > 0 {
				sp.low = key
			}
		}
		if err := st.steps(ctx, q.row, q.plan.index.id, sp.low, sp.high, key, name); err != nil {
			return ended(err)
		}
	}
	return nil
}

// place is the index key of the cursor's document: what the filter fixes, then
// what it is sorted by.
func (q *query) place(sp span) []byte {
	fixed := len(q.plan.index.fields) - len(q.after.Keys)
	key := slices.Clip(keyFields(sp.low, fixed))
	for _, k := range q.after.Keys {
		key = append(key, k...)
	}
	return key
}

// keyFields cuts a key behind its first n values.
func keyFields(key []byte, n int) []byte {
	at := 0
	for range n {
		at += keyLength(key[at:])
	}
	return key[:at]
}

// keyLength is how long the value's key at the beginning is.
func keyLength(key []byte) int {
	switch key[0] {
	case tagNumber:
		return 1 + 8 + 2
	case kindBool.tag():
		return 2
	case kindString.tag():
		return 1 + textLength(key[1:])
	case kindArray.tag(), kindObject.tag():
		n := 1
		for key[n] != tagEnd {
			if key[0] == kindObject.tag() {
				n += 1 + textLength(key[n+1:])
			}
			n += keyLength(key[n:])
		}
		return n + 1
	}
	return 1
}

func textLength(key []byte) int {
	for i := 0; ; i++ {
		if key[i] == 0 {
			if key[i+1] == 1 {
				return i + 2
			}
			i++
		}
	}
}

// ended is nil for a scan that was stopped by intent.
func ended(err error) error {
	if err == errStop {
		return nil
	}
	return err
}

// row tests one candidate.
func (q *query) row(row []driver.Value) error {
	c := candidate{id: asInt(row[0]), body: asBytes(row[2]), version: uint64(asInt(row[3]))}
	c.at.Name = asText(row[1])
	if q.seen != nil {
		if q.seen[c.id] {
			return nil
		}
		q.seen[c.id] = true
	}
	return q.test(c)
}

func (q *query) test(c candidate) error {
	if q.examined++; q.examined > MaxExamined && !q.partial {
		return q.tooMany()
	}
	doc := storedValue(c.body)
	matches := q.filter.root.match(&doc)
	byRank := q.plan.text && q.plan.ordered
	if !byRank && (matches || q.examined == MaxExamined) {
		c.at = q.order.position(&doc, c.at.Name)
	}
	if matches && (byRank || q.after == nil || q.order.compare(&c.at, q.after) > 0) {
		if more, err := q.found(c, &doc); err != nil || !more {
			return cmp.Or(err, errStop)
		}
	}
	if q.partial && q.examined == MaxExamined {
		q.stoppedAt = &c.at
		return errStop
	}
	return nil
}

func (q *query) tooMany() error {
	e := tooLarge("filter", "this would look at over %d documents of %q", MaxExamined, q.collection.name)
	e.Kind = KindIndexNeeded
	e.Message += q.missingIndex()
	return e
}

// missingIndex says in words which index to declare.
func (q *query) missingIndex() string {
	wanted := q.filter.wanted(q.order)
	if len(wanted) == 0 {
		return ": narrow the filter, or read page by page in the order of ids"
	}
	return fmt.Sprintf(": an index on [%s] is missing, or not specific enough", strings.Join(wanted, ", "))
}

// hit is one row of the full-text index.
type hit struct {
	row  int64
	rank float64
}

func (s *docScanner) runText(ctx context.Context, q *query) error {
	c := q.collection
	if c.texts == nil || c.textBuilt != nil {
		e := invalid("filter.$text", "collection %q has no full-text index", c.name)
		if c.texts != nil {
			e.Message += " yet: it is being built"
		}
		e.Kind = KindIndexNeeded
		return e
	}
	var hits []hit
	err := s.conn.query(ctx, fmt.Sprintf(`SELECT rowid, rank FROM doc_text_%d WHERE doc_text_%d MATCH ?`, c.id, c.id), func(row []driver.Value) error {
		if len(hits) == MaxExamined {
			return q.tooMany()
		}
		rank, _ := row[1].(float64)
		hits = append(hits, hit{asInt(row[0]), rank})
		return nil
	}, q.filter.text.match)
	if err != nil {
		return err
	}
	slices.SortFunc(hits, func(a, b hit) int { return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.row, b.row)) })
	for _, h := range hits {
		if q.plan.ordered && q.after != nil && cmp.Or(cmp.Compare(h.rank, q.after.Score), cmp.Compare(h.row, q.after.Row)) <= 0 {
			continue
		}
		err := s.byRow.steps(ctx, func(row []driver.Value) error {
			k := candidate{id: h.row, body: asBytes(row[2]), version: uint64(asInt(row[3]))}
			if k.at.Name = asText(row[1]); q.plan.ordered {
				k.at.Score, k.at.Row = h.rank, h.row
			}
			return q.test(k)
		}, h.row, c.id)
		if err != nil {
			return ended(err)
		}
	}
	return nil
}
