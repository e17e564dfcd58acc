package capacity

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Schema names the shape of a Report.
const Schema = "fazt.capacity/1"

// Report is all that is known of a server's capacity.
type Report struct {
	Schema         string         `json:"schema" doc:"of this answer: fazt.capacity/1"`
	Sentence       string         `json:"sentence" doc:"the answer in one sentence"`
	Calibration    Progress       `json:"calibration" doc:"the measuring that runs, or how the last one ended"`
	Machine        Machine        `json:"machine" doc:"what there is to work with"`
	Model          Model          `json:"model" doc:"what calls cost"`
	Predictions    []Prediction   `json:"predictions" doc:"what mixes of calls come to"`
	Live           Live           `json:"live" doc:"what happens now"`
	Bottleneck     Bottleneck     `json:"bottleneck" doc:"what ends first"`
	Recommendation Recommendation `json:"recommendation" doc:"what would help most"`
	Validation     *Validation    `json:"validation,omitzero" doc:"the last load test, and how far its prediction was off"`
	Tiers          []Tier         `json:"tiers" doc:"machines that can be rented, what was guessed of them and what this model says"`
}

// Live is a server at work, over the last seconds.
type Live struct {
	State       string          `json:"state" doc:"ok, warm (over half busy), shedding (calls are refused) or critical" enum:"ok,warm,shedding,critical"`
	RPS         float64         `json:"rps" doc:"calls a second"`
	ShedRPS     float64         `json:"shed_rps" doc:"calls refused a second"`
	InFlight    int             `json:"in_flight" doc:"calls that work"`
	Waiting     int             `json:"waiting" doc:"calls that wait for a place"`
	Utilization Utilization     `json:"utilization" doc:"how much of each resource is used, of 1"`
	WaitP50US   int64           `json:"wait_p50_us" doc:"half of the calls waited at most so long, at the busiest gate"`
	WaitP99US   int64           `json:"wait_p99_us" doc:"99 of 100 did"`
	SchedP99US  int64           `json:"sched_p99_us" doc:"99 of 100 goroutines that could run did so within this"`
	Memory      MemoryLive      `json:"memory" doc:"memory, and what is given up when it is short"`
	Connections ConnectionsLive `json:"connections" doc:"of HTTP"`
	Noise       Noise           `json:"noise" doc:"what others on the machine take"`
	Headroom    Headroom        `json:"headroom" doc:"what more would fit"`
	Gates       []GateLive      `json:"gates" doc:"admission"`
}

// Utilization is shares of resources.
type Utilization struct {
	CPU    float64 `json:"cpu" doc:"of the processors this program may use"`
	Disk   float64 `json:"disk" doc:"of the one writer's time"`
	Memory float64 `json:"memory" doc:"of the memory this program may use"`
}

// Headroom is what more fits, in the mix of 70 % reads.
type Headroom struct {
	Percent float64 `json:"percent" doc:"of what the machine can do"`
	RPS     float64 `json:"rps" doc:"calls a second"`
	Users   int64   `json:"users" doc:"people at one action per 10 s"`
}

// Bottleneck is the resource that ends first.
type Bottleneck struct {
	Resource string `json:"resource" doc:"cpu, disk, memory or descriptors"`
	Evidence string `json:"evidence" doc:"how that is known"`
	Next     string `json:"next" doc:"what would end next"`
}

// Recommendation is the step that helps most.
type Recommendation struct {
	Action string `json:"action" doc:"what to do"`
	Gain   string `json:"gain" doc:"what to expect of it"`
}

// Tier is a kind of machine with what was guessed of it before anything was
// measured.
type Tier struct {
	Price      string     `json:"price" doc:"a month, in dollars"`
	MemoryGB   int        `json:"memory_gb" doc:"memory"`
	CPUs       int        `json:"cpus" doc:"processors"`
	Guess      TierGuess  `json:"guess" doc:"typed in by hand once, kept to compare"`
	Prediction Prediction `json:"prediction" doc:"by this model, as if its processors were like ours"`
	Basis      string     `json:"basis" doc:"what the prediction rests on"`
}

// TierGuess is the old table.
type TierGuess struct {
	Users    int `json:"users" doc:"people"`
	Most     int `json:"most" doc:"people at most"`
	Burst    int `json:"burst" doc:"people for a moment"`
	ReadRPS  int `json:"read_rps" doc:"reads a second"`
	WriteRPS int `json:"write_rps" doc:"writes a second"`
	MixedRPS int `json:"mixed_rps" doc:"calls a second, mixed"`
}

const (
	usualThink = 10 * time.Second
	usualSLO   = time.Second
)

