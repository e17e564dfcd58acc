package capacity

import (
	"context"
	"strings"
	"testing"
	"time"

	"fazt/server/op"
)

// TestCurve: latency beside more callers is kept and drawn, with the knee and the
// bounds of the prediction.
func TestCurve(t *testing.T) {
	if cpuTime() == 0 {
		t.Skip("processor time is not measured here")
	}
	mixed := op.Probe{Name: "mixed", Mixed: true, Run: func(_ context.Context, callers int, _ time.Duration) (op.Probed, error) {
		return op.Probed{Calls: 100 * callers, Took: time.Second, P50: time.Millisecond, P99: time.Duration(callers) * time.Millisecond}, nil
	}}
	m, _ := meterOf(t, spinProbe("read", time.Millisecond), spinProbe("write", time.Millisecond), mixed)
	if _, err := m.Calibrate(true); err != nil {
		t.Fatal(err)
	}
	m.working.Wait()
	r := m.Report()
	if len(r.Model.Classes) != 2 || len(r.Model.Curve) != 2 || r.Model.Curve[1] != (CurvePoint{Callers: 64, RPS: 6400, P50MS: 1, P99MS: 64}) {
		t.Fatalf("%+v %+v", r.Calibration, r.Model.Curve)
	}
	c := m.LoadChart()
	if c.Mark.X <= 0 || c.Span.Low > c.Mark.X || c.Span.High < c.Mark.X || len(c.Series[1].Points) != 2 || c.Series[1].Points[1].Y != 64 {
		t.Errorf("%+v", c)
	}
	for i, p := range c.Series[0].Points[1:] {
		if p.Y < c.Series[0].Points[i].Y {
			t.Errorf("answers get faster under load: %v", c.Series[0].Points)
		}
	}
}

// TestErlangC against values of tables: one server is as busy as it is, two
// servers that are half busy make a third wait.
func TestErlangC(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ n, busy, want float64 }{{1, 0.5, 0.5}, {2, 0.5, 1.0 / 3}, {1, 0, 0}, {4, 0.75, 0.509434}} {
		if got := erlangC(c.n, c.busy); got < c.want-1e-5 || got > c.want+1e-5 {
			t.Errorf("%v servers, busy %v: %v, want %v", c.n, c.busy, got, c.want)
		}
	}
}

// TestHistory keeps the last ten minutes in their order, and draws them.
func TestHistory(t *testing.T) {
	t.Parallel()
	var h history
	at := time.Unix(1_764_000_000, 0)
	for i := range historyLength + 3 {
		a := sample{noise: noiseSample{at: at.Add(time.Duration(i) * sampleEvery)}}
		b := sample{noise: noiseSample{at: at.Add(time.Duration(i+1) * sampleEvery)}, calls: callCounts{admitted: uint64(i * 5), shed: 10}}
		h.add([2]sample{a, b}, 2)
	}
	moments := h.moments()
	first, last := moments[0], moments[len(moments)-1]
	if len(moments) != historyLength || first.RPS != 3 || last.RPS != historyLength+2 || last.ShedRPS != 2 || last.At <= first.At {
		t.Errorf("%d moments from %+v to %+v", len(moments), first, last)
	}
	m, _ := meterOf(t)
	m.history = h
	zone := time.FixedZone("x", 3600)
	c := m.TimeChart(zone)
	if len(c.Labels) != historyLength || c.Labels[0] != time.UnixMilli(first.At).In(zone).Format("15:04:05") || !strings.Contains(c.Sentence, "at most 122 calls") {
		t.Errorf("%q %q", c.Sentence, c.Labels[0])
	}
}
