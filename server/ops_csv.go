package server

import (
	"context"
	"path"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
	"fazt/server/tabular"
	"fazt/storage"
)

func (s *Service) csvOperations() []*op.Operation {
	return []*op.Operation{s.opCSVImport(), s.opCSVExport()}
}

// contacts makes the app and the file that examples import.
func contacts() []op.Given {
	return []op.Given{
		{Op: "app_create", In: `{"id":"shop","title":"Shop"}`},
		{Op: "blob_put", In: `{"app":"shop","key":"contacts.csv","text":"name;age;zip\nAda;36;01234\nBob;41;80331\n"}`},
	}
}

type csvImportIn struct {
	App        string         `json:"app" doc:"the app" format:"app"`
	Collection string         `json:"collection" doc:"the collection to fill; made when there is none" pattern:"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"`
	Key        string         `json:"key" doc:"the uploaded file, a blob of the app: CSV, JSON lines or a JSON array" format:"key"`
	ID         string         `json:"id,omitzero" doc:"the column whose values become the documents' ids; without it column id, else each line gets an id of its own" maxLength:"200"`
	Types      jsontext.Value `json:"types,omitzero" doc:"column → text, number, boolean, date or json, where another type than the inferred one is wanted" type:"object"`
	Header     *bool          `json:"header" doc:"whether the first row names the columns; without it that is guessed"`
	OnError    string         `json:"on_error" doc:"at a row that cannot be stored: stop, or skip it and keep it in a file" default:"stop" enum:"stop,skip"`
}

type csvImportOut struct {
	Summary    string       `json:"summary" doc:"what was done, in one sentence"`
	Rows       int64        `json:"rows" doc:"how many rows the file has"`
	Inserted   int64        `json:"inserted" doc:"new documents"`
	Replaced   int64        `json:"replaced,omitzero" doc:"documents whose id was there before, stored anew"`
	Present    int64        `json:"present,omitzero" doc:"rows that an import of the same file stored before, left as they are"`
	Skipped    int64        `json:"skipped,omitzero" doc:"rows that could not be stored"`
	Problems   []csvProblem `json:"problems,omitzero" doc:"what is wrong with the first of them"`
	RejectedIn string       `json:"rejected_in,omitzero" doc:"the blob that keeps all of them with the reasons: correct it and import it"`
	Format     string       `json:"format" doc:"csv, jsonl or json"`
	Encoding   string       `json:"encoding" doc:"as it was recognised"`
	Delimiter  string       `json:"delimiter,omitzero" doc:"of CSV, as it was recognised"`
	Header     bool         `json:"header" doc:"the first row named the columns"`
	Columns    []csvColumn  `json:"columns" doc:"the fields, with their types"`
	Version    uint64       `json:"version" doc:"of the last write; 0 when nothing was written"`
}

type csvProblem struct {
	Line   int    `json:"line" doc:"where the row begins, from 1; of a JSON array the element's number"`
	Column string `json:"column,omitzero" doc:"the column at fault"`
	Value  string `json:"value,omitzero" doc:"what it holds, cut to 80 bytes"`
	Reason string `json:"reason" doc:"what is wrong"`
}

type csvColumn struct {
	Name   string `json:"name" doc:"the field's name"`
	Header string `json:"header,omitzero" doc:"the column's name in the file, where it is another"`
	Type   string `json:"type" doc:"text, number, boolean, date (text), json, mixed or empty"`
	Empty  int64  `json:"empty,omitzero" doc:"rows in which it is null"`
	Unique bool   `json:"unique,omitzero" doc:"its values are all different, so a unique index would fit"`
}

