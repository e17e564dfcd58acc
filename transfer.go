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

// Run sends the archive as it is; the app appears whole or not at all.
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
