package storage

import (
	"bytes"
	"slices"
)

// plan says where the candidates of a query come from. The filter is tested on
// every candidate, so a plan need only be sure to miss none.
type plan struct {
	ids     []string  // these documents
	byIDs   bool      // ids says which
	index   *docIndex // the entries of it within spans; nil = the collection in the order of ids
	spans   []span
	ordered bool // candidates come in the query's order
	text    bool // the full-text index
	score   int
}

// span is the keys from low up to, not including, high.
type span struct{ low, high []byte }

// bounded reports whether the plan looks at less than everything.
func (p *plan) bounded() bool { return p.byIDs || p.text || p.index != nil && p.score >= scoreRange }

const (
	scoreOrder = 1
	scoreRange = 10
	scorePoint = 100
	scoreAll   = 1000 // a unique index and every field of it: one document

	maxSpans = 1000
)

// bound is what a filter demands of one path, put as keys.
type bound struct {
	path   path
	points []value       // one of these; nil = not said
	ranges []compareTest // within these
	joint  bool          // ranges of $elemMatch: one element meets them all
}

// bounds collects what must hold of a document on single paths.
func bounds(p predicate, list []bound) []bound {
	switch p := p.(type) {
	case allOf:
		for _, q := range p {
			list = bounds(q, list)
		}
	case fieldTest:
		switch t := p.test.(type) {
		case equalTest:
			return append(list, bound{path: p.path, points: []value{t.to}})
		case inTest:
			return append(list, bound{path: p.path, points: append([]value{}, t.values...)})
		case compareTest:
			return append(list, rangeBound(p.path, t))
		case elemTest:
			return elementBounds(p.path, t, list)
		}
	}
	return list
}

func rangeBound(p path, t compareTest) bound {
	if t.to.kind != kindNull {
		return bound{path: p, ranges: []compareTest{t}}
	}
	if t.op == "$gte" || t.op == "$lte" {
		return bound{path: p, points: []value{t.to}}
	}
	return bound{path: p, points: []value{}} // nothing is before or after null
}

func elementBounds(p path, t elemTest, list []bound) []bound {
	joint := bound{path: p, joint: true}
	for _, c := range t.conditions {
		is, ok := c.(isTrue)
		if !ok {
			continue
		}
		switch t := is.valueTest.(type) {
		case equalTest:
			list = append(list, bound{path: p, points: []value{t.to}})
		case compareTest:
			if t.to.kind != kindNull {
				joint.ranges = append(joint.ranges, t)
			}
		}
	}
	if len(joint.ranges) > 0 {
		list = append(list, joint)
	}
	return list
}

// points returns the fewest keys that one of must be there, nil when unsaid.
// The entries of an array are its elements, so a whole array is no key.
func points(list []bound, p path) (keys [][]byte, null, said bool) {
	var fewest []value
	for _, b := range list {
		if b.points == nil || !b.path.equal(p) || slices.ContainsFunc(b.points, func(v value) bool { return v.kind == kindArray }) {
			continue
		}
		if !said || len(b.points) < len(fewest) {
			fewest, said = b.points, true
		}
	}
	for i := range fewest {
		null = null || fewest[i].kind == kindNull
		keys = append(keys, fewest[i].appendKey(nil))
	}
	slices.SortFunc(keys, bytes.Compare)
	return slices.CompactFunc(keys, bytes.Equal), null, said
}

// within returns the range of keys behind a prefix. Where an array may be in
// the index, two conditions can be met by two elements, so one counts alone.
func within(list []bound, p path, prefix []byte, many bool) (span, bool) {
	var s span
	said := false
	for _, b := range list {
		if len(b.ranges) == 0 || !b.path.equal(p) || said && many {
			continue
		}
		tests := b.ranges
		if many && !b.joint {
			tests = tests[:1]
		}
		for _, t := range tests {
			if t.to.kind == kindArray || t.to.kind == kindObject {
				continue
			}
			u := t.span(prefix)
			if !said {
				s, said = u, true
				continue
			}
			if bytes.Compare(u.low, s.low) > 0 {
				s.low = u.low
			}
			if bytes.Compare(u.high, s.high) < 0 {
				s.high = u.high
			}
		}
	}
	return s, said
}

