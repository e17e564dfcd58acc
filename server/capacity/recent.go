package capacity

import (
	"math/bits"
	"time"
)

// recent is what a gate did in the last seconds.
type recent struct {
	seconds [16]second
	waits   [2]waits // this window and the one before
}

type second struct {
	at         int64 // Unix seconds
	done, shed uint32
}

// recentSpan is over how many whole seconds rates are taken.
const recentSpan = 10

func (r *recent) at(now time.Time) *second {
	at := now.Unix()
	s := &r.seconds[at&15]
	if s.at != at {
		*s = second{at: at}
	}
	return s
}

func (r *recent) done(now time.Time) { r.at(now).done++ }
func (r *recent) shed(now time.Time) { r.at(now).shed++ }

// rates are per second over the last whole seconds.
func (r *recent) rates(now time.Time) (done, shed float64) {
	last := now.Unix()
	for i := range r.seconds {
		if age := last - r.seconds[i].at; age >= 1 && age <= recentSpan {
			done += float64(r.seconds[i].done)
			shed += float64(r.seconds[i].shed)
		}
	}
	return done / recentSpan, shed / recentSpan
}

// waits counts times by powers of two of microseconds.
type waits struct {
	window int64
	counts [32]uint32
}

// waited counts a wait; windows are as long as recentSpan.
func (r *recent) waited(now time.Time, wait time.Duration) {
	window := now.Unix() / recentSpan
	w := &r.waits[window&1]
	if w.window != window {
		*w = waits{window: window}
	}
	w.counts[min(bits.Len64(uint64(max(wait.Microseconds(), 0))), len(w.counts)-1)]++
}

// waitQuantile is the upper bound of a quantile of the waits of the last two
// windows.
func (r *recent) waitQuantile(now time.Time, q float64) time.Duration {
	window := now.Unix() / recentSpan
	var counts [32]uint64
	var total, below uint64
	for _, w := range r.waits {
		if window-w.window > 1 {
			continue
		}
		for i, n := range w.counts {
			counts[i] += uint64(n)
			total += uint64(n)
		}
	}
	for i, n := range counts {
		if below += n; total > 0 && float64(below) >= q*float64(total) {
			return time.Duration(1<<i-1) * time.Microsecond
		}
	}
	return 0
}

// GateLive is a gate as it is now.
type GateLive struct {
	Gate      string  `json:"gate" doc:"read, write, run or page"`
	Slots     int     `json:"slots" doc:"how many calls it lets work at once; the owner has one more"`
	InFlight  int     `json:"in_flight" doc:"calls that work now"`
	Waiting   int     `json:"waiting" doc:"calls that wait for a place"`
	RPS       float64 `json:"rps" doc:"calls a second over the last 10 s"`
	ShedRPS   float64 `json:"shed_rps" doc:"calls refused a second over the last 10 s"`
	HoldUS    int64   `json:"hold_us" doc:"how long a call holds its place, moving mean"`
	WaitP50US int64   `json:"wait_p50_us" doc:"half of the calls waited at most so long"`
	WaitP99US int64   `json:"wait_p99_us" doc:"99 of 100 calls waited at most so long"`
	Strained  bool    `json:"strained" doc:"calls had to be refused, and the queue has not been short since"`
	Admitted  uint64  `json:"admitted" doc:"calls let in since the start"`
	Refused   uint64  `json:"refused" doc:"calls refused at once since the start: they would have waited too long"`
	Expired   uint64  `json:"expired" doc:"calls refused after waiting"`
	Left      uint64  `json:"left" doc:"calls whose caller gave up while waiting"`
	Quota     uint64  `json:"quota" doc:"calls refused because too many of one token waited"`
}

func (g *gate) live(now time.Time) GateLive {
	g.mu.Lock()
	defer g.mu.Unlock()
	l := GateLive{
		Gate: g.name, Slots: g.slots, InFlight: g.inUse, Waiting: g.owner.waiting + g.others.waiting,
		HoldUS: g.hold.Microseconds(), Strained: g.strain,
		Admitted: g.counts.admitted, Refused: g.counts.refused, Expired: g.counts.expired, Left: g.counts.left, Quota: g.counts.quota,
		WaitP50US: g.recent.waitQuantile(now, 0.5).Microseconds(), WaitP99US: g.recent.waitQuantile(now, 0.99).Microseconds(),
	}
	l.RPS, l.ShedRPS = g.recent.rates(now)
	return l
}
