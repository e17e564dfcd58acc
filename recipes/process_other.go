//go:build !linux

package recipes

import (
	"io"
	"os"
	"runtime"
	"syscall"
	"time"
)

// childAttributes: elsewhere the end of its input is what ends a worker.
func childAttributes() *syscall.SysProcAttr { return nil }

// workerDirectory is where workers stand: they open no file there.
var workerDirectory = os.TempDir()

// confine has nothing that is alike on the other systems.
func confine() {}

// polled leaves the input as it is.
func polled(in io.Reader) io.Reader { return in }

// memoryOf returns what the Go runtime took from the system, the closest figure
// that needs no system call of its own for each platform. The peak is not known.
func memoryOf() (now, peak int64) {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	now = int64(stats.Sys - stats.HeapReleased)
	return now, now
}

// processorTime is not known; deadlines then go by the wall clock.
func processorTime(int) (time.Duration, bool) { return 0, false }