func (s *Service) opCSVImport() *op.Operation {
	return op.Define(op.Operation{
		Name: "csv_import", Summary: "Import a CSV or JSON file as documents", Scope: "docs:write", Effect: op.Write, Idempotent: true,
		Description: "Upload the file first (blob_put, blob_upload); its dialect, encoding and types are recognised and answered. Numbers stay exact; " +
			"leading zeros, dates and formulas stay text; an empty cell is null. 5,000 rows are stored at once or not at all. A second import of " +
			"the same file doubles nothing; with an id column it stores the rows anew. A dry run says what would happen. " +
			"JSON lines and arrays are read alike. On the command line: fazt import shop/people people.csv",
		Method: "POST", Path: "/api/apps/{app}/csv:import",
		Examples: []op.Example{{
			Title: "A file with semicolons", Given: contacts(), In: `{"app":"shop","collection":"people","key":"contacts.csv"}`,
			Out: `{"summary":"2 inserted into people","rows":2,"inserted":2,` +
				`"format":"csv","encoding":"utf-8","delimiter":";","header":true,"columns":[{"name":"name","type":"text","unique":true},` +
				`{"name":"age","type":"number","unique":true},{"name":"zip","type":"text","unique":true}],"version":9}`,
		}},
	}, s.csvImport)
}

func (s *Service) csvImport(ctx context.Context, in csvImportIn) (csvImportOut, error) {
	if !caller(ctx).Scopes.Has("blobs:read") {
		return csvImportOut{}, op.Errorf(op.CodeForbidden, "importing a file needs the scope blobs:read, which %q lacks", caller(ctx).Name).
			WithHint("use a token with docs:write and blobs:read; the owner can create one under /tokens")
	}
	options, err := in.options()
	if err != nil {
		return csvImportOut{}, err
	}
	file, err := s.DB.OpenBlob(ctx, in.App, in.Key)
	if err != nil {
		return csvImportOut{}, ErrorOf(err)
	}
	defer file.Close()
	options.CSV, options.JSON = kindOfTable(file.Blob)
	shape, err := tabular.Survey(file, options)
	if err == nil {
		err = in.chooseID(shape)
	}
	if err != nil {
		return csvImportOut{}, tableError(in.Key, err)
	}
	i := &csvImporter{s: s, ctx: ctx, inv: op.From(ctx), in: in, shape: shape, file: file, columns: in.out(shape)}
	return i.run()
}

func (in csvImportIn) options() (tabular.Options, error) {
	o := tabular.Options{Header: in.Header}
	if len(in.Types) == 0 {
		return o, nil
	}
	if err := json.Unmarshal(in.Types, &o.Types); err != nil {
		return o, op.Invalid("types", "types is an object of texts").WithHint(`as in {"zip":"text"}`)
	}
	for name, kind := range o.Types {
		known := false
		for _, k := range tabular.Declarable() {
			known = known || k == kind
		}
		if !known {
			return o, op.Invalid("types."+name, "%q is no type of a column", clipText(string(kind), 40)).WithHint("text, number, boolean, date or json")
		}
	}
	return o, nil
}

// kindOfTable is what a blob's type or name says that it is.
func kindOfTable(b storage.Blob) (csv, json bool) {
	kind, _, _ := strings.Cut(b.Type, ";")
	switch strings.ToLower(path.Ext(b.Key)) {
	case ".csv", ".tsv", ".tab":
		return true, false
	case ".json", ".jsonl", ".ndjson":
		return false, true
	}
	return kind == "text/csv" || kind == "text/tab-separated-values", strings.HasSuffix(kind, "json")
}

// chooseID says which column has the documents' ids.
func (in csvImportIn) chooseID(shape *tabular.Shape) error {
	shape.ID = in.ID
	if in.ID != "" && !shape.Has(in.ID) {
		return &tabular.UnknownColumn{Name: in.ID}
	}
	if in.ID == "" && shape.Has("id") {
		shape.ID = "id"
	}
	return nil
}

// out is the answer before the first row.
func (in csvImportIn) out(shape *tabular.Shape) csvImportOut {
	out := csvImportOut{
		Rows: shape.Count, Format: string(shape.Format), Encoding: shape.Encoding, Header: shape.Header,
	}
	if shape.Format == tabular.CSV {
		out.Delimiter = string(rune(shape.Delimiter))
	}
	for _, c := range shape.Columns {
		column := csvColumn{Name: c.Name, Type: string(c.Type), Empty: c.Empty, Unique: c.Unique}
		if c.Header != c.Name {
			column.Header = clipText(c.Header, 80)
		}
		out.Columns = append(out.Columns, column)
	}
	return out
}

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
