package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
	"fazt/storage"
)

func (s *Service) csvExport(ctx context.Context, in csvExportIn) (*op.Body, error) {
	if _, err := s.DB.DocCount(ctx, in.App, in.Collection, json.RawMessage(in.Filter)); err != nil {
		return nil, ErrorOf(err)
	}
	body := &op.Body{Type: "application/jsonl", Filename: in.Collection + ".jsonl", Write: func(ctx context.Context, w io.Writer) error {
		out := bufio.NewWriter(w)
		err := s.eachDoc(ctx, in, func(doc []byte) error {
			_, _ = out.Write(doc) // the next has its error
			return out.WriteByte('\n')
		})
		if err != nil {
			return err
		}
		return out.Flush()
	}}
	if in.Format == "csv" {
		body.Type, body.Filename = "text/csv; charset=utf-8", in.Collection+".csv"
		body.Write = func(ctx context.Context, w io.Writer) error { return s.writeCollection(ctx, in, w) }
	}
	return body, nil
}

// eachDoc reads a collection in pages, so that no read takes long.
func (s *Service) eachDoc(ctx context.Context, in csvExportIn, do func(doc []byte) error) error {
	for cursor := ""; ; {
		page, next, err := s.DB.DocFind(ctx, in.App, storage.DocQuery{
			Collection: in.Collection, Filter: json.RawMessage(in.Filter), Limit: storage.MaxPage, Cursor: cursor,
		})
		if err != nil {
			return ErrorOf(err)
		}
		for _, d := range page {
			if err := do(d.Body); err != nil {
				return err
			}
		}
		if cursor = next; cursor == "" {
			return nil
		}
	}
}

// exportColumns bounds the columns: fields beyond stay out of CSV.
const exportColumns = 1000

// writeCollection reads the collection twice: for the names of its fields, and
// for what they hold.
func (s *Service) writeCollection(ctx context.Context, in csvExportIn, w io.Writer) error {
	var names []string
	place := map[string]int{}
	err := s.eachDoc(ctx, in, func(doc []byte) error {
		return eachMember(doc, func(name string, _ jsontext.Value) {
			if _, known := place[name]; !known && len(names) < exportColumns {
				place[name] = len(names)
				names = append(names, name)
			}
		})
	})
	if err != nil {
		return err
	}
	out := csv.NewWriter(w)
	head := make([]string, len(names))
	for i, name := range names {
		head[i] = inert(name, in.Formulas)
	}
	if err := out.Write(head); err != nil {
		return err
	}
	cells := make([]string, len(names))
	err = s.eachDoc(ctx, in, func(doc []byte) error {
		clear(cells)
		err := eachMember(doc, func(name string, v jsontext.Value) {
			if i, known := place[name]; known {
				cells[i] = cellOf(v, in.Formulas)
			}
		})
		if err != nil {
			return err
		}
		return out.Write(cells)
	})
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// eachMember calls do for each member of a document.
func eachMember(doc []byte, do func(name string, v jsontext.Value)) error {
	dec := jsontext.NewDecoder(bytes.NewReader(doc), jsontext.AllowDuplicateNames(true))
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() == '"' {
		token, err := dec.ReadToken()
		if err != nil {
			return err
		}
		name := token.String()
		v, err := dec.ReadValue()
		if err != nil {
			return err
		}
		do(name, v)
	}
	return nil
}

// cellOf is a value as a cell shows it.
func cellOf(v jsontext.Value, formulas string) string {
	switch v.Kind() {
	case 'n':
		return ""
	case '"':
		if text, err := jsontext.AppendUnquote(nil, []byte(v)); err == nil {
			return inert(string(text), formulas)
		}
	}
	return string(v)
}

// inert is text that no spreadsheet runs (OWASP, CSV Injection).
func inert(text, formulas string) string {
	if formulas == "quote" && text != "" && strings.IndexByte("=+-@\t\r", text[0]) >= 0 {
		return "'" + text
	}
	return text
}
