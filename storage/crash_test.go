//go:build unix

package storage

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// long says that the long forms of the tests are wanted: make crash.
func long() bool { return os.Getenv("FAZT_LONG") != "" }

// judge opens what a power loss has left and holds it to the model: sound, at
// one version, with everything of every batch up to it, nothing of a later one,
// and not before what was acknowledged.
func (w *workload) judge(dir string, acked uint64) error {
	c, err := dial(context.Background(), filepath.Join(dir, "test.db"), readWrite)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer c.close()
	if err := c.sound(context.Background()); err != nil {
		return err
	}
	have, version, err := stateOf(c)
	switch {
	case err != nil:
		return err
	case version < w.first || version < acked:
		return fmt.Errorf("version %d was acknowledged, and %d is on the disk", acked, version)
	case version >= uint64(len(w.states)):
		return fmt.Errorf("version %d is on the disk, and only %d were written", version, len(w.states)-1)
	}
	if d := have.differs(w.states[version]); d != "" {
		return fmt.Errorf("at version %d: %s", version, d)
	}
	return nil
}

// images walks the log, loses power at the points that pick chooses, and
// judges every image. It stops at the first that fails.
func (w *workload) images(t *testing.T, from int, torn int, pick func(i int) bool) (n int, err error) {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, uint64(len(w.rec.log()))))
	d := disk{}
	acked := uint64(0)
	dir := t.TempDir()
	for i, op := range w.rec.log() {
		d.apply(op)
		if op.kind == ioAck {
			acked = max(acked, w.version[int(op.off)])
		}
		if i < from || !pick(i) {
			continue
		}
		for variant := range 2 + torn {
			how := min(loss(variant), lossTorn)
			if err := errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o700)); err != nil {
				return n, err
			}
			d.write(t, dir, how, rng)
			n++
			if err := w.judge(dir, acked); err != nil {
				return n, fmt.Errorf("power lost after operation %d (%v of %s), variant %d: %w", i, op.kind, op.file, variant, err)
			}
		}
	}
	return n, nil
}

// crashRun records a workload on a real database, with a change made to the
// writer's connection first, and returns where in the log it began.
func crashRun(t *testing.T, n int, early bool, pragmas ...string) (w *workload, from int) {
	t.Helper()
	dir := t.TempDir()
	rec := record(t, dir)
	f := open(t, func(o *Options) { o.Path = filepath.Join(dir, "test.db") })
	w = newWorkload(rec, n, 11)
	w.early = early
	w.prepare(f)
	err := f.onWriter(t.Context(), func(x *writer) error {
		for _, p := range append(pragmas, `PRAGMA wal_autocheckpoint = 60`) {
			if err := x.conn.query(context.Background(), p, func([]driver.Value) error { return nil }); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	from = len(rec.log())
	w.run(t, f.DB, 6, nil)
	last := f.Version()
	if err := f.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.replay(last)
	return w, from
}

// TestCrashPowerLoss: whatever a power loss leaves of what was not synced, the
// file opens, is sound, and holds whole batches: all that were acknowledged.
func TestCrashPowerLoss(t *testing.T) {
	t.Parallel()
	batches, images, torn := 80, 120, 2
	if long() {
		batches, images, torn = 400, 1<<30, 6
	}
	w, from := crashRun(t, batches, false)
	total := len(w.rec.log()) - from
	every := max(1, total*(2+torn)/images)
	n, err := w.images(t, from, torn, func(i int) bool { return i%every == 0 || i == from+total-1 })
	t.Logf("%d operations, %d images", total, n)
	if err != nil {
		t.Error(err)
	}
	if w.rec.openings("test.db") != 2 {
		t.Errorf("the file was opened for writing %d times, want 2: for the schema, and by the writer", w.rec.openings("test.db"))
	}
}

// TestCrashControls shows that the harness can see: a database that does not
// sync, or a caller that is answered too early, must fail it.
func TestCrashControls(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		early  bool
		pragma []string
	}{
		"synchronous normal":        {pragma: []string{`PRAGMA synchronous = NORMAL`}},
		"synchronous off":           {pragma: []string{`PRAGMA synchronous = OFF`}},
		"acknowledge before commit": {early: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, from := crashRun(t, 30, c.early, c.pragma...)
			n, err := w.images(t, from, 1, func(i int) bool { return i%16 == 0 || w.rec.log()[i].kind == ioAck })
			if err == nil {
				t.Errorf("%d images passed", n)
			}
			t.Logf("caught after %d images: %v", n, err)
		})
	}
}

// TestCrashFirstStart: power lost while the schema is made leaves a file that a
// later start completes.
func TestCrashFirstStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rec := record(t, dir)
	f := open(t, func(o *Options) { o.Path = filepath.Join(dir, "test.db") })
	ops := slices.Clone(rec.log())
	points := 6
	if long() {
		points = len(ops)
	}
	rng := rand.New(rand.NewPCG(3, 4))
	d := disk{}
	for i, op := range ops {
		d.apply(op)
		if i%max(1, len(ops)/points) != 0 {
			continue
		}
		image := t.TempDir()
		d.write(t, image, loss(i%3), rng)
		o := f.opts
		o.Path = filepath.Join(image, "test.db")
		db, err := Open(t.Context(), o)
		if err != nil {
			t.Fatalf("power lost after operation %d of %d: %v", i, len(ops), err)
		}
		_, err = db.Write(t.Context(), &Batch{App: "a", Mutations: []Mutation{AppCreate{ID: "a"}, set("k", "1")}})
		if err := errors.Join(err, db.Check(t.Context()), db.Close(t.Context())); err != nil {
			t.Fatalf("power lost after operation %d of %d: %v", i, len(ops), err)
		}
	}
}
