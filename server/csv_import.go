package server

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"fazt/server/op"
	"fazt/server/tabular"
	"fazt/storage"
)

const (
	// importRows are stored at once or not at all.
	importRows = storage.MaxBatchMutations
	// importBytes bounds what a batch holds beside that.
	importBytes = 4 << 20
	// shownProblems are answered; all are kept in a file.
	shownProblems = 5
	importsPrefix = "imports/"
)

// csvImporter stores a file's rows. A row gets the id of its column, or one
// made of the file's hash and its line: so a second import finds what the first
// one stored, and the ids sort as the lines do.
type csvImporter struct {
	s       *Service
	ctx     context.Context
	inv     *op.Invocation
	in      csvImportIn
	shape   *tabular.Shape
	file    *storage.BlobReader
	columns csvImportOut // what is answered

	rows     []tabular.Row // of the batch that is filled
	batch    []storage.Mutation
	bytes    int
	rejected *storage.Upload // nil = no row was rejected, or none may be kept
}

func (i *csvImporter) run() (csvImportOut, error) {
	if err := i.begin(); err != nil {
		return csvImportOut{}, err
	}
	defer func() {
		if i.rejected != nil {
			i.rejected.Close()
		}
	}()
	err := i.all()
	if err == nil {
		err = i.finish()
	}
	if err != nil {
		i.forget()
		return csvImportOut{}, err
	}
	return i.columns, nil
}

func (i *csvImporter) all() error {
	rows, err := i.shape.Rows(i.file)
	if err != nil {
		return ErrorOf(err)
	}
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return i.flush()
		}
		if err != nil {
			return tableError(i.in.Key, err)
		}
		if err := i.take(row); err != nil {
			return err
		}
	}
}

func (i *csvImporter) take(row tabular.Row) error {
	if row.Problem != nil {
		if i.in.OnError == "stop" {
			return i.stopped(row.Problem, op.CodeInvalidInput)
		}
		return i.reject(row, row.Problem)
	}
	doc := bytes.Clone(row.Doc)
	var m storage.Mutation = storage.DocReplace{Collection: i.in.Collection, ID: row.ID, Doc: doc}
	if i.shape.ID == "" {
		m = storage.DocInsert{Collection: i.in.Collection, ID: i.lineID(row.Line), Doc: doc}
	}
	attempt := storage.Attempt{Of: m}
	if i.in.OnError == "stop" {
		attempt.Only = []storage.Kind{storage.KindExists}
	}
	row.Doc, row.Raw = nil, bytes.Clone(row.Raw)
	i.rows, i.batch, i.bytes = append(i.rows, row), append(i.batch, attempt), i.bytes+len(doc)
	if len(i.batch) == importRows || i.bytes > importBytes {
		return i.flush()
	}
	return nil
}

func (i *csvImporter) lineID(line int) string {
	return fmt.Sprintf("%s-%07d", hex.EncodeToString(i.file.Blob.Hash[:6]), line)
}

// flush stores the rows gathered so far.
func (i *csvImporter) flush() error {
	if len(i.batch) == 0 {
		return nil
	}
	o, err := i.write(&storage.Batch{App: i.in.App, Mutations: i.batch})
	if err != nil {
		return i.failed(err)
	}
	i.columns.Version = o.Version
	for n, r := range o.Results {
		if err := i.done(i.rows[n], r); err != nil {
			return err
		}
	}
	i.rows, i.batch, i.bytes = i.rows[:0], i.batch[:0], 0
	return nil
}

func (i *csvImporter) write(b *storage.Batch) (*storage.Outcome, error) {
	entry := auditEntry(i.inv)
	entry.Duration = i.inv.Since(i.s.Now())
	b.Audit, b.DryRun = &entry, i.inv.Envelope.DryRun
	o, err := i.s.DB.Write(i.ctx, b)
	if err == nil && !b.DryRun {
		i.inv.Wrote()
	}
	return o, err
}

