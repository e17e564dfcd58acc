package storage

import (
	"runtime"
	"testing"
	"time"
)

// TestTiming: a write that waits for the writer says so, apart from its commit.
func TestTiming(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	var timing Timing
	done := make(chan error, 1)
	var held time.Time
	f.heldUp(func() {
		held = time.Now()
		go func() {
			_, err := f.Write(t.Context(), &Batch{App: "a", Mutations: []Mutation{set("k", "1")}, Timing: &timing})
			done <- err
		}()
		for f.Stats().QueueBatches == 0 {
			runtime.Gosched() // until it has queued, which nothing announces
		}
	})
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if timing.Queue <= 0 || timing.Commit <= 0 || timing.Queue+timing.Commit > time.Since(held) {
		t.Errorf("%+v of %v", timing, time.Since(held))
	}
}
