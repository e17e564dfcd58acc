package storage

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func (f *fixture) system(m ...Mutation) *Outcome {
	f.t.Helper()
	return f.write(&Batch{Mutations: m})
}

func (f *fixture) round() {
	f.t.Helper()
	if err := f.onWriter(f.t.Context(), func(w *writer) error { return w.retain.round(w) }); err != nil {
		f.t.Fatal(err)
	}
}

// TestApps: with an app goes everything in it, and a new one of its name begins
// empty.
func TestApps(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	f.in(set("k", "1"))
	f.system(AppUpdate{ID: "a", Title: ptr("New"), IfVersion: ptr(uint64(1))})
	for _, bad := range []struct {
		kind Kind
		m    Mutation
	}{
		{KindExists, AppCreate{ID: "a"}},
		{KindInvalid, AppCreate{ID: "-a"}},
		{KindInvalid, AppCreate{ID: strings.Repeat("a", 64)}},
		{KindTooLarge, AppCreate{ID: "b", Title: strings.Repeat("t", maxTitleBytes+1)}},
		{KindAppNotFound, AppUpdate{ID: "none", Title: ptr("x")}},
		{KindInvalid, AppUpdate{ID: "a"}},
		{KindVersionMismatch, AppUpdate{ID: "a", Title: ptr("x"), IfVersion: ptr(uint64(1))}},
		{KindVersionMismatch, AppDelete{ID: "a", IfVersion: ptr(uint64(1))}},
		{KindAppNotFound, AppDelete{ID: "none"}},
	} {
		f.fails(bad.kind, &Batch{Mutations: []Mutation{bad.m}})
	}
	a, err := f.App(t.Context(), "a")
	if err != nil || a.Title != "New" || a.Version != 3 {
		t.Errorf("%+v, %v", a, err)
	}
	f.system(AppDelete{ID: "a"})
	f.fails(KindAppNotFound, one(set("k", "1")))
	f.write(&Batch{App: "a", Mutations: []Mutation{AppCreate{ID: "a"}, set("new", "1")}})
	f.holds(map[string]string{"k": "", "new": "1"})
	f.clock.add(25 * time.Hour)
	f.round() // the old one's rows are removed, the new one's stay
	f.holds(map[string]string{"new": "1"})
	if err := f.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestTokens: found by the hash of the secret, until they expire, are revoked or
// their app goes, and their sessions with them.
func TestTokens(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	hash := func(s string) [32]byte { return sha256.Sum256([]byte(s)) }
	token := func(id, app string, life time.Duration) Token {
		k := Token{ID: id, Hash: hash(id), Name: id, Kind: "service", App: app, Scopes: []string{"kv:read"}, CreatedBy: "me"}
		if life != 0 {
			k.ExpiresAt = f.clock.now().Add(life)
		}
		return k
	}
	f.system(TokenCreate{token("t1", "", 0)}, TokenCreate{token("t2", "a", 0)}, TokenCreate{token("t3", "", time.Hour)})
	session := func(n string, id string) Session {
		return Session{Hash: hash("session" + n), TokenID: id, ExpiresAt: f.clock.now().Add(48 * time.Hour)}
	}
	f.system(SessionCreate{session("1", "t1")}, SessionCreate{session("2", "t2")}, SessionCreate{session("3", "t3")})
	there := func(id string) bool {
		t.Helper()
		_, errT := f.TokenByHash(t.Context(), hash(id))
		_, _, errS := f.SessionByHash(t.Context(), hash("session"+id[1:]))
		if (errT == nil) != (errS == nil) {
			t.Errorf("token %s: %v, its session: %v", id, errT, errS)
		}
		return errT == nil
	}
	f.fails(KindExists, &Batch{Mutations: []Mutation{TokenCreate{token("t1", "", 0)}}})
	f.fails(KindAppNotFound, &Batch{Mutations: []Mutation{TokenCreate{token("t9", "none", 0)}}})
	f.fails(KindTokenNotFound, &Batch{Mutations: []Mutation{TokenRevoke{ID: "none"}}})
	f.fails(KindInvalid, &Batch{Mutations: []Mutation{TokenCreate{Token{ID: "x", Kind: "robot"}}}})
	for _, id := range []string{"t1", "t2", "t3"} {
		if !there(id) {
			t.Errorf("%s is not there", id)
		}
	}
	f.system(AppDelete{ID: "a"})
	f.clock.add(time.Hour)
	if there("t2") || there("t3") || !there("t1") {
		t.Error("a token outlived its app or its time, or another went with it")
	}
	f.round()
	f.system(TokenCreate{token("t3", "", 0)}) // an expired one makes room
	f.system(TokenRevoke{ID: "t1"})
	if there("t1") {
		t.Error("a revoked token is there")
	}
	if err := f.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestRetention: each kind is kept as long and as many as said, and the feed
// says what it no longer has.
func TestRetention(t *testing.T) {
	t.Parallel()
	f := openApp(t, func(o *Options) { o.ChangeRows, o.AuditRows = 10, 5 })
	for i := range 20 {
		f.write(&Batch{
			App: "a", Mutations: []Mutation{set(fmt.Sprint("k", i), "1")}, Audit: &AuditEntry{Operation: "o"},
			Idempotency: &Idempotency{Operation: "o", Key: fmt.Sprint(i), Render: func(*Outcome) ([]byte, error) { return nil, nil }},
		})
	}
	f.round()
	if _, err := f.Changes(t.Context(), "a", ChangeQuery{Since: &Cursor{Version: 5}}); KindOf(err) != KindCompacted {
		t.Errorf("an old cursor: %v", err)
	}
	page, err := f.Changes(t.Context(), "a", ChangeQuery{Since: &Cursor{Version: 11, Index: 1}})
	if err != nil || len(page.Items) != 10 {
		t.Errorf("%d changes, %v, want the last 10", len(page.Items), err)
	}
	if log, _, _ := f.AuditLog(t.Context(), AuditQuery{}); len(log) != 5 {
		t.Errorf("%d audit rows, want 5", len(log))
	}
	repeat := &Batch{App: "a", Mutations: []Mutation{set("k0", "2")}, Idempotency: &Idempotency{Operation: "o", Key: "0", Render: func(*Outcome) ([]byte, error) { return nil, nil }}}
	if o := f.write(repeat); o.Replayed == nil {
		t.Error("a key was forgotten too early")
	}
	f.clock.add(24 * time.Hour)
	f.round()
	if o := f.write(repeat); o.Replayed != nil {
		t.Error("a key was kept too long")
	}
	if page, err := f.Changes(t.Context(), "a", ChangeQuery{Since: &Cursor{Version: 21, Index: 1}}); err != nil || len(page.Items) != 1 {
		t.Errorf("after a day: %d changes, %v", len(page.Items), err)
	}
	if err := f.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestBackup(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	f.in(set("k", "1"))
	path := filepath.Join(t.TempDir(), "copy.db")
	if err := os.WriteFile(path, f.backup(), 0o600); err != nil {
		t.Fatal(err)
	}
	if v, err := VerifyBackup(t.Context(), path); err != nil || v != 2 {
		t.Errorf("version %d, %v", v, err)
	}
	open(t, func(o *Options) { o.Path = path }).holds(map[string]string{"k": "1"})
	left, err := filepath.Glob(filepath.Join(filepath.Dir(f.opts.Path), ".fazt-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestLock(t *testing.T) {
	t.Parallel()
	f := open(t)
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(f.opts.Path, link); err != nil {
		t.Skip(err)
	}
	for _, path := range []string{f.opts.Path, link} {
		o := f.opts
		o.Path = path
		_, err := Open(t.Context(), o)
		var locked *LockedError
		if !errors.As(err, &locked) || locked.PID != os.Getpid() {
			t.Errorf("a second Open of %s: %v", path, err)
		}
	}
	info, err := os.Stat(f.opts.Path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info.Mode(), err)
	}
}

// TestMigrate: an older file is copied before it is changed, a newer one is
// refused untouched, and a migration that fails leaves the older schema.
func TestMigrate(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	f.in(set("k", "1"))
	if err := f.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	with := func(number, text string) func(*Options) {
		files := fstest.MapFS{}
		names, _ := fs.Glob(migrationFiles, "migrations/*.sql")
		for _, name := range names {
			data, _ := migrationFiles.ReadFile(name)
			files[filepath.Base(name)] = &fstest.MapFile{Data: data}
		}
		if text != "" {
			files[number+"_test.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + text)}
		}
		return func(o *Options) { o.Path, o.migrations = f.opts.Path, files }
	}
	broken := f.opts
	with("90001", "CREATE TABLE extra (id INTEGER); CREATE TABLE extra (id INTEGER);")(&broken)
	if db, err := Open(t.Context(), broken); err == nil {
		t.Error("a broken migration passed", db.Close(t.Context()))
	}
	g := open(t, with("", ""))
	g.holds(map[string]string{"k": "1"})
	if err := g.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	newer := open(t, with("90002", "CREATE TABLE extra (id INTEGER);"))
	newer.in(set("k", "2"))
	if err := newer.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	var e *NewerSchemaError
	o := f.opts
	with("", "")(&o)
	if _, err := Open(t.Context(), o); !errors.As(err, &e) || e.Have != 90002 {
		t.Errorf("a newer schema: %v", err)
	}
	copied := open(t, func(o *Options) { o.Path = f.opts.Path + ".before-schema-90002" })
	copied.holds(map[string]string{"k": "1"})
}
