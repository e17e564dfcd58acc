package storage

import (
	"regexp"
	"slices"
)

// predicate is a compiled condition on a document, or on an element that is an
// object.
type predicate interface {
	match(doc *value) bool
}

type (
	allOf  []predicate
	anyOf  []predicate
	noneOf struct{ predicate }
)

func (all allOf) match(doc *value) bool {
	for _, p := range all {
		if !p.match(doc) {
			return false
		}
	}
	return true
}

func (list anyOf) match(doc *value) bool {
	return slices.ContainsFunc(list, func(p predicate) bool { return p.match(doc) })
}

func (n noneOf) match(doc *value) bool { return !n.predicate.match(doc) }

// fieldCondition is a condition on what a path finds, or on one element of an array
// inside $elemMatch. Negations speak of all that is found: $ne is "none is".
type fieldCondition interface {
	atPath(path) predicate
	onElement(*value) bool
}

type (
	isTrue  struct{ valueTest }
	isFalse []isTrue         // of one
	notAll  []fieldCondition // $not
)

func (c isTrue) atPath(p path) predicate    { return fieldTest{p, c.valueTest} }
func (c isTrue) onElement(v *value) bool    { return c.valueTest.holds(v) }
func (c isFalse) atPath(p path) predicate   { return noneOf{c[0].atPath(p)} }
func (c isFalse) onElement(v *value) bool   { return !c[0].onElement(v) }
func (list notAll) atPath(p path) predicate { return noneOf{atPath(p, list)} }
func (list notAll) onElement(v *value) bool { return !eachHolds(list, v) }
func eachHolds(list []fieldCondition, v *value) bool {
	return !slices.ContainsFunc(list, func(c fieldCondition) bool { return !c.onElement(v) })
}

// valueTest is a positive test of one value; nil is a missing one. deep says
// that an array is also tested element by element.
type valueTest interface {
	holds(*value) bool
	deep() bool
}

// fieldTest holds when anything that the path finds passes the test.
type fieldTest struct {
	path path
	test valueTest
}

func (f fieldTest) match(doc *value) bool {
	return f.path.each(doc, func(v *value) bool {
		if f.test.holds(v) {
			return true
		}
		if v == nil || v.kind != kindArray || !f.test.deep() {
			return false
		}
		for i := range v.list {
			if f.test.holds(&v.list[i]) {
				return true
			}
		}
		return false
	})
}

type equalTest struct{ to value }

func equalTo(v *value) equalTest { return equalTest{v.clone()} }

func (t equalTest) deep() bool { return true }
func (t equalTest) holds(v *value) bool {
	if v == nil {
		return t.to.kind == kindNull // a missing field equals null
	}
	return equalValues(v, &t.to)
}

type inTest struct{ values []value }

func (t inTest) deep() bool { return true }
func (t inTest) holds(v *value) bool {
	for i := range t.values {
		if (equalTest{t.values[i]}).holds(v) {
			return true
		}
	}
	return false
}

// compareTest compares within a type only.
type compareTest struct {
	op string
	to value
}

func (t compareTest) deep() bool { return true }
func (t compareTest) holds(v *value) bool {
	if v == nil || v.kind != t.to.kind {
		return v == nil && t.to.kind == kindNull && (t.op == "$gte" || t.op == "$lte")
	}
	c := compareValues(v, &t.to)
	switch t.op {
	case "$gt":
		return c > 0
	case "$gte":
		return c >= 0
	case "$lt":
		return c < 0
	}
	return c <= 0
}

type existsTest struct{}

func (existsTest) deep() bool          { return false }
func (existsTest) holds(v *value) bool { return v != nil }

type neverTest struct{}

func (neverTest) deep() bool        { return false }
func (neverTest) holds(*value) bool { return false }

type typeOption struct {
	kind valueKind
	name string
}

type typeTest struct{ one []typeOption }

func (t typeTest) deep() bool { return true }
func (t typeTest) holds(v *value) bool {
	return v != nil && slices.ContainsFunc(t.one, func(o typeOption) bool {
		if o.kind != v.kind {
			return false
		}
		small := v.num.integer && v.num.i == int64(int32(v.num.i))
		switch o.name {
		case "int", "16":
			return small
		case "long", "18":
			return v.num.integer && !small
		case "double", "1":
			return !v.num.integer
		}
		return true
	})
}

type sizeTest struct{ n int64 }

func (sizeTest) deep() bool { return false }
func (t sizeTest) holds(v *value) bool {
	return v != nil && v.kind == kindArray && int64(len(v.list)) == t.n
}

type regexTest struct{ re *regexp.Regexp }

func (regexTest) deep() bool { return true }
func (t regexTest) holds(v *value) bool {
	return v != nil && v.kind == kindString && t.re.MatchString(v.text)
}

type modTest struct{ by, rest int64 }

func (modTest) deep() bool { return true }
func (t modTest) holds(v *value) bool {
	if v == nil || v.kind != kindNumber {
		return false
	}
	n, ok := v.num.truncated()
	return ok && (t.by == -1 && t.rest == 0 || t.by != -1 && n%t.by == t.rest)
}

// elemTest holds for an array of which one element meets every condition.
type elemTest struct {
	object     predicate // on elements that are objects
	conditions []fieldCondition
}

func (elemTest) deep() bool { return false }
func (t elemTest) holds(v *value) bool {
	if v == nil || v.kind != kindArray {
		return false
	}
	for i := range v.list {
		e := &v.list[i]
		if t.object != nil && e.kind == kindObject && t.object.match(e) {
			return true
		}
		if t.object == nil && eachHolds(t.conditions, e) {
			return true
		}
	}
	return false
}
