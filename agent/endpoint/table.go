package endpoint

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// table is rows of JSON values under names, as models read lists best.
type table struct {
	columns []string
	rows    [][]jsontext.Value
}

// newTable reads the items of a list. A document stands with its version
// beside its own fields.
func newTable(items []jsontext.Value) *table {
	t := &table{}
	for _, item := range items {
		list, ok := members(item)
		if !ok {
			list = []rawMember{{"value", item}}
		}
		t.add(flattened(list))
	}
	t.dropNulls()
	return t
}

func flattened(list []rawMember) []rawMember {
	doc, ok := members(find(list, "doc"))
	if !ok {
		return list
	}
	for _, m := range list {
		if m.name != "doc" {
			doc = append(doc, m)
		}
	}
	return doc
}

func (t *table) add(list []rawMember) {
	row := make([]jsontext.Value, len(t.columns), len(t.columns)+len(list))
	for _, m := range list {
		i := slices.Index(t.columns, m.name)
		if i < 0 {
			t.columns = append(t.columns, m.name)
			i = len(t.columns) - 1
		}
		for len(row) <= i {
			row = append(row, nil)
		}
		row[i] = m.value
	}
	t.rows = append(t.rows, row)
}

func (t *table) cell(row, column int) string {
	if column >= len(t.rows[row]) {
		return ""
	}
	return string(t.rows[row][column])
}

// dropNulls takes out the columns that are null in every row.
func (t *table) dropNulls() {
	for column := len(t.columns) - 1; column >= 0; column-- {
		null := true
		for row := range t.rows {
			null = null && (t.cell(row, column) == "null" || t.cell(row, column) == "")
		}
		if null && len(t.rows) > 0 {
			t.columns = slices.Delete(t.columns, column, column+1)
			for row := range t.rows {
				if column < len(t.rows[row]) {
					t.rows[row] = slices.Delete(t.rows[row], column, column+1)
				}
			}
		}
	}
}

// lines are the header and the rows. A value is its JSON, so that a string
// keeps apart from a number and from the lines around it.
func (t *table) lines() []string {
	lines := make([]string, 0, len(t.rows)+1)
	lines = append(lines, strings.Join(t.header(), " | "))
	for row := range t.rows {
		cells := make([]string, len(t.columns))
		for column := range t.columns {
			cells[column] = t.cell(row, column)
		}
		lines = append(lines, strings.TrimRight(strings.Join(cells, " | "), " "))
	}
	return lines
}

// header quotes a name that could be taken for more than one.
func (t *table) header() []string {
	names := make([]string, len(t.columns))
	for i, name := range t.columns {
		names[i] = name
		if strings.ContainsAny(name, "|\"\n\r") || name == "" {
			names[i] = text(name)
		}
	}
	return names
}

// fitting returns how many rows fit into room bytes.
func fitting(lines []string, room int) int {
	size := 0
	for i, line := range lines {
		size += len(fence(line)) + 1
		if size > room {
			return max(0, i-1)
		}
	}
	return len(lines) - 1
}
