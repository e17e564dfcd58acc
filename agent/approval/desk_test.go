package approval_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"fazt/agent/approval"
	"fazt/server/op"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type wipeIn struct {
	App string `json:"app" doc:"the app" format:"app"`
}

type wipeOut struct {
	Done bool `json:"done" doc:"whether it is done"`
}

// world is a registry whose one operation is wide, with a desk in front.
type world struct {
	desk     *approval.Desk
	registry *op.Registry
	admitted int
	calls    int
}

type countingAdmitter struct{ world *world }

type countedPermit struct{ world *world }

func (a countingAdmitter) Admit(context.Context, *op.Principal, *op.Operation) (op.Permit, error) {
	a.world.admitted++
	return countedPermit(a), nil
}

func (p countedPermit) Release() { p.world.admitted-- }

func newWorld(t *testing.T, policy approval.Policy) *world {
	t.Helper()
	w := &world{desk: approval.New(approval.Options{Policy: func(*op.Principal) approval.Policy { return policy }})}
	w.registry = op.NewRegistry(op.Ports{Admitter: countingAdmitter{w}, Recorder: op.RecordNone{}, Approver: w.desk})
	wipe := op.Define(op.Operation{
		Name: "app_wipe", Summary: "Empty an app", Scope: "apps:write", Effect: op.Destructive,
		Method: "POST", Path: "/api/apps/{app}/wipe",
	}, func(context.Context, wipeIn) (wipeOut, error) {
		w.calls++
		return wipeOut{Done: true}, nil
	}, op.WithRisk(func(_ context.Context, in wipeIn) (op.Risk, error) {
		return op.Risk{Wide: true, Summary: `app "` + in.App + `" with 3 keys`}, nil
	}))
	if err := w.registry.Add(wipe); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) call(ctx context.Context, kind op.Kind, app string) error {
	scopes, err := op.NewScopeSet("apps:write")
	if err != nil {
		return err
	}
	_, err = w.registry.Call(ctx, op.Request{
		Operation: "app_wipe", Principal: &op.Principal{ID: "t1", Name: "robot", Kind: kind, Scopes: scopes},
		Input: []byte(`{"app":"` + app + `"}`), App: app,
	})
	return err
}

func codeOf(err error) op.Code {
	var e *op.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func TestApprovedWhileTheCallWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, approval.OnlyWide)
		done := make(chan error)
		go func() { done <- w.call(t.Context(), op.KindAgent, "shop") }()
		synctest.Wait()
		if w.calls != 0 || w.admitted != 0 {
			t.Fatalf("while a person thinks: %d calls ran, %d permits are held", w.calls, w.admitted)
		}
		list := w.desk.List()
		if len(list) != 1 || list[0].State != approval.Waiting || !strings.Contains(list[0].Summary, "3 keys") {
			t.Fatalf("%+v", list)
		}
		if _, err := w.desk.Decide(list[0].ID, true, "ana"); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil || w.calls != 1 || w.admitted != 0 {
			t.Errorf("%v, %d calls, %d permits", err, w.calls, w.admitted)
		}
		if _, err := w.desk.Decide(list[0].ID, false, "ana"); codeOf(err) != op.CodeConflict {
			t.Errorf("a second decision: %v", err)
		}
	})
}

func TestSameCallAgainJoinsItsRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, approval.OnlyWide)
		err := w.call(t.Context(), op.KindAgent, "shop")
		if codeOf(err) != op.CodeApprovalRequired || w.calls != 0 {
			t.Fatalf("%v, %d calls", err, w.calls)
		}
		id := w.desk.List()[0].ID
		if _, err := w.desk.Decide(id, true, "ana"); err != nil {
			t.Fatal(err)
		}
		// An approval is bound to the exact input, and serves one call.
		if err := w.call(t.Context(), op.KindAgent, "other"); codeOf(err) != op.CodeApprovalRequired {
			t.Errorf("another input: %v", err)
		}
		if err := w.call(t.Context(), op.KindAgent, "shop"); err != nil || w.calls != 1 {
			t.Errorf("the approved call: %v, %d calls", err, w.calls)
		}
		if err := w.call(t.Context(), op.KindAgent, "shop"); codeOf(err) != op.CodeApprovalRequired || w.calls != 1 {
			t.Errorf("the same call once more: %v, %d calls", err, w.calls)
		}
	})
}

func TestDeclinedStaysDeclined(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, approval.OnlyWide)
		_ = w.call(t.Context(), op.KindAgent, "shop")
		if _, err := w.desk.Decide(w.desk.List()[0].ID, false, "ana"); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := w.call(t.Context(), op.KindAgent, "shop"); codeOf(err) != op.CodeForbidden || w.calls != 0 {
				t.Errorf("%v, %d calls", err, w.calls)
			}
		}
		if len(w.desk.List()) != 1 {
			t.Error("a declined call asked again")
		}
	})
}

func TestRequestsExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, approval.OnlyWide)
		_ = w.call(t.Context(), op.KindAgent, "shop")
		id := w.desk.List()[0].ID
		time.Sleep(10 * time.Minute)
		if _, err := w.desk.Decide(id, true, "ana"); codeOf(err) != "approval_not_found" {
			t.Errorf("after ten minutes: %v", err)
		}
	})
}

func TestPolicies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		policy approval.Policy
		kind   op.Kind
		asked  bool
	}{
		{approval.Never, op.KindAgent, false},
		{approval.OnlyDestroy, op.KindAgent, true},
		{approval.OnlyWide, op.KindAgent, true},
		{approval.Always, op.KindAgent, true},
		{approval.Always, op.KindPerson, false},
		{approval.Always, op.KindService, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, c.policy)
			err := w.call(t.Context(), c.kind, "shop")
			if asked := codeOf(err) == op.CodeApprovalRequired; asked != c.asked || (err == nil) == c.asked {
				t.Errorf("%s, %s: %v", c.policy, c.kind, err)
			}
		})
	}
}

func TestCallerWhoLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, approval.OnlyWide)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := w.call(ctx, op.KindAgent, "shop"); codeOf(err) != op.CodeApprovalRequired {
			t.Errorf("%v", err)
		}
		if len(w.desk.List()) != 1 {
			t.Error("the request left with its caller")
		}
	})
}
