package storage

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// expression makes a value of a row; nil is a missing one.
type expression func(row *value) *value

// compileExpression reads "$path", a literal, or an object of expressions.
func compileExpression(field string, v *value) (expression, error) {
	switch {
	case v.kind == kindString && strings.HasPrefix(v.text, "$"):
		p, err := parsePath(field, v.text[1:])
		if err != nil {
			return nil, err
		}
		return func(row *value) *value { return p.value(row) }, nil
	case v.kind == kindObject && len(v.names) > 0:
		return compileObject(field, v)
	}
	literal := v.clone()
	return func(*value) *value { return &literal }, nil
}

func compileObject(field string, v *value) (expression, error) {
	parts := make([]expression, len(v.list))
	for i, name := range v.names {
		if strings.HasPrefix(name, "$") {
			return nil, invalid(field+"."+name, `an expression is "$path", a value, or an object of these; %s is none`, clip(name, 40))
		}
		e, err := compileExpression(field+"."+name, &v.list[i])
		if err != nil {
			return nil, err
		}
		parts[i] = e
	}
	names := slices.Clone(v.names)
	return func(row *value) *value {
		out := &value{kind: kindObject}
		for i, e := range parts {
			if part := e(row); part != nil {
				out.names, out.list = append(out.names, names[i]), append(out.list, *part)
			}
		}
		return out
	}, nil
}

// value is what a path gives in an expression: through an array, an array.
func (p path) value(v *value) *value {
	for i, s := range p {
		if v.kind == kindArray {
			out := &value{kind: kindArray}
			for j := range v.list {
				if e := p[i:].value(&v.list[j]); e != nil && v.list[j].kind == kindObject {
					out.list = append(out.list, *e)
				}
			}
			return out
		}
		if v = v.field(s); v == nil {
			return nil
		}
	}
	return v
}

// accumulator is one field of a $group.
type accumulator struct {
	name     string
	operator string
	of       expression
}

// sum is an accumulator's state in one group.
type sum struct {
	total number
	n     int64
	v     *value
}

type groupStage struct {
	by     expression
	fields []accumulator
	groups map[string]*group
	order  []*group
}

type group struct {
	id   value
	sums []sum
}

func accumulators() []string {
	return []string{"$sum", "$avg", "$min", "$max", "$count", "$first", "$last"}
}

func compileGroup(field string, arg *value) (stage, error) {
	id := arg.field("_id")
	if arg.kind != kindObject || id == nil {
		return nil, invalid(field, `$group takes an object with _id, which may be null, as in {"_id":"$city","n":{"$sum":1}}`)
	}
	s := &groupStage{groups: map[string]*group{}}
	var err error
	if s.by, err = compileExpression(field+"._id", id); err != nil {
		return nil, err
	}
	for i, name := range arg.names {
		if name == "_id" {
			continue
		}
		place, v := field+"."+name, &arg.list[i]
		if strings.ContainsAny(name, ".$") || v.kind != kindObject || len(v.names) != 1 {
			return nil, invalid(place, `a field of $group is a plain name with one operator, as in {"$sum":"$price"}`)
		}
		a := accumulator{name: name, operator: v.names[0]}
		if !slices.Contains(accumulators(), a.operator) {
			return nil, unknownOperator(place, a.operator, accumulators(), "$group takes")
		}
		if a.operator == "$count" && (v.list[0].kind != kindObject || len(v.list[0].names) > 0) {
			return nil, invalid(place, "$count takes {}")
		}
		if a.of, err = compileExpression(place+"."+a.operator, &v.list[0]); err != nil {
			return nil, err
		}
		s.fields = append(s.fields, a)
	}
	return s, nil
}

func (s *groupStage) row(v *value, _ emit) error {
	id := s.by(v)
	if id == nil {
		id = &value{kind: kindNull}
	}
	key := string(id.appendKey(nil))
	g := s.groups[key]
	if g == nil {
		if len(s.groups) == maxGroups {
			return tooLarge("pipeline", "$group would make over %d groups: filter before it, or group by less", maxGroups)
		}
		g = &group{id: id.clone(), sums: make([]sum, len(s.fields))}
		s.groups[key] = g
		s.order = append(s.order, g)
	}
	for i := range s.fields {
		g.sums[i].add(s.fields[i].operator, s.fields[i].of(v))
	}
	return nil
}

