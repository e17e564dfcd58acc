//go:build linux

package hub_test

// Run with:
//
//	FAZT_LONG=1 go test ./agent/hub -run Gate -v
//
// The pages are a process of their own. Memory is the private memory of the
// hub's process, time that of its processors: what neighbours take counts in
// neither.

import (
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"fazt/agent/hub"
)

const (
	gateTabs       = 10_000
	gateMemory     = 200 << 20
	gateSpareFiles = 500
	gateFollowers  = 1_000
	gateWaves      = 20
	gateWave       = 50
	gateMessages   = 80_000 // a second, with both processors of a small machine
	smallMachine   = 2
)

func longGate(t *testing.T, files uint64) {
	t.Helper()
	if os.Getenv("FAZT_LONG") == "" {
		t.Skip("set FAZT_LONG=1: it takes a minute and many connections")
	}
	var r syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r); err != nil || r.Cur < files {
		t.Skipf("%d files may be open and %d are needed (%v): raise ulimit -n", r.Cur, files, err)
	}
}

// privateMemory is RssAnon of proc(5).
func privateMemory(t *testing.T) int64 {
	t.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return kb << 10
		}
	}
	t.Fatal("no RssAnon")
	return 0
}

func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestGateIdleTabs: ten thousand tabs that do nothing cost at most 200 MB.
func TestGateIdleTabs(t *testing.T) {
	longGate(t, gateTabs+gateSpareFiles)
	w := newWorld(t, func(o *hub.Options) { o.Now = time.Now })
	c := startCrowd(t, w.url)
	debug.FreeOSMemory()
	before := privateMemory(t)
	began := time.Now()
	c.join(w, gateTabs)
	for range 3 { // as the runtime does by itself, every two minutes; each halves stacks that are too large
		debug.FreeOSMemory()
	}
	after := privateMemory(t)
	if n := w.hub.Pages(); n != gateTabs {
		t.Errorf("%d pages are joined", n)
	}
	t.Logf("%d idle tabs: %d MB, %.1f kB each, joined in %v (gate %d MB)",
		gateTabs, (after-before)>>20, float64(after-before)/gateTabs/1024, time.Since(began).Round(time.Second), gateMemory>>20)
	if after-before > gateMemory {
		t.Errorf("they cost %d MB", (after-before)>>20)
	}
}

// TestGateFanOut: what a thousand pages follow reaches all of them without loss
// while they read, at 80,000 messages a second of two processors.
func TestGateFanOut(t *testing.T) {
	longGate(t, gateFollowers+gateSpareFiles)
	w := newWorld(t, func(o *hub.Options) { o.Now = time.Now })
	c := startCrowd(t, w.url)
	c.join(w, gateFollowers)
	c.begin()
	c.burst(w.hub, gateFollowers, 1, gateWave, 0) // connections and buffers are warm
	published, _, _ := c.counted()
	used := processorTime(t)
	took := c.burst(w.hub, gateFollowers, gateWaves, gateWave, published)
	used = processorTime(t) - used
	n := float64(gateFollowers * gateWaves * gateWave)
	rate := n / used.Seconds()
	t.Logf("%.0f messages to %d pages in %v: %.0f a second on this machine as it was, %.0f for a second of one processor",
		n, gateFollowers, took.Round(time.Millisecond), n/took.Seconds(), rate)
	if rate*smallMachine < gateMessages {
		t.Errorf("%.0f messages a second of %d processors, want %d", rate*smallMachine, smallMachine, gateMessages)
	}
}
