package storage

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// RestoreOptions says what Restore puts where.
type RestoreOptions struct {
	From      io.Reader // a backup
	Path      string    // the database that it becomes; no server may have it open
	Overwrite bool      // replace the one that is there, which is kept beside it; false = fs.ErrExist
}

// Restored is what Restore did.
type Restored struct {
	Path    string
	Version uint64 // of the database now
	Kept    string // where the one that was replaced is, "" when there was none
}

// sequenceStep is what a restore adds to the sequence of versions, so that a
// version or cursor of the history that is given up means nothing in the new
// one.
const sequenceStep = 1 << 32

// Restore makes a backup the database. The backup is copied, brought to this
// program's schema and proved sound before anything is replaced, and takes its
// place in one step. Versions go on 2^32 higher, followers of changes are told
// to start over, and sign-ins end. Tokens are those of the backup.
func Restore(ctx context.Context, o RestoreOptions) (done Restored, err error) {
	if done.Path, err = resolve(o.Path); err != nil {
		return done, err
	}
	lock, err := lockDatabase(done.Path)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, lock.release()) }()
	there := fileSize(done.Path) > 0
	if there && !o.Overwrite {
		return done, fmt.Errorf("restore to %s: %w", done.Path, fs.ErrExist)
	}
	dir, err := os.MkdirTemp(filepath.Dir(done.Path), ".fazt-restore-")
	if err != nil {
		return done, fmt.Errorf("restore: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	made := filepath.Join(dir, "new.db")
	if done.Version, err = receive(ctx, o.From, made); err != nil {
		return done, fmt.Errorf("restore: %w", err)
	}
	if there {
		done.Kept = done.Path + ".before-restore"
		if err := setAside(done.Path, done.Kept); err != nil {
			return done, fmt.Errorf("restore: keep the database that is there: %w", err)
		}
	}
	if err := os.Rename(made, done.Path); err != nil {
		return done, fmt.Errorf("restore: %w", err)
	}
	return done, syncDir(filepath.Dir(done.Path))
}

// receive writes a backup to a file and makes a sound database of it.
func receive(ctx context.Context, from io.Reader, path string) (version uint64, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(f, contextReader{ctx, from})
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return 0, err
	}
	if _, err := VerifyBackup(ctx, path); err != nil {
		return 0, &DamagedError{Cause: err}
	}
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return 0, err
	}
	if err := migrate(ctx, path, files, false); err != nil {
		return 0, err
	}
	if version, err = raise(ctx, path); err != nil {
		return 0, err
	}
	return version, errors.Join(checkCopy(ctx, path), syncFile(path))
}

// raise begins a new history in a restored file. Old cursors are behind the
// floor of every feed, so that they are answered with KindCompacted.
func raise(ctx context.Context, path string) (version uint64, err error) {
	c, err := dial(ctx, path, readWrite)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	for _, s := range []string{
		`BEGIN IMMEDIATE`,
		fmt.Sprintf(`UPDATE meta SET value = value + %d WHERE name = 'version'`, int64(sequenceStep)),
		`DELETE FROM change`,
		`DELETE FROM change_floor`,
		`INSERT INTO change_floor (app, version, idx) SELECT id, (SELECT value FROM meta WHERE name = 'version'), 0 FROM (SELECT 0 AS id UNION ALL SELECT id FROM app UNION ALL SELECT id FROM app_gone)`,
		`DELETE FROM session`,
		`COMMIT`,
	} {
		if err := c.exec(ctx, s); err != nil {
			return 0, err
		}
	}
	if err := errors.Join(c.integrity(ctx), c.invariants(ctx)); err != nil {
		return 0, err
	}
	err = c.query(ctx, sqlVersion, func(row []driver.Value) error {
		version = uint64(asInt(row[0]))
		return nil
	})
	return version, errors.Join(err, c.query(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`, func([]driver.Value) error { return nil }))
}

// setAside keeps a database, with what its log still holds, under another name.
// The log must not stay: SQLite would apply it to the file that comes.
func setAside(path, kept string) error {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(kept + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.Link(path, kept); err != nil {
		if err := copyFile(path, kept); err != nil { // a file system without links
			return err
		}
	}
	if err := os.Rename(path+"-wal", kept+"-wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Remove(path + "-shm"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// syncDir makes renames in a folder last.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = f.Sync()
	if errors.Is(err, errors.ErrUnsupported) || os.PathSeparator == '\\' {
		err = nil // folders cannot be synced there
	}
	return errors.Join(err, f.Close())
}

// Checked is what CheckFile found of a sound file.
type Checked struct {
	Path    string
	Version uint64
	Schema  int64
	Bytes   int64
	InUse   bool // a server has it open
}

// CheckFile reads a whole database file, of a running server or a stopped one,
// and reports what is wrong with it; it changes nothing. The invariants of this
// package are only checked in a file of this program's schema.
func CheckFile(ctx context.Context, path string) (done Checked, err error) {
	if done.Path, err = resolve(path); err != nil {
		return done, err
	}
	if done.Bytes = fileSize(done.Path); done.Bytes == 0 {
		return done, fmt.Errorf("check %s: %w", path, fs.ErrNotExist)
	}
	mode := readWrite // recovers what a crash has left; with no server there is no log to share
	lock, err := lockDatabase(done.Path)
	var locked *LockedError
	switch {
	case errors.As(err, &locked):
		mode, done.InUse = readOnly, true
	case err != nil:
		return done, err
	default:
		defer func() { err = errors.Join(err, lock.release()) }()
	}
	c, err := dial(ctx, done.Path, mode)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if err := c.integrity(ctx); err != nil {
		return done, err
	}
	if err := done.read(ctx, c); err != nil {
		return done, err
	}
	know, err := knownSchema()
	switch {
	case err != nil:
		return done, err
	case done.Schema > know:
		return done, &NewerSchemaError{Have: done.Schema, Know: know}
	case done.Schema < know:
		return done, nil
	}
	return done, c.invariants(ctx)
}

func (d *Checked) read(ctx context.Context, c *conn) error {
	return errors.Join(
		c.query(ctx, sqlVersion, func(row []driver.Value) error { d.Version = uint64(asInt(row[0])); return nil }),
		c.query(ctx, `SELECT max(version_id) FROM goose_db_version`, func(row []driver.Value) error { d.Schema = asInt(row[0]); return nil }),
	)
}

// knownSchema is the number of the newest migration.
func knownSchema() (int64, error) {
	files, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return 0, err
	}
	name := filepath.Base(slices.Max(files))
	number, _, _ := strings.Cut(name, "_")
	return strconv.ParseInt(number, 10, 64)
}

// VerifyBackup reads a whole backup file, which nothing else may have open, and
// returns its version.
func VerifyBackup(ctx context.Context, path string) (version uint64, err error) {
	c, err := dial(ctx, path, detached)
	if err != nil {
		return 0, err
	}
	var found Checked
	err = errors.Join(c.integrity(ctx), found.read(ctx, c), c.close())
	return found.Version, err
}

// DamagedError says that a file is damaged, or no database of this program.
type DamagedError struct{ Cause error }

func (e *DamagedError) Error() string {
	return "the backup is damaged, or no database of fazt: " + e.Cause.Error()
}

func (e *DamagedError) Unwrap() error { return e.Cause }
