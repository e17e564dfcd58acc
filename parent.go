package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// underGoRun reports whether `go run` built this program: it runs from a
// go-build folder under the temporary one. Such a program is left behind
// when its parent is killed, since go run passes no signal on.
func underGoRun(executable, tempDir string) bool {
	rel, err := filepath.Rel(tempDir, executable)
	return err == nil && strings.HasPrefix(rel, "go-build") && strings.Contains(rel, string(filepath.Separator)+"exe"+string(filepath.Separator))
}

// parentCheck is how often the parent is looked at: a port is free again
// within a second of its going.
const parentCheck = 500 * time.Millisecond

// withParent returns a context that also ends when the parent of a program
// built by go run has gone.
func withParent(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	executable, err := os.Executable()
	if err != nil || !underGoRun(executable, os.TempDir()) {
		return ctx, cancel
	}
	parent := os.Getppid()
	go func() {
		ticker := time.NewTicker(parentCheck)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				if os.Getppid() != parent {
					cancel()
				}
			}
		}
	}()
	return ctx, cancel
}

// selfCommand is how a person runs this program again.
func selfCommand() string {
	executable, err := os.Executable()
	if err == nil && underGoRun(executable, os.TempDir()) {
		return "go run ."
	}
	return "fazt"
}
