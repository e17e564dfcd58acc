package capacity

import (
	"math"
	"runtime/metrics"
	"slices"
	"time"
)

// schedule is how long goroutines were ready before they ran, since the start.
type schedule struct {
	counts []uint64
	bounds []float64 // seconds
}

const schedLatencies = "/sched/latencies:seconds"

func readSchedule() schedule {
	s := []metrics.Sample{{Name: schedLatencies}}
	metrics.Read(s)
	if s[0].Value.Kind() != metrics.KindFloat64Histogram {
		return schedule{}
	}
	h := s[0].Value.Float64Histogram()
	return schedule{counts: slices.Clone(h.Counts), bounds: h.Buckets}
}

// p99 is of what was ready between two readings.
func p99Between(a, b schedule) time.Duration {
	if len(a.counts) != len(b.counts) {
		return 0
	}
	var total, below uint64
	for i := range b.counts {
		total += b.counts[i] - a.counts[i]
	}
	for i := range b.counts {
		below += b.counts[i] - a.counts[i]
		if total > 0 && float64(below) >= 0.99*float64(total) {
			upper := b.bounds[i+1]
			if math.IsInf(upper, 1) {
				upper = b.bounds[i]
			}
			return time.Duration(upper * float64(time.Second))
		}
	}
	return 0
}
