package capacity

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"fazt/server/op"
)

// Progress is a calibration that runs, or how the last one ended.
type Progress struct {
	State     string  `json:"state" doc:"idle, running, done, aborted or failed" enum:"idle,running,done,aborted,failed"`
	Progress  float64 `json:"progress" doc:"how much of it is done, of 1"`
	StartedAt int64   `json:"started_at" doc:"Unix ms, 0 = never"`
	Error     string  `json:"error,omitzero" doc:"why it ended without a result"`
}

// plan is how a calibration measures.
type plan struct {
	slice   time.Duration // of one measurement
	slices  int           // at the model's number of callers
	others  []int         // other numbers of callers, below and above the knee
	curve   []int         // numbers of callers of the curve
	disk    time.Duration
	quick   bool
	longest time.Duration // the whole of it
}

func fullPlan() plan {
	return plan{
		slice: 400 * time.Millisecond, slices: 4, others: []int{8, 256}, curve: []int{1, 4, 16, 64, 256}, disk: 300 * time.Millisecond, longest: 20 * time.Second,
	}
}

// quickPlan is what runs by itself after the first start.
func quickPlan() plan {
	return plan{slice: 300 * time.Millisecond, slices: 2, curve: []int{1, 64}, disk: 100 * time.Millisecond, quick: true, longest: 5 * time.Second}
}

// briefSlices are those of a class that matters less.
const briefSlices = 2

// of returns how a class is measured.
func (p plan) of(probe op.Probe) (slices int, others []int) {
	if probe.Brief {
		return min(briefSlices, p.slices), nil
	}
	return p.slices, p.others
}

const (
	// modelCallers saturate the machine and fill the writer's groups.
	modelCallers = 64
	// enoughClasses make a model when the time is over: writes and reads.
	enoughClasses = 2
	// busyShare of the processors used by real calls is too much to measure
	// beside: it would disturb both.
	busyShare = 0.3
)

// Names of probes that are no class of call: calls that are refused, and idle
// connections and live tabs.
const (
	ProbeRefused    = "refused"
	ProbeConnection = "connection"
	ProbeSocket     = "socket"
)

// errBusy ends a calibration beside too much load.
var errBusy = errors.New("the server has more to do than calibrating allows; nothing was changed")

