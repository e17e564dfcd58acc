package storage

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if path := os.Getenv("FAZT_TEST_KILL_CHILD"); path != "" {
		os.Exit(runKillChild(path))
	}
	goleak.VerifyTestMain(m)
}

// clock is a clock that a test sets.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.UnixMilli(1_700_000_000_000)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// testLog sends the package's log to the test's.
type testLog struct{ t testing.TB }

func (w testLog) Write(p []byte) (int, error) {
	w.t.Logf("log: %s", p)
	return len(p), nil
}

// fixture is an open database with a clock of its own.
type fixture struct {
	*DB
	t     testing.TB
	clock *clock
	opts  Options
}

func open(t testing.TB, change ...func(*Options)) *fixture {
	t.Helper()
	c := newClock()
	o := Options{Path: filepath.Join(t.TempDir(), "test.db"), Now: c.now, Logger: slog.New(slog.NewTextHandler(testLog{t}, nil))}
	for _, f := range change {
		f(&o)
	}
	db, err := Open(t.Context(), o)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	f := &fixture{DB: db, t: t, clock: c, opts: o}
	t.Cleanup(func() {
		if err := f.Close(context.Background()); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return f
}

// openApp is open with an app "a".
func openApp(t testing.TB, change ...func(*Options)) *fixture {
	t.Helper()
	f := open(t, change...)
	f.write(&Batch{Mutations: []Mutation{AppCreate{ID: "a", Title: "A"}}})
	return f
}

// write writes a batch that must succeed.
func (f *fixture) write(b *Batch) *Outcome {
	f.t.Helper()
	o, err := f.Write(f.t.Context(), b)
	if err != nil {
		f.t.Fatalf("Write: %v", err)
	}
	return o
}

// in writes mutations into app "a".
func (f *fixture) in(m ...Mutation) *Outcome {
	f.t.Helper()
	return f.write(&Batch{App: "a", Mutations: m})
}

// fails writes a batch that must fail with the kind.
func (f *fixture) fails(kind Kind, b *Batch) *Error {
	f.t.Helper()
	o, err := f.Write(f.t.Context(), b)
	e, ok := err.(*Error)
	if !ok || e.Kind != kind {
		f.t.Fatalf("Write = %+v, %v, want kind %s", o, err, kind)
	}
	return e
}

func set(key, value string) KVSet { return KVSet{Key: key, Value: json.RawMessage(value)} }

func ptr[T any](v T) *T { return &v }

func TestOpenWriteRead(t *testing.T) {
	f := openApp(t)
	o := f.in(set("k", ` { "b" : 1.50, "a" : [ ] } `))
	if o.Version != 2 || !o.Results[0].Created {
		t.Errorf("outcome %+v", o)
	}
	e, err := f.KVGet(t.Context(), "a", "k")
	if err != nil || string(e.Value) != `{"b":1.50,"a":[]}` || e.Version != 2 {
		t.Errorf("KVGet = %+v %s, %v", e, e.Value, err)
	}
	if err := f.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	db, err := Open(t.Context(), f.opts)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(t.Context())
	if db.Created() || db.Version() != 2 {
		t.Errorf("created %v, version %d after a second Open", db.Created(), db.Version())
	}
	if _, err := db.KVGet(t.Context(), "a", "k"); err != nil {
		t.Error(err)
	}
}

func TestCheckAndBackup(t *testing.T) {
	f := openApp(t)
	f.in(set("k", "1"))
	if err := f.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Backup(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	t.Log(b.Len())
}
