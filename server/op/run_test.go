package op_test

import (
	"context"
	"errors"
	"testing"

	"fazt/server/op"
)

type oneIn struct {
	App string `json:"app" doc:"the app" format:"app"`
}

type oneOut struct {
	Done bool `json:"done" doc:"true"`
}

// counting is an admitter that counts the permits that are out.
type counting struct{ out int }

func (c *counting) Admit(context.Context, *op.Principal, *op.Operation) (op.Permit, error) {
	c.out++
	return given{c}, nil
}

type given struct{ c *counting }

func (g given) Release() { g.c.out-- }

// TestDetach: a permit that was handed over outlives its call, is shared by
// calls made with the detached one, and ends with it.
func TestDetach(t *testing.T) {
	t.Parallel()
	permits := &counting{}
	registry := op.NewRegistry(op.Ports{Admitter: permits, Recorder: op.RecordNone{}, Approver: op.ApproveAll{}})
	var detached *op.Invocation
	var end func()
	most := 0
	outer := op.Define(op.Operation{Name: "run_start", Summary: "Start", Scope: "runs:write", Effect: op.Write, Method: "POST", Path: "/api/runs"},
		func(ctx context.Context, _ oneIn) (oneOut, error) {
			detached, end = op.From(ctx).Detach()
			return oneOut{true}, nil
		})
	inner := op.Define(op.Operation{Name: "run_step", Summary: "Step", Scope: "runs:write", Effect: op.Write, Method: "POST", Path: "/api/steps"},
		func(ctx context.Context, _ oneIn) (oneOut, error) {
			most = max(most, permits.out)
			if op.From(ctx).Parent != detached {
				t.Error("the parent is not the detached call")
			}
			return oneOut{true}, nil
		})
	if err := registry.Add(outer, inner); err != nil {
		t.Fatal(err)
	}
	p := caller(t, op.KindPerson, "runs:write")
	call := func(ctx context.Context, name string) {
		t.Helper()
		if _, err := registry.Call(ctx, op.Request{Operation: name, Principal: p, Input: []byte(`{"app":"shop"}`), App: "shop"}); err != nil {
			t.Fatal(err)
		}
	}
	call(t.Context(), "run_start")
	if permits.out != 1 {
		t.Fatalf("%d permits are out after the call", permits.out)
	}
	call(detached.Context(t.Context()), "run_step")
	if most != 1 || permits.out != 1 {
		t.Errorf("%d permits during a call inside, %d after", most, permits.out)
	}
	end()
	end()
	if permits.out != 0 {
		t.Errorf("%d permits are out at the end", permits.out)
	}
}

func caller(t *testing.T, kind op.Kind, scopes ...op.Scope) *op.Principal {
	t.Helper()
	set, err := op.NewScopeSet(scopes...)
	if err != nil {
		t.Fatal(err)
	}
	return &op.Principal{ID: "t1", Name: "test", Kind: kind, Scopes: set}
}

// TestCeiling: a run's session does no more than its run, and nothing once that
// has ended.
func TestCeiling(t *testing.T) {
	t.Parallel()
	registry := op.NewRegistry(op.Ports{
		Admitter: op.AdmitAll{}, Recorder: op.RecordNone{}, Approver: op.ApproveAll{},
		Ceiling: func(run string) (op.Effect, bool) { return op.Write, run == "r_live" },
	})
	for name, effect := range map[string]op.Effect{"app_get": op.Read, "app_set": op.Write, "app_wipe": op.Destructive} {
		err := registry.Add(op.Define(op.Operation{Name: name, Summary: "Test", Scope: "apps:write", Effect: effect, Method: "POST", Path: "/api/" + name},
			func(context.Context, oneIn) (oneOut, error) { return oneOut{true}, nil }))
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		run, name string
		refused   bool
	}{
		{"", "app_wipe", false},
		{"r_live", "app_get", false},
		{"r_live", "app_set", false},
		{"r_live", "app_wipe", true},
		{"r_over", "app_get", true},
	} {
		p := caller(t, op.KindPerson, "apps:write")
		p.Run = c.run
		_, err := registry.Call(t.Context(), op.Request{Operation: c.name, Principal: p, Input: []byte(`{"app":"shop"}`), App: "shop"})
		var e *op.Error
		if refused := errors.As(err, &e) && e.Code == op.CodeForbidden && e.Hint != ""; refused != c.refused {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