// usualMix is the one that the sentence speaks of.
func usualMix() []Share { return []Share{{"read", 0.7}, {"write", 0.3}} }

func usualAsks() []Ask {
	mixes := [][]Share{usualMix(), {{"read", 1}}, {{"write", 1}}, {{"read", 0.95}, {"write", 0.05}}, {{"list", 0.5}, {"read", 0.4}, {"write", 0.1}}}
	asks := make([]Ask, len(mixes))
	for i, mix := range mixes {
		asks[i] = Ask{Mix: mix, Think: usualThink, SLO: usualSLO}
	}
	return asks
}

// Report returns what is known now.
func (m *Meter) Report() Report {
	machine := m.machine()
	m.mu.Lock()
	model, progress, samples, validation := m.model, m.progress, m.samples, m.validation
	m.mu.Unlock()
	model.checkStale(machine)
	r := Report{Schema: Schema, Calibration: progress, Machine: machine, Model: model, Validation: validation, Tiers: tiers(model)}
	for _, ask := range usualAsks() {
		r.Predictions = append(r.Predictions, model.Predict(machine, ask))
	}
	r.Live = m.live(machine, r.Predictions[0], samples)
	protection := m.Protection()
	r.Live.Memory, r.Live.Connections = protection.Memory, protection.Connections
	if r.Live.Memory.Stage != StageNone.String() {
		r.Live.State = "critical"
	}
	r.Bottleneck = bottleneck(model, machine, r.Predictions[0])
	r.Recommendation = recommend(&r)
	r.Sentence = r.sentence()
	return r
}

// Sentence is the short form of a Report.
func (m *Meter) Sentence() string {
	r := m.Report()
	return r.Sentence
}

// checkStale marks a model of another machine.
func (m *Model) checkStale(machine Machine) {
	if m.CalibratedAt != 0 && m.Fingerprint != machine.Fingerprint {
		m.Valid = false
		m.StaleReason = "the machine or its limits have changed since it was measured: calibrate again"
	}
}

func (m *Meter) live(machine Machine, usual Prediction, samples [2]sample) Live {
	l := Live{State: "ok", Gates: m.options.Admission.Gates()}
	for _, g := range l.Gates {
		l.RPS, l.ShedRPS = l.RPS+g.RPS, l.ShedRPS+g.ShedRPS
		l.InFlight, l.Waiting = l.InFlight+g.InFlight, l.Waiting+g.Waiting
		l.WaitP50US, l.WaitP99US = max(l.WaitP50US, g.WaitP50US), max(l.WaitP99US, g.WaitP99US)
	}
	a, b := samples[0], samples[1]
	span := b.noise.at.Sub(a.noise.at).Seconds()
	l.Noise = noiseBetween(m.options.Root, a.noise, b.noise)
	l.SchedP99US = p99Between(a.sched, b.sched).Microseconds()
	if span > 0 {
		l.Utilization.CPU = rounded((b.noise.own - a.noise.own).Seconds() / span / machine.CPUs)
		l.Utilization.Disk = rounded((b.writer.Busy - a.writer.Busy).Seconds() / span)
	}
	if machine.MemoryBytes > 0 {
		l.Utilization.Memory = rounded(float64(resident(m.options.Root)) / float64(machine.MemoryBytes))
	}
	used := max(l.Utilization.CPU, l.Utilization.Disk)
	left := max(0, 1-used)
	l.Headroom = Headroom{Percent: rounded(100 * left), RPS: math.Round(left * usual.RPS), Users: int64(left * float64(usual.Users))}
	l.State = state(l, used)
	return l
}

func state(l Live, used float64) string {
	switch {
	case l.Utilization.Memory > 0.95 || l.ShedRPS > l.RPS:
		return "critical"
	case l.ShedRPS > 0:
		return "shedding"
	case used > 0.5:
		return "warm"
	}
	return "ok"
}

func rounded(v float64) float64 { return math.Round(v*1000) / 1000 }

func bottleneck(model Model, machine Machine, p Prediction) Bottleneck {
	b := Bottleneck{Resource: p.Binding, Next: p.Next}
	read, _ := model.class("read")
	write, _ := model.class("write")
	switch p.Binding {
	case "cpu":
		b.Evidence = fmt.Sprintf("a read costs %.0f µs and a write %.0f µs of %s processors", read.CPUUS, write.CPUUS, number(machine.CPUs))
	case "disk":
		b.Evidence = fmt.Sprintf("a durable write takes %.0f µs of the one writer, %.0f of them in a commit of %.0f µs", model.WriterUS, model.Batch, model.CommitUS)
	case "memory":
		b.Evidence = fmt.Sprintf("a connection takes %.0f KB of %d MB", model.ConnectionKB, machine.MemoryBytes>>20)
	case "descriptors":
		b.Evidence = fmt.Sprintf("%d files may be open", machine.Descriptors)
	}
	return b
}