func (t compareTest) span(prefix []byte) span {
	key := t.to.appendKey(slices.Clip(prefix))
	s := span{append(slices.Clip(prefix), t.to.kind.tag()), append(slices.Clip(prefix), t.to.kind.tag()+1)}
	switch t.op {
	case "$gt":
		s.low = append(key, keyAfter)
	case "$gte":
		s.low = key
	case "$lt":
		s.high = key
	case "$lte":
		s.high = append(key, keyAfter)
	}
	return s
}

// planOf chooses where candidates come from.
func (c *collection) planOf(f *filter, o order) *plan {
	if f.text != nil {
		return &plan{text: true, ordered: len(o) == 0}
	}
	list := bounds(f.root, nil)
	if p := planIDs(list); p != nil {
		return p
	}
	chosen := &plan{ordered: o.byID()}
	for _, x := range c.indexes {
		if !x.ready() {
			continue
		}
		if p := x.plan(list, o); p != nil && (p.score > chosen.score || p.score == scoreOrder && !chosen.ordered) {
			chosen = p
		}
	}
	return chosen
}

// planIDs looks documents up by their ids.
func planIDs(list []bound) *plan {
	for _, b := range list {
		if len(b.path) != 1 || b.path[0] != "id" || b.points == nil {
			continue
		}
		p := &plan{byIDs: true}
		for _, v := range b.points {
			if v.kind == kindString && !slices.Contains(p.ids, v.text) {
				p.ids = append(p.ids, v.text)
			}
		}
		return p
	}
	return nil
}

// plan returns how the index serves a query, nil when it does not.
func (x *docIndex) plan(list []bound, o order) *plan {
	p := &plan{index: x}
	prefixes := [][]byte{{}}
	used, solid := 0, false // solid: documents that lack every field are not wanted
	for _, field := range x.fields {
		keys, null, said := points(list, field)
		if !said || len(keys)*len(prefixes) > maxSpans {
			break
		}
		longer := make([][]byte, 0, len(keys)*len(prefixes))
		for _, prefix := range prefixes {
			for _, k := range keys {
				longer = append(longer, append(slices.Clip(prefix), k...))
			}
		}
		prefixes = longer
		used++
		solid = solid || !null
		p.score += scorePoint
	}
	single := len(prefixes) == 1
	ranged := false
	for _, prefix := range prefixes {
		s := span{prefix, append(slices.Clip(prefix), keyAfter)}
		if used < len(x.fields) {
			if r, said := within(list, x.fields[used], prefix, x.many); said {
				s, ranged, solid = r, true, true
			}
		}
		if bytes.Compare(s.low, s.high) < 0 {
			p.spans = append(p.spans, s)
		}
	}
	if ranged {
		p.score += scoreRange
	}
	p.ordered = single && x.gives(o, used)
	if p.ordered {
		p.score += scoreOrder
	}
	if x.unique && used == len(x.fields) {
		p.score += scoreAll
	}
	if p.score == 0 || x.sparse && !solid {
		return nil
	}
	return p
}

// gives reports whether entries behind the first fields, which are fixed, come
// in an order. With arrays they would not: a document has several.
func (x *docIndex) gives(o order, fixed int) bool {
	rest := x.fields[fixed:]
	if o.byID() {
		return len(rest) == 0
	}
	if x.many || len(rest) != len(o) {
		return false
	}
	for i, f := range o {
		if f.descending != o.backwards() || !f.path.equal(rest[i]) {
			return false
		}
	}
	return true
}

// wanted names the index that would serve a query: what is equal first, then
// the order, then a range.
func (f *filter) wanted(o order) []string {
	var equal, ranged []string
	for _, b := range bounds(f.root, nil) {
		name := b.path.String()
		switch {
		case slices.Contains(equal, name) || slices.Contains(ranged, name):
		case b.points != nil:
			equal = append(equal, name)
		default:
			ranged = append(ranged, name)
		}
	}
	if !o.byID() {
		ranged = nil
		for _, s := range o {
			if !slices.Contains(equal, s.path.String()) {
				ranged = append(ranged, s.path.String())
			}
		}
	}
	if len(ranged) > 1 && o.byID() {
		ranged = ranged[:1]
	}
	return append(equal, ranged...)
}
