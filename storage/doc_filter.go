package storage

import (
	"fmt"
	"math"
	"regexp"
	"strings"
)

// Filter bounds: a person's filter has a few dozen conditions.
const (
	maxFilterNodes = 1000
	maxFilterIn    = 1000
	maxRegexBytes  = 1000
)

// filterCompiler turns a filter into a predicate. Nothing of a filter becomes
// SQL: names, paths and values are only ever compared, or bound as keys.
type filterCompiler struct {
	nodes int
	text  *textQuery
}

// filter is a compiled filter.
type filter struct {
	root predicate
	text *textQuery // of $text, nil when there is none
	raw  []byte     // canonical, what a cursor is bound to
	any  bool       // it says nothing: every document matches
}

// compileFilter reads a filter; an empty one matches everything.
func compileFilter(raw []byte) (*filter, error) {
	if len(raw) == 0 {
		raw = []byte("{}")
	}
	v, err := parseValue("filter", raw)
	if err != nil {
		return nil, err
	}
	if v.kind != kindObject {
		return nil, invalid("filter", `a filter is an object such as {"age":{"$gt":30}}, not %s`, article(v.kind))
	}
	c := &filterCompiler{}
	root, err := c.document("filter", &v, true)
	if err != nil {
		return nil, err
	}
	return &filter{root: root, text: c.text, raw: v.json(), any: len(v.list) == 0}, nil
}

func (c *filterCompiler) count(field string) error {
	if c.nodes++; c.nodes > maxFilterNodes {
		return tooLarge(field, "the filter has over %d conditions: use $in, or several calls", maxFilterNodes)
	}
	return nil
}

// document compiles conditions on the fields of an object.
func (c *filterCompiler) document(field string, v *value, top bool) (predicate, error) {
	all := make(allOf, 0, len(v.list))
	for i, name := range v.names {
		if err := c.count(field); err != nil {
			return nil, err
		}
		p, err := c.member(field+"."+name, name, &v.list[i], top)
		if err != nil {
			return nil, err
		}
		if p != nil {
			all = append(all, p)
		}
	}
	return all, nil
}

func (c *filterCompiler) member(field, name string, v *value, top bool) (predicate, error) {
	switch {
	case name == "$and" || name == "$or" || name == "$nor":
		return c.logical(field, name, v, top)
	case name == "$text":
		return nil, c.fullText(field, v, top)
	case strings.HasPrefix(name, "$"):
		return nil, unknownOperator(field, name, []string{"$and", "$or", "$nor", "$text"}, "beside field names a filter takes")
	}
	p, err := parsePath(field, name)
	if err != nil {
		return nil, err
	}
	conditions, err := c.conditions(field, v)
	if err != nil {
		return nil, err
	}
	return atPath(p, conditions), nil
}

func atPath(p path, conditions []fieldCondition) predicate {
	if len(conditions) == 1 {
		return conditions[0].atPath(p)
	}
	all := make(allOf, len(conditions))
	for i, c := range conditions {
		all[i] = c.atPath(p)
	}
	return all
}

func (c *filterCompiler) logical(field, name string, v *value, top bool) (predicate, error) {
	if v.kind != kindArray || len(v.list) == 0 {
		return nil, invalid(field, "%s takes an array of one or more filters", name)
	}
	parts := make([]predicate, len(v.list))
	for i := range v.list {
		place := fmt.Sprintf("%s[%d]", field, i)
		if v.list[i].kind != kindObject {
			return nil, invalid(place, "%s takes filters, which are objects, not %s", name, article(v.list[i].kind))
		}
		p, err := c.document(place, &v.list[i], top && name == "$and")
		if err != nil {
			return nil, err
		}
		parts[i] = p
	}
	switch name {
	case "$and":
		return allOf(parts), nil
	case "$or":
		return anyOf(parts), nil
	}
	return noneOf{anyOf(parts)}, nil
}

// isExpression reports whether an object holds operators. A mixture is refused.
func isExpression(field string, v *value) (bool, error) {
	if v.kind != kindObject || len(v.names) == 0 {
		return false, nil
	}
	operators := 0
	for _, n := range v.names {
		if strings.HasPrefix(n, "$") {
			operators++
		}
	}
	if operators > 0 && operators < len(v.names) {
		return false, invalid(field, "an object of operators has no other names: %s", clip(string(v.json()), 80))
	}
	return operators > 0, nil
}

