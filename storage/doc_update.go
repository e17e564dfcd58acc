package storage

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// update is a compiled update: its changes in the order given.
type update struct {
	changes []docChange
}

// docChange is one operator on one path.
type docChange struct {
	field    string // of the input, for errors
	operator string
	path     path
	to       value   // what to set, add, push …
	target   path    // of $rename
	matches  *filter // of $pull: on elements
	each     []value // of $push and $addToSet
	position *int64  // of $push
	slice    *int64
	sort     *pushSort
}

type pushSort struct {
	path       path // nil = the elements themselves
	descending bool
}

func updateOperators() []string {
	return []string{
		"$set", "$unset", "$inc", "$mul", "$min", "$max", "$rename", "$push", "$pull", "$addToSet", "$pop", "$currentDate",
	}
}

// compileUpdate reads an update such as {"$set":{"paid":true},"$inc":{"n":1}}.
func compileUpdate(raw []byte) (*update, error) {
	v, err := parseValue("update", raw)
	if err != nil {
		return nil, err
	}
	if v.kind != kindObject || len(v.list) == 0 {
		return nil, invalid("update", `an update is an object of operators such as {"$set":{"paid":true}}`)
	}
	u := &update{}
	for i, operator := range v.names {
		field := "update." + operator
		switch {
		case !strings.HasPrefix(operator, "$"):
			return nil, invalid(field, `%q is no operator: write {"$set":{%q:…}}, or replace the whole document`, clip(operator, 40), clip(operator, 40))
		case !slices.Contains(updateOperators(), operator):
			return nil, unknownOperator(field, operator, updateOperators(), "an update takes")
		case v.list[i].kind != kindObject || len(v.list[i].list) == 0:
			return nil, invalid(field, "%s takes an object of paths", operator)
		}
		if err := u.add(field, operator, &v.list[i]); err != nil {
			return nil, err
		}
	}
	return u, u.apart()
}

func (u *update) add(field, operator string, paths *value) error {
	for i, name := range paths.names {
		if len(u.changes) >= maxFilterNodes {
			return tooLarge(field, "the update has over %d paths", maxFilterNodes)
		}
		place := field + "." + name
		p, err := parsePath(place, name)
		if err != nil {
			return err
		}
		if p[0] == "id" {
			return invalid(place, "the id of a document does not change: insert a new document and delete this one")
		}
		c := docChange{field: place, operator: operator, path: p, to: paths.list[i].clone()}
		if err := c.compile(); err != nil {
			return err
		}
		u.changes = append(u.changes, c)
	}
	return nil
}

// apart refuses two changes of one place, whose order would be by chance.
func (u *update) apart() error {
	for i := range u.changes {
		for j := range i {
			a, b := &u.changes[i], &u.changes[j]
			clash := a.path.overlaps(b.path) || a.target != nil && a.target.overlaps(b.path) ||
				b.target != nil && b.target.overlaps(a.path) || a.target != nil && b.target != nil && a.target.overlaps(b.target)
			if clash {
				return invalid(a.field, "two operators change %s: say one of them", a.path)
			}
		}
	}
	return nil
}

func (c *docChange) compile() error {
	switch c.operator {
	case "$set", "$min", "$max":
		return checkNames(c.field, &c.to)
	case "$inc", "$mul":
		if c.to.kind != kindNumber {
			return invalid(c.field, "%s takes a number, not %s", c.operator, article(c.to.kind))
		}
	case "$rename":
		return c.compileRename()
	case "$push", "$addToSet":
		return c.compilePush()
	case "$pull":
		return c.compilePull()
	case "$pop":
		if c.to.kind != kindNumber || c.to.num.order(number{integer: true, i: 1}) != 0 && c.to.num.order(number{integer: true, i: -1}) != 0 {
			return invalid(c.field, "$pop takes 1 for the last element or -1 for the first")
		}
	case "$currentDate":
		return c.compileDate()
	}
	return nil
}

func (c *docChange) compileRename() (err error) {
	if c.to.kind != kindString {
		return invalid(c.field, "$rename takes the new path as a string")
	}
	if c.target, err = parsePath(c.field, c.to.text); err != nil {
		return err
	}
	if c.target[0] == "id" || c.target.overlaps(c.path) {
		return invalid(c.field, "%s can not be renamed to %s", c.path, c.target)
	}
	return nil
}

func (c *docChange) compileDate() error {
	kind := c.to.field("$type")
	switch {
	case c.to.kind == kindBool && c.to.yes:
		c.to = stringValue("date")
	case kind != nil && len(c.to.names) == 1 && (kind.text == "date" || kind.text == "timestamp"):
		c.to = stringValue(kind.text)
	default:
		return invalid(c.field, `$currentDate takes true, {"$type":"date"} for text such as 2026-01-31T12:00:00.000Z, or {"$type":"timestamp"} for Unix ms`)
	}
	return nil
}

// checkNames refuses names that begin with $, which no filter could speak of.
func checkNames(field string, v *value) error {
	for i := range v.list {
		if v.kind == kindObject && strings.HasPrefix(v.names[i], "$") {
			return invalid(field, "the name %q begins with $, which is for operators", clip(v.names[i], 40))
		}
		if err := checkNames(field, &v.list[i]); err != nil {
			return err
		}
	}
	return nil
}

