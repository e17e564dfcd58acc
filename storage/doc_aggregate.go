package storage

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Bounds of an aggregation: what it keeps in memory at once.
const (
	maxStages     = 20
	maxGroups     = 10_000
	maxSortedRows = 50_000
	maxSortBytes  = 32 << 20
)

// emit hands a row on; errStop ends the whole.
type emit func(*value) error

// stage is one step of a pipeline. It gets every row, then is told the end.
type stage interface {
	row(*value, emit) error
	end(emit) error
}

// DocAggregate runs a pipeline of $match, $group, $sort, $limit, $project and
// $unwind. A $match at the beginning uses indexes like a query's filter; else
// it is KindIndexNeeded over MaxExamined documents. Answers at most MaxPage
// rows.
func (db *DB) DocAggregate(ctx context.Context, app, name string, pipeline json.RawMessage) (rows []json.RawMessage, err error) {
	p, err := compilePipeline(pipeline)
	if err != nil {
		return nil, err
	}
	s, err := DocQuery{Collection: name, Filter: p.filter}.compile()
	if err != nil {
		return nil, err
	}
	bytes := 0
	last := func(v *value) error {
		text := v.json()
		if bytes += len(text); len(rows) == MaxPage || bytes > MaxPageBytes {
			return tooLarge("pipeline", "the answer has over %d rows or %d MiB: end the pipeline with $limit, or group more", MaxPage, MaxPageBytes>>20)
		}
		rows = append(rows, text)
		return nil
	}
	err = db.readers.page(ctx, func(ctx context.Context, r *reader, _ int64) error {
		c, err := r.collection(app, name)
		if err != nil {
			return err
		}
		return ended(p.run(func(first emit) error {
			q := s.on(c)
			return r.docs.scanner.every(ctx, q, first)
		}, last))
	})
	if err != nil {
		return nil, err
	}
	return rows, nil
}

// pipeline is compiled stages, the first $match apart.
type pipeline struct {
	filter json.RawMessage
	stages []stage
}

func (p *pipeline) run(source func(emit) error, last emit) error {
	sinks := make([]emit, len(p.stages)+1)
	sinks[len(p.stages)] = last
	for i := len(p.stages) - 1; i >= 0; i-- {
		s, next := p.stages[i], sinks[i+1]
		sinks[i] = func(v *value) error { return s.row(v, next) }
	}
	if err := ended(source(sinks[0])); err != nil {
		return err
	}
	for i, s := range p.stages {
		if err := ended(s.end(sinks[i+1])); err != nil {
			return err
		}
	}
	return nil
}

func stageNames() []string {
	return []string{"$match", "$group", "$sort", "$limit", "$project", "$unwind"}
}

func compilePipeline(raw json.RawMessage) (*pipeline, error) {
	v, err := parseValue("pipeline", raw)
	if err != nil {
		return nil, err
	}
	if v.kind != kindArray || len(v.list) > maxStages {
		return nil, invalid("pipeline", `a pipeline is an array of up to %d stages, as in [{"$match":{}},{"$group":{"_id":"$city","n":{"$sum":1}}}]`, maxStages)
	}
	p := &pipeline{}
	for i := range v.list {
		field := fmt.Sprintf("pipeline[%d]", i)
		if v.list[i].kind != kindObject || len(v.list[i].names) != 1 {
			return nil, invalid(field, "a stage is an object with one operator: %s", strings.Join(stageNames(), " "))
		}
		name, arg := v.list[i].names[0], &v.list[i].list[0]
		if i == 0 && name == "$match" {
			p.filter = arg.json()
			if _, err := compileFilter(p.filter); err != nil {
				return nil, moved(err, "filter", field+".$match")
			}
			continue
		}
		s, err := compileStage(field+"."+name, name, arg)
		if err != nil {
			return nil, err
		}
		p.stages = append(p.stages, s)
	}
	return p, nil
}

// moved puts an error's field below another.
func moved(err error, from, to string) error {
	if e, ok := err.(*Error); ok && strings.HasPrefix(e.Field, from) {
		c := *e
		c.Field = to + strings.TrimPrefix(e.Field, from)
		return &c
	}
	return err
}

