package storage

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
)

type settingReader struct {
	get, list *stmt
}

func newSettingReader(p *preparer) settingReader {
	return settingReader{
		get:  p.stmt(`SELECT value FROM setting WHERE name = ?`),
		list: p.stmt(`SELECT name, value FROM setting ORDER BY name`),
	}
}

// Setting returns one setting's value, or KindSettingNotFound.
func (db *DB) Setting(ctx context.Context, name string) (v json.RawMessage, err error) {
	err = db.readers.read(ctx, func(r *reader, _ int64) error {
		row, ok, err := r.settings.get.one(name)
		if err != nil {
			return err
		}
		if !ok {
			return &Error{Kind: KindSettingNotFound, Field: "name", Index: -1, Message: fmt.Sprintf("no setting %q", name)}
		}
		v = asBytes(row[0])
		return nil
	})
	return v, err
}

// Settings returns every setting. There are as many as the program has names
// for, so this is one page.
func (db *DB) Settings(ctx context.Context) (map[string]json.RawMessage, error) {
	all := map[string]json.RawMessage{}
	err := db.readers.page(ctx, func(ctx context.Context, r *reader, _ int64) error {
		return r.settings.list.each(ctx, func(row []driver.Value) error {
			all[asText(row[0])] = asBytes(row[1])
			return nil
		})
	})
	return all, err
}
