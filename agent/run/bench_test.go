package run_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fazt/recipes"
)

// BenchmarkAPI is what a recipe by api costs over the operations that it
// calls: two of the registry, in alternating runs. Gate: 3 ms at the median.
func BenchmarkAPI(b *testing.B) {
	w := newWorld(b, func(o *worldOptions) { o.limits = recipes.Limits{} })
	w.app("shop")
	w.mustSave(owner(), setGreeting, true)
	w.mustCall(owner(), "greeting_set", `{"app":"shop","text":"warm"}`)
	var recipe, bare []time.Duration
	for b.Loop() {
		began := time.Now()
		w.mustCall(owner(), "greeting_set", `{"app":"shop","text":"hello"}`)
		recipe = append(recipe, time.Since(began))
		began = time.Now()
		w.mustCall(owner(), "kv_set", `{"app":"shop","key":"greeting","value":"hello"}`)
		w.mustCall(owner(), "kv_get", `{"app":"shop","key":"greeting"}`)
		bare = append(bare, time.Since(began))
	}
	b.ReportMetric(float64((median(recipe)-median(bare)).Microseconds())/1000, "ms/overhead")
	b.ReportMetric(float64(median(bare).Microseconds())/1000, "ms/operations")
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

// BenchmarkSaved is how long a recipe takes from its save until it is called by
// its name, and BenchmarkRuns how many runs of one recipe end in a second with
// as many callers as there are processors. Gates: 200 ms, 200 runs a second.
func BenchmarkSaved(b *testing.B) {
	w := newWorld(b)
	w.app("shop")
	var times []time.Duration
	n := 0
	for b.Loop() {
		n++
		source := strings.Replace(setGreeting, "\n", fmt.Sprintf(" // %d\n", n), 1)
		began := time.Now()
		w.mustSave(owner(), source, true)
		if _, err := w.registry.Find("greeting_set"); err != nil {
			b.Fatal(err)
		}
		w.mustCall(owner(), "greeting_set", `{"app":"shop","text":"hello"}`)
		times = append(times, time.Since(began))
	}
	b.ReportMetric(float64(median(times).Microseconds())/1000, "ms/saved")
}

func BenchmarkRuns(b *testing.B) {
	w := newWorld(b)
	w.app("shop")
	w.mustSave(owner(), recipe("nothing", "read", nil, `return 1;`), true)
	w.mustCall(owner(), "nothing", `{}`)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			w.mustCall(owner(), "nothing", `{}`)
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "runs/s")
}
