package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Backup writes a consistent copy of the database to w. The copy is made into
// a file beside the database, on a connection of its own which no time limit
// interrupts, synced and checked before the first byte is sent. While it is
// made the WAL can not shrink.
func (db *DB) Backup(ctx context.Context, w io.Writer) (err error) {
	dir, err := os.MkdirTemp(filepath.Dir(db.path), ".fazt-backup-")
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	copied := filepath.Join(dir, "copy.db")
	if err := db.copyTo(ctx, copied); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	f, err := os.Open(copied)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer f.Close()
	_, err = io.Copy(w, contextReader{ctx, f})
	return err
}

// copyTo makes a compact copy of the last commit and proves it sound.
func (db *DB) copyTo(ctx context.Context, to string) error {
	if err := createPrivate(to); err != nil {
		return err
	}
	c, err := dial(ctx, db.path, copying)
	if err != nil {
		return err
	}
	err = c.exec(ctx, `VACUUM INTO ?`, to)
	if err = errors.Join(err, c.close()); err != nil {
		return err
	}
	if err := syncFile(to); err != nil {
		return err
	}
	return checkCopy(ctx, to)
}

// checkCopy opens a database that nothing else uses, without a WAL.
func checkCopy(ctx context.Context, path string) error {
	c, err := dial(ctx, path, detached)
	if err != nil {
		return err
	}
	return errors.Join(c.integrity(ctx), c.close())
}

// contextReader ends a copy when its context does.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
