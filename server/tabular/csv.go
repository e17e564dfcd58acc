package tabular

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	// maxRow bounds a row: twice what a document may have.
	maxRow = 2 << 20
	// maxColumns is far over what a sheet of people has.
	maxColumns = 1000
)

// Problem is what is wrong with a row or a file.
type Problem struct {
	Line   int    // where the row begins, from 1; of a JSON array the element's number
	Column string // "" where it is about the whole row
	Value  string // the cell, cut to 80 bytes
	Reason string // what is wrong, in a few words
}

func (p *Problem) Error() string {
	text := fmt.Sprintf("line %d", p.Line)
	if p.Column != "" {
		text += " " + p.Column
	}
	if p.Value != "" {
		text += " «" + strings.NewReplacer("«", "‹", "»", "›").Replace(p.Value) + "»"
	}
	return text + " " + p.Reason
}

// csvReader splits text into rows as RFC 4180 says, forgiving what spreadsheets
// write: any line end, quotes in the middle of a cell, and another delimiter.
// encoding/csv would hold all of a file whose quote never closes.
type csvReader struct {
	r     *bufio.Reader
	comma byte
	line  int // of the next byte

	cell   []byte
	cells  []string
	size   int
	quoted bool
	tooBig bool
}

func newCSVReader(r io.Reader, comma byte) *csvReader {
	return &csvReader{r: bufio.NewReaderSize(r, 64<<10), comma: comma, line: 1}
}

// next returns a row that is not blank and the line it begins in. cells is nil
// when the row is too large.
func (c *csvReader) next() (cells []string, line int, err error) {
	for {
		line = c.line
		cells, err = c.row()
		if err != nil || cells == nil || len(cells) > 1 || cells[0] != "" || c.quoted {
			return cells, line, err
		}
	}
}

func (c *csvReader) row() ([]string, error) {
	c.cells, c.cell, c.size, c.quoted, c.tooBig = nil, c.cell[:0], 0, false, false
	for first := true; ; first = false {
		b, err := c.r.ReadByte()
		switch {
		case err == io.EOF && first:
			return nil, io.EOF
		case err == io.EOF:
			return c.end(), nil
		case err != nil:
			return nil, err
		case b == c.comma:
			c.endCell()
		case b == '\n' || b == '\r':
			c.lineEnd(b)
			return c.end(), nil
		case b == '"' && len(c.cell) == 0 && !c.tooBig:
			c.quoted = true
			if err := c.quote(); err != nil {
				return nil, err
			}
		default:
			c.add(b)
		}
	}
}

// quote reads up to the quote that closes, and what it reads is of the cell.
func (c *csvReader) quote() error {
	opened := &Problem{Line: c.line, Column: "", Reason: fmt.Sprintf("the quote that opens in cell %d is not closed", len(c.cells)+1)}
	for {
		b, err := c.r.ReadByte()
		if err == io.EOF || c.tooBig {
			return opened
		}
		if err != nil {
			return err
		}
		switch b {
		case '"':
			after, err := c.r.ReadByte()
			if err == nil && after == '"' {
				c.add('"')
				continue
			}
			if err == nil {
				err = c.r.UnreadByte()
			}
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return err
		case '\n', '\r':
			c.lineEnd(b)
			c.add('\n')
		default:
			c.add(b)
		}
	}
}

// lineEnd counts a line and takes the second byte of \r\n.
func (c *csvReader) lineEnd(b byte) {
	c.line++
	if b != '\r' {
		return
	}
	if next, err := c.r.Peek(1); err == nil && next[0] == '\n' {
		_, _ = c.r.ReadByte() // it was peeked
	}
}

func (c *csvReader) add(b byte) {
	if c.size++; c.size > maxRow {
		c.tooBig = true
		return
	}
	c.cell = append(c.cell, b)
}

func (c *csvReader) endCell() {
	if len(c.cells) <= 2*maxColumns {
		c.cells = append(c.cells, string(c.cell))
	}
	c.cell = c.cell[:0]
}

func (c *csvReader) end() []string {
	c.endCell()
	if c.tooBig {
		return nil
	}
	return c.cells
}
