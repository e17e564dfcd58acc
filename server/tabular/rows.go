package tabular

import (
	"fmt"
	"io"
	"strings"
)

// Row is one row as a document.
type Row struct {
	Line    int
	Doc     []byte // a JSON object without a member id; valid until the next row
	ID      string // of the column that Shape.ID names
	Cells   []string
	Raw     []byte // of JSON: what the file has
	Problem *Problem
}

// Rows reads the rows of a file whose Shape is known.
type Rows struct {
	shape *Shape
	csv   *csvReader
	json  *jsonReader
	doc   []byte
}

// Rows begins to read a file from its begin.
func (s *Shape) Rows(r io.ReadSeeker) (*Rows, error) {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	text := decoded(r, s.Encoding)
	if s.Format != CSV {
		return &Rows{shape: s, json: newJSONReader(text, s.Format)}, nil
	}
	rows := &Rows{shape: s, csv: newCSVReader(text, s.Delimiter)}
	if !s.Header && !s.declared {
		return rows, nil
	}
	if !s.Header {
		_, err := rows.csv.row()
		return rows, err
	}
	_, err := s.begin(rows.csv)
	return rows, err
}

// Next returns the next row, or io.EOF.
func (r *Rows) Next() (Row, error) {
	if r.json != nil {
		return r.nextJSON()
	}
	cells, line, err := r.csv.next()
	if err != nil {
		return Row{}, err
	}
	row := Row{Line: line, Cells: cells}
	if cells == nil {
		row.Problem = tooLarge(line)
		return row, nil
	}
	row.Cells, row.Problem = r.fit(cells, line)
	if row.Problem == nil {
		row.Doc, row.ID, row.Problem = r.document(row)
	}
	return row, nil
}

func (r *Rows) fit(cells []string, line int) ([]string, *Problem) {
	cells, ok := fitting(cells, len(r.shape.Columns))
	if !ok {
		return cells, &Problem{Line: line, Reason: fmt.Sprintf("has %d cells, and the first row has %d", len(cells), len(r.shape.Columns))}
	}
	return cells, nil
}

// document makes a document of a row's cells.
func (r *Rows) document(row Row) (doc []byte, id string, problem *Problem) {
	b := append(r.doc[:0], '{')
	for i := range r.shape.Columns {
		c := &r.shape.Columns[i]
		cell := strings.TrimSpace(row.Cells[i])
		if c.Name == r.shape.ID {
			if id = cell; id == "" {
				return nil, "", &Problem{Line: row.Line, Column: c.Name, Reason: "is empty, and it is the document's id"}
			}
		}
		if c.ours || c.Name == "id" {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b, _ = appendText(b, c.Name) // a name has neither NUL nor bad UTF-8
		b = append(b, ':')
		var reason string
		if b, reason = appendCell(b, cell, c.Type); reason != "" {
			return nil, "", &Problem{Line: row.Line, Column: c.Name, Value: cut(cell), Reason: reason}
		}
	}
	r.doc = append(b, '}')
	return r.doc, id, nil
}

// Cell returns what a row has in a column, cut for a report.
func (s *Shape) Cell(row Row, name string) string {
	if s.Format == CSV {
		if i, ok := s.names[name]; ok && i < len(row.Cells) {
			return cut(strings.TrimSpace(row.Cells[i]))
		}
		return ""
	}
	members, _ := membersOf(row.Raw)
	for _, m := range members {
		if m.name == name {
			_, text := memberType(m.value)
			return cut(text)
		}
	}
	return ""
}
