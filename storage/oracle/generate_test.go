package oracle

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// generator makes documents, filters and updates of few names and values, so
// that conditions meet.
type generator struct{ *rand.Rand }

func pick[T any](g generator, from ...T) T { return from[g.IntN(len(from))] }

func (g generator) scalar() any {
	return pick[any](g, nil, true, false, int32(0), int32(1), int32(2), int32(-1), 1.5, "", "x", "y", "xy")
}

// list has no array as an element: FerretDB stores none.
func (g generator) list(depth int) bson.A {
	a := bson.A{}
	for range g.IntN(4) {
		if depth > 0 && g.IntN(5) == 0 {
			a = append(a, g.object(depth-1))
		} else {
			a = append(a, g.scalar())
		}
	}
	return a
}

func (g generator) value(depth int) any {
	switch k := g.IntN(12); {
	case depth > 0 && k < 2:
		return g.object(depth - 1)
	case depth > 0 && k < 5:
		return g.list(depth - 1)
	}
	return g.scalar()
}

func (g generator) object(depth int) bson.D {
	d := bson.D{}
	for _, name := range pick(g, []string{"a", "b"}, []string{"b", "a"}) {
		if g.IntN(3) > 0 {
			d = append(d, bson.E{Key: name, Value: g.value(depth)})
		}
	}
	return d
}

func (g generator) docs(n int) (docs []bson.D) {
	for i := range n {
		docs = append(docs, slices.Insert(g.object(2), 0, bson.E{Key: "_id", Value: fmt.Sprintf("d%02d", i)}))
	}
	return docs
}

func (g generator) path() string {
	return pick(g, "a", "b", "a", "b", "a", "b", "a.a", "a.b", "b.a", "a.0", "b.1", "a.b.a", "a.0.b")
}

func (g generator) filter(depth int) bson.D {
	f := bson.D{}
	for range 1 + g.IntN(2) {
		e := bson.E{Key: g.path()}
		if depth > 0 && g.IntN(5) == 0 {
			parts := bson.A{}
			for range 1 + g.IntN(2) {
				parts = append(parts, g.filter(depth-1))
			}
			e = bson.E{Key: pick(g, "$and", "$or", "$nor"), Value: parts}
		} else if g.IntN(4) == 0 {
			e.Value = g.value(1)
		} else {
			e.Value = g.operators(depth)
		}
		f = add(f, e)
	}
	return f
}

// add puts a member into an object unless the name is taken.
func add(d bson.D, e bson.E) bson.D {
	if slices.ContainsFunc(d, func(o bson.E) bool { return o.Key == e.Key }) {
		return d
	}
	return append(d, e)
}

func (g generator) operators(depth int) bson.D {
	o := bson.D{}
	for range 1 + g.IntN(2) {
		name := pick(g, "$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$exists", "$type", "$size",
			"$regex", "$mod", "$all", "$not", "$elemMatch")
		o = add(o, bson.E{Key: name, Value: g.argument(name, depth)})
	}
	return o
}

func (g generator) argument(name string, depth int) any {
	switch name {
	case "$in", "$nin", "$all":
		return g.list(1)
	case "$exists":
		return g.IntN(2) == 0
	case "$type":
		return pick(g, "null", "number", "string", "object", "array", "bool", "int", "double")
	case "$size":
		return int32(g.IntN(4))
	case "$regex":
		return pick(g, "x", "^y", "^$")
	case "$mod":
		return bson.A{pick(g, int32(2), int32(-2), int32(3)), int32(g.IntN(2))}
	case "$not":
		return g.operators(0)
	case "$elemMatch":
		if depth > 0 && g.IntN(2) == 0 {
			return g.filter(0)
		}
		return g.operators(0)
	}
	return g.value(1)
}

func (g generator) update() bson.D {
	u := bson.D{}
	for range 1 + g.IntN(2) {
		name := pick(g, "$set", "$unset", "$inc", "$mul", "$min", "$max", "$rename", "$push", "$pull", "$addToSet", "$pop")
		u = add(u, bson.E{Key: name, Value: bson.D{{Key: g.path(), Value: g.change(name)}}})
	}
	return u
}

func (g generator) change(name string) any {
	switch name {
	case "$unset":
		return ""
	case "$inc", "$mul":
		return pick[any](g, int32(0), int32(1), int32(2), int32(-1), 1.5)
	case "$rename":
		return pick(g, "a", "b", "c", "a.b", "b.a")
	case "$pop":
		return pick(g, int32(1), int32(-1))
	case "$pull":
		return pick(g, func() any { return g.value(1) }, func() any { return g.operators(0) }, func() any { return g.filter(0) })()
	case "$push":
		if g.IntN(2) == 0 {
			return g.push()
		}
	case "$addToSet":
		if g.IntN(3) == 0 {
			return bson.D{{Key: "$each", Value: g.list(1)}}
		}
	}
	return g.value(1)
}

func (g generator) push() bson.D {
	m := bson.D{{Key: "$each", Value: g.list(1)}}
	if g.IntN(2) == 0 {
		m = append(m, bson.E{Key: "$position", Value: int32(g.IntN(5) - 2)})
	}
	if g.IntN(2) == 0 {
		m = append(m, bson.E{Key: "$slice", Value: int32(g.IntN(5) - 2)})
	}
	if g.IntN(3) == 0 {
		m = append(m, bson.E{Key: "$sort", Value: pick[any](g, int32(1), int32(-1), bson.D{{Key: "a", Value: int32(1)}})})
	}
	return m
}