// Calibrate measures what calls cost, in the background, and returns how it
// stands. One that runs already is not started again. It is refused while the
// server is busy.
func (m *Meter) Calibrate(quick bool) (Progress, error) {
	p := fullPlan()
	if quick {
		p = quickPlan()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.progress.State == "running" {
		return m.progress, nil
	}
	if m.closed {
		return Progress{}, op.Errorf(op.CodeOverloaded, "the server is stopping").WithHint("calibrate when it is back")
	}
	if m.options.Probes == nil {
		return Progress{}, op.Errorf(op.CodeConflict, "this server has nothing to measure with").WithHint("calibrate a server that was started with fazt server start")
	}
	if busy := m.busy(m.options.Now()); busy > busyShare {
		return Progress{}, op.Errorf(op.CodeConflict, "the server is %.0f %% busy, and calibrating needs it under %.0f %%", 100*busy, 100*busyShare).
			WithHint("calibrate when it is quiet; GET /api/system/capacity shows live.utilization")
	}
	m.progress = Progress{State: "running", StartedAt: m.options.Now().UnixMilli()}
	m.working.Go(func() { m.calibrate(p) })
	return m.progress, nil
}

func (m *Meter) calibrate(p plan) {
	ctx, cancel := context.WithTimeout(m.ctx, p.longest)
	defer cancel()
	model, err := m.measure(ctx, p)
	state := "done"
	switch {
	case errors.Is(err, errBusy) || m.ctx.Err() != nil:
		state = "aborted"
	case err != nil:
		state = "failed"
		m.options.Logger.Warn("the capacity could not be measured", "error", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.progress.State, m.progress.Progress = state, 1
	if err != nil {
		m.progress.Error = err.Error()
		return
	}
	m.model = model
	if err := m.keep(); err != nil {
		m.options.Logger.Warn("the measured capacity could not be kept", "error", err)
	}
}

// measurement is one calibration under way.
type measurement struct {
	meter          *Meter
	plan           plan
	steps          int
	done           int
	calls          int  // that probes made
	parts, started int  // classes, and those that were begun
	late           bool // something was left out
	model          Model
	spare          uint64 // calls admitted before it began
	began          time.Time
}

func (m *Meter) measure(ctx context.Context, p plan) (Model, error) {
	probes, end, err := m.options.Probes(ctx)
	if err != nil {
		return Model{}, err
	}
	defer end()
	began := time.Now()
	before := sampleNoise(m.options.Root, began)
	x := &measurement{meter: m, plan: p, steps: stepsOf(probes, p), began: began, spare: m.admitted(), parts: len(probes)}
	x.model = Model{Valid: true, Confidence: "measured", CalibratedAt: m.options.Now().UnixMilli()}
	assumed := assumedModel()
	x.model.ConnectionKB, x.model.SocketKB, x.model.RefusalUS = assumed.ConnectionKB, assumed.SocketKB, assumed.RefusalUS
	if x.model.Disk, err = measureDisk(m.options.Dir, p.disk); err != nil {
		return Model{}, err
	}
	var callers time.Duration
	for _, probe := range probes {
		measure := x.class
		switch {
		case probe.Mixed:
			measure = x.curve
		case probe.Hold != nil:
			measure = x.held
		}
		cpu, err := measure(ctx, probe)
		if ctx.Err() != nil && m.ctx.Err() == nil && len(x.model.Classes) >= enoughClasses {
			x.late = true // a machine this busy: what was measured is worth something
			break
		}
		if err != nil {
			return Model{}, fmt.Errorf("measure %s: %w", probe.Name, err)
		}
		callers += cpu
	}
	after := sampleNoise(m.options.Root, time.Now())
	after.own += callers // of the probes' own callers, who are no strangers
	x.model.Noise = noiseBetween(m.options.Root, before, after)
	if p.quick || x.late || !x.model.Noise.Quiet {
		x.model.Confidence = "low"
	}
	x.model.TookMS = time.Since(began).Milliseconds()
	x.model.Fingerprint = m.machine().Fingerprint
	return x.model, nil
}

// class measures one class of call, and returns what its callers used.
func (x *measurement) class(ctx context.Context, probe op.Probe) (callers time.Duration, err error) {
	var samples, others []float64
	x.started++
	cost, callerUS := ClassCost{Class: probe.Name}, 0.0
	wrote := x.meter.writer()
	slices, more := x.plan.of(probe)
	for i := range slices + 1 {
		if len(samples) > 0 && x.overdue() {
			break
		}
		us, done, err := x.slice(ctx, probe, modelCallers)
		if err != nil {
			return 0, err
		}
		callers += done.CallerCPU
		if i == 0 {
			continue // caches fill, connections open
		}
		samples = append(samples, us)
		cost.Calls += done.Calls
		callerUS += float64(done.CallerCPU.Microseconds()) / float64(done.Calls)
	}
	cost.CallerUS = callerUS / float64(len(samples))
	if probe.Name == "write" {
		x.writer(wrote, x.meter.writer())
	}
	for _, n := range more {
		if x.overdue() {
			break
		}
		us, done, err := x.slice(ctx, probe, n)
		if err != nil {
			return 0, err
		}
		callers += done.CallerCPU
		others = append(others, us)
	}
	mean, low, high := interval(samples)
	cost.CPUUS, cost.LowUS, cost.HighUS, cost.CallerUS = rounded(mean), rounded(low), rounded(high), rounded(cost.CallerUS)
	if probe.Name == ProbeRefused {
		x.model.RefusalUS = cost.CPUUS
		return callers, nil
	}
	x.model.Classes = append(x.model.Classes, cost)
	x.model.ResidualPC = rounded(max(x.model.ResidualPC, spreadOf(cost.CPUUS, others)))
	return callers, nil
}

// held measures the memory of idle connections.
func (x *measurement) held(ctx context.Context, probe op.Probe) (time.Duration, error) {
	x.started++
	if x.plan.quick || x.overdue() {
		return 0, nil // what is assumed stays
	}
	if err := x.quiet(); err != nil {
		return 0, err
	}
	before := liveMemory()
	end, err := probe.Hold(ctx)
	if err != nil {
		return 0, err
	}
	kb := float64(liveMemory()-before) / 1024 / float64(probe.Held)
	end()
	if kb <= 0 {
		return 0, nil // the server gave more back meanwhile
	}
	if probe.Name == ProbeSocket {
		x.model.SocketKB = rounded(kb)
	} else {
		x.model.ConnectionKB = rounded(kb)
	}
	return 0, nil
}

// liveMemory is what this process's live objects and stacks make it take of the
// machine: the heap grows to twice what is live before it is cleared (GOGC).
func liveMemory() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(2*stats.HeapAlloc + stats.StackInuse)
}

// overdue reports whether a class has had its part of the time. On a machine
// this busy it is measured by fewer slices, so that all classes are.
func (x *measurement) overdue() bool {
	part := x.plan.longest * time.Duration(x.started) / time.Duration(x.parts+1)
	if time.Since(x.began) < part {
		return false
	}
	x.late = true
	return true
}

// slice makes calls for a short time and returns the processor time of one.
func (x *measurement) slice(ctx context.Context, probe op.Probe, callers int) (us float64, done op.Probed, err error) {
	if err := x.quiet(); err != nil {
		return 0, done, err
	}
	before := cpuTime()
	if done, err = probe.Run(ctx, callers, x.plan.slice); err != nil {
		return 0, done, err
	}
	used := cpuTime() - before
	if done.Calls == 0 {
		return 0, done, errors.New("nothing was answered")
	}
	x.calls += done.Calls
	x.done++
	x.meter.advance(float64(x.done) / float64(x.steps))
	runtime.Gosched()
	return float64(used.Nanoseconds()) / 1000 / float64(done.Calls), done, nil
}

// quiet ends a calibration when real calls need the machine.
func (x *measurement) quiet() error {
	took := time.Since(x.began).Seconds()
	real := float64(x.meter.admitted() - x.spare) // probes go through gates of their own
	cost := assumedModel().Classes[0].CPUUS / 1e6
	if took > 0.5 && real/took*cost/x.meter.machine().CPUs > busyShare {
		return errBusy
	}
	return nil
}

// writer works out what the one writer needs, from its counters around the
// writes.
func (x *measurement) writer(a, b WriterCounts) {
	batches, groups := float64(b.Batches-a.Batches), float64(b.Groups-a.Groups)
	if batches == 0 || groups == 0 {
		return
	}
	busy := float64((b.Busy - a.Busy).Microseconds())
	x.model.WriterUS, x.model.CommitUS, x.model.Batch = rounded(busy/batches), rounded(busy/groups), rounded(batches/groups)
}
