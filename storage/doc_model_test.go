package storage

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The model: filters over what encoding/json makes of a document, written as
// plainly as MongoDB's manual says it, without plans, keys or indexes.

type missing struct{}

type object = map[string]any

func modelFind(v any, p []string) []any {
	if len(p) == 0 {
		return []any{v}
	}
	switch v := v.(type) {
	case object:
		if sub, ok := v[p[0]]; ok {
			return modelFind(sub, p[1:])
		}
		return []any{missing{}}
	case []any:
		out := []any{}
		for i, e := range v {
			if _, ok := e.(object); ok {
				out = append(out, modelFind(e, p)...)
			}
			if p[0] == strconv.Itoa(i) {
				out = append(out, modelFind(e, p[1:])...)
			}
		}
		return out
	}
	return []any{missing{}}
}

func modelRank(v any) int {
	switch v.(type) {
	case nil, missing:
		return 1
	case float64:
		return 2
	case string:
		return 3
	case object:
		return 4
	case []any:
		return 5
	}
	return 6
}

func modelCompare(a, b any) int {
	if c := cmp.Compare(modelRank(a), modelRank(b)); c != 0 {
		return c
	}
	switch x := a.(type) {
	case float64:
		return cmp.Compare(x, b.(float64))
	case string:
		return strings.Compare(x, b.(string))
	case bool:
		return cmp.Compare(boolInt(x), boolInt(b.(bool)))
	case []any:
		return slices.CompareFunc(x, b.([]any), modelCompare)
	case object:
		y := b.(object)
		return slices.CompareFunc(slices.Sorted(maps.Keys(x)), slices.Sorted(maps.Keys(y)), func(m, n string) int {
			return cmp.Or(cmp.Compare(modelRank(x[m]), modelRank(y[n])), strings.Compare(m, n), modelCompare(x[m], y[n]))
		})
	}
	return 0
}

// modelAny says whether anything found, or an element of it, passes.
func modelAny(found []any, test func(any) bool) bool {
	for _, v := range found {
		if test(v) {
			return true
		}
		if list, ok := v.([]any); ok && slices.ContainsFunc(list, test) {
			return true
		}
	}
	return false
}

func modelMatch(doc any, filter object) bool {
	for name, arg := range filter {
		ok := false
		switch name {
		case "$and":
			ok = !slices.ContainsFunc(arg.([]any), func(f any) bool { return !modelMatch(doc, f.(object)) })
		case "$or":
			ok = slices.ContainsFunc(arg.([]any), func(f any) bool { return modelMatch(doc, f.(object)) })
		case "$nor":
			ok = !slices.ContainsFunc(arg.([]any), func(f any) bool { return modelMatch(doc, f.(object)) })
		default:
			ok = modelField(modelFind(doc, strings.Split(name, ".")), arg)
		}
		if !ok {
			return false
		}
	}
	return true
}

func modelIsOperators(v any) bool {
	o, ok := v.(object)
	for name := range o {
		return ok && strings.HasPrefix(name, "$")
	}
	return false
}

func modelField(found []any, arg any) bool {
	if !modelIsOperators(arg) {
		return modelOperator(found, "$eq", arg)
	}
	for name, a := range arg.(object) {
		if !modelOperator(found, name, a) {
			return false
		}
	}
	return true
}

func modelEqual(v, want any) bool {
	if _, gone := v.(missing); gone {
		return want == nil
	}
	return modelCompare(v, want) == 0
}

