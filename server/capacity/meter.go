package capacity

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"fazt/server/op"
)

// MeterOptions are a Meter's surroundings. Dir, Admission, Now and Logger are
// required.
type MeterOptions struct {
	Dir       string // where the database is: the disk there is measured
	Admission *Admission
	Now       func() time.Time
	Logger    *slog.Logger
	Root      fs.FS // of the machine; the default is /
	// Probes makes the probes of one calibration; end removes what they made.
	// nil: nothing can be measured here.
	Probes func(ctx context.Context) (probes []op.Probe, end func(), err error)
	// Writer returns the counters of the writer that the probes write with.
	Writer func() WriterCounts
	// Load and Save keep what was measured, as JSON. nil: it ends with the program.
	Load func(ctx context.Context) ([]byte, error)
	Save func(ctx context.Context, model []byte) error
	// Memory reads what is used and what may be used; the default asks the
	// cgroup and the runtime.
	Memory func() Memory
	// Relieve gives up what can be had again, such as caches and idle browsers,
	// when memory is short. nil: there is nothing.
	Relieve func()
	// Connections are shown in reports; nil = none are counted.
	Connections *Connections
	// First is when a first, quick calibration runs by itself when there is no
	// model, after Start; 0 = never.
	First time.Duration
}

// WriterCounts are counters of the one writer of a database.
type WriterCounts struct {
	Batches, Groups uint64
	Busy            time.Duration
}

// Meter measures and predicts. See the package.
type Meter struct {
	options MeterOptions
	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	working sync.WaitGroup

	mu         sync.Mutex
	closed     bool
	model      Model
	validation *Validation // nil before the first
	progress   Progress
	samples    [2]sample // the last two, newest last
	history    history
	memory     Memory    // the last reading
	relieved   time.Time // when caches were last given up
}

// sample is what live figures are differences of.
type sample struct {
	noise  noiseSample
	writer WriterCounts
	sched  schedule
	calls  callCounts
}

// sampleEvery is the time between samples.
const sampleEvery = 5 * time.Second

// weighEvery is the time between readings of the memory, which can be gone
// within seconds.
const weighEvery = time.Second

// NewMeter returns a Meter that has not started: it answers, from what it is
// asked for.
func NewMeter(o MeterOptions) *Meter {
	if o.Root == nil {
		o.Root = os.DirFS("/")
	}
	m := &Meter{options: o, model: assumedModel(), progress: Progress{State: "idle"}}
	m.ctx, m.cancel = context.WithCancel(context.Background())
	if o.Memory == nil {
		m.options.Memory = m.readMemory
	}
	now := o.Now()
	m.samples = [2]sample{m.take(now), m.take(now)}
	return m
}

// Start loads the model and begins to sample.
func (m *Meter) Start(ctx context.Context) error {
	if m.options.Load != nil {
		saved, err := m.options.Load(ctx)
		if err != nil {
			return err
		}
		m.restore(saved)
	}
	m.working.Go(m.run)
	return nil
}

// Close ends what runs and returns when it has.
func (m *Meter) Close() {
	m.mu.Lock()
	m.closed = true
	m.mu.Unlock()
	m.cancel()
	m.working.Wait()
}

func (m *Meter) run() {
	ticker := time.NewTicker(sampleEvery)
	defer ticker.Stop()
	weighing := time.NewTicker(weighEvery)
	defer weighing.Stop()
	first := m.firstTimer()
	if first != nil {
		defer first.Stop()
	}
	for {
		select {
		case <-m.ctx.Done():
			return
		case <-ticker.C:
			m.step()
		case <-weighing.C:
			m.weigh(m.options.Now(), m.options.Memory())
		case <-channelOf(first):
			if _, err := m.Calibrate(true); err != nil {
				m.options.Logger.Debug("the first calibration is left to somebody who asks", "error", err)
			}
			first = nil
		}
	}
}

func (m *Meter) firstTimer() *time.Timer {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.options.First == 0 || m.options.Probes == nil || m.model.CalibratedAt != 0 {
		return nil
	}
	return time.NewTimer(m.options.First)
}

func channelOf(t *time.Timer) <-chan time.Time {
	if t == nil {
		return nil
	}
	return t.C
}

func (m *Meter) take(now time.Time) sample {
	return sample{noise: sampleNoise(m.options.Root, now), writer: m.writer(), sched: readSchedule(), calls: m.calls()}
}

// step takes a sample.
func (m *Meter) step() {
	s := m.take(m.options.Now())
	m.mu.Lock()
	defer m.mu.Unlock()
	m.samples[0], m.samples[1] = m.samples[1], s
	m.history.add(m.samples, m.machine().CPUs)
}

func (m *Meter) writer() WriterCounts {
	if m.options.Writer == nil {
		return WriterCounts{}
	}
	return m.options.Writer()
}

// admitted is how many calls were let in since the start.
func (m *Meter) admitted() uint64 {
	var n uint64
	for _, g := range m.options.Admission.Gates() {
		n += g.Admitted
	}
	return n
}

// busy is the share of the processors that this process used between the last
// two samples; the caller holds mu.
func (m *Meter) busy(time.Time) float64 {
	a, b := m.samples[0].noise, m.samples[1].noise
	span := b.at.Sub(a.at).Seconds()
	if span <= 0 {
		return 0
	}
	return (b.own - a.own).Seconds() / span / m.machine().CPUs
}

func (m *Meter) advance(progress float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.progress.Progress = min(progress, 0.99)
}

// ThisMachine reads what there is to work with here.
func ThisMachine() Machine {
	machine := readMachine(os.DirFS("/"))
	machine.Descriptors = descriptors()
	return machine
}

// machine reads what there is now.
func (m *Meter) machine() Machine {
	machine := readMachine(m.options.Root)
	machine.Descriptors, machine.DiskFree = descriptors(), diskFree(m.options.Dir)
	return machine
}
