package recipes

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"
)

// idleProcess waits for a warm process and ends all others that are idle, so
// that the next run will take it.
func idleProcess(t *testing.T, pool *Pool) *process {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		pool.mu.Lock()
		var idle []*process
		if pool.adding == 0 && len(pool.idle) > 0 {
			idle = pool.idle
			pool.idle = slices.Clone(idle[:1])
		}
		pool.mu.Unlock()
		if len(idle) > 0 {
			for _, other := range idle[1:] {
				other.stop(stopTimeout)
			}
			return idle[0]
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("no process became idle")
		}
	}
}

// TestWorkerDies: the death of a process, while it waits or while it works, is
// the error of its own run, and a run beside it goes on.
func TestWorkerDies(t *testing.T) {
	t.Parallel()
	pool, err := NewPool(PoolOptions{Logger: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := pool.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	compile := func(code string) *Compiled {
		t.Helper()
		compiled, err := pool.CompileCode(t.Context(), Source{Code: code})
		if err != nil {
			t.Fatal(err)
		}
		return compiled
	}
	beside, release := make(chan error, 1), make(chan struct{})
	waiting := compile(`return fazt.op("wait")`)
	started := make(chan struct{})
	go func() {
		_, err := pool.Run(t.Context(), RunRequest{Compiled: waiting, Entry: EntryDefault, Host: func(context.Context, string, json.RawMessage) (json.RawMessage, error) {
			close(started)
			<-release
			return json.RawMessage(`1`), nil
		}})
		beside <- err
	}()
	<-started
	for name, code := range map[string]string{"while it works": `await fazt.op("a"); for (;;);`, "while it waits": `await fazt.op("a"); await fazt.op("b")`} {
		compiled := compile(code)
		doomed := idleProcess(t, pool)
		_, err = pool.Run(t.Context(), RunRequest{
			Compiled: compiled, Entry: EntryDefault, Limits: Limits{CPUBetweenHostCalls: time.Minute},
			Host: func(_ context.Context, _ string, args json.RawMessage) (json.RawMessage, error) {
				if name == "while it waits" {
					doomed.kill()
					<-doomed.exited
				} else {
					time.AfterFunc(20*time.Millisecond, doomed.kill)
				}
				return nil, nil
			},
		})
		var failed *RunError
		if !errors.As(err, &failed) || failed.Code != CodeWorkerDied || failed.Hint == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	close(release)
	if err := <-beside; err != nil {
		t.Errorf("the run beside: %v", err)
	}
}
