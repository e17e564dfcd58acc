package main

import (
	"strings"
	"testing"

	"fazt/server/op"
)

func TestPrintTable(t *testing.T) {
	t.Parallel()
	o := &op.Operation{Name: "kv_list"}
	for name, c := range map[string]struct {
		body string
		want []string
		not  []string
	}{
		"list":    {`{"items":[{"key":"a","value":{"x":1},"version":3}],"next_cursor":null}`, []string{"KEY", "VALUE", `{"x":1}`, "3"}, []string{"more:"}},
		"cursor":  {`{"items":[{"key":"a"}],"next_cursor":"c1"}`, []string{"more: fazt kv list … --cursor c1"}, nil},
		"empty":   {`{"items":[],"next_cursor":null}`, []string{"(none)"}, nil},
		"one":     {`{"key":"a","version":2}`, []string{"key      a", "version  2"}, nil},
		"control": {`{"value":"a\u001b[31mred\nnew"}`, []string{"a·[31mred·new"}, []string{"\x1b"}},
		"long":    {`{"value":"` + strings.Repeat("é", 100) + `"}`, []string{"é…"}, []string{strings.Repeat("é", 61)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			if err := printTable(&out, o, []byte(c.body)); err != nil {
				t.Fatal(err)
			}
			for _, want := range c.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("%q lacks %q", out.String(), want)
				}
			}
			for _, not := range c.not {
				if strings.Contains(out.String(), not) {
					t.Errorf("%q holds %q", out.String(), not)
				}
			}
		})
	}
}
