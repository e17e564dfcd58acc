package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
)

// maxCell is how many characters of a value a table shows.
const maxCell = 60

// printTable prints a list as a table, and anything else as one line a field.
// Fields keep the order of the operation's output.
func printTable(w io.Writer, o *op.Operation, body []byte) error {
	fields, err := members(body)
	if err != nil {
		_, err = fmt.Fprintf(w, "%s\n", body)
		return err
	}
	i := slices.IndexFunc(fields, func(f member) bool { return f.name == "items" })
	if i < 0 {
		return printFields(w, fields)
	}
	var items []jsontext.Value
	if err := json.Unmarshal(fields[i].value, &items); err != nil {
		return fmt.Errorf("items: %w", err)
	}
	if err := printRows(w, items); err != nil {
		return err
	}
	for _, f := range fields {
		if f.name == "next_cursor" && f.value.Kind() == '"' {
			_, err = fmt.Fprintf(w, "more: fazt %s %s … --cursor %s\n", o.Noun(), verbOf(o), cell(f))
		}
	}
	return err
}

type member struct {
	name  string
	value jsontext.Value
}

// members lists an object's members in order.
func members(object []byte) ([]member, error) {
	dec := jsontext.NewDecoder(strings.NewReader(string(object)))
	if kind := dec.PeekKind(); kind != '{' {
		return nil, fmt.Errorf("not a JSON object")
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	var list []member
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		m := member{name: name.String()}
		value, err := dec.ReadValue()
		if err != nil {
			return nil, err
		}
		m.value = value.Clone()
		list = append(list, m)
	}
	_, err := dec.ReadToken()
	return list, err
}

func printFields(w io.Writer, fields []member) error {
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, f := range fields {
		fmt.Fprintf(table, "%s\t%s\n", f.name, cell(f))
	}
	return table.Flush()
}

func printRows(w io.Writer, items []jsontext.Value) error {
	if len(items) == 0 {
		_, err := fmt.Fprintln(w, "(none)")
		return err
	}
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for i, item := range items {
		fields, err := members(item)
		if err != nil {
			fmt.Fprintf(table, "%s\n", item)
			continue
		}
		if i == 0 {
			names := make([]string, len(fields))
			for j, f := range fields {
				names[j] = strings.ToUpper(f.name)
			}
			fmt.Fprintln(table, strings.Join(names, "\t"))
		}
		cells := make([]string, len(fields))
		for j, f := range fields {
			cells[j] = cell(f)
		}
		fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	return table.Flush()
}

// cell shows a value in one line: text without quotes, times as dates.
func cell(f member) string {
	text := string(f.value)
	switch f.value.Kind() {
	case 'n':
		return "-"
	case '"':
		if plain, err := jsontext.AppendUnquote(nil, []byte(f.value)); err == nil {
			text = printable(string(plain))
		}
	case '0':
		var ms int64
		if strings.HasSuffix(f.name, "_at") && json.Unmarshal(f.value, &ms) == nil {
			return time.UnixMilli(ms).Format("2006-01-02 15:04:05")
		}
	}
	if runes := []rune(text); len(runes) > maxCell {
		return string(runes[:maxCell-1]) + "…"
	}
	return text
}

// printable replaces control characters, which could move a terminal's cursor
// or change its state.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '·'
		}
		return r
	}, text)
}
