package op_test

import (
	"testing"

	"fazt/server/op"
)

func TestBoundTokens(t *testing.T) {
	t.Parallel()
	bound := principal(op.KindPerson, "kv:write")
	bound.App = "shop"
	d := newDoor(t, nil)
	if _, err := d.call(op.Request{Principal: bound, App: "shop", Input: []byte(`{"app":"shop"}`)}); err != nil {
		t.Error(err)
	}
	for _, app := range []string{"other", ""} {
		if _, err := d.call(op.Request{Principal: bound, App: app}); code(err) != "app_not_found" {
			t.Errorf("app %q: %v", app, err)
		}
	}
	_, err := testRegistry(t).Call(t.Context(), op.Request{Operation: "system_backup", Principal: func() *op.Principal {
		p := principal(op.KindPerson, "system:read")
		p.App = "shop"
		return p
	}()})
	if code(op.AsError(err)) != op.CodeForbidden {
		t.Errorf("an operation without an app: %v", err)
	}
}

func TestPeopleOnly(t *testing.T) {
	t.Parallel()
	driven := principal(op.KindPerson, "kv:write")
	driven.Driven = true
	for name, c := range map[string]struct {
		p    *op.Principal
		face string
		want op.Code
	}{
		"a person":              {principal(op.KindPerson, "kv:write"), "page", ""},
		"a person over MCP":     {principal(op.KindPerson, "kv:write"), op.FaceMCP, op.CodeForbidden},
		"a driven tab":          {driven, "page", op.CodeForbidden},
		"an agent":              {principal(op.KindAgent, "kv:write"), "page", op.CodeForbidden},
		"a program":             {principal(op.KindService, "kv:write"), "http", op.CodeForbidden},
		"a person, by no scope": {principal(op.KindPerson), "page", op.CodeForbidden},
	} {
		d := newDoor(t, func(o *op.Operation) { o.PeopleOnly = true })
		if _, err := d.call(op.Request{Principal: c.p, Face: c.face}); code(err) != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