func modelOperator(found []any, name string, arg any) bool {
	compare := func(ok func(int) bool, null bool) bool {
		return modelAny(found, func(v any) bool {
			if _, gone := v.(missing); gone {
				return arg == nil && null
			}
			return modelRank(v) == modelRank(arg) && ok(modelCompare(v, arg))
		})
	}
	switch name {
	case "$eq":
		return modelAny(found, func(v any) bool { return modelEqual(v, arg) })
	case "$ne":
		return !modelOperator(found, "$eq", arg)
	case "$gt":
		return compare(func(c int) bool { return c > 0 }, false)
	case "$gte":
		return compare(func(c int) bool { return c >= 0 }, true)
	case "$lt":
		return compare(func(c int) bool { return c < 0 }, false)
	case "$lte":
		return compare(func(c int) bool { return c <= 0 }, true)
	case "$in":
		return slices.ContainsFunc(arg.([]any), func(a any) bool { return modelOperator(found, "$eq", a) })
	case "$nin":
		return !modelOperator(found, "$in", arg)
	case "$all":
		return len(arg.([]any)) > 0 && !slices.ContainsFunc(arg.([]any), func(a any) bool { return !modelOperator(found, "$eq", a) })
	case "$not":
		return !modelField(found, arg)
	case "$exists":
		there := slices.ContainsFunc(found, func(v any) bool { return v != missing{} })
		return there == arg.(bool)
	case "$type":
		ranks := map[string]int{"null": 1, "number": 2, "string": 3, "object": 4, "array": 5, "bool": 6}
		return modelAny(found, func(v any) bool { return v != any(missing{}) && modelRank(v) == ranks[arg.(string)] })
	case "$regex":
		re := regexp.MustCompile(arg.(string))
		return modelAny(found, func(v any) bool { s, ok := v.(string); return ok && re.MatchString(s) })
	case "$mod":
		by, rest := int64(arg.([]any)[0].(float64)), int64(arg.([]any)[1].(float64))
		return modelAny(found, func(v any) bool { n, ok := v.(float64); return ok && int64(math.Trunc(n))%by == rest })
	}
	return modelArray(found, name, arg)
}

// modelArray is the operators on an array as a whole.
func modelArray(found []any, name string, arg any) bool {
	return slices.ContainsFunc(found, func(v any) bool {
		list, ok := v.([]any)
		if !ok {
			return false
		}
		if name == "$size" {
			return float64(len(list)) == arg.(float64)
		}
		return slices.ContainsFunc(list, func(e any) bool {
			if modelIsOperators(arg) {
				return modelElement(e, arg.(object))
			}
			_, isObject := e.(object)
			return isObject && modelMatch(e, arg.(object))
		})
	})
}

// modelElement tests one element alone, not what is inside it.
func modelElement(e any, operators object) bool {
	for name, arg := range operators {
		c := modelCompare(e, arg)
		holds := map[string]bool{"$eq": c == 0, "$gt": c > 0, "$gte": c >= 0, "$lt": c < 0, "$lte": c <= 0}
		if !holds[name] || modelRank(e) != modelRank(arg) {
			return false
		}
	}
	return true
}

// modelSortKey is the smallest or greatest value that a path finds.
func modelSortKey(doc any, p string, descending bool) any {
	var all []any
	for _, v := range modelFind(doc, strings.Split(p, ".")) {
		switch list, ok := v.([]any); {
		case ok && len(list) == 0:
			all = append(all, emptyArray{})
		case ok:
			all = append(all, list...)
		default:
			all = append(all, v)
		}
	}
	if len(all) == 0 {
		all = []any{nil}
	}
	if descending {
		return slices.MaxFunc(all, modelSortOrder)
	}
	return slices.MinFunc(all, modelSortOrder)
}

type emptyArray struct{}

func modelSortOrder(a, b any) int {
	_, x := a.(emptyArray)
	_, y := b.(emptyArray)
	if x || y {
		return cmp.Compare(boolInt(y), boolInt(x))
	}
	return modelCompare(a, b)
}

func modelSorted(docs []object, sort []string) (ids []string) {
	slices.SortFunc(docs, func(a, b object) int {
		for _, f := range sort {
			name, descending := strings.CutPrefix(f, "-")
			if c := modelSortOrder(modelSortKey(a, name, descending), modelSortKey(b, name, descending)); c != 0 {
				if descending {
					return -c
				}
				return c
			}
		}
		c := strings.Compare(a["id"].(string), b["id"].(string))
		if len(sort) > 0 && sort[0][0] == '-' {
			return -c
		}
		return c
	})
	for _, d := range docs {
		ids = append(ids, d["id"].(string))
	}
	return ids
}

// Generators: few names and values, so that conditions meet.

