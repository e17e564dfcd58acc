package storage

import (
	"slices"
	"strings"
)

// compilePush reads the value of $push or $addToSet, or its modifiers.
func (c *docChange) compilePush() error {
	modifiers, err := isExpression(c.field, &c.to)
	if err != nil {
		return err
	}
	if !modifiers {
		c.each = []value{c.to}
		return checkNames(c.field, &c.to)
	}
	for i, name := range c.to.names {
		if err := c.modifier(c.field+"."+name, name, &c.to.list[i]); err != nil {
			return err
		}
	}
	if c.to.field("$each") == nil {
		return invalid(c.field, "the modifiers of %s go with $each", c.operator)
	}
	return nil
}

func (c *docChange) modifier(field, name string, v *value) error {
	known := []string{"$each", "$position", "$slice", "$sort"}
	if c.operator == "$addToSet" {
		known = known[:1]
	}
	if !slices.Contains(known, name) {
		return unknownOperator(field, name, known, c.operator+" takes")
	}
	switch name {
	case "$each":
		if v.kind != kindArray {
			return invalid(field, "$each takes an array")
		}
		c.each = append([]value{}, v.list...)
		return checkNames(field, v)
	case "$sort":
		return c.compileSort(field, v)
	}
	if v.kind != kindNumber || !v.num.integer {
		return invalid(field, "%s takes a whole number", name)
	}
	n := v.num.i
	if name == "$position" {
		c.position = &n
	} else {
		c.slice = &n
	}
	return nil
}

func (c *docChange) compileSort(field string, v *value) (err error) {
	by := v
	c.sort = &pushSort{}
	if v.kind == kindObject && len(v.names) == 1 {
		if c.sort.path, err = parsePath(field, v.names[0]); err != nil {
			return err
		}
		by = &v.list[0]
	}
	if by.kind != kindNumber || !by.num.integer || by.num.i != 1 && by.num.i != -1 {
		return invalid(field, `$sort takes 1 or -1, or one path, as in {"at":-1}`)
	}
	c.sort.descending = by.num.i < 0
	return nil
}

// push adds to an array, which is made when there is none.
func (c *docChange) push(at *value, found bool) error {
	if !found {
		*at = value{kind: kindArray}
	}
	if at.kind != kindArray {
		return c.mismatch("%s holds %s, not an array", c.path, article(at.kind))
	}
	if c.operator == "$addToSet" {
		for i := range c.each {
			if !slices.ContainsFunc(at.list, func(v value) bool { return equalValues(&v, &c.each[i]) }) {
				at.list = append(at.list, c.each[i].clone())
			}
		}
		return nil
	}
	where := int64(len(at.list))
	if c.position != nil {
		if where = min(where, *c.position); *c.position < 0 {
			where = max(0, int64(len(at.list))+*c.position)
		}
	}
	added := make([]value, len(c.each))
	for i := range c.each {
		added[i] = c.each[i].clone()
	}
	at.list = slices.Insert(at.list, int(where), added...)
	c.arrange(at)
	return nil
}

// arrange sorts and cuts an array after a $push.
func (c *docChange) arrange(at *value) {
	if c.sort != nil {
		slices.SortStableFunc(at.list, func(a, b value) int {
			order := c.sort.compare(&a, &b)
			if c.sort.descending {
				return -order
			}
			return order
		})
	}
	if c.slice == nil {
		return
	}
	n, keep := int64(len(at.list)), *c.slice
	if keep >= 0 {
		at.list = at.list[:min(n, keep)]
	} else if -keep < n && -keep > 0 {
		at.list = at.list[n+keep:]
	}
}

func (s *pushSort) compare(a, b *value) int {
	if s.path == nil {
		return compareValues(a, b)
	}
	return strings.Compare(string(sortKey(a, s.path, s.descending)), string(sortKey(b, s.path, s.descending)))
}

// compilePull reads what to take away: a value, operators on the elements, or
// a filter on elements that are objects.
func (c *docChange) compilePull() error {
	expression, err := isExpression(c.field, &c.to)
	if err != nil {
		return err
	}
	compiler := &filterCompiler{}
	switch {
	case expression:
		list, err := compiler.expression(c.field, &c.to)
		c.matches = &filter{root: elementTest(list)}
		return err
	case c.to.kind == kindObject:
		root, err := compiler.document(c.field, &c.to, false)
		c.matches = &filter{root: objectTest{root}}
		return err
	}
	c.matches = &filter{root: elementTest{isTrue{equalTo(&c.to)}}}
	return nil
}

// elementTest holds when an element meets every condition.
type elementTest []fieldCondition

func (t elementTest) match(v *value) bool { return eachHolds(t, v) }

type objectTest struct{ predicate }

func (t objectTest) match(v *value) bool { return v.kind == kindObject && t.predicate.match(v) }

func (c *docChange) pull(at *value) error {
	at.list = slices.DeleteFunc(at.list, func(v value) bool { return c.matches.root.match(&v) })
	return nil
}

func (c *docChange) pop(at *value) error {
	switch n := len(at.list); {
	case n == 0:
	case c.to.num.order(number{}) > 0:
		at.list = at.list[:n-1]
	default:
		at.list = at.list[1:]
	}
	return nil
}
