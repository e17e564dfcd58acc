package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/go-json-experiment/json"

	"fazt/server/op"
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

// Run sends the archive as it is; the app appears whole or not at all.
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
	o, err := registry.Find("app_import")
	if err != nil {
		return err
	}
	input, err := json.Marshal(importInput{App: c.App})
	if err != nil {
		return err
	}
	client, err := newAPIClient(std)
	if err != nil {
		return err
	}
	answer, err := client.call(ctx, o, input, op.Envelope{}, from)
	if err != nil {
		return err
	}
	var made struct {
		ID    string `json:"id"`
		Keys  int64  `json:"keys"`
		Docs  int64  `json:"docs"`
		Blobs int64  `json:"blobs"`
	}
	if err := errors.Join(json.UnmarshalRead(answer, &made), answer.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.out, "imported %d keys, %d documents and %d files into app %s\n", made.Keys, made.Docs, made.Blobs, made.ID)
	return err
}

type importInput struct {
	App string `json:"id,omitzero"`
}
