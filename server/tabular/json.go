package tabular

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// jsonReader reads the values of a file of lines, or the elements of an array.
type jsonReader struct {
	lines  *bufio.Reader
	array  *jsontext.Decoder
	source *allowance
	line   int
	begun  bool
}

// allowance ends a reader that has given too much since the last value.
type allowance struct {
	r    io.Reader
	left int
}

var errAllowance = errors.New("tabular: a value is over 2 MiB")

func (a *allowance) Read(b []byte) (int, error) {
	if a.left <= 0 {
		return 0, errAllowance
	}
	n, err := a.r.Read(b[:min(len(b), a.left)])
	a.left -= n
	return n, err
}

func newJSONReader(r io.Reader, format Format) *jsonReader {
	if format == JSONLines {
		return &jsonReader{lines: bufio.NewReaderSize(r, 64<<10)}
	}
	source := &allowance{r: r, left: maxRow}
	// A name that is there twice is the fault of its row, found there.
	return &jsonReader{array: jsontext.NewDecoder(source, jsontext.AllowDuplicateNames(true)), source: source}
}

// next returns a value, and nil for one that is too large.
func (j *jsonReader) next() ([]byte, error) {
	if j.array != nil {
		return j.element()
	}
	for {
		j.line++
		line, err := j.readLine()
		if err != nil || line == nil || len(bytes.TrimSpace(line)) > 0 {
			return line, err
		}
	}
}

func (j *jsonReader) readLine() ([]byte, error) {
	var line []byte
	large := false
	for {
		part, err := j.lines.ReadSlice('\n')
		large = large || len(line)+len(part) > maxRow
		if !large {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err == io.EOF && (len(line) > 0 || large):
			err = nil
		}
		if large && err == nil {
			return nil, nil
		}
		return line, err
	}
}

func (j *jsonReader) element() ([]byte, error) {
	j.source.left = maxRow
	if !j.begun {
		j.begun = true
		if _, err := j.array.ReadToken(); err != nil {
			return nil, j.broken(err)
		}
	}
	j.line++
	if j.array.PeekKind() == ']' {
		return nil, io.EOF
	}
	value, err := j.array.ReadValue()
	if err != nil {
		return nil, j.broken(err)
	}
	return value, nil
}

// broken says where an array can not be read any further.
func (j *jsonReader) broken(err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, errAllowance):
		return &Problem{Line: j.line, Reason: "the element is over 2 MiB"}
	case errors.As(err, &syntax):
		return &Problem{Line: j.line, Reason: fmt.Sprintf("the array cannot be read behind byte %d: %v", syntax.ByteOffset, syntax.Err)}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &Problem{Line: j.line, Reason: "the array does not end"}
	}
	return err
}

// member is one member of an object.
type member struct {
	name  string
	value jsontext.Value
}

// membersOf takes an object apart, or says why it is none.
func membersOf(value []byte) ([]member, string) {
	dec := jsontext.NewDecoder(bytes.NewReader(value))
	if dec.PeekKind() != '{' {
		if !jsontext.Value(value).IsValid() {
			return nil, "is not JSON"
		}
		return nil, "is no object"
	}
	_, err := dec.ReadToken()
	var list []member
	for err == nil && dec.PeekKind() == '"' {
		var name jsontext.Token
		if name, err = dec.ReadToken(); err != nil {
			break
		}
		m := member{name: name.String()}
		var v jsontext.Value
		if v, err = dec.ReadValue(); err == nil {
			m.value = v.Clone()
			list = append(list, m)
		}
	}
	if err == nil {
		_, err = dec.ReadToken()
	}
	if err == nil && len(bytes.TrimSpace(value[dec.InputOffset():])) > 0 {
		return nil, "has more behind its object"
	}
	if err != nil {
		return nil, "is not JSON: " + plainSyntax(err)
	}
	return list, ""
}

func plainSyntax(err error) string {
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		return syntax.Err.Error()
	}
	return "it ends in the middle"
}

// surveyJSON counts the members of all objects as columns.
func (s *Shape) surveyJSON(r io.Reader, o Options) error {
	reader := newJSONReader(decoded(r, s.Encoding), s.Format)
	for {
		value, err := reader.next()
		if errors.Is(err, io.EOF) {
			return s.finish(o)
		}
		if err != nil {
			return err
		}
		s.Count++
		members, _ := membersOf(value)
		for _, m := range members {
			s.takeMember(m)
		}
	}
}

func (s *Shape) takeMember(m member) {
	i, ok := s.names[m.name]
	if !ok {
		if len(s.Columns) >= maxColumns {
			return
		}
		i = s.addColumn(Column{Name: m.name, Header: m.name, Type: Empty})
	}
	kind, text := memberType(m.value)
	c := &s.Columns[i]
	if c.Type != Empty && kind != Empty && c.Type != kind {
		kind = Mixed
	}
	if c.Type == Mixed || kind == Mixed {
		c.take(text, Text)
		c.Type = Mixed
		return
	}
	c.take(text, kind)
}

func memberType(v jsontext.Value) (Type, string) {
	switch v.Kind() {
	case 'n':
		return Empty, ""
	case '0':
		return Number, string(v)
	case 't', 'f':
		return Boolean, string(v)
	case '"':
		text, err := jsontext.AppendUnquote(nil, []byte(v))
		if err != nil {
			return Text, string(v)
		}
		return Text, string(text)
	}
	return JSON, cut(string(v))
}

func (r *Rows) nextJSON() (Row, error) {
	value, err := r.json.next()
	if err != nil {
		return Row{}, err
	}
	row := Row{Line: r.json.line, Raw: value}
	if value == nil {
		row.Problem = tooLarge(row.Line)
		return row, nil
	}
	members, reason := membersOf(value)
	if reason != "" {
		row.Problem = &Problem{Line: row.Line, Value: cut(string(bytes.TrimSpace(value))), Reason: reason}
		return row, nil
	}
	row.Doc, row.ID, row.Problem = r.object(row.Line, members)
	return row, nil
}

// object writes the members down again, without the id.
func (r *Rows) object(line int, members []member) (doc []byte, id string, problem *Problem) {
	b := append(r.doc[:0], '{')
	for _, m := range members {
		if m.name == r.shape.ID {
			kind, text := memberType(m.value)
			if id = text; kind != Text && kind != Number || id == "" {
				return nil, "", &Problem{Line: line, Column: m.name, Value: cut(string(m.value)), Reason: "is no text, and it is the document's id"}
			}
		}
		if m.name == "id" {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b, _ = jsontext.AppendQuote(b, m.name) // it was read as JSON
		b = append(append(b, ':'), m.value...)
	}
	if r.shape.ID != "" && id == "" {
		return nil, "", &Problem{Line: line, Column: r.shape.ID, Reason: "is missing, and it is the document's id"}
	}
	r.doc = append(b, '}')
	return r.doc, id, nil
}
