package capacity

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"fazt/server/op"
)

// twoCPUs is a machine of two processors and memory for everybody.
func twoCPUs() Machine { return Machine{CPUs: 2, MemoryBytes: 64 << 30, Descriptors: 1 << 20} }

func measuredModel() Model {
	return Model{
		Valid: true, Confidence: "measured", CalibratedAt: 1, ConnectionKB: 40, WriterUS: 20, CommitUS: 1000, Batch: 50,
		Classes: []ClassCost{{Class: "read", CPUUS: 40, LowUS: 38, HighUS: 42, CallerUS: 10}, {Class: "write", CPUUS: 90, LowUS: 80, HighUS: 100, CallerUS: 10}},
	}
}

func TestPredict(t *testing.T) {
	t.Parallel()
	model := measuredModel()
	ask := Ask{Mix: []Share{{"read", 0.7}, {"write", 0.3}}, Think: 10 * time.Second, SLO: time.Second}
	p := model.Predict(twoCPUs(), ask)
	if want := 2e6 / 55; math.Abs(p.RPS-want) > 1 || p.Binding != "cpu" || p.Next != "disk" {
		t.Errorf("%+v: want %.0f/s bound by cpu", p, want)
	}
	if want := int64(math.Round(0.9 * 2e6 / 55 * 10.02)); p.Users < want-1 || p.Users > want+1 {
		t.Errorf("%d people, want %d", p.Users, want)
	}
	ask.Beside = true
	if beside := model.Predict(twoCPUs(), ask); math.Abs(beside.RPS-2e6/65) > 1 {
		t.Errorf("with the generator beside: %.0f/s", beside.RPS)
	}
	writes := model.Predict(Machine{CPUs: 8}, Ask{Mix: []Share{{"write", 1}}, Think: time.Second})
	if writes.Binding != "disk" || math.Abs(writes.RPS-50_000) > 1 {
		t.Errorf("writes on eight processors: %+v", writes)
	}
	few := model.Predict(Machine{CPUs: 2, Descriptors: 1000}, Ask{Mix: []Share{{"read", 1}}, Think: 10 * time.Second})
	if few.Binding != "descriptors" || few.Users != 800 {
		t.Errorf("with 1000 descriptors: %+v", few)
	}
	for _, p := range []Prediction{p, writes, few} {
		if p.RPSLow > p.RPS || p.RPS > p.RPSHigh || p.UsersLow > p.Users || p.Users > p.UsersHigh {
			t.Errorf("bounds in no order: %+v", p)
		}
	}
	if p := model.Predict(twoCPUs(), Ask{Mix: []Share{{"dance", 1}}}); p.Confidence != "low" || math.IsInf(p.RPS, 0) || math.IsNaN(p.RPS) {
		t.Errorf("an unknown class: %+v", p)
	}
}

func TestInterval(t *testing.T) {
	t.Parallel()
	mean, low, high := interval([]float64{10, 12, 14})
	if mean != 12 || math.Abs(high-12-4.30*2/math.Sqrt(3)) > 1e-9 || math.Abs(low+high-24) > 1e-9 {
		t.Errorf("%v %v %v", mean, low, high)
	}
	if mean, low, high := interval(nil); mean != 0 || low != 0 || high != 0 {
		t.Error("of nothing")
	}
}

func TestGrouped(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0", 999: "999", 1234: "1,230", 98765: "98,800", 1234567: "1,230,000"} {
		if got := grouped(n); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
	}
}

// spinProbe uses the processor for each call.
func spinProbe(name string, d time.Duration) op.Probe {
	work := workOf(d)
	return op.Probe{Name: name, Run: func(_ context.Context, _ int, total time.Duration) (op.Probed, error) {
		began, calls := time.Now(), 0
		for time.Since(began) < total {
			spin(work)
			calls++
		}
		return op.Probed{Calls: calls, Took: time.Since(began)}, nil
	}}
}

func meterOf(t *testing.T, probes ...op.Probe) (*Meter, *saved) {
	t.Helper()
	kept := &saved{}
	m := NewMeter(MeterOptions{
		Dir: t.TempDir(), Admission: NewAdmission(AdmissionOptions{}), Now: time.Now, Logger: slog.New(slog.DiscardHandler),
		Probes: func(context.Context) ([]op.Probe, func(), error) { return probes, func() { kept.ended = true }, nil },
		Writer: func() WriterCounts { return kept.count() },
		Load:   func(context.Context) ([]byte, error) { return kept.model, nil },
		Save:   func(_ context.Context, model []byte) error { kept.model = model; return nil },
	})
	t.Cleanup(m.Close)
	return m, kept
}

// saved is what a meter keeps, and a writer that makes groups of ten.
type saved struct {
	mu    sync.Mutex
	model []byte
	ended bool
	n     uint64
}