func compileStage(field, name string, arg *value) (stage, error) {
	switch name {
	case "$match":
		f, err := compileFilter(arg.json())
		if err != nil {
			return nil, moved(err, "filter", field)
		}
		if f.text != nil {
			return nil, invalid(field, "$text stands in the first stage")
		}
		return matchStage{f}, nil
	case "$group":
		return compileGroup(field, arg)
	case "$sort":
		return compileSortStage(field, arg)
	case "$limit":
		if arg.kind != kindNumber || !arg.num.integer || arg.num.i < 1 {
			return nil, invalid(field, "$limit takes a whole number from 1")
		}
		return &limitStage{left: arg.num.i}, nil
	case "$project":
		return compileProject(field, arg)
	case "$unwind":
		return compileUnwind(field, arg)
	}
	return nil, unknownOperator(field, name, stageNames(), "the stages are")
}

type matchStage struct{ filter *filter }

func (s matchStage) row(v *value, next emit) error {
	if s.filter.root.match(v) {
		return next(v)
	}
	return nil
}
func (matchStage) end(emit) error { return nil }

type limitStage struct{ left int64 }

func (s *limitStage) row(v *value, next emit) error {
	if s.left == 0 {
		return errStop
	}
	s.left--
	return next(v)
}
func (*limitStage) end(emit) error { return nil }

type sortStage struct {
	order order
	rows  []sortedRow
	bytes int
}

type sortedRow struct {
	keys [][]byte
	v    value
}

func compileSortStage(field string, arg *value) (stage, error) {
	if arg.kind != kindObject || len(arg.names) == 0 || len(arg.names) > maxSortFields {
		return nil, invalid(field, `$sort takes an object of 1 to %d paths with 1 or -1, as in {"n":-1}`, maxSortFields)
	}
	s := &sortStage{}
	for i, name := range arg.names {
		p, err := parsePath(field, name)
		if err != nil {
			return nil, err
		}
		by := arg.list[i]
		if by.kind != kindNumber || !by.num.integer || by.num.i != 1 && by.num.i != -1 {
			return nil, invalid(field+"."+name, "$sort takes 1 or -1")
		}
		s.order = append(s.order, sortField{p, by.num.i < 0})
	}
	return s, nil
}

func (s *sortStage) row(v *value, _ emit) error {
	r := sortedRow{v: *v}
	for _, f := range s.order {
		r.keys = append(r.keys, sortKey(v, f.path, f.descending))
	}
	s.bytes += len(v.json())
	if len(s.rows) == maxSortedRows || s.bytes > maxSortBytes {
		return tooLarge("pipeline", "$sort would keep over %d rows or %d MiB: filter or group before it", maxSortedRows, maxSortBytes>>20)
	}
	s.rows = append(s.rows, r)
	return nil
}

func (s *sortStage) end(next emit) error {
	slices.SortStableFunc(s.rows, func(a, b sortedRow) int {
		for i, f := range s.order {
			if c := bytes.Compare(a.keys[i], b.keys[i]); c != 0 {
				if f.descending {
					return -c
				}
				return c
			}
		}
		return 0
	})
	for i := range s.rows {
		if err := next(&s.rows[i].v); err != nil {
			return err
		}
	}
	return nil
}

type unwindStage struct {
	path path
	keep bool // rows without an element
}

func compileUnwind(field string, arg *value) (stage, error) {
	s := unwindStage{}
	from := arg
	if arg.kind == kindObject {
		from = arg.field("path")
		for i, name := range arg.names {
			switch {
			case name == "path":
			case name == "preserveNullAndEmptyArrays" && arg.list[i].kind == kindBool:
				s.keep = arg.list[i].yes
			default:
				return nil, invalid(field+"."+name, "$unwind takes path and preserveNullAndEmptyArrays")
			}
		}
	}
	if from == nil || from.kind != kindString || !strings.HasPrefix(from.text, "$") {
		return nil, invalid(field, `$unwind takes a path with a $, as in "$tags"`)
	}
	var err error
	s.path, err = parsePath(field, from.text[1:])
	return s, err
}

func (s unwindStage) row(v *value, next emit) error {
	at := s.path.find(v)
	if at == nil || at.kind == kindNull || at.kind == kindArray && len(at.list) == 0 {
		if s.keep {
			return next(v)
		}
		return nil
	}
	if at.kind != kindArray {
		return next(v)
	}
	for i := range at.list {
		row := v.clone()
		*s.path.find(&row) = at.list[i].clone()
		if err := next(&row); err != nil {
			return err
		}
	}
	return nil
}
func (unwindStage) end(emit) error { return nil }
