package limit

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"fazt/server/op"
	"fazt/storage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func robot(b op.Budget) *op.Principal {
	return &op.Principal{ID: "robot", Name: "robot", Kind: op.KindAgent, Budget: b}
}

func quota(t *testing.T, err error, field string) *op.Error {
	t.Helper()
	var e *op.Error
	if !errors.As(err, &e) || e.Code != op.CodeQuota || e.Field != field || e.Hint == "" {
		t.Fatalf("%v, want quota of %s with a hint", err, field)
	}
	return e
}

func TestBudgetsRunOutAndComeBack(t *testing.T) {
	t.Parallel()
	start := time.Unix(1_764_000_000, 0)
	for field, c := range map[string]struct{ budget, asked op.Budget }{
		"calls_per_hour":  {op.Budget{Calls: 3}, op.Budget{Calls: 1}},
		"writes_per_hour": {op.Budget{Writes: 3}, op.Budget{Calls: 1, Writes: 1}},
		"bytes_per_hour":  {op.Budget{Bytes: 30}, op.Budget{Calls: 1, Bytes: 10}},
	} {
		m := meters{used: map[string]*hour{}}
		p := robot(c.budget)
		for minute := range 3 {
			if err := m.charge(p, c.asked, start.Add(time.Duration(minute)*time.Minute)); err != nil {
				t.Fatalf("%s, call %d: %v", field, minute+1, err)
			}
		}
		now := start.Add(3 * time.Minute)
		e := quota(t, m.charge(p, c.asked, now), field)
		if err := m.charge(p, c.asked, now.Add(e.RetryAfter-time.Second)); err == nil {
			t.Errorf("%s: a second before retry_after it was let in", field)
		}
		if err := m.charge(p, c.asked, now.Add(e.RetryAfter)); err != nil {
			t.Errorf("%s: after retry_after: %v", field, err)
		}
		if total := m.sum("robot", now.Add(3*time.Hour)); total != (op.Budget{}) {
			t.Errorf("%s: hours later %+v is still used", field, total)
		}
	}
}

func TestReadsSpendNoWrites(t *testing.T) {
	t.Parallel()
	m := meters{used: map[string]*hour{}}
	p, now := robot(op.Budget{Writes: 1}), time.Unix(1_764_000_000, 0)
	for range 5 {
		if err := m.charge(p, op.Budget{Calls: 1}, now); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.charge(p, op.Budget{Calls: 1, Writes: 1}, now); err != nil {
		t.Fatal(err)
	}
	quota(t, m.charge(p, op.Budget{Calls: 1, Writes: 1}, now), "writes_per_hour")
	if err := m.charge(p, op.Budget{Calls: 1}, now); err != nil {
		t.Errorf("a read after the writes are used up: %v", err)
	}
}

func TestNoMoreThanTheBudgetTogether(t *testing.T) {
	t.Parallel()
	m := meters{used: map[string]*hour{}}
	var let atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				if m.charge(robot(op.Budget{Calls: 100}), op.Budget{Calls: 1}, time.Unix(1_764_000_000, 0)) == nil {
					let.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if let.Load() != 100 {
		t.Errorf("%d calls of a budget of 100 were let in", let.Load())
	}
}

// TestUseOutlivesTheProgram: what is used up is there after a restart, without
// what is older than an hour by then.
func TestUseOutlivesTheProgram(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	logger := slog.New(slog.NewTextHandler(t.Output(), nil))
	db, err := storage.Open(ctx, storage.Options{Path: filepath.Join(t.TempDir(), "data.db"), Now: time.Now, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close(ctx) })
	token := storage.Token{ID: "robot", Name: "robot", Kind: "agent", Hash: [32]byte{1}, Budget: storage.Budget{Calls: 10}}
	if _, err := db.Write(ctx, &storage.Batch{Mutations: []storage.Mutation{storage.TokenCreate{Token: token}}}); err != nil {
		t.Fatal(err)
	}
	if kept, err := db.Token(ctx, "robot"); err != nil || kept.Budget != token.Budget {
		t.Fatalf("the budget came back as %+v, %v", kept.Budget, err)
	}
	now := time.Unix(1_764_000_000, 0)
	gate := func() *Gate {
		g := New(Options{DB: db, Now: func() time.Time { return now }, Logger: logger})
		if err := g.Open(ctx); err != nil {
			t.Fatal(err)
		}
		return g
	}
	inv := &op.Invocation{Operation: &op.Operation{Effect: op.Write}, Principal: robot(op.Budget{Calls: 10})}
	first := gate()
	for range 2 {
		pass, err := first.Enter(ctx, inv, 5)
		if err != nil {
			t.Fatal(err)
		}
		pass.Spent(20)
		now = now.Add(40 * time.Minute)
	}
	if err := first.Close(ctx); err != nil {
		t.Fatal(err)
	}
	second := gate()
	defer second.Close(ctx)
	if used := second.Used("robot"); used != (op.Budget{Calls: 1, Writes: 1, Bytes: 25}) {
		t.Errorf("after 80 minutes and a restart %+v is used", used)
	}
}