// recommend looks at what is wrong first, and at what is small second.
func recommend(r *Report) Recommendation {
	switch {
	case r.Model.CalibratedAt == 0:
		return Recommendation{"calibrate: POST /api/system/capacity/calibrate, or fazt capacity calibrate", "figures of this machine instead of assumed ones, within 20 s"}
	case !r.Model.Valid:
		return Recommendation{"calibrate again", "figures of the machine as it is now"}
	case len(r.Live.Memory.Shed) > 0:
		return Recommendation{"add memory, or let fewer agents have tabs and runs at once", "what is refused now is served again: " + strings.Join(r.Live.Memory.Shed, ", ")}
	case r.Live.State == "critical" || r.Live.State == "shedding":
		return Recommendation{"move to a machine with twice the processors, or let clients ask less often", "up to twice the calls a second"}
	case !r.Live.Noise.Quiet && r.Live.Noise.ForeignCPU > r.Machine.CPUs/4:
		return Recommendation{fmt.Sprintf("stop what else uses %.1f processors of this machine", r.Live.Noise.ForeignCPU), "that much more for this server"}
	}
	switch r.Bottleneck.Resource {
	case "disk":
		return Recommendation{"put the database on a faster disk", fmt.Sprintf("more than %.0f calls a second, until %s ends it", r.Predictions[0].RPS, r.Bottleneck.Next)}
	case "memory":
		return Recommendation{"add memory", "more people connected at the same time"}
	case "descriptors":
		return Recommendation{"raise the limit of open files (LimitNOFILE= of systemd, ulimit -n)", "more people connected at the same time"}
	}
	return Recommendation{"nothing now; more processors when more people come", fmt.Sprintf("some %.0f calls a second for each", r.Predictions[0].RPS/r.Machine.CPUs)}
}

func tiers(model Model) []Tier {
	list := []Tier{
		{Price: "5-6", MemoryGB: 1, CPUs: 1, Guess: TierGuess{50, 100, 200, 200, 100, 150}},
		{Price: "10-15", MemoryGB: 2, CPUs: 2, Guess: TierGuess{100, 200, 500, 400, 150, 300}},
		{Price: "20-40", MemoryGB: 4, CPUs: 4, Guess: TierGuess{200, 500, 1000, 670, 530, 375}},
	}
	for i := range list {
		t := &list[i]
		machine := Machine{CPUs: float64(t.CPUs), MemoryBytes: int64(t.MemoryGB) << 30}
		t.Prediction = model.Predict(machine, Ask{Mix: usualMix(), Think: usualThink, SLO: usualSLO})
		t.Basis = "costs measured here, taken to its processors and memory"
		if t.Prediction.Confidence == "measured" {
			t.Prediction.Confidence = "extrapolated"
		}
		if model.CalibratedAt == 0 {
			t.Basis = "assumed costs: nothing was measured"
		}
	}
	return list
}

// sentence is the answer to what people ask.
func (r *Report) sentence() string {
	p := r.Predictions[0]
	basis := "assumed; fazt capacity calibrate measures"
	if r.Model.CalibratedAt != 0 {
		basis = "measured " + time.UnixMilli(r.Model.CalibratedAt).UTC().Format("2006-01-02")
		if r.Model.Confidence == "low" {
			basis += ", low confidence"
		}
		if !r.Model.Valid {
			basis += ", stale"
		}
	}
	return fmt.Sprintf("now %s req/s (%.0f %%) · fits ≈ %s people at one action per 10 s, 70 %% reads (%s–%s, %s) · first limit: %s, then %s",
		number(r.Live.RPS), 100-r.Live.Headroom.Percent, grouped(p.Users), grouped(p.UsersLow), grouped(p.UsersHigh), basis,
		r.limitText(p.Binding), r.limitText(p.Next))
}

func (r *Report) limitText(resource string) string {
	switch resource {
	case "disk":
		return fmt.Sprintf("disk commits (%.0f µs each)", r.Model.CommitUS)
	case "cpu":
		return "CPU"
	}
	return resource
}

func number(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }

// grouped writes a number as people read it: rounded to three figures, in
// groups of three.
func grouped(n int64) string {
	if n > 999 {
		unit := int64(math.Pow10(len(strconv.FormatInt(n, 10)) - 3))
		n = (n + unit/2) / unit * unit
	}
	text := strconv.FormatInt(n, 10)
	var b strings.Builder
	for i, digit := range text {
		if i > 0 && (len(text)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	return b.String()
}
