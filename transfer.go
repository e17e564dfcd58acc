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
	App string `required:"" help:"The app."`
}

func (c exportCommand) Run(ctx context.Context, std *streams, registry *op.Registry) error {
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
	File string `arg:"" help:"An archive, as fazt export wrote it; - is standard input."`
	App  string `help:"The id of the app to make; the archive's when left out." placeholder:"APP"`
}

// Run makes a new app of an archive. When it fails half way the app is deleted
// again, so there is never a part of one.
func (c importCommand) Run(ctx context.Context, std *streams, registry *op.Registry) error {
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
