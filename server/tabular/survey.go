package tabular

import (
	"bytes"
	"errors"
	"hash/maphash"
	"io"
	"strings"
)

// Format is what a file is.
type Format string

// The formats.
const (
	CSV       Format = "csv"
	JSONLines Format = "jsonl"
	JSONArray Format = "json"
)

// Options say what the caller knows. The zero value knows nothing.
type Options struct {
	CSV    bool  // it is CSV, whatever it begins with
	JSON   bool  // it is JSON
	Header *bool // whether the first row names the columns
	Types  map[string]Type
}

// Column is one column of a table, or a member that objects have.
type Column struct {
	Name   string
	Header string // as the file has it
	Type   Type
	Empty  int64  // rows without a value
	First  string // its first value
	Unique bool   // no two of the first rows have the same, and none lacks it
	ours   bool   // of a file of rejected rows: not imported
	seen   map[uint64]bool
}

// Shape is how a file is to be read.
type Shape struct {
	Format    Format
	Encoding  string
	Delimiter byte // of CSV
	Header    bool // of CSV
	Columns   []Column
	Count     int64 // rows
	// ID names the column that holds the documents' ids; "" = none.
	ID string

	declared bool // the first line is sep=
	names    map[string]int
}

const (
	// uniqueRows bounds the memory of the search for unique columns.
	uniqueRows    = 10_000
	uniqueColumns = 50
)

// Columns that a file of rejected rows has beside its own.
const (
	RejectedLine   = "_line"
	RejectedReason = "_reason"
)

// Survey reads a file and says how it is to be read. An error that is a
// *Problem is the file's fault.
func Survey(r io.ReadSeeker, o Options) (*Shape, error) {
	head, err := headOf(r)
	if err != nil {
		return nil, err
	}
	if len(head) == 0 {
		return nil, &Problem{Line: 1, Reason: "the file is empty"}
	}
	s := &Shape{names: map[string]int{}}
	if s.Encoding, err = encodingOf(r, head); err != nil {
		return nil, err
	}
	text := decodedHead(head, s.Encoding)
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		return nil, &Problem{Line: 1, Reason: "the file is a zip or a workbook (.xlsx): save the sheet as CSV"}
	}
	if bytes.IndexByte(text[:min(len(text), 512)], 0) >= 0 {
		return nil, &Problem{Line: 1, Reason: "the file is no text: it has NUL bytes"}
	}
	switch s.Format = formatOf(text, o); s.Format {
	case CSV:
		err = s.surveyCSV(r, text, o)
	default:
		err = s.surveyJSON(r, o)
	}
	if err == nil && s.Count == 0 {
		err = &Problem{Line: 1, Reason: "the file has no rows"}
	}
	return s, err
}

func formatOf(text []byte, o Options) Format {
	trimmed := bytes.TrimLeft(text, " \t\r\n")
	first := byte(0)
	if len(trimmed) > 0 {
		first = trimmed[0]
	}
	switch {
	case o.CSV || first != '[' && first != '{' && !o.JSON:
		return CSV
	case first == '[':
		return JSONArray
	}
	return JSONLines
}

func (s *Shape) surveyCSV(r io.Reader, head []byte, o Options) error {
	s.Delimiter = delimiterOf(head)
	_, s.declared = declaredDelimiter(head)
	rows := newCSVReader(decoded(r, s.Encoding), s.Delimiter)
	first, err := s.begin(rows)
	if err != nil {
		return err
	}
	if len(first) > maxColumns {
		return &Problem{Line: 1, Reason: "the first row has over 1000 cells"}
	}
	s.Header = looksLikeHeader(first)
	if o.Header != nil {
		s.Header = *o.Header
	}
	names := numbered(len(first))
	if s.Header {
		names = fieldNames(first)
	}
	for i, name := range names {
		c := Column{Name: name, Type: Empty, ours: name == RejectedLine || name == RejectedReason}
		if s.Header {
			c.Header = first[i]
		}
		s.addColumn(c)
	}
	if !s.Header {
		s.count(first)
	}
	return s.countAll(rows, o)
}

// begin reads the first row, behind a line that only names the delimiter.
func (s *Shape) begin(rows *csvReader) ([]string, error) {
	if s.declared {
		if _, err := rows.row(); err != nil {
			return nil, err
		}
	}
	first, line, err := rows.next()
	switch {
	case errors.Is(err, io.EOF):
		return nil, &Problem{Line: 1, Reason: "the file has no rows"}
	case err == nil && first == nil:
		return nil, tooLarge(line)
	}
	return first, err
}

func tooLarge(line int) *Problem { return &Problem{Line: line, Reason: "the row is over 2 MiB"} }

func (s *Shape) addColumn(c Column) int {
	if len(s.Columns) < uniqueColumns {
		c.seen = map[uint64]bool{}
	}
	s.names[c.Name] = len(s.Columns)
	s.Columns = append(s.Columns, c)
	return len(s.Columns) - 1
}

func (s *Shape) countAll(rows *csvReader, o Options) error {
	for {
		cells, _, err := rows.next()
		if errors.Is(err, io.EOF) {
			return s.finish(o)
		}
		if err != nil {
			return err
		}
		s.count(cells)
	}
}

// count takes one row's cells into the columns. A row that does not fit says
// nothing about them.
func (s *Shape) count(cells []string) {
	s.Count++
	if cells, ok := fitting(cells, len(s.Columns)); ok {
		for i, cell := range cells {
			cell = strings.TrimSpace(cell)
			s.Columns[i].take(cell, kindOf(cell))
		}
	}
}

// fitting leaves out empty cells behind the last column.
func fitting(cells []string, n int) ([]string, bool) {
	for len(cells) > n && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	return cells, len(cells) == n
}

// seed is the same within the process, so that equal values have equal hashes.
var seed = maphash.MakeSeed()

func (c *Column) take(value string, kind Type) {
	if c.First == "" {
		c.First = cut(value)
	}
	if kind == Empty {
		c.Empty++
		c.seen = nil
	}
	c.Type = widened(c.Type, kind)
	if c.seen == nil || len(c.seen) >= uniqueRows {
		return
	}
	h := maphash.String(seed, value)
	if c.seen[h] {
		c.seen = nil
		return
	}
	c.seen[h] = true
}

// finish names what the rows have shown, and what the caller declared.
func (s *Shape) finish(o Options) error {
	for i := range s.Columns {
		c := &s.Columns[i]
		c.Unique = c.seen != nil && len(c.seen) > 1 && c.Empty == 0 && c.Type != Boolean && c.Type != Mixed
		c.seen = nil
		if c.Name == "id" && c.Type != Empty && s.Format == CSV {
			c.Type = Text
		}
	}
	for name, kind := range o.Types {
		i, ok := s.names[name]
		if !ok {
			return &UnknownColumn{Name: name}
		}
		s.Columns[i].Type = kind
	}
	return nil
}

// UnknownColumn is a name that the file has no column of.
type UnknownColumn struct{ Name string }

func (e *UnknownColumn) Error() string { return "no column " + e.Name }

// Has reports whether there is such a column.
func (s *Shape) Has(name string) bool {
	_, ok := s.names[name]
	return ok
}
