package storage

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"strings"
)

// An index key is made so that comparing bytes is comparing values, in
// MongoDB's order: empty array, null, number, string, object, array, boolean.
// No key of one value is the beginning of another's, so keys of several fields
// are put one behind the other.

const (
	tagEmpty  = 0x01 // an empty array, before null
	tagNull   = 0x02
	tagNumber = 0x03
	tagEnd    = 0x00 // of an object or array: before everything
	keyAfter  = 0xff // behind every tag: P+keyAfter ends what begins with P
)

// tag is the first byte of a value's key: 2 for null up to 7 for a boolean.
func (k valueKind) tag() byte { return byte(k) + 1 }

// MaxIndexKey is how long the indexed values of a document may be, in bytes.
const MaxIndexKey = 1024

// appendKey writes the key of a value.
func (v *value) appendKey(dst []byte) []byte {
	dst = append(dst, v.kind.tag())
	switch v.kind {
	case kindNumber:
		return v.num.appendKey(dst)
	case kindString:
		return appendTextKey(dst, v.text)
	case kindBool:
		return append(dst, byte(boolInt(v.yes)))
	case kindObject:
		for i := range v.list {
			dst = append(dst, v.list[i].kind.tag())
			dst = appendTextKey(dst, v.names[i])
			dst = v.list[i].appendKey(dst)
		}
		return append(dst, tagEnd)
	case kindArray:
		for i := range v.list {
			dst = v.list[i].appendKey(dst)
		}
		return append(dst, tagEnd)
	}
	return dst
}

func appendTextKey(dst []byte, s string) []byte {
	for {
		i := strings.IndexByte(s, 0)
		if i < 0 {
			break
		}
		dst = append(append(dst, s[:i]...), 0, 0xff)
		s = s[i+1:]
	}
	return append(append(dst, s...), 0, 1)
}

// appendKey writes the greatest float that is not above the number, and how
// much the number is above it: only integers over 2^53 are.
func (n number) appendKey(dst []byte) []byte {
	f, above := n.f, uint16(0)
	if n.integer {
		f = float64(n.i)
		if f >= 1<<63 || int64(f) > n.i {
			f = math.Nextafter(f, math.Inf(-1))
		}
		above = uint16(n.i - int64(f))
	}
	bits := math.Float64bits(f + 0) // -0 is 0
	if bits>>63 == 1 && f != 0 {
		bits = ^bits
	} else {
		bits = bits&^(1<<63) | 1<<63
	}
	dst = binary.BigEndian.AppendUint64(dst, bits)
	return binary.BigEndian.AppendUint16(dst, above)
}

// compareValues is the total order over all values, that of their keys.
func compareValues(a, b *value) int {
	if c := cmp.Compare(a.kind, b.kind); c != 0 {
		return c
	}
	switch a.kind {
	case kindNumber:
		return a.num.order(b.num)
	case kindString:
		return strings.Compare(a.text, b.text)
	case kindBool:
		return cmp.Compare(boolInt(a.yes), boolInt(b.yes))
	case kindObject, kindArray:
		return compareLists(a, b)
	}
	return 0
}

func compareLists(a, b *value) int {
	for i := range min(len(a.list), len(b.list)) {
		if a.kind == kindObject {
			if c := cmp.Or(cmp.Compare(a.list[i].kind, b.list[i].kind), strings.Compare(a.names[i], b.names[i])); c != 0 {
				return c
			}
		}
		if c := compareValues(&a.list[i], &b.list[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a.list), len(b.list))
}

// order compares by value, also an integer with a float, and infinities.
func (n number) order(m number) int {
	switch {
	case n.integer && m.integer:
		return cmp.Compare(n.i, m.i)
	case !n.integer && !m.integer:
		return cmp.Compare(n.f, m.f)
	case math.IsInf(n.f, 0) || math.IsInf(m.f, 0):
		return cmp.Compare(n.float(), m.float())
	}
	return n.compare(m)
}

func equalValues(a, b *value) bool { return compareValues(a, b) == 0 }

// fieldKeys are the keys of what a path finds in a document: one for each
// element of an array, null for what is missing. many says that an array was
// on the way.
func fieldKeys(doc *value, p path) (keys [][]byte, many bool) {
	add := func(v *value) {
		key := []byte{tagNull}
		if v != nil {
			key = v.appendKey(nil)
		}
		keys = append(keys, key)
	}
	found := 0
	p.each(doc, func(v *value) bool {
		found++
		switch {
		case v == nil || v.kind != kindArray:
			add(v)
		case len(v.list) == 0:
			many = true
			keys = append(keys, []byte{tagEmpty})
		default:
			many = true
			for i := range v.list {
				add(&v.list[i])
			}
		}
		return false
	})
	if found != 1 {
		many = true
	}
	if len(keys) == 0 {
		add(nil) // an array of what has no fields
	}
	if len(keys) > 1 {
		slices.SortFunc(keys, bytes.Compare)
		keys = slices.CompactFunc(keys, bytes.Equal)
	}
	return keys, many || p.crossesArray(doc)
}

// sortKey is what a document is sorted by on a path: its smallest value, or its
// greatest when descending.
func sortKey(doc *value, p path, descending bool) []byte {
	keys, _ := fieldKeys(doc, p)
	if descending {
		return keys[len(keys)-1]
	}
	return keys[0]
}
