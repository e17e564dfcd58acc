package storage

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func (f *fixture) backup() []byte {
	f.t.Helper()
	var b bytes.Buffer
	if err := f.Backup(f.t.Context(), &b); err != nil {
		f.t.Fatal(err)
	}
	return b.Bytes()
}

// TestRestore: the backup's state comes back at a version far above, cursors of
// the history that is given up are told so, and what was there is kept.
func TestRestore(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	f.in(set("k", "1"))
	copied := f.backup()
	f.in(set("k", "2"), set("l", "2"))
	lost := Cursor{Version: f.Version(), Index: 1}
	restore := func(overwrite bool) (Restored, error) {
		return Restore(t.Context(), RestoreOptions{From: bytes.NewReader(copied), Path: f.opts.Path, Overwrite: overwrite})
	}
	var locked *LockedError
	if _, err := restore(true); !errors.As(err, &locked) || locked.PID != os.Getpid() {
		t.Fatalf("over a database that is open: %v", err)
	}
	if err := f.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := restore(false); !errors.Is(err, fs.ErrExist) {
		t.Fatalf("without overwrite: %v", err)
	}
	done, err := restore(true)
	if err != nil || done.Version != 2+sequenceStep || done.Kept == "" {
		t.Fatalf("%+v, %v", done, err)
	}
	g := open(t, func(o *Options) { o.Path = f.opts.Path })
	g.holds(map[string]string{"k": "1", "l": ""})
	for _, since := range []Cursor{lost, {Version: 1, Index: 1}, {}} {
		if _, err := g.Changes(t.Context(), "a", ChangeQuery{Since: &since}); KindOf(err) != KindCompacted {
			t.Errorf("since %s: %v, want compacted", since, err)
		}
	}
	page, err := g.Changes(t.Context(), "a", ChangeQuery{})
	if err != nil {
		t.Fatal(err)
	}
	o := g.in(set("k", "3"))
	if page, err := g.Changes(t.Context(), "a", ChangeQuery{Since: &page.Next}); err != nil || len(page.Items) != 1 || o.Version <= 2+sequenceStep {
		t.Errorf("after the restore: version %d, %+v, %v", o.Version, page, err)
	}
	if err := g.Check(t.Context()); err != nil {
		t.Error(err)
	}
	kept := open(t, func(o *Options) { o.Path = done.Kept })
	kept.holds(map[string]string{"k": "2", "l": "2"})
}

// TestRestoreRefuses: what is damaged changes nothing.
func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	for i := range 50 {
		f.in(set(fmt.Sprint("k", i), `"`+strings.Repeat("x", 3000)+`"`))
	}
	good := f.backup()
	if err := f.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(good)
	for i := len(flipped) / 2; i < len(flipped)/2+3000; i++ {
		flipped[i] ^= 0x55
	}
	for name, data := range map[string][]byte{
		"nothing": {}, "text": []byte("no database"), "half": good[:len(good)/2], "flipped": flipped,
	} {
		_, err := Restore(t.Context(), RestoreOptions{From: bytes.NewReader(data), Path: f.opts.Path, Overwrite: true})
		var damaged *DamagedError
		if !errors.As(err, &damaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	entries, err := os.ReadDir(filepath.Dir(f.opts.Path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".fazt-") || strings.Contains(e.Name(), "before-restore") {
			t.Errorf("%s was left behind", e.Name())
		}
	}
	open(t, func(o *Options) { o.Path = f.opts.Path }).holds(map[string]string{"k0": `"` + strings.Repeat("x", 3000) + `"`})
}

func TestCheckFile(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	f.in(set("k", "1"))
	running, err := CheckFile(t.Context(), f.opts.Path)
	if err != nil || !running.InUse || running.Version != 2 {
		t.Errorf("while it is open: %+v, %v", running, err)
	}
	if err := f.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	stopped, err := CheckFile(t.Context(), f.opts.Path)
	if err != nil || stopped.InUse || stopped.Version != 2 || stopped.Schema != running.Schema {
		t.Errorf("while it is closed: %+v, %v", stopped, err)
	}
	if _, err := CheckFile(t.Context(), f.opts.Path+".none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	c, err := dial(t.Context(), f.opts.Path, readWrite)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.exec(t.Context(), `UPDATE kv SET version = 99`), c.close()); err != nil {
		t.Fatal(err)
	}
	if _, err := CheckFile(t.Context(), f.opts.Path); err == nil || !strings.Contains(err.Error(), "newer than the last version") {
		t.Errorf("a broken invariant: %v", err)
	}
}
