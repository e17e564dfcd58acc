package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-json-experiment/json"

	"fazt/server/op"
)

// collectionName is APP/COLLECTION of a command line.
type collectionName struct{ app, collection string }

// asCollection takes a name apart, and reports whether it is one.
func asCollection(name string) (collectionName, bool) {
	app, collection, ok := strings.Cut(name, "/")
	return collectionName{app, collection}, ok && app != "" && collection != ""
}

// exportCollection writes a collection to standard output.
func exportCollection(ctx context.Context, std *streams, registry *op.Registry, of collectionName, format string) error {
	input, err := json.Marshal(map[string]string{"app": of.app, "collection": of.collection, "format": format})
	if err != nil {
		return err
	}
	return fetch(ctx, std, registry, "csv_export", string(input), std.out)
}

// tableImport uploads a file and imports it as documents.
type tableImport struct {
	to     collectionName
	id     string
	skip   bool
	dryRun bool
}

// tableReport is what is printed of the answer.
type tableReport struct {
	Summary   string
	Encoding  string
	Delimiter string
	Columns   []struct {
		Name, Type string
		Unique     bool
	}
	Problems []struct {
		Line                  int
		Column, Value, Reason string
	}
	Skipped    int64
	RejectedIn string `json:"rejected_in"`
}

func (i tableImport) run(ctx context.Context, std *streams, registry *op.Registry, file string) error {
	client, err := newAPIClient(std)
	if err != nil {
		return err
	}
	key, err := i.upload(ctx, client, std, registry, file)
	if err != nil {
		return err
	}
	input := map[string]any{"app": i.to.app, "collection": i.to.collection, "key": key}
	if i.id != "" {
		input["id"] = i.id
	}
	if i.skip {
		input["on_error"] = "skip"
	}
	o, err := registry.Find("csv_import")
	if err != nil {
		return err
	}
	raw, err := json.Marshal(input)
	if err != nil {
		return err
	}
	answer, err := client.call(ctx, o, raw, op.Envelope{DryRun: i.dryRun})
	if err != nil {
		return err
	}
	defer answer.Close()
	if !std.terminal {
		return printAnswer(std, o, answer)
	}
	var report tableReport
	if err := json.UnmarshalRead(answer, &report, json.MatchCaseInsensitiveNames(true)); err != nil {
		return fmt.Errorf("read the answer of csv_import: %w", err)
	}
	return report.print(std.out)
}

// upload stores the file under imports/, by the name it has here.
func (i tableImport) upload(ctx context.Context, client *apiClient, std *streams, registry *op.Registry, file string) (key string, err error) {
	content, name := std.in, "standard-input"
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return "", &usageError{message: err.Error(), hint: "fazt import APP/COLLECTION FILE; - is standard input"}
		}
		defer f.Close()
		content, name = f, filepath.Base(file)
	}
	key = "imports/" + name
	o, err := registry.Find("blob_put")
	if err != nil {
		return "", err
	}
	input, err := json.Marshal(map[string]string{"app": i.to.app, "key": key})
	if err != nil {
		return "", err
	}
	answer, err := client.call(ctx, o, input, op.Envelope{}, content)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(io.Discard, answer)
	return key, errors.Join(err, answer.Close())
}

// print says for people what csv_import answered.
func (r *tableReport) print(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintln(&b, printable(r.Summary))
	columns := make([]string, len(r.Columns))
	for i, c := range r.Columns {
		columns[i] = c.Name + " " + c.Type
		if c.Unique {
			columns[i] += " (unique)"
		}
	}
	fmt.Fprintf(&b, "  columns   %s\n", printable(strings.Join(columns, ", ")))
	how := r.Encoding
	if r.Delimiter != "" {
		how += fmt.Sprintf(", cells end at %q", r.Delimiter)
	}
	fmt.Fprintf(&b, "  read as   %s\n", how)
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "  line %-5d%s\n", p.Line, printable(strings.TrimSpace(fmt.Sprintf("%s %q %s", p.Column, p.Value, p.Reason))))
	}
	if more := r.Skipped - int64(len(r.Problems)); more > 0 {
		fmt.Fprintf(&b, "  and %d more lines\n", more)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
