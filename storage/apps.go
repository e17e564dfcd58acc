package storage

import "fmt"

// systemFeed is the number of the change log that belongs to no app.
const systemFeed = 0

// appWriter changes apps. It remembers the numbers of those in use, which
// only the writer can change.
type appWriter struct {
	known map[string]*appState

	byName, insert, update, remove, gone *stmt
	lastGone, bringBack, notGone, purge  *stmt
	adopt                                *stmt
	dropTokenSessions, dropTokens        *stmt
}

// appState is what the writer knows about an app, or about the system feed.
type appState struct {
	id      int64
	name    string
	version uint64
	rows    int64 // n of its newest change, -1 before it has been read

	collections map[string]*collection // those in use
}

// maxKnownApps bounds the memory; forgetting costs one lookup an app.
const maxKnownApps = 10_000

func newAppWriter(p *preparer) appWriter {
	return appWriter{
		known:  map[string]*appState{},
		byName: p.stmt(`SELECT id, version FROM app WHERE name = ?`),
		insert: p.stmt(`INSERT INTO app (name, title, version, born, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)`),
		update: p.stmt(`UPDATE app SET title = ?, version = ?, updated_at = ? WHERE id = ?`),
		remove: p.stmt(`DELETE FROM app WHERE id = ?`),
		gone: p.stmt(`INSERT INTO app_gone (id, name, title, version, born, created_at, at, principal, until)
			SELECT id, name, title, version, born, created_at, ?, ?, ? FROM app WHERE id = ?`),
		lastGone: p.stmt(`SELECT id, title, created_at FROM app_gone WHERE name = ? AND until > ? ORDER BY id DESC LIMIT 1`),
		bringBack: p.stmt(`INSERT INTO app (id, name, title, version, born, created_at, updated_at)
			SELECT id, name, title, ?, born, created_at, ? FROM app_gone WHERE id = ?`),
		adopt:             p.stmt(`UPDATE app SET name = ?, title = ?, version = ?, created_at = ?, updated_at = ? WHERE id = ?`),
		notGone:           p.stmt(`DELETE FROM app_gone WHERE id = ?`),
		purge:             p.stmt(`UPDATE app_gone SET until = ? WHERE name = ? AND until > ?`),
		dropTokenSessions: p.stmt(`DELETE FROM session WHERE token IN (SELECT id FROM token WHERE app = ?)`),
		dropTokens:        p.stmt(`DELETE FROM token WHERE app = ?`),
	}
}

// forget drops what is remembered, after a rollback.
func (a *appWriter) forget() { clear(a.known) }

func (a *appWriter) state(name string) (*appState, error) {
	if s := a.known[name]; s != nil {
		return s, nil
	}
	row, ok, err := a.byName.one(name)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, appNotFound(name)
	}
	return a.remember(&appState{id: asInt(row[0]), name: name, version: uint64(asInt(row[1])), rows: -1}), nil
}

// system is the feed of what belongs to no app.
func (a *appWriter) system() *appState {
	if s := a.known[""]; s != nil {
		return s
	}
	return a.remember(&appState{id: systemFeed, rows: -1})
}

func (a *appWriter) remember(s *appState) *appState {
	if len(a.known) >= maxKnownApps {
		a.forget()
	}
	a.known[s.name] = s
	return s
}

func appNotFound(name string) *Error {
	return &Error{Kind: KindAppNotFound, Field: "app", Index: -1, Message: fmt.Sprintf("no app %q", name)}
}

// named moves an app_not_found to the mutation's own id field.
func (a *appWriter) named(id string) (*appState, error) {
	s, err := a.state(id)
	if KindOf(err) == KindAppNotFound {
		err.(*Error).Field = "id"
	}
	return s, err
}

func (m AppCreate) prepare(in *intake) (step, error) {
	in.bytes += mutationBytes + int64(len(m.ID)+len(m.Title))
	if err := checkApp("id", m.ID); err != nil {
		return nil, err
	}
	return m, checkText("title", m.Title, maxTitleBytes)
}

func (m AppCreate) apply(t *tx) (Result, error) {
	s, err := t.apps.state(m.ID)
	switch {
	case err == nil:
		return Result{}, &Error{Kind: KindExists, Field: "id", Index: -1, CurrentVersion: s.version, Message: fmt.Sprintf("app %q exists", m.ID)}
	case KindOf(err) != KindAppNotFound:
		return Result{}, err
	}
	if _, err := t.write(t.apps.insert, m.ID, m.Title, int64(t.version), int64(t.version), t.now, t.now); err != nil {
		return Result{}, err
	}
	return Result{Version: t.version, Created: true}, t.logSystem(changeAppCreate, m.ID)
}

func (m AppUpdate) prepare(in *intake) (step, error) {
	in.bytes += mutationBytes + int64(len(m.ID))
	if err := checkApp("id", m.ID); err != nil {
		return nil, err
	}
	if m.Title == nil {
		return nil, invalid("title", "an update changes the title: say which")
	}
	in.bytes += int64(len(*m.Title))
	return m, checkText("title", *m.Title, maxTitleBytes)
}

func (m AppUpdate) apply(t *tx) (Result, error) {
	s, err := t.apps.named(m.ID)
	if err != nil {
		return Result{}, err
	}
	if m.IfVersion != nil && *m.IfVersion != s.version {
		return Result{}, mismatch("app "+m.ID, *m.IfVersion, s.version)
	}
	if _, err := t.write(t.apps.update, *m.Title, int64(t.version), t.now, s.id); err != nil {
		return Result{}, err
	}
	s.version = t.version
	return Result{Version: t.version}, t.logSystem(changeAppUpdate, m.ID)
}

func (m AppDelete) prepare(in *intake) (step, error) {
	in.bytes += mutationBytes + int64(len(m.ID))
	return m, checkApp("id", m.ID)
}

// apply removes the app itself, which hides everything in it at once. Its rows
// stay as long as the app can be brought back, and then go in slices: a million
// of them in one commit would hold up every other app for seconds.
func (m AppDelete) apply(t *tx) (Result, error) {
	s, err := t.apps.named(m.ID)
	if err != nil {
		return Result{}, err
	}
	if m.IfVersion != nil && *m.IfVersion != s.version {
		return Result{}, mismatch("app "+m.ID, *m.IfVersion, s.version)
	}
	if _, err := t.write(t.apps.gone, t.now, orNull(t.principal()), t.now+t.undos.keepDeletes.Milliseconds(), s.id); err != nil {
		return Result{}, err
	}
	if _, err := t.write(t.apps.remove, s.id); err != nil {
		return Result{}, err
	}
	if _, err := t.write(t.apps.dropTokenSessions, m.ID); err != nil {
		return Result{}, err
	}
	if _, err := t.write(t.apps.dropTokens, m.ID); err != nil {
		return Result{}, err
	}
	if err := t.catalogueChanged(); err != nil {
		return Result{}, err
	}
	delete(t.apps.known, m.ID)
	if t.home == s {
		t.home = nil
	}
	t.unit.touched = append(t.unit.touched, m.ID)
	return Result{Deleted: true}, t.logSystem(changeAppDelete, m.ID)
}