// conditions compiles what stands behind a field's name: a value to be equal
// to, or an object of operators.
func (c *filterCompiler) conditions(field string, v *value) ([]fieldCondition, error) {
	expression, err := isExpression(field, v)
	if err != nil {
		return nil, err
	}
	if !expression {
		return []fieldCondition{isTrue{equalTo(v)}}, nil
	}
	return c.expression(field, v)
}

func (c *filterCompiler) expression(field string, v *value) ([]fieldCondition, error) {
	var list []fieldCondition
	options := v.field("$options")
	if options != nil && v.field("$regex") == nil {
		return nil, invalid(field+".$options", "$options goes with $regex")
	}
	for i, name := range v.names {
		if name == "$options" {
			continue
		}
		if err := c.count(field); err != nil {
			return nil, err
		}
		more, err := c.operator(field+"."+name, name, &v.list[i], options)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	return list, nil
}

func filterOperators() []string {
	return []string{
		"$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$exists", "$type", "$not",
		"$all", "$elemMatch", "$size", "$regex", "$options", "$mod",
	}
}

func (c *filterCompiler) operator(field, name string, v, options *value) ([]fieldCondition, error) {
	one := func(t valueTest, err error) ([]fieldCondition, error) { return []fieldCondition{isTrue{t}}, err }
	not := func(t valueTest, err error) ([]fieldCondition, error) { return []fieldCondition{isFalse{{t}}}, err }
	switch name {
	case "$eq":
		return one(equalTo(v), nil)
	case "$ne":
		return not(equalTo(v), nil)
	case "$gt", "$gte", "$lt", "$lte":
		return one(compareTest{op: name, to: v.clone()}, nil)
	case "$in":
		return one(inOf(field, name, v))
	case "$nin":
		return not(inOf(field, name, v))
	case "$exists":
		return c.exists(field, v)
	case "$type":
		return one(typeOf(field, v))
	case "$size":
		return one(sizeOf(field, v))
	case "$regex":
		return one(regexOf(field, v, options))
	case "$mod":
		return one(modOf(field, v))
	case "$not":
		return c.not(field, v)
	case "$all":
		return c.all(field, v)
	case "$elemMatch":
		return c.elemMatch(field, v)
	}
	return nil, unknownOperator(field, name, filterOperators(), "a field takes")
}

func (c *filterCompiler) exists(field string, v *value) ([]fieldCondition, error) {
	if v.kind != kindBool {
		return nil, invalid(field, "$exists takes true or false")
	}
	if v.yes {
		return []fieldCondition{isTrue{existsTest{}}}, nil
	}
	return []fieldCondition{isFalse{{existsTest{}}}}, nil
}

func (c *filterCompiler) not(field string, v *value) ([]fieldCondition, error) {
	expression, err := isExpression(field, v)
	if err != nil {
		return nil, err
	}
	if !expression {
		return nil, invalid(field, `$not takes an object of operators, as in {"$not":{"$gt":5}}; for a value use $ne`)
	}
	inner, err := c.expression(field, v)
	if err != nil {
		return nil, err
	}
	return []fieldCondition{notAll(inner)}, nil
}

func (c *filterCompiler) all(field string, v *value) ([]fieldCondition, error) {
	if v.kind != kindArray || len(v.list) > maxFilterIn {
		return nil, invalid(field, "$all takes an array of up to %d values", maxFilterIn)
	}
	if len(v.list) == 0 {
		return []fieldCondition{isTrue{neverTest{}}}, nil
	}
	var list []fieldCondition
	for i := range v.list {
		e := &v.list[i]
		if e.kind == kindObject && len(e.names) == 1 && e.names[0] == "$elemMatch" {
			more, err := c.elemMatch(fmt.Sprintf("%s[%d].$elemMatch", field, i), &e.list[0])
			if err != nil {
				return nil, err
			}
			list = append(list, more...)
			continue
		}
		if expression, err := isExpression(field, e); expression || err != nil {
			return nil, invalid(fmt.Sprintf("%s[%d]", field, i), "$all takes values and $elemMatch")
		}
		list = append(list, isTrue{equalTo(e)})
	}
	return list, nil
}

func (c *filterCompiler) elemMatch(field string, v *value) ([]fieldCondition, error) {
	if v.kind != kindObject {
		return nil, invalid(field, "$elemMatch takes an object: a filter on the elements, or operators")
	}
	onFields := len(v.names) == 0
	for _, n := range v.names {
		onFields = onFields || !strings.HasPrefix(n, "$") || n == "$and" || n == "$or" || n == "$nor"
	}
	if onFields {
		p, err := c.document(field, v, false)
		return []fieldCondition{isTrue{elemTest{object: p}}}, err
	}
	list, err := c.expression(field, v)
	return []fieldCondition{isTrue{elemTest{conditions: list}}}, err
}

func inOf(field, name string, v *value) (valueTest, error) {
	if v.kind != kindArray || len(v.list) > maxFilterIn {
		return nil, invalid(field, "%s takes an array of up to %d values", name, maxFilterIn)
	}
	t := inTest{}
	for i := range v.list {
		if expression, err := isExpression(field, &v.list[i]); expression || err != nil {
			return nil, invalid(fmt.Sprintf("%s[%d]", field, i), "%s takes values, not operators", name)
		}
		t.values = append(t.values, v.list[i].clone())
	}
	return t, nil
}

// typeNames are MongoDB's names and numbers of the JSON types.
func typeNames() map[string]valueKind {
	return map[string]valueKind{
		"double": kindNumber, "1": kindNumber, "int": kindNumber, "16": kindNumber, "long": kindNumber, "18": kindNumber,
		"number": kindNumber, "string": kindString, "2": kindString, "object": kindObject, "3": kindObject,
		"array": kindArray, "4": kindArray, "bool": kindBool, "8": kindBool, "null": kindNull, "10": kindNull,
	}
}

func typeOf(field string, v *value) (valueTest, error) {
	list := []value{*v}
	if v.kind == kindArray {
		list = v.list
	}
	t := typeTest{}
	for i := range list {
		kind, ok := typeNames()[list[i].text]
		if !ok || list[i].kind != kindString && list[i].kind != kindNumber {
			return nil, invalid(field, "%s is no type: use null, number, string, object, array or bool", clip(string(list[i].json()), 40))
		}
		t.one = append(t.one, typeOption{kind, list[i].text})
	}
	if len(t.one) == 0 {
		return nil, invalid(field, "$type takes one or more types")
	}
	return t, nil
}

func sizeOf(field string, v *value) (valueTest, error) {
	if v.kind != kindNumber || !v.num.integer || v.num.i < 0 {
		return nil, invalid(field, "$size takes a whole number from 0")
	}
	return sizeTest{v.num.i}, nil
}

func regexOf(field string, v, options *value) (valueTest, error) {
	if v.kind != kindString || len(v.text) > maxRegexBytes {
		return nil, invalid(field, "$regex takes a string of up to %d bytes", maxRegexBytes)
	}
	flags := ""
	if options != nil {
		if options.kind != kindString || strings.Trim(options.text, "ims") != "" {
			return nil, invalid(strings.TrimSuffix(field, "$regex")+"$options", "$options takes a string of i, m and s")
		}
		if options.text != "" {
			flags = "(?" + options.text + ")"
		}
	}
	// RE2: linear in its input, so that no pattern can hold up the writer.
	re, err := regexp.Compile(flags + v.text)
	if err != nil {
		return nil, invalid(field, "%v; patterns are RE2: no look-around, no back-references", err)
	}
	return regexTest{re}, nil
}

func modOf(field string, v *value) (valueTest, error) {
	if v.kind != kindArray || len(v.list) != 2 {
		return nil, invalid(field, "$mod takes two numbers, as in [4,0]")
	}
	var n [2]int64
	for i := range v.list {
		e := &v.list[i]
		if e.kind != kindNumber {
			return nil, invalid(field, "$mod takes two numbers, as in [4,0]")
		}
		whole, ok := e.num.truncated()
		if !ok {
			return nil, invalid(field, "%s does not fit a 64-bit integer", e.text)
		}
		n[i] = whole
	}
	if n[0] == 0 {
		return nil, invalid(field, "$mod can not divide by 0")
	}
	return modTest{n[0], n[1]}, nil
}

// truncated is the number without its fraction.
func (n number) truncated() (int64, bool) {
	if n.integer {
		return n.i, true
	}
	f := math.Trunc(n.f)
	if !(f >= -1<<63 && f < 1<<63) {
		return 0, false
	}
	return int64(f), true
}

func article(k valueKind) string {
	if s := k.String(); strings.IndexByte("aeiou", s[0]) >= 0 {
		return "an " + s
	} else if k != kindNull {
		return "a " + s
	}
	return "null"
}

func unknownOperator(field, name string, known []string, takes string) *Error {
	return invalid(field, "unknown operator %s: %s %s", clip(name, 40), takes, strings.Join(known, " "))
}
