package storage

import (
	"context"
	"database/sql/driver"
)

type appReader struct {
	get, list, gone *stmt
}

func newAppReader(p *preparer) appReader {
	const columns = `SELECT name, title, version, created_at, updated_at FROM app WHERE name `
	return appReader{
		get:  p.stmt(columns + `= ?`),
		list: p.stmt(columns + `> ? ORDER BY name LIMIT ?`),
		gone: p.stmt(`SELECT name, title, at, principal, until FROM app_gone WHERE until > ? ORDER BY until DESC, id DESC`),
	}
}

func appEntry(row []driver.Value) App {
	return App{
		ID: asText(row[0]), Title: asText(row[1]), Version: uint64(asInt(row[2])),
		CreatedAt: millis(row[3]), UpdatedAt: millis(row[4]),
	}
}

// App returns one app, or KindAppNotFound.
func (db *DB) App(ctx context.Context, id string) (App, error) {
	var a App
	err := db.readers.read(ctx, func(r *reader, _ int64) error {
		row, ok, err := r.apps.get.one(id)
		if err != nil {
			return err
		}
		if !ok {
			return appNotFound(id)
		}
		a = appEntry(row)
		return nil
	})
	return a, err
}

// Apps returns one page of apps in the order of their ids, behind after.
func (db *DB) Apps(ctx context.Context, after string, limit int) (page []App, err error) {
	if limit, err = pageLimit(limit); err != nil {
		return nil, err
	}
	err = db.readers.page(ctx, func(ctx context.Context, r *reader, _ int64) error {
		return r.apps.list.each(ctx, func(row []driver.Value) error {
			page = append(page, appEntry(row))
			return nil
		}, max(after, stagedEnd), int64(limit))
	})
	return page, err
}