// done counts what became of one row.
func (i *csvImporter) done(row tabular.Row, r storage.Result) error {
	switch {
	case r.Refused == nil && r.Created:
		i.columns.Inserted++
	case r.Refused == nil:
		i.columns.Replaced++
	case r.Refused.Kind == storage.KindExists && i.shape.ID == "":
		i.columns.Present++
	default:
		return i.reject(row, i.problem(row, r.Refused))
	}
	return nil
}

// problem says in the file's terms what storage says of a document.
func (i *csvImporter) problem(row tabular.Row, e *storage.Error) *tabular.Problem {
	p := &tabular.Problem{Line: row.Line, Reason: e.Message}
	_, field, _ := strings.Cut(e.Field, "doc.")
	p.Column, _, _ = strings.Cut(field, ".")
	if p.Column == "id" && i.shape.ID != "" {
		p.Column = i.shape.ID
	}
	p.Value = i.shape.Cell(row, p.Column)
	if e.Kind == storage.KindSchema {
		if _, why, ok := strings.Cut(e.Message, "\": "); ok {
			p.Reason = "does not fit the collection's schema: " + why
		}
	}
	return p
}

// begin notes the call's idempotency key: until its end others hear that it is
// under way.
func (i *csvImporter) begin() error {
	key := i.key(storage.Idempotency{Begin: true})
	if key == nil {
		return nil
	}
	o, err := i.s.DB.Write(i.ctx, &storage.Batch{Idempotency: key})
	if err == nil && o.Replayed != nil {
		err = &op.Replayed{Result: o.Replayed}
	}
	return ErrorOf(err)
}

func (i *csvImporter) key(k storage.Idempotency) *storage.Idempotency {
	if i.inv.Envelope.IdempotencyKey == "" || i.inv.Envelope.DryRun {
		return nil
	}
	k.Principal, k.Operation, k.Key, k.InputHash = i.inv.Principal.ID, i.inv.Operation.Name, i.inv.Envelope.IdempotencyKey, i.inv.InputHash
	return &k
}

// forget lets the caller try again what did not end well.
func (i *csvImporter) forget() {
	if k := i.key(storage.Idempotency{}); k != nil {
		_, _ = i.s.DB.Write(context.WithoutCancel(i.ctx), &storage.Batch{Mutations: []storage.Mutation{
			storage.IdempotencyForget{Principal: k.Principal, Operation: k.Operation, Key: k.Key},
		}}) // else it is forgotten after a day
	}
}

// finish stores the rejected rows and the result of the key.
func (i *csvImporter) finish() error {
	out := &i.columns
	b := &storage.Batch{App: i.in.App}
	if i.rejected != nil {
		content, err := i.rejected.Finish(i.ctx)
		if err != nil {
			return ErrorOf(err)
		}
		b.Mutations = append(b.Mutations, storage.BlobPut{Key: out.RejectedIn, Content: content, Type: typeOf("", out.RejectedIn, nil)})
	}
	out.Summary = i.summary()
	if b.Idempotency = i.key(storage.Idempotency{Finish: true, Render: func(*storage.Outcome) ([]byte, error) { return op.Encode(*out) }}); b.Idempotency == nil && b.Mutations == nil {
		return nil
	}
	_, err := i.write(b)
	return ErrorOf(err)
}

func (i *csvImporter) summary() string {
	out := &i.columns
	parts := []string{}
	for _, p := range []struct {
		n    int64
		text string
	}{{out.Inserted, "inserted"}, {out.Replaced, "replaced"}, {out.Present, "imported before"}, {out.Skipped, "skipped"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.text))
		}
	}
	text := strings.Join(parts, ", ") + " into " + i.in.Collection
	if i.inv.Envelope.DryRun {
		text = "tried only: " + text
	}
	if len(out.Problems) > 0 {
		p := out.Problems[0]
		text += ": " + (&tabular.Problem{Line: p.Line, Column: p.Column, Value: p.Value, Reason: p.Reason}).Error()
	}
	if out.RejectedIn != "" {
		text += "; rejected lines in " + out.RejectedIn
	}
	return text
}
