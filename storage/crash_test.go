//go:build unix

package storage

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
)

// long says that the long forms of the tests are wanted: make crash.
func long() bool { return os.Getenv("FAZT_LONG") != "" }

// workload writes numbered batches from several callers, each with an audit
// entry and an idempotency key of its number, and knows what the database holds
// at every version.
type workload struct {
	rec     *recorder
	batches []*Batch
	early   bool // acknowledge before the commit: a control that must be caught

	mu      sync.Mutex
	version map[int]uint64 // of each batch that was written
	states  []*state       // by version, from replay
}

// state is what must be in the file at one version.
type state struct {
	keys    map[string]string // key → "version value"
	changes []string
	audit   []string
	repeats []string
	undo    []string
}

const workloadKeys = 20

// newWorkload makes n batches. Values reach over a page, so that a commit
// writes several; one batch in ten fails in its last mutation.
func newWorkload(rec *recorder, n int, seed uint64) *workload {
	rng := rand.New(rand.NewPCG(seed, 1))
	key := func() string { return fmt.Sprintf("k%02d", rng.IntN(workloadKeys)) }
	w := &workload{rec: rec, version: map[int]uint64{}}
	for i := range n {
		value, _ := json.Marshal(fmt.Sprint(i, strings.Repeat("x", rng.IntN(6000))))
		b := &Batch{App: "a", Mutations: []Mutation{
			KVSet{Key: key(), Value: value},
			KVIncrement{Key: "sum", By: json.Number(fmt.Sprint(i))},
			KVDelete{Key: key()},
			KVSet{Key: key(), Value: json.RawMessage(`"small"`)},
		}}
		if i%10 == 9 {
			b.Mutations = append(b.Mutations, KVIncrement{Key: "text", By: "1"})
		}
		id := fmt.Sprintf("b%04d", i)
		kind := "person"
		if i%3 == 0 {
			kind = "agent" // whose writes are all kept for undo
		}
		b.Audit = &AuditEntry{Principal: "p", Kind: kind, Operation: "test", App: "a", RequestID: id}
		b.Idempotency = &Idempotency{Principal: "p", Operation: "test", Key: id, Render: func(*Outcome) ([]byte, error) {
			if w.early {
				rec.ack(i)
			}
			return []byte(id), nil
		}}
		w.batches = append(w.batches, b)
	}
	return w
}

// prepare makes the app; its two batches are version 1 and 2.
func (w *workload) prepare(t testing.TB, db *DB) {
	for _, m := range []Mutation{AppCreate{ID: "a"}, set("text", `"no number"`)} {
		if _, err := db.Write(t.Context(), &Batch{App: "a", Mutations: []Mutation{m}}); err != nil {
			t.Fatal(err)
		}
	}
}

// run writes all batches. A batch that fails must be one of those that shall,
// unless tolerate says otherwise.
func (w *workload) run(t testing.TB, db *DB, callers int, tolerate func(error) bool) {
	next := make(chan int, len(w.batches))
	for i := range w.batches {
		next <- i
	}
	close(next)
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for i := range next {
				o, err := db.Write(context.Background(), w.batches[i])
				switch {
				case err == nil:
					if !w.early {
						w.rec.ack(i)
					}
					w.mu.Lock()
					w.version[i] = o.Version
					w.mu.Unlock()
				case i%10 == 9 && KindOf(err) == KindTypeMismatch:
				case tolerate == nil || !tolerate(err):
					t.Errorf("batch %d: %v", i, err)
				}
			}
		})
	}
	wg.Wait()
}

// replay works out the state at every version in plain Go.
func (w *workload) replay() {
	order := make([]int, 0, len(w.version))
	for i := range w.version {
		order = append(order, i)
	}
	sort.Slice(order, func(a, b int) bool { return w.version[order[a]] < w.version[order[b]] })
	s := &state{keys: map[string]string{}}
	w.states = []*state{s}
	add := func(change func(n *state, v uint64)) {
		last := w.states[len(w.states)-1]
		n := &state{keys: map[string]string{}, changes: slices.Clone(last.changes), audit: slices.Clone(last.audit), repeats: slices.Clone(last.repeats), undo: slices.Clone(last.undo)}
		for k, v := range last.keys {
			n.keys[k] = v
		}
		change(n, uint64(len(w.states)))
		w.states = append(w.states, n)
	}
	add(func(*state, uint64) {})
	add(func(n *state, v uint64) {
		n.keys["text"] = `2 "no number"`
		n.changes = append(n.changes, "2.1 kv set text")
	})
	for _, i := range order {
		add(func(n *state, v uint64) { n.write(w.batches[i], v) })
	}
}

