package storage

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
)

type secretReader struct {
	get, list *stmt
}

func newSecretReader(p *preparer) secretReader {
	const columns = `SELECT name, origins, sealed, version, modified_at FROM secret `
	return secretReader{
		get:  p.stmt(columns + `WHERE name = ?`),
		list: p.stmt(columns + `WHERE name > ? ORDER BY name LIMIT ?`),
	}
}

func secretOf(row []driver.Value) (Secret, error) {
	s := Secret{Name: asText(row[0]), Sealed: asBytes(row[2]), Version: uint64(asInt(row[3])), ModifiedAt: millis(row[4])}
	if err := json.Unmarshal([]byte(asText(row[1])), &s.Origins); err != nil {
		return Secret{}, fmt.Errorf("the origins of secret %q: %w", s.Name, err)
	}
	return s, nil
}

// Secret returns one secret as it is stored, or KindSecretNotFound.
func (db *DB) Secret(ctx context.Context, name string) (s Secret, err error) {
	err = db.readers.read(ctx, func(r *reader, _ int64) error {
		row, ok, err := r.secrets.get.one(name)
		if err != nil {
			return err
		}
		if !ok {
			return secretNotFound(name)
		}
		s, err = secretOf(row)
		return err
	})
	return s, err
}

// Secrets returns the secrets after a name, by name.
func (db *DB) Secrets(ctx context.Context, after string, limit int) (list []Secret, err error) {
	if limit, err = pageLimit(limit); err != nil {
		return nil, err
	}
	err = db.readers.page(ctx, func(ctx context.Context, r *reader, _ int64) error {
		return r.secrets.list.each(ctx, func(row []driver.Value) error {
			s, err := secretOf(row)
			list = append(list, s)
			return err
		}, after, int64(limit))
	})
	return list, err
}
