package recipes_test

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"fazt/recipes"
)

// typical is a recipe of some twenty lines with three host calls.
const typical = `
const words = ["some", "words", "to", "work", "with"];
const counts = new Map();
for (const word of words) counts.set(word, word.length);
const list = await fazt.op("list", { app: "shop" });
const items = [];
for (const [word, count] of counts) {
  items.push({ word, count, text: word.repeat(count) });
}
const sum = items.reduce((n, item) => n + item.count, 0);
await fazt.op("set", { app: "shop", key: "sum", value: { sum, items } });
const back = await fazt.op("get", { app: "shop", key: "sum" });
return { sum, items, list, back };`

func echo(_ context.Context, _ string, args json.RawMessage) (json.RawMessage, error) {
	return args, nil
}

// BenchmarkRun is a fresh run with a warm worker. Gate: 2 ms at the median.
func BenchmarkRun(b *testing.B) {
	pool := newPool(b)
	compiled := compileCode(b, pool, typical)
	var times []time.Duration
	for b.Loop() {
		began := time.Now()
		if _, err := pool.Run(b.Context(), recipes.RunRequest{Compiled: compiled, Entry: recipes.EntryDefault, Host: echo}); err != nil {
			b.Fatal(err)
		}
		times = append(times, time.Since(began))
	}
	b.ReportMetric(float64(median(times).Microseconds())/1000, "ms/median")
}

func BenchmarkCompile(b *testing.B) {
	pool := newPool(b)
	for b.Loop() {
		compileCode(b, pool, typical)
	}
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

// hostileCount is how many scripts at once try to take the machine.
const hostileCount = 200

// TestHostileNeighbours: scripts that loop, fill memory and flood do not move
// what other runs take, beyond their fair share of the processors.
func TestHostileNeighbours(t *testing.T) {
	if os.Getenv("FAZT_LONG") == "" {
		t.Skip("short: takes a minute of all processors; set FAZT_LONG=1")
	}
	// The hostile and the honest have pools of their own, as two servers'
	// tenants would: what they share is the machine.
	hostile := newPool(t, func(o *recipes.PoolOptions) { o.MaxExecuting = 1 })
	honest := newPool(t)
	compiled := compileCode(t, honest, typical)
	measure := func() time.Duration {
		var times []time.Duration
		for range 100 {
			began := time.Now()
			if _, err := honest.Run(t.Context(), recipes.RunRequest{Compiled: compiled, Entry: recipes.EntryDefault, Host: echo}); err != nil {
				t.Fatal(err)
			}
			times = append(times, time.Since(began))
		}
		return median(times)
	}
	alone := measure()
	attacks := []*recipes.Compiled{
		compileCode(t, hostile, `for (;;);`), compileCode(t, hostile, `const a = []; for (;;) a.push([a.length])`),
		compileCode(t, hostile, `for (;;) fazt.op("x")`), compileCode(t, hostile, `Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)`),
	}
	var attackers sync.WaitGroup
	for i := range hostileCount {
		attackers.Go(func() {
			_, err := hostile.Run(t.Context(), recipes.RunRequest{
				Compiled: attacks[i%len(attacks)], Entry: recipes.EntryDefault, Host: echo,
				Limits: recipes.Limits{CPUBetweenHostCalls: 300 * time.Millisecond, HostCalls: 100},
			})
			if err == nil {
				t.Error("an attack ended well")
			}
		})
	}
	under := measure()
	attackers.Wait()
	t.Logf("median alone %v, among %d hostile scripts %v", alone, hostileCount, under)
	if under > 4*alone+5*time.Millisecond {
		t.Errorf("a run takes %v among hostile scripts, and %v alone", under, alone)
	}
}

// TestMemoryStaysFlat: ten thousand runs leave the parent as large as the first
// hundred did.
func TestMemoryStaysFlat(t *testing.T) {
	if os.Getenv("FAZT_LONG") == "" {
		t.Skip("short: 10,000 runs; set FAZT_LONG=1")
	}
	pool := newPool(t)
	compiled := compileCode(t, pool, typical)
	run := func(n int) {
		for range n {
			if _, err := pool.Run(t.Context(), recipes.RunRequest{Compiled: compiled, Entry: recipes.EntryDefault, Host: echo}); err != nil {
				t.Fatal(err)
			}
		}
	}
	run(1_000)
	before := resident(t)
	run(9_000)
	after := resident(t)
	t.Logf("%d MiB after 1,000 runs, %d MiB after 10,000", before>>20, after>>20)
	if after > before+16<<20 {
		t.Errorf("grew from %d MiB to %d MiB", before>>20, after>>20)
	}
}

// resident is the memory of this process.
func resident(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("short: this system has no /proc to read memory from")
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	kilobytes, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return kilobytes << 10
}