func drawScalar(t *rapid.T) any {
	return rapid.SampledFrom([]any{nil, true, false, 0.0, 1.0, 2.0, -1.0, 1.5, "", "x", "y", "xy", "é"}).Draw(t, "scalar")
}

func drawValue(t *rapid.T, depth int) any {
	switch k := rapid.IntRange(0, 12).Draw(t, "kind"); {
	case depth > 0 && k == 0:
		return drawObject(t, depth-1)
	case depth > 0 && k <= 3:
		list := []any{}
		for range rapid.IntRange(0, 3).Draw(t, "length") {
			list = append(list, drawValue(t, depth-1))
		}
		return list
	}
	return drawScalar(t)
}

func drawObject(t *rapid.T, depth int) object {
	o := object{}
	for _, name := range []string{"a", "b"} {
		if rapid.IntRange(0, 2).Draw(t, "there") > 0 {
			o[name] = drawValue(t, depth)
		}
	}
	return o
}

func drawPath(t *rapid.T) string {
	return rapid.SampledFrom([]string{"a", "b", "a", "b", "a", "b", "a.a", "a.b", "b.a", "a.0", "b.1", "a.b.a", "a.0.b"}).Draw(t, "path")
}

func drawFilter(t *rapid.T, depth int) object {
	f := object{}
	for range rapid.IntRange(1, 2).Draw(t, "conditions") {
		if depth > 0 && rapid.IntRange(0, 4).Draw(t, "logic") == 0 {
			var parts []any
			for range rapid.IntRange(1, 2).Draw(t, "parts") {
				parts = append(parts, drawFilter(t, depth-1))
			}
			f[rapid.SampledFrom([]string{"$and", "$or", "$nor"}).Draw(t, "name")] = parts
			continue
		}
		f[drawPath(t)] = drawCondition(t, depth)
	}
	return f
}

func drawCondition(t *rapid.T, depth int) any {
	if rapid.IntRange(0, 3).Draw(t, "plain") == 0 {
		return drawValue(t, 1)
	}
	return drawOperators(t, depth, false)
}

func drawOperators(t *rapid.T, depth int, element bool) object {
	o := object{}
	for range rapid.IntRange(1, 2).Draw(t, "operators") {
		names := []string{"$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$gt", "$lte", "$in", "$nin", "$exists", "$type", "$size", "$regex", "$mod", "$all", "$not", "$elemMatch"}
		if element {
			names = []string{"$eq", "$gt", "$gte", "$lt", "$lte"}
		}
		name := rapid.SampledFrom(names).Draw(t, "operator")
		switch name {
		case "$in", "$nin", "$all":
			list := []any{}
			for range rapid.IntRange(0, 3).Draw(t, "length") {
				list = append(list, drawValue(t, 1))
			}
			o[name] = list
		case "$exists":
			o[name] = rapid.Bool().Draw(t, "exists")
		case "$type":
			o[name] = rapid.SampledFrom([]string{"null", "number", "string", "object", "array", "bool"}).Draw(t, "type")
		case "$size":
			o[name] = float64(rapid.IntRange(0, 3).Draw(t, "size"))
		case "$regex":
			o[name] = rapid.SampledFrom([]string{"x", "^y", "^$"}).Draw(t, "regex")
		case "$mod":
			o[name] = []any{2.0, float64(rapid.IntRange(0, 1).Draw(t, "rest"))}
		case "$not":
			o[name] = drawOperators(t, 0, false)
		case "$elemMatch":
			if depth > 0 && rapid.Bool().Draw(t, "fields") {
				o[name] = drawFilter(t, 0)
			} else {
				o[name] = drawOperators(t, 0, true)
			}
		default:
			o[name] = drawValue(t, 1)
			if element {
				o[name] = drawScalar(t)
			}
		}
	}
	return o
}

