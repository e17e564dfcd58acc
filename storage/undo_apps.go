package storage

import (
	"context"
	"database/sql/driver"
	"fmt"
	"time"
)

// AppRestore brings back the app of this id that was deleted last, with
// everything in it but its tokens. KindAppNotFound when none is kept;
// KindExists when the id is in use.
type AppRestore struct{ ID string }

// AppPurge removes the deleted apps of this id for good. KindAppNotFound when
// none is kept.
type AppPurge struct{ ID string }

func (AppRestore) mutation() {}
func (AppPurge) mutation()   {}

// DeletedApp is an app that can be brought back.
type DeletedApp struct {
	ID        string
	Title     string
	DeletedAt time.Time
	DeletedBy string
	Until     time.Time // when it is removed for good
}

func (m AppRestore) prepare(in *intake) (step, error) {
	in.bytes += mutationBytes + int64(len(m.ID))
	return m, checkApp("id", m.ID)
}

func (m AppRestore) apply(t *tx) (Result, error) {
	s, err := t.apps.state(m.ID)
	switch {
	case err == nil:
		return Result{}, &Error{Kind: KindExists, Field: "id", Index: -1, CurrentVersion: s.version, Message: fmt.Sprintf("app %q exists", m.ID)}
	case KindOf(err) != KindAppNotFound:
		return Result{}, err
	}
	row, ok, err := t.apps.lastGone.one(m.ID, t.now)
	if err != nil {
		return Result{}, err
	}
	if !ok {
		return Result{}, appNotKept(m.ID)
	}
	id, title, created := asInt(row[0]), asText(row[1]), millis(row[2])
	if _, err := t.write(t.apps.bringBack, int64(t.version), t.now, id); err != nil {
		return Result{}, err
	}
	if _, err := t.write(t.apps.notGone, id); err != nil {
		return Result{}, err
	}
	t.unit.touched = append(t.unit.touched, m.ID)
	a := &App{ID: m.ID, Title: title, Version: t.version, CreatedAt: created, UpdatedAt: t.at}
	return Result{Version: t.version, Created: true, Restored: a}, t.logSystem(changeAppRestore, m.ID)
}

func appNotKept(id string) *Error {
	return &Error{Kind: KindAppNotFound, Field: "id", Index: -1, Message: fmt.Sprintf("no deleted app %q is kept", id)}
}

func (m AppPurge) prepare(in *intake) (step, error) {
	in.bytes += mutationBytes + int64(len(m.ID))
	return m, checkApp("id", m.ID)
}

// apply ends the time of the apps; the retainer removes their rows in slices.
func (m AppPurge) apply(t *tx) (Result, error) {
	n, err := t.write(t.apps.purge, t.now, m.ID, t.now)
	if err == nil && n == 0 {
		err = appNotKept(m.ID)
	}
	t.retain.hurry()
	return Result{Deleted: true, Count: n}, err
}

// DeletedApps returns the apps that can be brought back, the last deleted
// first, at most 1,000, or only the one of an id.
func (db *DB) DeletedApps(ctx context.Context, id string) (list []DeletedApp, err error) {
	seen := map[string]bool{}
	err = db.readers.page(ctx, func(ctx context.Context, r *reader, now int64) error {
		return r.apps.gone.each(ctx, func(row []driver.Value) error {
			name := asText(row[0])
			if seen[name] || id != "" && id != name {
				return nil // only the last of an id can be brought back
			}
			seen[name] = true
			if len(list) == MaxPage {
				return errStop
			}
			list = append(list, DeletedApp{
				ID: name, Title: asText(row[1]), DeletedAt: millis(row[2]), DeletedBy: asText(row[3]), Until: millis(row[4]),
			})
			return nil
		}, now)
	})
	return list, err
}