// write applies a batch to the model.
func (s *state) write(b *Batch, v uint64) {
	index := 0
	change := func(op, key string) {
		index++
		s.changes = append(s.changes, fmt.Sprintf("%d.%d kv %s %s", v, index, op, key))
	}
	keep := func(key string, after uint64) {
		var before uint64
		_, _ = fmt.Sscan(s.keys[key], &before)
		if b.Audit.Kind == "agent" || after == 0 {
			s.undo = append(s.undo, fmt.Sprintf("%d %s %d → %d", v, key, before, after))
		}
	}
	for _, m := range b.Mutations {
		switch m := m.(type) {
		case KVSet:
			keep(m.Key, v)
			s.keys[m.Key] = fmt.Sprintf("%d %s", v, m.Value)
			change("set", m.Key)
		case KVDelete:
			if _, there := s.keys[m.Key]; there {
				keep(m.Key, 0)
				delete(s.keys, m.Key)
				change("delete", m.Key)
			}
		case KVIncrement:
			keep(m.Key, v)
			var version, have, by int
			_, _ = fmt.Sscan(s.keys[m.Key], &version, &have)
			_, _ = fmt.Sscan(string(m.By), &by)
			s.keys[m.Key] = fmt.Sprintf("%d %d", v, have+by)
			change("set", m.Key)
		}
	}
	s.audit = append(s.audit, fmt.Sprintf("%d %s", v, b.Audit.RequestID))
	s.repeats = append(s.repeats, fmt.Sprintf("%d %s %s", v, b.Idempotency.Key, b.Idempotency.Key))
}

// stateOf reads a file into the form of the model.
func stateOf(c *conn) (*state, uint64, error) {
	s := &state{keys: map[string]string{}}
	var version uint64
	ctx := context.Background()
	err := errors.Join(
		c.query(ctx, sqlVersion, func(r []driver.Value) error { version = uint64(asInt(r[0])); return nil }),
		c.query(ctx, `SELECT key, version, value FROM kv`, func(r []driver.Value) error {
			s.keys[asText(r[0])] = fmt.Sprintf("%d %s", asInt(r[1]), asBytes(r[2]))
			return nil
		}),
		c.query(ctx, `SELECT version, idx, what, key FROM change WHERE app > 0 ORDER BY version, idx`, func(r []driver.Value) error {
			kind, op := changeKind(asInt(r[2]))
			s.changes = append(s.changes, fmt.Sprintf("%d.%d %s %s %s", asInt(r[0]), asInt(r[1]), kind, op, asText(r[3])))
			return nil
		}),
		c.query(ctx, `SELECT version, request_id FROM audit WHERE version > 0 ORDER BY version`, func(r []driver.Value) error {
			s.audit = append(s.audit, fmt.Sprintf("%d %s", asInt(r[0]), asText(r[1])))
			return nil
		}),
		c.query(ctx, `SELECT version, key, result FROM idempotency ORDER BY version`, func(r []driver.Value) error {
			s.repeats = append(s.repeats, fmt.Sprintf("%d %s %s", asInt(r[0]), asText(r[1]), asBytes(r[2])))
			return nil
		}),
		c.query(ctx, `SELECT version, key, before, after FROM undo ORDER BY id`, func(r []driver.Value) error {
			s.undo = append(s.undo, fmt.Sprintf("%d %s %d → %d", asInt(r[0]), asText(r[1]), asInt(r[2]), asInt(r[3])))
			return nil
		}),
	)
	return s, version, err
}

// differs says where two states differ, "" when they do not.
func (s *state) differs(want *state) string {
	for k, v := range want.keys {
		if s.keys[k] != v {
			return fmt.Sprintf("key %s is %.40q, want %.40q", k, s.keys[k], v)
		}
	}
	for k := range s.keys {
		if _, ok := want.keys[k]; !ok {
			return fmt.Sprintf("key %s is there", k)
		}
	}
	for _, l := range []struct {
		name      string
		got, want []string
	}{{"changes", s.changes, want.changes}, {"audit", s.audit, want.audit}, {"idempotency", s.repeats, want.repeats}, {"undo", s.undo, want.undo}} {
		if !slices.Equal(l.got, l.want) {
			return fmt.Sprintf("%s: %d rows, want %d, ending %.200v, want %.200v", l.name, len(l.got), len(l.want), tail(l.got), tail(l.want))
		}
	}
	return ""
}

func tail(list []string) []string { return list[max(0, len(list)-3):] }

// judge opens what a power loss has left and holds it to the model: sound, at
// one version, with everything of every batch up to it, nothing of a later one,
// and not before what was acknowledged.
func (w *workload) judge(dir string, acked uint64) error {
	c, err := dial(context.Background(), filepath.Join(dir, "test.db"), readWrite)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer c.close()
	if err := errors.Join(c.integrity(context.Background()), c.invariants(context.Background())); err != nil {
		return err
	}
	have, version, err := stateOf(c)
	switch {
	case err != nil:
		return err
	case version < acked:
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
	w.prepare(t, f.DB)
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
	if err := f.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.replay()
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
			n, err := w.images(t, from, 1, func(int) bool { return true })
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