// TestFiltersAgainstModel holds every plan to the model: the same documents in
// the same order, page by page, with and without indexes, counted and deleted.
func TestFiltersAgainstModel(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		name := fmt.Sprintf("m%d", run)
		var specs []IndexSpec
		for i := range rapid.IntRange(0, 3).Draw(rt, "indexes") {
			fields := rapid.SampledFrom([][]string{{"a"}, {"b"}, {"a.b"}, {"a", "b"}, {"b", "a"}, {"a.a", "b"}, {"a.0"}}).Draw(rt, "fields")
			specs = append(specs, IndexSpec{Name: fmt.Sprint("i", i), Fields: fields, Sparse: rapid.Bool().Draw(rt, "sparse")})
		}
		mutations := []Mutation{CollectionSet{Collection: name, Indexes: &specs}}
		var docs []object
		for i := range rapid.IntRange(0, 12).Draw(rt, "docs") {
			d := drawObject(rt, 2)
			d["id"] = fmt.Sprintf("d%02d", i)
			docs = append(docs, d)
			mutations = append(mutations, DocInsert{Collection: name, Doc: marshal(rt, d)})
		}
		if rapid.Bool().Draw(rt, "late") { // the index is declared over documents that are there
			mutations = append(mutations[1:], mutations[0])
		}
		mustWrite(rt, f, mutations...)
		for range 25 {
			compareWithModel(rt, f, name, docs)
		}
	})
	if err := f.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func compareWithModel(rt *rapid.T, f *fixture, name string, docs []object) {
	filter := drawFilter(rt, 2)
	var sort []string
	for range rapid.IntRange(0, 2).Draw(rt, "sorts") {
		sort = append(sort, rapid.SampledFrom([]string{"", "-"}).Draw(rt, "direction")+drawPath(rt))
	}
	var want []object
	for _, d := range docs {
		if modelMatch(d, filter) {
			want = append(want, d)
		}
	}
	ids := modelSorted(want, sort)
	raw := marshal(rt, filter)
	var got []string
	for cursor := ""; ; {
		page, next, err := f.DocFind(f.t.Context(), "a", DocQuery{Collection: name, Filter: raw, Sort: sort, Limit: 3, Cursor: cursor})
		if err != nil {
			rt.Fatalf("%s: %v", raw, err)
		}
		for _, d := range page {
			got = append(got, d.ID)
		}
		if cursor = next; next == "" {
			break
		}
	}
	if !slices.Equal(got, ids) {
		rt.Fatalf("filter %s sort %v of %s\n got %v\nwant %v", raw, sort, marshal(rt, docs), got, ids)
	}
	if n, err := f.DocCount(f.t.Context(), "a", name, raw); err != nil || n != int64(len(ids)) {
		rt.Fatalf("count of %s: %d, %v, want %d", raw, n, err, len(ids))
	}
}

func marshal(rt *rapid.T, v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		rt.Fatal(err)
	}
	return text
}

func mustWrite(rt *rapid.T, f *fixture, m ...Mutation) *Outcome {
	o, err := f.Write(f.t.Context(), &Batch{App: "a", Mutations: m})
	if err != nil {
		rt.Fatal(err)
	}
	return o
}

// TestKeyOrder: keys compare as values do.
func TestKeyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		draw := func() value {
			if rapid.IntRange(0, 3).Draw(rt, "sort") == 0 {
				return numberValue(rapid.SampledFrom([]string{
					"9007199254740993", "9007199254740992.0", "9007199254740992", "-9007199254740993", "9223372036854775807", "9223372036854775808",
					"-9223372036854775808", "1e18", "1000000000000000000", "1e999", "-1e999", "-0", "0", "0.1", "5e-324", "-5e-324", "1e308",
				}).Draw(rt, "number"))
			}
			return storedValue(marshal(rt, drawValue(rt, 2)))
		}
		a, b := draw(), draw()
		if want, got := compareValues(&a, &b), strings.Compare(string(a.appendKey(nil)), string(b.appendKey(nil))); got != want {
			rt.Fatalf("%s and %s: keys %d, values %d", a.json(), b.json(), got, want)
		}
		if n := keyLength(append(a.appendKey(nil), 7)); n != len(a.appendKey(nil)) {
			rt.Fatalf("%s: length %d of %d", a.json(), n, len(a.appendKey(nil)))
		}
	})
}
