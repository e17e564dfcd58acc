//go:build unix

package storage

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	sqlite3 "modernc.org/sqlite/lib"
)

// faulty opens a database in a folder whose files can be made to fail.
func faulty(t *testing.T) (*fixture, *recorder) {
	t.Helper()
	dir := t.TempDir()
	rec := record(t, dir)
	f := openApp(t, func(o *Options) { o.Path = filepath.Join(dir, "test.db") })
	f.in(set("before", "1"))
	return f, rec
}

// answering injects a code into the operations of one kind, times times; -1 is
// for good.
func answering(code int32, kind ioKind, times int) func(ioOp) int32 {
	return func(op ioOp) int32 {
		if op.kind != kind || times == 0 {
			return sqlite3.SQLITE_OK
		}
		times--
		return code
	}
}

// TestFaultSync: after one failed sync the kernel may have forgotten what it was
// to write, so writing stops for good, and says so. Reading goes on, and what
// was acknowledged is there after a restart.
func TestFaultSync(t *testing.T) {
	t.Parallel()
	f, rec := faulty(t)
	rec.failing(answering(sqlite3.SQLITE_IOERR_FSYNC, ioSync, 1))
	f.fails(KindFailed, &Batch{App: "a", Mutations: []Mutation{set("lost", "1")}})
	rec.failing(nil) // the disk is well again, and still nothing may be written
	e := f.fails(KindFailed, &Batch{App: "a", Mutations: []Mutation{set("later", "1")}})
	if !strings.Contains(e.Message, "nothing was written; restart") {
		t.Errorf("a later caller hears %q", e.Message)
	}
	if f.Record(AuditEntry{Operation: "x"}) {
		t.Error("a droppable entry was accepted after writing had stopped")
	}
	if !f.Stats().Stopped {
		t.Error("Stats does not say that writing has stopped")
	}
	if _, err := f.KVGet(t.Context(), "a", "before"); err != nil {
		t.Errorf("reading after the failure: %v", err)
	}
	if err := f.Close(t.Context()); err != nil {
		t.Errorf("Close: %v", err)
	}
	after := open(t, func(o *Options) { o.Path = f.opts.Path })
	if _, err := after.KVGet(t.Context(), "a", "before"); err != nil {
		t.Error(err)
	}
	if _, err := after.KVGet(t.Context(), "a", "later"); KindOf(err) != KindKeyNotFound {
		t.Errorf("what was answered with nothing was written is there: %v", err)
	}
	after.in(set("later", "2"))
}

// TestFaultFull: a full disk answers KindFull, nothing is half done, and it goes
// on when there is room.
func TestFaultFull(t *testing.T) {
	t.Parallel()
	f, rec := faulty(t)
	rec.failing(answering(sqlite3.SQLITE_FULL, ioWrite, -1))
	for range 3 {
		f.fails(KindFull, &Batch{App: "a", Mutations: []Mutation{set("k", "1"), set("l", "1")}})
	}
	rec.failing(nil)
	if o := f.in(set("k", "2")); o.Version != 3 || !o.Results[0].Created {
		t.Errorf("after the disk had room: %+v, want version 3, created", o)
	}
	if _, err := f.KVGet(t.Context(), "a", "l"); KindOf(err) != KindKeyNotFound {
		t.Errorf("half of a batch is there: %v", err)
	}
	if err := f.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestFaultAnywhere fails each operation in turn and holds every answer to what
// a restart finds: what was acknowledged is there, what was answered with
// "nothing was written" is not.
func TestFaultAnywhere(t *testing.T) {
	t.Parallel()
	base, _ := faulty(t)
	if err := base.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	image, err := os.ReadFile(base.opts.Path)
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		code int32
		kind ioKind
	}{
		{sqlite3.SQLITE_FULL, ioWrite},
		{sqlite3.SQLITE_IOERR_WRITE, ioWrite},
		{sqlite3.SQLITE_IOERR_FSYNC, ioSync},
	}
	step := 4
	if long() {
		step = 1
	}
	for _, c := range cases {
		for nth := 0; ; nth += step {
			if nth > 500 {
				t.Fatal("the workload does not end")
			}
			if !faultRun(t, image, nth, c.code, c.kind) {
				if nth == 0 {
					t.Errorf("code %d: nothing failed", c.code)
				}
				break // the workload has fewer operations
			}
		}
	}
}

// faultRun writes batches while the nth operation of a kind fails, and reports
// whether that one was reached.
func faultRun(t *testing.T, image []byte, nth int, code int32, kind ioKind) (reached bool) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "test.db"), image, 0o600); err != nil {
		t.Fatal(err)
	}
	rec := record(t, dir)
	f := open(t, func(o *Options) { o.Path = filepath.Join(dir, "test.db") })
	if err := f.onWriter(t.Context(), func(w *writer) error {
		_, err := w.conn.pragma("wal_autocheckpoint = 8")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	rec.failing(func(op ioOp) int32 {
		if op.kind != kind {
			return sqlite3.SQLITE_OK
		}
		if nth--; nth == -1 {
			reached = true
			return code
		}
		return sqlite3.SQLITE_OK
	})
	answers := make([]error, 10)
	for i := range answers {
		value := `"` + strings.Repeat("x", 5000) + `"`
		_, answers[i] = f.Write(context.Background(), &Batch{App: "a", Mutations: []Mutation{
			set(fmt.Sprint("k", i), value), set(fmt.Sprint("l", i), value),
		}})
	}
	rec.failing(nil)
	_ = f.Close(context.Background()) // may say what the disk said
	judgeAnswers(t, f.opts, answers, fmt.Sprintf("code %d", code))
	return reached
}

func judgeAnswers(t *testing.T, o Options, answers []error, what string) {
	t.Helper()
	db, err := Open(t.Context(), o)
	if err != nil {
		t.Fatalf("%s: open again: %v", what, err)
	}
	defer db.Close(context.Background())
	if err := db.Check(t.Context()); err != nil {
		t.Errorf("%s: %v", what, err)
	}
	for i, answer := range answers {
		_, errK := db.KVGet(t.Context(), "a", fmt.Sprint("k", i))
		_, errL := db.KVGet(t.Context(), "a", fmt.Sprint("l", i))
		unknown := answer != nil && strings.Contains(answer.Error(), "known after a restart")
		switch there := errK == nil; {
		case there != (errL == nil):
			t.Errorf("%s: half of batch %d is there", what, i)
		case answer == nil && !there:
			t.Errorf("%s: batch %d was acknowledged and is gone", what, i)
		case answer != nil && there && !unknown:
			t.Errorf("%s: batch %d was answered %v and is there", what, i, answer)
		}
	}
}

// TestOneWriter: the file is opened for writing for the schema and then by the
// writer, and never again, whatever is done.
func TestOneWriter(t *testing.T) {
	t.Parallel()
	f, rec := faulty(t)
	f.Record(AuditEntry{Operation: "x"})
	if err := f.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if err := f.Backup(t.Context(), io.Discard); err != nil {
		t.Error(err)
	}
	if err := f.onWriter(t.Context(), func(w *writer) error { return w.retain.round(w) }); err != nil {
		t.Error(err)
	}
	if _, err := f.Changes(t.Context(), "a", ChangeQuery{Since: &Cursor{}}); err != nil {
		t.Error(err)
	}
	if n := rec.openings("test.db"); n != 2 {
		t.Errorf("the file was opened for writing %d times, want 2", n)
	}
}
