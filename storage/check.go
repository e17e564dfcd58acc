package storage

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
)

// invariants are what must hold beside SQLite's own rules. Each statement
// selects what breaks one.
func invariants() [][2]string {
	return [][2]string{
		{"a key of no app", `SELECT app, key FROM kv WHERE app NOT IN (SELECT id FROM app) AND app NOT IN (SELECT id FROM app_gone)`},
		{"a key newer than the last version", `SELECT app, key FROM kv WHERE version > (SELECT value FROM meta WHERE name = 'version')`},
		{"a key out of bounds", `SELECT app, id FROM kv WHERE length(CAST(key AS BLOB)) NOT BETWEEN 1 AND 1024 OR length(value) NOT BETWEEN 1 AND 1048576`},
		{"a value that is no JSON", `SELECT app, key FROM kv WHERE NOT json_valid(CAST(value AS TEXT))`},
		{"an app newer than the last version", `SELECT id, name FROM app WHERE version > (SELECT value FROM meta WHERE name = 'version') OR born > version`},
		{"a deleted app that is there", `SELECT id, 0 FROM app_gone WHERE id IN (SELECT id FROM app)`},
		{"a change of no app", `SELECT app, version FROM change WHERE app <> 0 AND app NOT IN (SELECT id FROM app) AND app NOT IN (SELECT id FROM app_gone)`},
		{"a change newer than the last version", `SELECT app, version FROM change WHERE version > (SELECT value FROM meta WHERE name = 'version')`},
		{"a change at or before what was removed", `SELECT c.app, c.version FROM change_floor f JOIN change c ON c.app = f.app AND (c.version < f.version OR c.version = f.version AND c.idx <= f.idx)`},
		{"a gap in a change log", `SELECT app, version FROM (SELECT app, version, n - lag(n) OVER (PARTITION BY app ORDER BY version, idx) AS step FROM change) WHERE step <> 1`},
		{"a collection of no app", `SELECT app, name FROM collection WHERE app NOT IN (SELECT id FROM app) AND app NOT IN (SELECT id FROM app_gone)`},
		{"a document of no collection", `SELECT collection, name FROM doc WHERE collection NOT IN (SELECT id FROM collection) AND collection NOT IN (SELECT id FROM collection_gone)`},
		{"a document newer than the last version", `SELECT collection, name FROM doc WHERE version > (SELECT value FROM meta WHERE name = 'version')`},
		{"a document without its id", `SELECT collection, name FROM doc WHERE json_extract(CAST(body AS TEXT), '$.id') IS NOT name`},
		{"an index of no collection", `SELECT collection, name FROM collection_index WHERE collection NOT IN (SELECT id FROM collection) AND collection NOT IN (SELECT id FROM collection_gone)`},
		{"an entry of no document", `SELECT e.idx, e.name FROM doc_entry e JOIN collection_index x ON x.id = e.idx LEFT JOIN doc d ON d.id = e.doc AND d.name = e.name AND d.collection = x.collection
			WHERE d.id IS NULL AND x.failed IS NULL AND x.collection NOT IN (SELECT id FROM collection_gone)`},
		{"an entry of no index", `SELECT idx, name FROM doc_entry WHERE idx NOT IN (SELECT id FROM collection_index) AND idx NOT IN (SELECT id FROM index_gone)`},
		{"a document that a complete index lacks", `SELECT d.collection, d.name FROM collection_index x JOIN doc d ON d.collection = x.collection
			WHERE x.built IS NULL AND x.sparse = 0 AND (x.id, d.id) NOT IN (SELECT idx, doc FROM doc_entry)`},
		{"two documents with one key of a unique index", `SELECT e.idx, e.name FROM collection_index x JOIN doc_entry e ON e.idx = x.id
			WHERE x.one = 1 AND x.built IS NULL GROUP BY e.idx, e.key HAVING count(*) > 1`},
		{"something kept for undo of no app", `SELECT app, id FROM undo WHERE app NOT IN (SELECT id FROM app) AND app NOT IN (SELECT id FROM app_gone)`},
		{"a blob of no app", `SELECT app, key FROM blob WHERE app NOT IN (SELECT id FROM app) AND app NOT IN (SELECT id FROM app_gone)`},
		{"a blob without its bytes", `SELECT b.app, b.key FROM blob b LEFT JOIN content c ON c.id = b.content WHERE c.hash IS NULL OR c.size <> b.size`},
		{"a site's file without its bytes", `SELECT f.site, f.key FROM site_file f LEFT JOIN content c ON c.id = f.content WHERE c.hash IS NULL OR c.size <> f.size`},
		{"a content whose references are miscounted", `SELECT id, refs FROM content WHERE refs <> (SELECT count(*) FROM blob b WHERE b.content = content.id) + (SELECT count(*) FROM site_file f WHERE f.content = content.id)
			+ (SELECT count(*) FROM undo u WHERE u.content = content.id)`},
		{"a content whose chunks are not its size", `SELECT id, size FROM content WHERE refs > 0 AND size <> (SELECT coalesce(sum(length(data)), 0) FROM chunk WHERE chunk.id >= content.id * 32768 AND chunk.id < (content.id + 1) * 32768)`},
		{"a chunk of no content", `SELECT id / 32768, id FROM chunk WHERE id / 32768 NOT IN (SELECT id FROM content)`},
		{"a session of no token", `SELECT id, token FROM session WHERE token NOT IN (SELECT id FROM token)`},
		{"a token bound to no app", `SELECT id, handle FROM token WHERE app IS NOT NULL AND app NOT IN (SELECT name FROM app)`},
	}
}

// Check reads the whole file and reports what is wrong with it: SQLite's
// integrity check and the invariants of this package. It uses a connection of
// its own and can take minutes; ctx ends it.
func (db *DB) Check(ctx context.Context) error {
	c, err := dial(ctx, db.path, readOnly)
	if err != nil {
		return err
	}
	return errors.Join(c.integrity(ctx), c.invariants(ctx), c.close())
}

func (c *conn) integrity(ctx context.Context) error {
	var errs []error
	err := c.query(ctx, `PRAGMA integrity_check(20)`, func(row []driver.Value) error {
		if s := asText(row[0]); s != "ok" {
			errs = append(errs, fmt.Errorf("integrity check: %s", s))
		}
		return nil
	})
	return errors.Join(append(errs, err)...)
}

func (c *conn) invariants(ctx context.Context) error {
	var errs []error
	for _, v := range invariants() {
		err := c.query(ctx, v[1]+` LIMIT 5`, func(row []driver.Value) error {
			errs = append(errs, fmt.Errorf("%s: %v, %v", v[0], row[0], row[1]))
			return nil
		})
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", v[0], err))
		}
	}
	return errors.Join(errs...)
}
