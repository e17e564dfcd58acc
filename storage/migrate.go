package storage

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// NewerSchemaError says that a later version of the program wrote the file.
type NewerSchemaError struct {
	Have int64 // the file's schema
	Know int64 // the newest this program knows
}

func (e *NewerSchemaError) Error() string {
	return fmt.Sprintf("the database has schema %d and this program knows up to %d: start the newer program, or restore a backup made before it", e.Have, e.Know)
}

// migrate brings the schema up to date, on a connection that is closed again
// before the writer opens its own. An existing file of an older schema is
// copied first, to PATH.before-schema-N.
func migrate(ctx context.Context, path string, files fs.FS, existed bool) (err error) {
	connector, err := sqlite.NewConnector(dsn(path, migrating))
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, db.Close()) }()
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true), goose.WithSlog(quiet()))
	if err != nil {
		return err
	}
	have, know, err := provider.GetVersions(ctx)
	switch {
	case err != nil:
		return err
	case have > know:
		return &NewerSchemaError{Have: have, Know: know}
	case have == know:
		return nil
	}
	if existed && have > 0 {
		if err := copyBefore(ctx, db, fmt.Sprintf("%s.before-schema-%d", path, know)); err != nil {
			return fmt.Errorf("copy the database before migrating it: %w", err)
		}
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate the schema from %d to %d: %w", have, know, err)
	}
	return nil
}

// copyBefore replaces a copy that an interrupted start has left.
func copyBefore(ctx context.Context, db *sql.DB, to string) error {
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := createPrivate(to); err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, `VACUUM INTO ?`, to); err != nil {
		return err
	}
	return syncFile(to)
}
