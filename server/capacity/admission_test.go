package capacity

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fazt/server/op"
)

type nothing struct{}

func operation(name string, effect op.Effect) *op.Operation {
	return op.Define(op.Operation{
		Name: name, Summary: "Do nothing", Scope: "kv:read", Effect: effect, Method: "GET", Path: "/api/" + name,
	}, func(context.Context, nothing) (nothing, error) { return nothing{}, nil })
}

func token(id string) *op.Principal { return &op.Principal{ID: id, Kind: op.KindService} }

func owner() *op.Principal { return &op.Principal{ID: "t_owner", Kind: op.KindPerson, Owner: true} }

func codeOf(err error) op.Code {
	var e *op.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func admit(t *testing.T, a *Admission, p *op.Principal, o *op.Operation) op.Permit {
	t.Helper()
	permit, err := a.Admit(t.Context(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	return permit
}

func TestGateOf(t *testing.T) {
	t.Parallel()
	a := NewAdmission(AdmissionOptions{})
	for name, want := range map[string]*gate{"kv_get": a.reads, "recipe_list": a.reads, "tab_look": a.pages} {
		if got := a.gateOf(t.Context(), operation(name, op.Read)); got != want {
			t.Errorf("%s goes through %s, want %s", name, got.name, want.name)
		}
	}
	for name, want := range map[string]*gate{"kv_set": a.writes, "recipe_run": a.runs, "code_run": a.runs, "tab_do": a.pages} {
		if got := a.gateOf(t.Context(), operation(name, op.Write)); got != want {
			t.Errorf("%s goes through %s, want %s", name, got.name, want.name)
		}
	}
	get := operation("kv_get", op.Read)
	ctx := (&op.Invocation{Operation: get, Mode: op.ModeUI}).Context(t.Context())
	if got := a.gateOf(ctx, get); got != a.runs {
		t.Errorf("kv_get in a page goes through %s", got.name)
	}
	if got := a.gateOf(ctx, operation("kv_list", op.Read)); got != a.reads {
		t.Errorf("kv_list inside of kv_get in a page goes through %s", got.name)
	}
}

// TestReadsTakeTurns: one token's many calls do not keep another's one out.
func TestReadsTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := NewAdmission(AdmissionOptions{Processors: 1})
		read := operation("kv_get", op.Read)
		first := admit(t, a, token("many"), read)
		var mu sync.Mutex
		var order []string
		var done sync.WaitGroup
		call := func(id string) {
			done.Go(func() {
				permit := admit(t, a, token(id), read)
				mu.Lock()
				order = append(order, id)
				mu.Unlock()
				permit.Release()
			})
			synctest.Wait()
		}
		for range 5 {
			call("many")
		}
		call("one")
		first.Release()
		done.Wait()
		if got := fmt.Sprint(order); got != "[many one many many many many]" {
			t.Errorf("served in the order %s", got)
		}
	})
}

// TestOwnerHasAPlace: calls that fill every place and the queue do not keep the
// owner out.
func TestOwnerHasAPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := NewAdmission(AdmissionOptions{Processors: 1})
		read := operation("kv_get", op.Read)
		first := admit(t, a, token("a"), read)
		var done sync.WaitGroup
		for i := range 100 {
			done.Go(func() { admit(t, a, token(fmt.Sprint(i)), read).Release() })
		}
		synctest.Wait()
		admit(t, a, owner(), read).Release()
		if waiting := a.reads.live(time.Now()).Waiting; waiting != 100 {
			t.Errorf("%d others wait, want all 100: the owner's place is the owner's", waiting)
		}
		first.Release()
		done.Wait()
	})
}

func TestShedsOnExpectedWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := NewAdmission(AdmissionOptions{Processors: 1})
		read := operation("kv_get", op.Read)
		a.reads.hold = 100 * time.Millisecond
		first := admit(t, a, token("a"), read)
		ctx, cancel := context.WithCancel(t.Context())
		var done sync.WaitGroup
		for range 20 { // 2 s of work
			done.Go(func() {
				if _, err := a.Admit(ctx, token("a"), read); !errors.Is(err, context.Canceled) {
					t.Errorf("a caller who gave up heard %v", err)
				}
			})
		}
		synctest.Wait()
		time.Sleep(defaultPatience / 2) // somebody has waited: it is no mere estimate
		_, err := a.Admit(t.Context(), token("a"), read)
		var e *op.Error
		if !errors.As(err, &e) || e.Code != op.CodeOverloaded || e.RetryAfter < defaultStrained || e.Hint == "" {
			t.Errorf("one too many heard %v, want overloaded with a time and a hint", err)
		}
		if l := a.reads.live(time.Now()); l.Refused != 1 || !l.Strained {
			t.Errorf("%+v: want one refused and strain", l)
		}
		cancel()
		done.Wait()
		if l := a.reads.live(time.Now()); l.Left != 20 || l.Waiting != 0 {
			t.Errorf("%+v: want 20 who left", l)
		}
		first.Release()
		if a.reads.live(time.Now()).Strained {
			t.Error("an empty queue is strained still")
		}
		admit(t, a, token("a"), read).Release()
	})
}

