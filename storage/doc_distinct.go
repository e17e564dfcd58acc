package storage

import (
	"encoding/json"
	"maps"
	"slices"
)

// distinct is a set of values by their keys.
type distinct struct {
	values map[string]json.RawMessage
	bytes  int
}

func newDistinct() *distinct { return &distinct{values: map[string]json.RawMessage{}} }

// add takes a value; an array gives its elements.
func (d *distinct) add(v *value) {
	switch {
	case v == nil:
	case v.kind == kindArray:
		for i := range v.list {
			d.one(&v.list[i])
		}
	default:
		d.one(v)
	}
}

func (d *distinct) one(v *value) {
	key := string(v.appendKey(nil))
	if _, ok := d.values[key]; ok {
		return
	}
	text := v.json()
	d.bytes += len(key) + len(text)
	d.values[key] = text
}

func (d *distinct) sorted() []json.RawMessage {
	out := make([]json.RawMessage, 0, len(d.values))
	for _, key := range slices.Sorted(maps.Keys(d.values)) {
		out = append(out, d.values[key])
	}
	return out
}
