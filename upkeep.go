package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"fazt/server/op"
	"fazt/storage"
)

// fetch writes the bytes that an operation answers.
func fetch(ctx context.Context, std *streams, registry *op.Registry, name, input string, to io.Writer) error {
	o, err := registry.Find(name)
	if err != nil {
		return err
	}
	client, err := newAPIClient(std)
	if err != nil {
		return err
	}
	answer, err := client.call(ctx, o, []byte(input), op.Envelope{})
	if err != nil {
		return err
	}
	defer answer.Close()
	if _, err := io.Copy(to, answer); err != nil {
		return fmt.Errorf("%s is not complete: %w", name, err)
	}
	return nil
}

// backupTo writes a backup into a folder. It gets its name only when it is whole
// and sound, so every file of that name is.
func backupTo(ctx context.Context, dir string, std *streams, registry *op.Registry) (err error) {
	f, err := os.CreateTemp(dir, ".fazt-backup-*")
	if err != nil {
		return &usageError{message: fmt.Sprintf("cannot write into %s: %v", dir, err), hint: "create the folder, or give another one"}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	err = fetch(ctx, std, registry, "system_backup", "{}", f)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if _, err := storage.VerifyBackup(ctx, f.Name()); err != nil {
		return fmt.Errorf("what arrived is damaged: %w", err)
	}
	name := filepath.Join(dir, "fazt-"+time.Now().UTC().Format("20060102-150405")+".db")
	if err := os.Link(f.Name(), name); err != nil { // unlike a rename it never replaces a file
		return fmt.Errorf("name the backup: %w", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		return err
	}
	_, err = fmt.Fprintln(std.out, name)
	return err
}

type restoreCommand struct {
	File      string `arg:"" help:"A backup; - is standard input."`
	DB        string `name:"db" default:"data.db" help:"The database that it becomes." placeholder:"FILE"`
	Overwrite bool   `help:"Replace the database that is there; it is kept beside it."`
}

// Run restores. The server must be stopped, which the lock of the database says.
func (c restoreCommand) Run(ctx context.Context, std *streams) error {
	from := std.in
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return &usageError{message: err.Error(), hint: "fazt restore FILE, as fazt backup wrote it"}
		}
		defer f.Close()
		if info, err := os.Stat(c.File + "-wal"); err == nil && info.Size() > 0 {
			return &usageError{
				message: fmt.Sprintf("%s is a database in use: part of it is in %s-wal", c.File, c.File),
				hint:    "take a copy with fazt backup, and restore that",
			}
		}
		from = f
	}
	done, err := storage.Restore(ctx, storage.RestoreOptions{From: from, Path: c.DB, Overwrite: c.Overwrite})
	var damaged *storage.DamagedError
	switch {
	case errors.Is(err, fs.ErrExist):
		return &startError{message: c.DB + " is there already", hint: "restore to another file with --db FILE, or replace it with --overwrite", cause: err}
	case errors.As(err, &damaged):
		return &startError{message: damaged.Error(), hint: "nothing was changed; try an earlier backup", cause: err}
	case err != nil:
		return explainStart(err, c.DB)
	}
	fmt.Fprintf(std.out, "restored %s at version %d\n", done.Path, done.Version)
	if done.Kept != "" {
		fmt.Fprintf(std.out, "what was there is in %s\n", done.Kept)
	}
	_, err = fmt.Fprintln(std.out, "tokens are those of the backup: revoke again what was revoked since")
	return err
}

type dbCheckCommand struct {
	DB string `name:"db" default:"data.db" help:"The database file." placeholder:"FILE"`
}

// Run checks the file of a running server or of a stopped one.
func (c dbCheckCommand) Run(ctx context.Context, std *streams) error {
	done, err := storage.CheckFile(ctx, c.DB)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &usageError{message: "there is no database " + c.DB, hint: "fazt db check --db FILE"}
	case err != nil:
		return fmt.Errorf("%s is not sound:\n%w", c.DB, err)
	}
	_, err = fmt.Fprintf(std.out, "%s is sound: version %d, schema %d, %d bytes\n", done.Path, done.Version, done.Schema, done.Bytes)
	return err
}
