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

type csvExportIn struct {
	App        string         `json:"app" doc:"the app" format:"app"`
	Collection string         `json:"collection" doc:"the collection" pattern:"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"`
	Format     string         `json:"format" doc:"csv, or jsonl: one document a line, exactly as it is stored" default:"csv" enum:"csv,jsonl"`
	Filter     jsontext.Value `json:"filter,omitzero" doc:"which documents, as in doc_find; all when left out" type:"object"`
	Formulas   string         `json:"formulas" doc:"of CSV, text that a spreadsheet would run (it begins with = + - @ or a tab): quote puts ' before it, keep leaves it" default:"quote" enum:"quote,keep"`
}

func (s *Service) opCSVExport() *op.Operation {
	return op.Define(op.Operation{
		Name: "csv_export", Summary: "Export a collection as CSV or JSON lines", Scope: "docs:read", Effect: op.Read, Bytes: true,
		Description: "Streamed, in the order of the ids. CSV has a column for each field of a document, with commas, as UTF-8; objects and lists are JSON in their cell, " +
			"a missing field is empty, and text that a spreadsheet would run as a formula gets a ' before it. What is written meanwhile may or may not be in it. " +
			"On the command line: fazt export shop/people > people.csv",
		Method: "GET", Path: "/api/apps/{app}/csv:export",
	}, s.csvExport)
}

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
