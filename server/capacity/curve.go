package capacity

import (
	"context"
	"math"
	"time"

	"fazt/server/op"
)

// CurvePoint is how long answers took beside a number of callers.
type CurvePoint struct {
	Callers int     `json:"callers" doc:"who ask again as soon as they are answered"`
	RPS     float64 `json:"rps" doc:"calls a second that were answered"`
	P50MS   float64 `json:"p50_ms" doc:"half of the answers took at most so long"`
	P99MS   float64 `json:"p99_ms" doc:"99 of 100 did"`
}

// curve measures how answers take longer beside more callers, and returns what
// those used.
func (x *measurement) curve(ctx context.Context, probe op.Probe) (callers time.Duration, err error) {
	x.started++
	for _, n := range x.plan.curve {
		if len(x.model.Curve) > 0 && x.overdue() {
			break
		}
		_, done, err := x.slice(ctx, probe, n)
		if err != nil {
			return 0, err
		}
		callers += done.CallerCPU
		x.model.Curve = append(x.model.Curve, CurvePoint{
			Callers: n, RPS: rounded(float64(done.Calls) / max(done.Took.Seconds(), 1e-3)),
			P50MS: rounded(done.P50.Seconds() * 1000), P99MS: rounded(done.P99.Seconds() * 1000),
		})
	}
	return callers, nil
}

// stepsOf is how many measurements a calibration makes.
func stepsOf(probes []op.Probe, p plan) int {
	steps := 1
	for _, probe := range probes {
		slices, others := p.of(probe)
		if probe.Mixed {
			steps += len(p.curve)
		} else {
			steps += slices + len(others) + 1
		}
	}
	return steps
}

// p99 is how long 99 of 100 answers take at most at a rate, by the waiting time
// of M/M/m: what a lone caller waits, and what the queue adds. Above the bound
// nothing can be said.
func (m *Model) p99(machine Machine, bound, rate float64) (ms float64, ok bool) {
	if rate >= bound || bound <= 0 {
		return 0, false
	}
	wait := math.Log(100*max(erlangC(machine.CPUs, rate/bound), 0.01)) / (bound - rate)
	return m.lone() + 1000*wait, true
}

// lone is the p99 of a caller who is alone, in milliseconds: as it was measured,
// or a commit and some work.
func (m *Model) lone() float64 {
	if len(m.Curve) > 0 && m.Curve[0].P99MS > 0 {
		return m.Curve[0].P99MS
	}
	write, _ := m.class("write")
	return (m.CommitUS + 2*write.CPUUS) / 1000
}

// erlangC is the share of calls that must wait for one of n processors which are
// busy for a share of the time.
func erlangC(n, busy float64) float64 {
	servers := max(1, int(math.Round(n)))
	offered := busy * float64(servers)
	blocked := 1.0 // Erlang B, by its recursion
	for i := 1; i <= servers; i++ {
		blocked = offered * blocked / (float64(i) + offered*blocked)
	}
	return blocked / (1 - busy*(1-blocked))
}
