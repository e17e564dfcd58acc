package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/go-json-experiment/json"

	"fazt/server/op"
)

type deployCommand struct {
	Path string `arg:"" help:"The folder that holds index.html, or a zip, tar or tar.gz of it."`
	App  string `required:"" help:"The app." placeholder:"APP"`
	All  bool   `help:"Also publish files and folders that begin with a dot."`
}

// Run streams the folder as a zip: nothing of it is written to the disk here.
func (c deployCommand) Run(ctx context.Context, std *streams, registry *op.Registry) error {
	o, err := registry.Find("site_deploy")
	if err != nil {
		return err
	}
	input, err := json.Marshal(map[string]string{"app": c.App})
	if err != nil {
		return err
	}
	archive, err := c.archive()
	if err != nil {
		return &usageError{message: err.Error(), hint: "as in fazt deploy ./dist --app shop"}
	}
	defer archive.Close()
	client, err := newAPIClient(std)
	if err != nil {
		return err
	}
	answer, err := client.call(ctx, o, input, op.Envelope{}, archive)
	if err != nil {
		return err
	}
	defer answer.Close()
	return printAnswer(std, o, answer)
}

func (c deployCommand) archive() (io.ReadCloser, error) {
	info, err := os.Stat(c.Path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return os.Open(c.Path)
	}
	out, in := io.Pipe()
	go func() { in.CloseWithError(c.pack(in)) }() // ends when the reader closes
	return out, nil
}

// pack writes the folder's files as a zip.
func (c deployCommand) pack(w io.Writer) error {
	folder := os.DirFS(c.Path)
	archive := zip.NewWriter(w)
	err := fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !c.All && name != "." && strings.HasPrefix(path.Base(name), ".") {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if entry.IsDir() {
			return nil
		}
		if !entry.Type().IsRegular() {
			return fmt.Errorf("%s is no plain file: leave it out, or put the file itself there", name)
		}
		return packFile(archive, folder, name)
	})
	return errors.Join(err, archive.Close())
}

func packFile(archive *zip.Writer, folder fs.FS, name string) error {
	file, err := folder.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	part, err := archive.Create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(part, file)
	return err
}