func (a *sum) add(operator string, v *value) {
	switch operator {
	case "$count":
		a.n++
	case "$sum", "$avg":
		if v == nil || v.kind != kindNumber {
			return
		}
		total, over := a.total.plus(v.num)
		if over != 0 { // as MongoDB: over 64 bits it goes on as a float
			total = number{f: a.total.float() + v.num.float()}
		}
		a.total = total
		a.n++
	case "$first", "$last":
		if a.n++; a.n == 1 || operator == "$last" {
			a.keep(v)
		}
	case "$min", "$max":
		if v == nil || v.kind == kindNull {
			return
		}
		if c := 0; a.v != nil {
			if c = compareValues(v, a.v); operator == "$min" && c >= 0 || operator == "$max" && c <= 0 {
				return
			}
		}
		a.keep(v)
	}
}

func (a *sum) keep(v *value) {
	a.v = nil
	if v != nil {
		c := v.clone()
		a.v = &c
	}
}

func (a *sum) result(operator string) value {
	switch operator {
	case "$count":
		return fromNumber(number{integer: true, i: a.n})
	case "$sum":
		if a.n == 0 {
			return fromNumber(number{integer: true})
		}
		return finite(a.total)
	case "$avg":
		if a.n == 0 {
			return value{kind: kindNull}
		}
		return finite(number{f: a.total.float() / float64(a.n)})
	}
	if a.v == nil {
		return value{kind: kindNull}
	}
	return *a.v
}

// finite writes a float that JSON can hold.
func finite(n number) value {
	if !n.integer && (math.IsInf(n.f, 0) || math.IsNaN(n.f)) {
		return value{kind: kindNull}
	}
	return fromNumber(n)
}

func (s *groupStage) end(next emit) error {
	for _, g := range s.order {
		out := value{kind: kindObject, names: []string{"_id"}, list: []value{g.id}}
		for i, a := range s.fields {
			out.set(a.name, g.sums[i].result(a.operator))
		}
		if err := next(&out); err != nil {
			return err
		}
	}
	return nil
}

// projectStage keeps, drops, renames or computes fields.
type projectStage struct {
	keep  *projection
	names []string
	made  []expression
}

func compileProject(field string, arg *value) (stage, error) {
	if arg.kind != kindObject || len(arg.names) == 0 {
		return nil, invalid(field, `$project takes an object, as in {"name":1,"city":"$address.city"}`)
	}
	s := &projectStage{}
	var kept []string
	drops := 0
	for i, name := range arg.names {
		v := &arg.list[i]
		place := fmt.Sprintf("%s.%s", field, name)
		on, flag := v.flag()
		switch {
		case flag && on:
			kept = append(kept, name)
		case flag:
			drops++
			kept = append(kept, "-"+name)
		case strings.ContainsAny(name, ".$"):
			return nil, invalid(place, "a computed field has a plain name")
		default:
			e, err := compileExpression(place, v)
			if err != nil {
				return nil, err
			}
			s.names, s.made = append(s.names, name), append(s.made, e)
		}
	}
	if drops > 0 && (drops < len(kept) || len(s.made) > 0) {
		return nil, invalid(field, "$project either keeps fields or drops them: write 0 for all or for none")
	}
	if drops == 0 && len(kept) == 0 {
		s.keep = &projection{}
		return s, nil
	}
	var err error
	s.keep, err = compileProjection(kept)
	if err != nil {
		return nil, moved(err, "fields", field)
	}
	return s, nil
}

// flag reads 1, true, 0 and false.
func (v *value) flag() (on, ok bool) {
	switch v.kind {
	case kindBool:
		return v.yes, true
	case kindNumber:
		return v.num.order(number{integer: true}) != 0, true
	}
	return false, false
}

func (s *projectStage) row(v *value, next emit) error {
	out := s.keep.row(v)
	for i, name := range s.names {
		if made := s.made[i](v); made != nil {
			out.set(name, made.clone())
		}
	}
	return next(&out)
}
func (*projectStage) end(emit) error { return nil }
