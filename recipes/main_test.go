package recipes_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"fazt/recipes"

	"go.uber.org/goleak"
)

// TestMain serves as the worker when the package starts itself again.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == recipes.WorkerCommand {
		os.Exit(recipes.WorkerMain(os.Stdin, os.Stdout))
	}
	goleak.VerifyTestMain(m)
}

func newPool(t testing.TB, change ...func(*recipes.PoolOptions)) *recipes.Pool {
	t.Helper()
	options := recipes.PoolOptions{Logger: slog.New(slog.NewTextHandler(t.Output(), nil))}
	for _, f := range change {
		f(&options)
	}
	pool, err := recipes.NewPool(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := pool.Close(ctx); err != nil {
			t.Errorf("close the pool: %v", err)
		}
	})
	return pool
}

// recordedCall is one host call as the host saw it.
type recordedCall struct {
	Name string
	Args string
}

// recorder is a host that answers from a table and remembers what it was asked.
type recorder struct {
	mu     sync.Mutex
	calls  []recordedCall
	answer func(name string, args json.RawMessage) (json.RawMessage, error)
}

func (r *recorder) host(_ context.Context, name string, args json.RawMessage) (json.RawMessage, error) {
	r.mu.Lock()
	r.calls = append(r.calls, recordedCall{name, string(args)})
	r.mu.Unlock()
	if r.answer == nil {
		return args, nil
	}
	return r.answer(name, args)
}

func (r *recorder) seen() []recordedCall {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]recordedCall(nil), r.calls...)
}

func noHost(context.Context, string, json.RawMessage) (json.RawMessage, error) {
	return nil, errors.New("this test expects no host call")
}

// runCode compiles and runs a code run.
func runCode(t testing.TB, pool *recipes.Pool, code string, change ...func(*recipes.RunRequest)) (*recipes.RunResult, error) {
	t.Helper()
	compiled, err := pool.CompileCode(t.Context(), recipes.Source{Name: "code.ts", Code: code})
	if err != nil {
		t.Fatalf("compile: %v", err)
	}
	req := recipes.RunRequest{Compiled: compiled, Entry: recipes.EntryDefault, Host: noHost}
	for _, f := range change {
		f(&req)
	}
	return pool.Run(t.Context(), req)
}

func withHost(host recipes.HostFunc) func(*recipes.RunRequest) {
	return func(req *recipes.RunRequest) { req.Host = host }
}

func withLimits(limits recipes.Limits) func(*recipes.RunRequest) {
	return func(req *recipes.RunRequest) { req.Limits = limits }
}

// mustRun returns the value of a code run that has to succeed.
func mustRun(t testing.TB, pool *recipes.Pool, code string, change ...func(*recipes.RunRequest)) string {
	t.Helper()
	result, err := runCode(t, pool, code, change...)
	if err != nil {
		var failed *recipes.RunError
		if errors.As(err, &failed) {
			t.Fatalf("%v\n%s\nhint: %s\nconsole: %v", err, failed.Frame, failed.Hint, failed.Console)
		}
		t.Fatal(err)
	}
	return string(result.Value)
}

// runFailure returns the error of a code run that has to fail.
func runFailure(t testing.TB, pool *recipes.Pool, code string, change ...func(*recipes.RunRequest)) *recipes.RunError {
	t.Helper()
	result, err := runCode(t, pool, code, change...)
	var failed *recipes.RunError
	if !errors.As(err, &failed) {
		t.Fatalf("got %v and error %v, want a RunError", result, err)
	}
	return failed
}
