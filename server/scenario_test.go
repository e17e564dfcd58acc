package server_test

import (
	"errors"
	"strings"
	"testing"

	"fazt/server/op"
	"fazt/server/servertest"
)

// scenario is one call that succeeds, in a world that goes on from the one
// before it.
type scenario struct {
	name     string
	role     servertest.Role // "" = the owner
	op       string
	input    string
	envelope op.Envelope
	want     []string // parts of the answer
	not      []string // what must not be in it
}

// play makes the calls one after the other in one world.
func play(t *testing.T, w *servertest.World, scenarios []scenario) {
	t.Helper()
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			if s.role == "" {
				s.role = servertest.Owner
			}
			result, err := w.Call(s.role, s.op, s.input, s.envelope)
			if err != nil {
				t.Fatalf("%s %s: %v", s.op, s.input, err)
			}
			answer := string(result.JSON)
			for _, part := range s.want {
				if !strings.Contains(answer, part) {
					t.Errorf("no %s in %s", part, answer)
				}
			}
			for _, part := range s.not {
				if strings.Contains(answer, part) {
					t.Errorf("%s is in %s", part, answer)
				}
			}
		})
	}
}

// openShop is a world with what bad cases and scenarios begin with.
func openShop(t *testing.T) *servertest.World {
	t.Helper()
	w := servertest.Open(t)
	w.Given(servertest.Prepare())
	return w
}

// refused makes a call that must fail with a code.
func refused(t *testing.T, w *servertest.World, role servertest.Role, operation, input string, envelope op.Envelope, code op.Code) *op.Error {
	t.Helper()
	result, err := w.Call(role, operation, input, envelope)
	var e *op.Error
	if !errors.As(err, &e) {
		t.Fatalf("%s %s answered %s, want %s", operation, input, resultText(result), code)
	}
	if e.Code != code {
		t.Fatalf("%s %s: %s, %s, want %s", operation, input, e.Code, e.Detail, code)
	}
	return e
}
