package storage

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// path is a dotted path into a document, in its segments.
type path []string

const (
	maxPathBytes    = 512
	maxPathSegments = 32
)

// parsePath reads a dotted path. Operators and empty segments are refused, for
// they are mistakes more often than names.
func parsePath(field, text string) (path, error) {
	switch {
	case text == "":
		return nil, invalid(field, "a path is empty: name a field, as in address.city")
	case len(text) > maxPathBytes:
		return nil, tooLarge(field, "a path of %d bytes is too long: at most %d", len(text), maxPathBytes)
	case !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0:
		return nil, invalid(field, "the path %q is not valid UTF-8 without U+0000", text)
	}
	p := path(strings.Split(text, "."))
	if len(p) > maxPathSegments {
		return nil, tooLarge(field, "the path %q has %d segments: at most %d", clip(text, 60), len(p), maxPathSegments)
	}
	for _, s := range p {
		if s == "" || s[0] == '$' {
			return nil, invalid(field, "%q is no path: segments are not empty and do not begin with $", text)
		}
	}
	return p, nil
}

func (p path) String() string { return strings.Join(p, ".") }

func (p path) equal(q path) bool { return slices.Equal(p, q) }

// overlaps reports whether one path is the other or leads to it.
func (p path) overlaps(q path) bool {
	n := min(len(p), len(q))
	return slices.Equal(p[:n], q[:n])
}

// each calls fn with everything the path finds, nil for a missing one, until it
// says true. An array on the way stands for its elements that are objects, and
// a number also picks one element, as in MongoDB. An array at the end is given
// as it is.
func (p path) each(doc *value, fn func(*value) bool) bool {
	if doc.kind != kindObject {
		return fn(nil)
	}
	v := doc.field(p[0])
	if v == nil {
		return fn(nil)
	}
	return p[1:].from(v, fn)
}

func (p path) from(v *value, fn func(*value) bool) bool {
	if len(p) == 0 {
		return fn(v)
	}
	switch v.kind {
	case kindObject:
		return p.each(v, fn)
	case kindArray:
		index := arrayIndex(p[0])
		for i := range v.list {
			e := &v.list[i]
			if e.kind == kindObject && p.each(e, fn) {
				return true
			}
			if i == index && p[1:].from(e, fn) {
				return true
			}
		}
		return false
	}
	return fn(nil)
}

// crossesArray reports whether an array is on the way or at the end.
func (p path) crossesArray(doc *value) bool {
	v := doc
	for _, s := range p {
		if v = v.field(s); v == nil {
			return false
		}
		if v.kind == kindArray {
			return true
		}
	}
	return false
}

// arrayIndex reads a segment as the number of an element, -1 when it is none.
func arrayIndex(s string) int {
	if s == "" || len(s) > 6 || len(s) > 1 && s[0] == '0' {
		return -1
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return -1
	}
	return n
}
