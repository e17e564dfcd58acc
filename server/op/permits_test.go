package op_test

import (
	"context"
	"sync"
	"testing"

	"fazt/server/op"
)

func TestApprovalHoldsNoPermit(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	d.approve = func(needed func()) error {
		needed()
		if n := d.holding(); n != 0 {
			t.Errorf("%d permits are held while a person thinks", n)
		}
		return nil
	}
	if _, err := d.call(op.Request{Input: []byte(`{"name":"safe"}`)}); err != nil {
		t.Fatal(err)
	}
	d.expect(t, "admit", "risk", "approve ", "release", "admit", "handle holding 1", "release", "record t_do ")
}

func TestNoPermitAfterApproval(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	d.approve = func(needed func()) error {
		needed()
		d.refuse = &op.Error{Code: op.CodeOverloaded, Detail: "full"}
		return nil
	}
	if _, err := d.call(op.Request{Input: []byte(`{"name":"safe"}`)}); code(err) != op.CodeOverloaded {
		t.Errorf("got %v", err)
	}
	d.expect(t, "admit", "risk", "approve ", "release", "admit", "record t_do overloaded")
}

func TestNestedCallsShareThePermit(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	depth := 0
	d.handle = func(ctx context.Context, _ doIn) (doOut, error) {
		if depth++; depth > 3 {
			return doOut{OK: true}, nil
		}
		if inv := op.From(ctx); (inv.Parent == nil) != (depth == 1) {
			t.Errorf("at depth %d the parent is %v", depth, inv.Parent)
		}
		_, err := d.callIn(ctx, op.Request{Input: []byte(`{"name":"safe"}`)})
		if err != nil {
			return doOut{}, err
		}
		return doOut{OK: true}, nil
	}
	if _, err := d.call(op.Request{Principal: principal(op.KindPerson, "kv:write")}); err != nil {
		t.Fatal(err)
	}
	admits := 0
	for _, line := range d.log {
		if line == "admit" {
			admits++
		}
	}
	if admits != 1 || d.holding() != 0 {
		t.Errorf("%d permits were taken, %d are held: %v", admits, d.holding(), d.log)
	}
	if len(d.done) != 4 {
		t.Errorf("%d calls were recorded, want 4", len(d.done))
	}
}

// TestNestedCallsAreAuthorised: a permit is shared, rights are not.
func TestNestedCallsAreAuthorised(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	var inner *op.Error
	d.handle = func(ctx context.Context, _ doIn) (doOut, error) {
		_, inner = d.callIn(ctx, op.Request{Principal: principal(op.KindPerson, "kv:read")})
		return doOut{}, nil
	}
	if _, err := d.call(op.Request{Input: []byte(`{"name":"safe"}`)}); err != nil {
		t.Fatal(err)
	}
	if code(inner) != op.CodeForbidden {
		t.Errorf("the inner call got %v", inner)
	}
}

func TestIdleLetsOthersIn(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	d.handle = func(ctx context.Context, in doIn) (doOut, error) {
		if in.Name == "inner" {
			return doOut{}, nil
		}
		err := op.From(ctx).Idle(ctx, func() error {
			if n := d.holding(); n != 0 {
				t.Errorf("%d permits are held while idle", n)
			}
			// A call made meanwhile takes one of its own, and gives it back.
			if _, err := d.callIn(ctx, op.Request{Principal: principal(op.KindPerson, "kv:write"), Input: []byte(`{"name":"inner"}`)}); err != nil {
				return err
			}
			return nil
		})
		if n := d.holding(); err == nil && n != 1 {
			t.Errorf("%d permits are held after it, want 1", n)
		}
		return doOut{}, err
	}
	if _, err := d.call(op.Request{Principal: principal(op.KindPerson, "kv:write")}); err != nil {
		t.Fatal(err)
	}
	d.expect(t, "admit", "handle holding 1", "release", "admit", "handle holding 1", "release", "record t_do ", "admit", "release", "record t_do ")
}

func TestIdleThatFails(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	d.handle = func(ctx context.Context, _ doIn) (doOut, error) {
		return doOut{}, op.From(ctx).Idle(ctx, func() error { return op.Errorf(op.CodeDeadline, "nobody came") })
	}
	if _, err := d.call(op.Request{Principal: principal(op.KindPerson, "kv:write")}); code(err) != op.CodeDeadline {
		t.Errorf("got %v", err)
	}
	d.expect(t, "admit", "handle holding 1", "release", "record t_do deadline")
}

// TestSiblingsShareThePermit: calls made at once inside one call; one of them
// idles while others work.
func TestSiblingsShareThePermit(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	d.handle = func(ctx context.Context, in doIn) (doOut, error) {
		switch in.Name {
		case "idle":
			return doOut{}, op.From(ctx).Idle(ctx, func() error { return nil })
		case "work":
			return doOut{}, nil
		}
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				name := []string{"idle", "work"}[i%2]
				if _, err := d.callIn(ctx, op.Request{Principal: principal(op.KindPerson, "kv:write"), Input: []byte(`{"name":"` + name + `"}`)}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		return doOut{}, nil
	}
	if _, err := d.call(op.Request{Principal: principal(op.KindPerson, "kv:write")}); err != nil {
		t.Fatal(err)
	}
	if n := d.holding(); n != 0 {
		t.Errorf("%d permits are still held", n)
	}
}
