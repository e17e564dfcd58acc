//go:build unix

package storage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
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
	f.in(set("before", "1"), declare(indexed("n"), IndexSpec{Fields: []string{"one"}, Unique: true}), insertDoc(`{"id":"before","n":1,"one":1}`))
	f.putBlob("before", []byte("before"))
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
	f.fails(KindFailed, &Batch{App: "a", Mutations: []Mutation{insertDoc(`{"id":"later"}`)}})
	f.fails(KindFailed, &Batch{App: "a", Mutations: []Mutation{BlobCopy{Key: "before", To: "later"}}})
	if _, err := f.Upload(t.Context()); KindOf(err) != KindFailed {
		t.Errorf("an upload after writing has stopped: %v", err)
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
	if ids, _ := f.find(DocQuery{Filter: json.RawMessage(`{"n":1}`)}); len(ids) != 1 || string(f.readBlob("before")) != "before" {
		t.Errorf("reading documents and blobs after the failure: %v", ids)
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
	if ids, _ := after.find(DocQuery{}); len(ids) != 1 || string(after.readBlob("before")) != "before" {
		t.Errorf("documents after a restart: %v", ids)
	}
	after.in(set("later", "2"), insertDoc(`{"id":"later"}`), BlobCopy{Key: "before", To: "later"})
}

// TestFaultFull: a full disk answers KindFull, nothing is half done, and it goes
// on when there is room.
func TestFaultFull(t *testing.T) {
	t.Parallel()
	f, rec := faulty(t)
	version := f.Version()
	rec.failing(answering(sqlite3.SQLITE_FULL, ioWrite, -1))
	for range 3 {
		f.fails(KindFull, &Batch{App: "a", Mutations: []Mutation{set("k", "1"), set("l", "1")}})
	}
	f.fails(KindFull, &Batch{App: "a", Mutations: []Mutation{insertDoc(`{"id":"d"}`), BlobDelete{Key: "before"}}})
	if _, err := f.Upload(t.Context()); KindOf(err) != KindFull {
		t.Errorf("an upload to a full disk: %v", err)
	}
	rec.failing(nil)
	if o := f.in(set("k", "2")); o.Version != version+1 || !o.Results[0].Created {
		t.Errorf("after the disk had room: %+v, want version %d, created", o, version+1)
	}
	if ids, _ := f.find(DocQuery{}); len(ids) != 1 || string(f.readBlob("before")) != "before" {
		t.Errorf("half of a batch is there: documents %v", ids)
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
	step := 31
	if long() {
		step = 1
	}
	for _, c := range cases {
		for nth := 0; ; nth += step {
			if nth > 5000 {
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
	answers := make([]error, 8)
	for i := range answers {
		answers[i] = faultWrite(f.DB, i)
	}
	rec.failing(nil)
	_ = f.Close(context.Background()) // may say what the disk said
	judgeAnswers(t, f.opts, answers, fmt.Sprintf("code %d", code))
	return reached
}

// faultWrite writes two keys, a document and a blob.
func faultWrite(db *DB, i int) error {
	ctx := context.Background()
	u, err := db.Upload(ctx)
	if err != nil {
		return err
	}
	defer u.Close()
	if err := u.Copy(ctx, bytes.NewReader(randomBytes(3000, uint64(i)))); err != nil {
		return err
	}
	c, err := u.Finish(ctx)
	if err != nil {
		return err
	}
	value := `"` + strings.Repeat("x", 5000) + `"`
	_, err = db.Write(ctx, &Batch{App: "a", Mutations: []Mutation{
		set(fmt.Sprint("k", i), value), set(fmt.Sprint("l", i), value),
		insertDoc(fmt.Sprintf(`{"id":"d%d","n":%d,"one":%d,"text":%s}`, i, i%3, i+2, value)),
		BlobPut{Key: fmt.Sprint("b", i), Content: c, Type: "a/b"},
	}})
	return err
}

func judgeAnswers(t *testing.T, o Options, answers []error, what string) {
	t.Helper()
	db, err := Open(t.Context(), o)
	if err != nil {
		t.Fatalf("%s: open again: %v", what, err)
	}
	defer db.Close(context.Background())
	c, err := dial(t.Context(), o.Path, readOnly)
	if err == nil {
		err = errors.Join(c.sound(t.Context()), c.close())
	}
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
	for i, answer := range answers {
		_, errK := db.KVGet(t.Context(), "a", fmt.Sprint("k", i))
		_, errL := db.KVGet(t.Context(), "a", fmt.Sprint("l", i))
		_, errD := db.DocGet(t.Context(), "a", "c", fmt.Sprint("d", i))
		b, errB := db.OpenBlob(t.Context(), "a", fmt.Sprint("b", i))
		if errB == nil {
			b.Close()
		}
		unknown := answer != nil && strings.Contains(answer.Error(), "known after a restart")
		switch there := errK == nil; {
		case there != (errL == nil), there != (errD == nil), there != (errB == nil):
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
	f.in(declare(indexed("late")), insertDoc(`{"id":"x"}`), DocDeleteWhere{Collection: "c", All: true})
	f.putBlob("b", []byte("b"))
	f.in(BlobDelete{Key: "b"})
	archive := f.export()
	f.system(AppDelete{ID: "a"})
	if err := f.imported(archive); err != nil {
		t.Error(err)
	}
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
