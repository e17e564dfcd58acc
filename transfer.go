package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
	"fazt/storage"
)

type exportCommand struct {
	Of     string `arg:"" optional:"" help:"The app, or one of its collections as APP/COLLECTION." placeholder:"APP[/COLLECTION]"`
	App    string `help:"The app, in another way."`
	Format string `default:"csv" enum:"csv,jsonl" help:"Of a collection: csv or jsonl."`
}

func (c exportCommand) Run(ctx context.Context, std *streams, registry *op.Registry) error {
	if of, ok := asCollection(c.Of); ok {
		return exportCollection(ctx, std, registry, of, c.Format)
	}
	if c.App = firstOf(c.App, c.Of); c.App == "" {
		return &usageError{message: "no app is named", hint: "fazt export APP > APP.tar.gz, or fazt export APP/COLLECTION > COLLECTION.csv"}
	}
	if std.terminal {
		return &usageError{message: "an archive is no text for a terminal", hint: "fazt export --app " + c.App + " > " + c.App + ".tar.gz"}
	}
	input, err := json.Marshal(map[string]string{"app": c.App})
	if err != nil {
		return err
	}
	return fetch(ctx, std, registry, "app_export", string(input), std.out)
}

type importCommand struct {
	File  string `arg:"" help:"An archive, as fazt export wrote it; - is standard input. Or APP/COLLECTION, and then a file of CSV or JSON."`
	Table string `arg:"" optional:"" help:"The file of CSV, JSON lines or a JSON array; - is standard input."`
	App   string `help:"The id of the app to make of an archive; the archive's when left out." placeholder:"APP"`
	ID    string `name:"id" help:"Of a table: the column whose values become the documents' ids." placeholder:"COLUMN"`
	Skip  bool   `help:"Of a table: leave out rows that do not fit, and keep them in a file of the app."`
	Try   bool   `name:"dry-run" help:"Of a table: say what would happen, and store nothing."`
}

// Run makes a new app of an archive. When it fails half way the app is deleted
// again, so there is never a part of one.
func (c importCommand) Run(ctx context.Context, std *streams, registry *op.Registry) error {
	if c.Table != "" {
		to, ok := asCollection(c.File)
		if !ok {
			return &usageError{message: fmt.Sprintf("%q names no collection", c.File), hint: "fazt import APP/COLLECTION FILE"}
		}
		return tableImport{to: to, id: c.ID, skip: c.Skip, dryRun: c.Try}.run(ctx, std, registry, c.Table)
	}
	from := std.in
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return &usageError{message: err.Error(), hint: "fazt import FILE, as fazt export wrote it"}
		}
		defer f.Close()
		from = f
	}
	archive, err := storage.NewArchiveReader(from)
	if err != nil {
		return importError(err)
	}
	client, err := newAPIClient(std)
	if err != nil {
		return err
	}
	i := &importer{client: client, registry: registry, app: firstOf(c.App, archive.Manifest.App)}
	if err := i.call(ctx, "app_create", map[string]any{"id": i.app, "title": firstOf(archive.Manifest.Title, i.app)}, op.Envelope{}); err != nil {
		return err
	}
	if err := i.keys(ctx, archive); err != nil {
		undo := i.call(context.WithoutCancel(ctx), "app_delete", map[string]any{"app": i.app}, op.Envelope{Confirm: i.app})
		return errors.Join(importError(err), undo)
	}
	_, err = fmt.Fprintf(std.out, "imported %d keys into app %s\n", i.count, i.app)
	return err
}

// importError gives an archive's fault its next step.
func importError(err error) error {
	var e *storage.Error
	if !errors.As(err, &e) {
		return err
	}
	return &startError{message: e.Message, hint: "nothing was imported; export it again", cause: err}
}

// importer sends an archive's items in batches.
type importer struct {
	client   *apiClient
	registry *op.Registry
	app      string
	batch    []map[string]any
	bytes    int
	count    int
}

// What one batch_write takes, with room for what is around the values.
const (
	importItems = 1000
	importBytes = 3 << 20
)

func (i *importer) keys(ctx context.Context, archive *storage.ArchiveReader) error {
	for {
		e, err := archive.Key()
		if err == io.EOF {
			return i.send(ctx)
		}
		if err != nil {
			return err
		}
		m := map[string]any{"op": "kv_set", "key": e.Key, "value": jsontext.Value(e.Value)}
		if !e.ExpiresAt.IsZero() {
			left := time.Until(e.ExpiresAt).Milliseconds()
			if left <= 0 {
				continue
			}
			m["ttl_ms"] = left
		}
		if size := len(e.Key) + len(e.Value); len(i.batch) == importItems || i.bytes+size > importBytes {
			if err := i.send(ctx); err != nil {
				return err
			}
		}
		i.batch = append(i.batch, m)
		i.bytes += len(e.Key) + len(e.Value)
	}
}

func (i *importer) send(ctx context.Context) error {
	if len(i.batch) == 0 {
		return nil
	}
	err := i.call(ctx, "batch_write", map[string]any{"app": i.app, "mutations": i.batch}, op.Envelope{})
	i.count += len(i.batch)
	i.batch, i.bytes = i.batch[:0], 0
	return err
}

func (i *importer) call(ctx context.Context, name string, input map[string]any, envelope op.Envelope) error {
	o, err := i.registry.Find(name)
	if err != nil {
		return err
	}
	data, err := json.Marshal(input)
	if err != nil {
		return err
	}
	answer, err := i.client.call(ctx, o, data, envelope)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, answer)
	return errors.Join(err, answer.Close())
}
