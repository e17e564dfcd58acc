package storage

import (
	"context"
	"database/sql/driver"
)

// DocPlan says how a query is carried out.
type DocPlan struct {
	Plan     string   // ids, index, text or scan
	Index    string   // the index that is used
	Fields   []string // its fields
	Spans    int      // ranges of the index that are read
	Sorted   bool     // what is read comes in the order asked for; else it is sorted in memory
	Examined int      // documents that a page reads, at most MaxExamined
	Returned int      // of those, how many are answered
	Enough   bool     // the query stays within MaxExamined
	Wanted   []string // the fields of an index that would serve it, when none does
	SQLite   []string // SQLite's own plan of the statement
}

// DocExplain carries out a query and says how.
func (db *DB) DocExplain(ctx context.Context, app string, dq DocQuery) (out DocPlan, err error) {
	s, err := dq.compile()
	if err != nil {
		return DocPlan{}, err
	}
	err = db.readers.page(ctx, func(ctx context.Context, r *reader, _ int64) error {
		c, err := r.collection(app, s.collection)
		if err != nil {
			return err
		}
		q := s.on(c)
		list, _, err := r.docs.scanner.first(ctx, q, s.limit)
		if err != nil && !(q.examined > MaxExamined && KindOf(err) == KindIndexNeeded) {
			return err
		}
		out = q.explain()
		out.Returned, out.Enough = len(list), err == nil
		out.SQLite, err = r.conn.planOf(ctx, r.docs.scanner.statement(q).text)
		return err
	})
	return out, err
}

func (q *query) explain() DocPlan {
	out := DocPlan{Plan: "scan", Sorted: q.plan.ordered, Examined: min(q.examined, MaxExamined)}
	switch {
	case q.plan.text:
		out.Plan = "text"
	case q.plan.byIDs:
		out.Plan = "ids"
	case q.plan.index != nil:
		out.Plan, out.Index, out.Fields, out.Spans = "index", q.plan.index.name, q.plan.index.names(), len(q.plan.spans)
	}
	if !q.plan.bounded() && !(q.filter.any && q.plan.ordered) {
		out.Wanted = q.filter.wanted(q.order)
	}
	return out
}

// statement is the one that reads what the plan says.
func (s *docScanner) statement(q *query) *stmt {
	back := q.order.backwards() && q.plan.ordered
	switch {
	case q.plan.text:
		return s.byRow
	case q.plan.byIDs:
		return s.get
	case q.plan.index != nil && back:
		return s.entriesBack
	case q.plan.index != nil:
		return s.entries
	case back:
		return s.scanBack
	}
	return s.scan
}

// planOf asks SQLite how it carries out a statement.
func (c *conn) planOf(ctx context.Context, text string) (lines []string, err error) {
	s, err := c.temporary("EXPLAIN QUERY PLAN " + text)
	if err != nil {
		return nil, err
	}
	args := make([]driver.Value, countParameters(text))
	err = s.each(ctx, func(row []driver.Value) error {
		lines = append(lines, asText(row[3]))
		return nil
	}, args...)
	if e := s.close(); err == nil {
		err = e
	}
	return lines, err
}

func countParameters(text string) (n int) {
	for _, r := range text {
		if r == '?' {
			n++
		}
	}
	return n
}
