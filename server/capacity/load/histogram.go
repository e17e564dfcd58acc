package load

import (
	"math/bits"
	"time"
)

// Histogram counts latencies with an error under one percent, in the way of
// HdrHistogram: each power of two of microseconds has the same number of equal
// steps. It is not safe for concurrent use; merge those of several users.
type Histogram struct {
	counts []uint32
	total  uint64
	sum    time.Duration
	max    time.Duration
}

const (
	stepBits = 7 // 128 steps in a power of two
	steps    = 1 << stepBits
)

// Add counts one latency.
func (h *Histogram) Add(d time.Duration) {
	d = max(d, 0)
	i := bucketOf(uint64(d.Microseconds()))
	for len(h.counts) <= i {
		h.counts = append(h.counts, make([]uint32, i+1-len(h.counts))...)
	}
	h.counts[i]++
	h.total++
	h.sum += d
	h.max = max(h.max, d)
}

func bucketOf(us uint64) int {
	if us < steps {
		return int(us)
	}
	power := bits.Len64(us) - stepBits - 1
	return power*steps + int(us>>power)
}

// highest is the largest value of a bucket.
func highest(i int) uint64 {
	if i < 2*steps {
		return uint64(i)
	}
	power := i/steps - 1
	return uint64(i-power*steps+1)<<power - 1
}

// Merge adds what another one counted.
func (h *Histogram) Merge(o *Histogram) {
	if len(h.counts) < len(o.counts) {
		h.counts = append(h.counts, make([]uint32, len(o.counts)-len(h.counts))...)
	}
	for i, n := range o.counts {
		h.counts[i] += n
	}
	h.total += o.total
	h.sum += o.sum
	h.max = max(h.max, o.max)
}

// Quantile returns the latency that a share q of all did not exceed.
func (h *Histogram) Quantile(q float64) time.Duration {
	var below uint64
	for i, n := range h.counts {
		if below += uint64(n); n > 0 && float64(below) >= q*float64(h.total) {
			return min(time.Duration(highest(i))*time.Microsecond, h.max)
		}
	}
	return 0
}

// Within returns how many latencies were at most d.
func (h *Histogram) Within(d time.Duration) (n uint64) {
	for i := range min(len(h.counts), bucketOf(uint64(d.Microseconds()))+1) {
		n += uint64(h.counts[i])
	}
	return n
}

// Mean returns the mean latency.
func (h *Histogram) Mean() time.Duration {
	if h.total == 0 {
		return 0
	}
	return h.sum / time.Duration(h.total)
}
