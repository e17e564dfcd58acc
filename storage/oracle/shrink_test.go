package oracle

import (
	"bytes"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// smaller yields the trees one step simpler than v: a part left out, put in the
// place of the whole, or made plain itself.
func smaller(v any, yield func(any) bool) bool {
	switch v := v.(type) {
	case bson.D:
		for i, e := range v {
			with := func(key string, part any) bool {
				c := slices.Clone(v)
				c[i] = bson.E{Key: key, Value: part}
				return yield(c)
			}
			if !yield(slices.Delete(slices.Clone(v), i, i+1)) || !parts(e.Value, yield) {
				return false
			}
			if at := strings.LastIndexByte(e.Key, '.'); at > 0 && !with(e.Key[:at], e.Value) {
				return false
			}
			if !smaller(e.Value, func(s any) bool { return with(e.Key, s) }) {
				return false
			}
		}
	case bson.A:
		for i, e := range v {
			if !yield(slices.Delete(slices.Clone(v), i, i+1)) || !yield(e) {
				return false
			}
			more := smaller(e, func(s any) bool {
				c := slices.Clone(v)
				c[i] = s
				return yield(c)
			})
			if !more {
				return false
			}
		}
	}
	return plainer(v, yield)
}

// parts yields what may stand for the object that v is a member of: v itself,
// or one of a list, as in $or.
func parts(v any, yield func(any) bool) bool {
	switch v := v.(type) {
	case bson.D:
		return yield(v)
	case bson.A:
		for _, e := range v {
			if d, ok := e.(bson.D); ok && !yield(d) {
				return false
			}
		}
	}
	return true
}

// plainer yields the plain values that may stand for v: a tree becomes a
// scalar, a scalar the first of its kind.
func plainer(v any, yield func(any) bool) bool {
	for _, p := range []any{int32(1), "x", true, nil} {
		if v == nil || rank(p) >= rank(v) {
			continue
		}
		if !yield(p) {
			return false
		}
	}
	return true
}

func rank(v any) int {
	switch v := v.(type) {
	case int32:
		if v == 1 {
			return 0
		}
		return 4
	case float64:
		return 5
	case string:
		if v == "x" {
			return 1
		}
		return 6
	case bool:
		if v {
			return 2
		}
		return 7
	case nil:
		return 3
	}
	return 8
}

// shrink makes two trees as simple as they get while same holds of them.
func shrink(a, b bson.D, same func(a, b bson.D) bool) (bson.D, bson.D) {
	for changed := true; changed; {
		changed = false
		step := func(c, d bson.D) bool {
			if !same(c, d) {
				return true
			}
			a, b, changed = c, d, true
			return false
		}
		_ = smaller(a, func(s any) bool { d, ok := s.(bson.D); return !ok || step(d, b) }) &&
			smaller(b, func(s any) bool { d, ok := s.(bson.D); return !ok || step(a, d) }) &&
			(string(swapped(a)) >= string(text(a)) || step(parsed(swapped(a)), parsed(swapped(b))))
	}
	return a, b
}

// swapped is a tree with the names a and b for each other.
func swapped(d bson.D) []byte {
	r := []byte(text(d))
	for i, c := range r {
		named := i > 0 && (r[i-1] == '"' || r[i-1] == '.')
		if named && c == 'a' && !bytes.HasPrefix(r[i:], []byte("array")) {
			r[i] = 'b'
		} else if named && c == 'b' && !bytes.HasPrefix(r[i:], []byte("bool")) {
			r[i] = 'a'
		}
	}
	return r
}

func parsed(raw []byte) (d bson.D) {
	if err := bson.UnmarshalExtJSON(raw, false, &d); err != nil {
		return nil // not reached: swapping names keeps JSON
	}
	return d
}