func (s *saved) count() WriterCounts {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	return WriterCounts{Batches: 1000 * s.n, Groups: 100 * s.n, Busy: time.Duration(s.n) * 20 * time.Millisecond}
}

func TestCalibrate(t *testing.T) {
	if cpuTime() == 0 {
		t.Skip("processor time is not measured here")
	}
	m, kept := meterOf(t, spinProbe("read", time.Millisecond), spinProbe("write", 3*time.Millisecond))
	before := m.Report()
	if before.Model.Valid || before.Model.StaleReason == "" || before.Model.Confidence != "assumed" || len(before.Predictions) == 0 || !strings.Contains(before.Sentence, "assumed") {
		t.Errorf("before measuring: %+v %s", before.Model, before.Sentence)
	}
	progress, err := m.Calibrate(true)
	if err != nil || progress.State != "running" {
		t.Fatalf("%+v %v", progress, err)
	}
	if again, err := m.Calibrate(false); err != nil || again.StartedAt != progress.StartedAt {
		t.Errorf("a second one was started: %+v %v", again, err)
	}
	m.working.Wait()
	r := m.Report()
	if r.Calibration.State != "done" || !r.Model.Valid || len(r.Model.Classes) != 2 || !kept.ended || r.Model.Disk.Syncs == 0 {
		t.Fatalf("%+v %+v", r.Calibration, r.Model)
	}
	read, write := r.Model.Classes[0].CPUUS, r.Model.Classes[1].CPUUS
	if ratio := write / read; ratio < 2 || ratio > 4.5 {
		t.Errorf("a write of three times the work costs %.1f µs, a read %.1f", write, read)
	}
	if r.Model.Batch != 10 || r.Model.CommitUS != 200 || r.Model.WriterUS != 20 {
		t.Errorf("the writer: %+v", r.Model)
	}
	if !strings.Contains(r.Sentence, "measured ") {
		t.Errorf("the sentence: %s", r.Sentence)
	}
	var stored Model
	if err := json.Unmarshal(kept.model, &stored); err != nil || stored.CalibratedAt != r.Model.CalibratedAt {
		t.Errorf("kept: %s", kept.model)
	}
	tested, err := m.Validate(Tested{Mode: "closed", Mix: "read=100", Users: 5, RPS: 90, PredictedRPS: 100, ErrorPercent: -10, CalibratedAt: stored.CalibratedAt})
	if err != nil || tested.At == 0 {
		t.Errorf("a load test: %+v, %v", tested, err)
	}
	again, kept2 := meterOf(t)
	kept2.model = kept.model
	if err := again.Start(t.Context()); err != nil || again.Report().Model.CalibratedAt != stored.CalibratedAt {
		t.Errorf("after a restart: %+v %v", again.Report().Model, err)
	}
	if v := again.Report().Validation; v == nil || v.At != tested.At || v.Test.ErrorPercent != -10 || v.Test.Users != 5 {
		t.Errorf("the load test after a restart: %+v", v)
	}
	again.mu.Lock()
	again.model.Fingerprint = "of another machine"
	again.mu.Unlock()
	if r := again.Report(); r.Model.Valid || r.Model.StaleReason == "" || !strings.Contains(r.Sentence, "stale") {
		t.Errorf("on another machine: %+v", r.Model)
	}
}

func TestCalibrateEndsWithoutHarm(t *testing.T) {
	t.Parallel()
	failing := op.Probe{Name: "read", Run: func(context.Context, int, time.Duration) (op.Probed, error) {
		return op.Probed{}, errors.New("nobody answers")
	}}
	m, kept := meterOf(t, failing)
	if _, err := m.Calibrate(true); err != nil {
		t.Fatal(err)
	}
	m.working.Wait()
	if r := m.Report(); r.Calibration.State != "failed" || !strings.Contains(r.Calibration.Error, "nobody answers") || r.Model.CalibratedAt != 0 || !kept.ended {
		t.Errorf("%+v", r.Calibration)
	}
	m.mu.Lock()
	m.samples[1].noise.at = m.samples[0].noise.at.Add(time.Second)
	m.samples[1].noise.own = m.samples[0].noise.own + 100*time.Second
	m.mu.Unlock()
	if _, err := m.Calibrate(false); codeOf(err) != op.CodeConflict {
		t.Errorf("under load: %v", err)
	}
	m.Close()
	if _, err := m.Calibrate(false); codeOf(err) != op.CodeOverloaded {
		t.Errorf("after Close: %v", err)
	}
}

func TestReportIsJSON(t *testing.T) {
	t.Parallel()
	m, _ := meterOf(t)
	encoded, err := json.Marshal(m.Report())
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"schema":"fazt.capacity/1"`, `"tiers":[{"price":"5-6"`, `"stale_reason":"it was never`, `"gates":[{"gate":"read"`} {
		if !strings.Contains(string(encoded), part) {
			t.Errorf("no %s in %s", part, encoded)
		}
	}
}
