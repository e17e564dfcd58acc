package run_test

import (
	"slices"
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