// TestNobodyWaitsForEver: a place that is never given back refuses those who
// wait for it after the patience.
func TestNobodyWaitsForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := NewAdmission(AdmissionOptions{Processors: 1})
		read := operation("kv_get", op.Read)
		first := admit(t, a, token("a"), read)
		began := time.Now()
		_, err := a.Admit(t.Context(), token("b"), read)
		if codeOf(err) != op.CodeOverloaded || time.Since(began) != defaultPatience {
			t.Errorf("heard %v after %v", err, time.Since(began))
		}
		first.Release()
		admit(t, a, token("b"), read).Release()
	})
}

// TestStrainServesTheFresh: after a stall, who has waited too long is refused
// rather than served late.
func TestStrainServesTheFresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := NewAdmission(AdmissionOptions{Processors: 1})
		read := operation("kv_get", op.Read)
		first := admit(t, a, token("a"), read)
		outcomes := make(chan op.Code, 2)
		for range 2 {
			go func() {
				permit, err := a.Admit(t.Context(), token("b"), read)
				if err == nil {
					permit.Release()
				}
				outcomes <- codeOf(err)
			}()
			synctest.Wait()
			time.Sleep(1700 * time.Millisecond)
			a.reads.strain = true
		}
		first.Release()
		if a, b := <-outcomes, <-outcomes; a != op.CodeOverloaded || b != op.CodeOverloaded {
			t.Errorf("waits of over 1.6 s heard %q and %q", a, b)
		}
		admit(t, a, token("c"), read).Release()
	})
}

func TestQuota(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := NewAdmission(AdmissionOptions{Processors: 1, PerToken: 3})
		read := operation("kv_get", op.Read)
		first := admit(t, a, token("a"), read)
		var done sync.WaitGroup
		for range 3 {
			done.Go(func() { admit(t, a, token("a"), read).Release() })
		}
		synctest.Wait()
		if _, err := a.Admit(t.Context(), token("a"), read); codeOf(err) != op.CodeQuota {
			t.Errorf("the fourth that waits heard %v, want quota", err)
		}
		done.Go(func() { admit(t, a, token("b"), read).Release() })
		synctest.Wait()
		first.Release()
		done.Wait()
	})
}

func TestAdmissionUnderConcurrency(t *testing.T) {
	t.Parallel()
	a := NewAdmission(AdmissionOptions{Processors: 2, Writes: 3})
	operations := []*op.Operation{operation("kv_get", op.Read), operation("kv_set", op.Write)}
	var done sync.WaitGroup
	for i := range 40 {
		done.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*time.Millisecond)
			defer cancel()
			for range 50 {
				permit, err := a.Admit(ctx, token(fmt.Sprint(i%4)), operations[i%2])
				if err == nil {
					permit.Release()
				}
			}
		})
	}
	done.Wait()
	for _, g := range a.gates() {
		if g.inUse != 0 || g.others.waiting != 0 || g.others.ring.n != 0 || g.others.ring.at != nil || len(g.others.byID) != 0 {
			t.Errorf("gate %s is not empty: %d in use, %+v", g.name, g.inUse, g.others)
		}
	}
}

// maxAdmitAllocs is what the uncontended path may allocate.
const maxAdmitAllocs = 0

func TestAdmitAllocations(t *testing.T) {
	a, p, read := NewAdmission(AdmissionOptions{}), token("a"), operation("kv_get", op.Read)
	n := testing.AllocsPerRun(200, func() {
		permit, err := a.Admit(t.Context(), p, read)
		if err != nil {
			t.Fatal(err)
		}
		permit.Release()
	})
	if n > maxAdmitAllocs {
		t.Errorf("an uncontended call allocates %v times", n)
	}
}

func BenchmarkAdmit(b *testing.B) {
	a, p, read, ctx := NewAdmission(AdmissionOptions{}), token("a"), operation("kv_get", op.Read), context.Background()
	b.ReportAllocs()
	before := cpuTime()
	for b.Loop() {
		permit, err := a.Admit(ctx, p, read)
		if err != nil {
			b.Fatal(err)
		}
		permit.Release()
	}
	b.ReportMetric(float64((cpuTime()-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
}

func BenchmarkAdmitContended(b *testing.B) {
	a, p, read, ctx := NewAdmission(AdmissionOptions{}), token("a"), operation("kv_get", op.Read), context.Background()
	b.SetParallelism(500)
	b.ReportAllocs()
	before := cpuTime()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			permit, err := a.Admit(ctx, p, read)
			if err != nil {
				b.Error(err)
				return
			}
			permit.Release()
		}
	})
	b.ReportMetric(float64((cpuTime()-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
}
