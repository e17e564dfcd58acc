package server_test

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
	"time"

	"fazt/server"
	"fazt/server/op"
	"fazt/storage"
)

// kinds reads storage's kinds from its source, so that a new one cannot be
// forgotten here.
func kinds(t *testing.T) []storage.Kind {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../storage/errors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var list []storage.Kind
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Kind") {
			return true
		}
		if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
			kind, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, storage.Kind(kind))
		}
		return true
	})
	return list
}

// TestErrorOfEveryKind: each has a code that is not internal, and a next step.
func TestErrorOfEveryKind(t *testing.T) {
	t.Parallel()
	all := kinds(t)
	if len(all) < 20 {
		t.Fatalf("only %d kinds found", len(all))
	}
	for _, kind := range all {
		cause := &storage.Error{Kind: kind, Message: "it happened", Field: "mutations[3].token.name", RetryAfter: time.Second, Cause: errors.New("a driver's word")}
		e := op.AsError(server.ErrorOf(cause))
		if e.Code == op.CodeInternal || e.Code.Status() == 500 {
			t.Errorf("%s becomes %s", kind, e.Code)
		}
		if e.Hint == "" || e.Detail != "it happened" || e.Field != "name" || e.RetryAfter != time.Second {
			t.Errorf("%s: %+v", kind, e)
		}
		if !errors.Is(e, cause) {
			t.Errorf("%s: the cause is lost", kind)
		}
		if strings.Contains(e.Detail+e.Hint, "driver") {
			t.Errorf("%s tells what only the log may hold", kind)
		}
	}
}

// TestErrorOfOthers: what storage did not mean is left for Call to call
// internal, and what is mapped already stays.
func TestErrorOfOthers(t *testing.T) {
	t.Parallel()
	plain := errors.New("disk on fire")
	for _, err := range []error{nil, plain, context.Canceled, op.Invalid("key", "no")} {
		if got := server.ErrorOf(err); got != err {
			t.Errorf("%v became %v", err, got)
		}
	}
}

// TestErrorOfVersions: 0 is a version that is told, that nothing is there.
func TestErrorOfVersions(t *testing.T) {
	t.Parallel()
	gone := op.AsError(server.ErrorOf(&storage.Error{Kind: storage.KindVersionMismatch}))
	if gone.CurrentVersion == nil || *gone.CurrentVersion != 0 || !strings.Contains(gone.Hint, "gone") {
		t.Errorf("%+v", gone)
	}
	taken := op.AsError(server.ErrorOf(&storage.Error{Kind: storage.KindExists, CurrentVersion: 7}))
	if taken.CurrentVersion == nil || *taken.CurrentVersion != 7 {
		t.Errorf("%+v", taken)
	}
	if other := op.AsError(server.ErrorOf(&storage.Error{Kind: storage.KindInvalid})); other.CurrentVersion != nil {
		t.Errorf("%+v", other)
	}
}