// apply changes a document. The error is the document's: a number that is none.
func (u *update) apply(doc *value, now time.Time) error {
	for i := range u.changes {
		c := &u.changes[i]
		if err := c.apply(doc, now); err != nil {
			return err
		}
	}
	if d := depthOf(doc); d > MaxDepth {
		return invalid("update", "the document would be nested deeper than %d", MaxDepth)
	}
	return nil
}

func depthOf(v *value) int {
	d := 0
	for i := range v.list {
		d = max(d, depthOf(&v.list[i])+1)
	}
	return d
}

func (c *docChange) apply(doc *value, now time.Time) error {
	switch c.operator {
	case "$unset":
		c.path.remove(doc)
		return nil
	case "$rename":
		return c.rename(doc)
	case "$pull", "$pop":
		at, err := c.lookUp(doc)
		if at == nil || err != nil {
			return err
		}
		if at.kind != kindArray {
			return c.mismatch("%s holds %s, not an array", c.path, article(at.kind))
		}
		if c.operator == "$pop" {
			return c.pop(at)
		}
		return c.pull(at)
	}
	at, found, err := c.place(doc)
	if err != nil {
		return err
	}
	switch c.operator {
	case "$set":
		*at = c.to.clone()
	case "$currentDate":
		*at = stringValue(now.UTC().Format("2006-01-02T15:04:05.000Z"))
		if c.to.text == "timestamp" {
			*at = fromNumber(number{integer: true, i: now.UnixMilli()})
		}
	case "$min", "$max":
		order := compareValues(&c.to, at)
		if !found || c.operator == "$min" && order < 0 || c.operator == "$max" && order > 0 {
			*at = c.to.clone()
		}
	case "$inc", "$mul":
		return c.calculate(at, found)
	case "$push", "$addToSet":
		return c.push(at, found)
	}
	return nil
}

// find follows a path exactly: a name in an object, a number in an array.
func (p path) find(v *value) *value {
	for _, s := range p {
		switch v.kind {
		case kindObject:
			v = v.field(s)
		case kindArray:
			i := arrayIndex(s)
			if i < 0 || i >= len(v.list) {
				return nil
			}
			v = &v.list[i]
		default:
			return nil
		}
		if v == nil {
			return nil
		}
	}
	return v
}

// remove takes a member away. An element of an array becomes null, so that the
// others keep their places.
func (p path) remove(doc *value) {
	parent := p[:len(p)-1].find(doc)
	if parent == nil {
		return
	}
	last := p[len(p)-1]
	if parent.kind == kindArray {
		if i := arrayIndex(last); i >= 0 && i < len(parent.list) {
			parent.list[i] = value{kind: kindNull}
		}
		return
	}
	parent.unset(last)
}

// maxPadding is how far behind its end an array may be written to.
const maxPadding = 1000

// place returns where the path ends, made when it is not there: objects on the
// way, nulls before a new element.
func (c *docChange) place(doc *value) (at *value, found bool, err error) {
	at, found = doc, true
	for n, s := range c.path {
		switch at.kind {
		case kindObject:
			next := at.field(s)
			if next == nil {
				found = false
				at.set(s, value{kind: kindObject})
				next = at.field(s)
			}
			at = next
		case kindArray:
			i := arrayIndex(s)
			if i < 0 || i > len(at.list)+maxPadding {
				return nil, false, c.mismatch("%s is an array, and %q is no place in it", c.path[:n], s)
			}
			for len(at.list) <= i {
				found = false
				at.list = append(at.list, value{kind: kindNull})
			}
			if at = &at.list[i]; !found {
				*at = value{kind: kindObject}
			}
		default:
			return nil, false, c.mismatch("%s holds %s, which has no field %q", c.path[:n], article(at.kind), s)
		}
	}
	if !found {
		*at = value{kind: kindNull}
	}
	return at, found, nil
}

func (c *docChange) mismatch(format string, args ...any) *Error {
	return &Error{Kind: KindTypeMismatch, Field: c.field, Index: -1, Message: fmt.Sprintf(format, args...)}
}

// calculate is $inc and $mul: exact in 64 bits while both are whole numbers.
func (c *docChange) calculate(at *value, found bool) error {
	if !found {
		*at = fromNumber(number{integer: true})
		if c.operator == "$inc" {
			*at = c.to
		}
		return nil
	}
	if at.kind != kindNumber {
		return c.mismatch("%s holds %s, which is no number", c.path, clip(string(at.json()), 40))
	}
	var result number
	over := 0
	if c.operator == "$inc" {
		result, over = at.num.plus(c.to.num)
	} else {
		result, over = at.num.times(c.to.num)
	}
	if over != 0 || !result.integer && (math.IsInf(result.f, 0) || math.IsNaN(result.f)) {
		return c.mismatch("%s: %s of %s and %s overflows", c.path, c.operator, at.text, c.to.text)
	}
	*at = fromNumber(result)
	return nil
}

// times multiplies. over is not 0 when whole numbers leave 64 bits.
func (n number) times(m number) (product number, over int) {
	if n.integer && m.integer {
		p := n.i * m.i
		if n.i != 0 && (p/n.i != m.i || n.i == -1 && m.i == math.MinInt64) {
			return number{integer: true}, 1
		}
		return number{integer: true, i: p}, 0
	}
	return number{f: n.float() * m.float()}, 0
}
