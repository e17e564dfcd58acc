package recipes_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"fazt/recipes"
)

// blocked is a host whose calls wait for their context, and say that they began.
func blocked() (began chan struct{}, host recipes.HostFunc) {
	began = make(chan struct{}, 1)
	return began, func(ctx context.Context, _ string, _ json.RawMessage) (json.RawMessage, error) {
		began <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	}
}

func asRunError(t *testing.T, err error) *recipes.RunError {
	t.Helper()
	var failed *recipes.RunError
	if !errors.As(err, &failed) {
		t.Fatalf("got error %v, want a RunError", err)
	}
	return failed
}

func compileCode(t testing.TB, pool *recipes.Pool, code string) *recipes.Compiled {
	t.Helper()
	compiled, err := pool.CompileCode(t.Context(), recipes.Source{Code: code})
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func TestWall(t *testing.T) {
	t.Parallel()
	pool := newPool(t)
	_, host := blocked()
	failed := runFailure(t, pool, `await fazt.kv.get({})`, withHost(host), withLimits(recipes.Limits{Wall: 200 * time.Millisecond}))
	if failed.Code != recipes.CodeDeadline || !strings.Contains(failed.Message, "waiting for op kv_get") {
		t.Errorf("%+v", failed)
	}
	failed = runFailure(t, pool, `await new Promise((r) => setTimeout(r, 1e6))`, withLimits(recipes.Limits{Wall: 100 * time.Millisecond}))
	if failed.Code != recipes.CodeDeadline {
		t.Errorf("%+v", failed)
	}
}

// TestPauseWall: time that a host call takes out is not the run's.
func TestPauseWall(t *testing.T) {
	t.Parallel()
	pool := newPool(t)
	host := func(ctx context.Context, _ string, _ json.RawMessage) (json.RawMessage, error) {
		resume := recipes.PauseWall(ctx)
		defer resume()
		select { // a person who thinks for longer than the run may take
		case <-time.After(800 * time.Millisecond):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		return json.RawMessage(`1`), nil
	}
	if got := mustRun(t, pool, `return fazt.kv.get({})`, withHost(host), withLimits(recipes.Limits{Wall: 700 * time.Millisecond})); got != "1" {
		t.Errorf("answer %s", got)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	pool := newPool(t)
	began, host := blocked()
	for _, code := range []string{`await fazt.kv.get({})`, `fazt.kv.get({}); for (;;);`, `fazt.kv.get({}); return 1`} {
		ctx, cancel := context.WithCancel(t.Context())
		compiled := compileCode(t, pool, code)
		ended := make(chan error, 1)
		go func() {
			_, err := pool.Run(ctx, recipes.RunRequest{Compiled: compiled, Entry: recipes.EntryDefault, Host: host, Limits: recipes.Limits{CPUBetweenHostCalls: time.Minute}})
			ended <- err
		}()
		if strings.Contains(code, "for") { // its call is only made when the turn ends
			time.AfterFunc(50*time.Millisecond, cancel)
		} else {
			<-began
			cancel()
		}
		if failed := asRunError(t, <-ended); failed.Code != recipes.CodeCancelled || !errors.Is(failed, context.Canceled) {
			t.Errorf("%s: %+v", code, failed)
		}
		cancel()
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	pool := newPool(t)
	began, host := blocked()
	compiled := compileCode(t, pool, `await fazt.kv.get({})`)
	ended := make(chan error, 1)
	go func() {
		_, err := pool.Run(t.Context(), recipes.RunRequest{Compiled: compiled, Entry: recipes.EntryDefault, Host: host})
		ended <- err
	}()
	<-began
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := pool.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("closing under a run that waits: %v", err)
	}
	if failed := asRunError(t, <-ended); failed.Code != recipes.CodeCancelled {
		t.Errorf("%+v", failed)
	}
	if _, err := pool.Run(t.Context(), recipes.RunRequest{Compiled: compiled, Entry: recipes.EntryDefault, Host: host}); !errors.Is(err, recipes.ErrClosed) {
		t.Errorf("a run after Close: %v", err)
	}
	if _, err := pool.Compile(t.Context(), recipes.Source{Code: "1"}); !errors.Is(err, recipes.ErrClosed) {
		t.Errorf("a compilation after Close: %v", err)
	}
}
