package server

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

func TestShapeOf(t *testing.T) {
	t.Parallel()
	many := `{"a":1`
	for _, name := range strings.Split("bcdefghijklmno", "") {
		many += `,"` + name + `":1`
	}
	for _, c := range []struct {
		values []string
		want   string
	}{
		{[]string{`1`, `2.5`}, "number"},
		{[]string{`"a"`, `null`, `true`, `false`}, "string | null | boolean"},
		{[]string{`{}`}, "{}"},
		{[]string{`[]`}, "[]"},
		{[]string{`[1,"a",[2]]`}, "[number | string | [number]]"},
		{[]string{`{"a":1,"b":"x"}`, `{"a":null}`}, "{a: number | null, b?: string}"},
		{[]string{`{"a":{"b":{"c":{"d":1}}}}`}, "{a: {b: {c: {…}}}}"},
		{[]string{`5`, `{"a":[{"b":1},{"b":2,"c":3}]}`}, "number | {a: [{b: number, c?: number}]}"},
		{[]string{many + `}`}, "{a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number, j: number, k: number, l: number, …}"},
		{[]string{`"` + strings.Repeat("x", maxShapeBytes) + `"`}, "large value"},
		{nil, ""},
	} {
		var values []jsontext.Value
		for _, v := range c.values {
			values = append(values, jsontext.Value(v))
		}
		if got := shapeOf(values); got != c.want {
			t.Errorf("%.80s: %s, want %s", c.values, got, c.want)
		}
	}
}

// TestCursorsBelongToTheirQuery: no two queries share a digest because their
// parts, put together, read alike.
func TestCursorsBelongToTheirQuery(t *testing.T) {
	t.Parallel()
	queries := [][]string{{"a", "bc"}, {"ab", "c"}, {"a", "b", "c"}, {"abc"}, {"a", `b","c`}, {}}
	for i, sealed := range queries {
		cursor := sealCursor("place\x00é", sealed...)
		for j, opened := range queries {
			place, err := openCursor(*cursor, opened...)
			if same := i == j; same != (err == nil) || same && place != "place\x00é" {
				t.Errorf("%q opened with %q: %q, %v", sealed, opened, place, err)
			}
		}
	}
	if sealCursor("", "a") != nil {
		t.Error("the end has a cursor")
	}
}

// FuzzOpenCursor: whatever comes, it is a place or a refusal.
func FuzzOpenCursor(f *testing.F) {
	f.Add(*sealCursor("user/ada", "kv_list", "shop"))
	f.Add("")
	f.Add("====")
	f.Fuzz(func(t *testing.T, cursor string) {
		place, err := openCursor(cursor, "kv_list", "shop")
		if err == nil && cursor != "" && *sealCursor(place, "kv_list", "shop") != cursor {
			t.Errorf("%q opens, but is not what its place seals to", cursor)
		}
	})
}
