package capacity

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// Model is what calls cost on this machine.
type Model struct {
	Valid        bool         `json:"valid" doc:"measured on this machine as it is now"`
	StaleReason  string       `json:"stale_reason" doc:"why it is not valid, empty when it is"`
	Confidence   string       `json:"confidence" doc:"measured; low when it was measured quickly or beside other load; assumed when it never was" enum:"measured,low,assumed"`
	CalibratedAt int64        `json:"calibrated_at" doc:"Unix ms, 0 = never"`
	TookMS       int64        `json:"took_ms" doc:"how long calibrating took"`
	Classes      []ClassCost  `json:"classes" doc:"what a call of each class costs"`
	WriterUS     float64      `json:"writer_us" doc:"time of the one writer that a durable write takes in a full group, its share of the commit included"`
	CommitUS     float64      `json:"commit_us" doc:"one commit of a group, its sync included"`
	Batch        float64      `json:"batch" doc:"writes in one commit at saturation"`
	ConnectionKB float64      `json:"connection_kb" doc:"memory of an idle connection"`
	SocketKB     float64      `json:"socket_kb" doc:"memory of an idle live tab"`
	RefusalUS    float64      `json:"refusal_us" doc:"processor time of a call that is refused"`
	ResidualPC   float64      `json:"residual_percent" doc:"how far the cost at other numbers of callers lies from the model's"`
	Curve        []CurvePoint `json:"curve" doc:"answers of 70 % reads beside more and more callers, who share the machine"`
	Disk         Disk         `json:"disk" doc:"the data volume"`
	Noise        Noise        `json:"noise" doc:"what others took while it was measured"`
	Fingerprint  string       `json:"fingerprint" doc:"of the machine it was measured on"`
}

// ClassCost is the processor time of one class of call.
type ClassCost struct {
	Class    string  `json:"class" doc:"read, write, list, tool, insert, find, blob, site or code"`
	CPUUS    float64 `json:"cpu_us" doc:"processor time of one call at saturation"`
	LowUS    float64 `json:"low_us" doc:"lower end of the 95 % interval"`
	HighUS   float64 `json:"high_us" doc:"upper end of it"`
	CallerUS float64 `json:"caller_us" doc:"what our load generator needs for one, when it shares the machine"`
	Calls    int     `json:"calls" doc:"how many were measured"`
}

// Share is a class's part of a mix.
type Share struct {
	Class string  `json:"class" doc:"read, write, list, tool, insert, find, blob, site or code"`
	Part  float64 `json:"part" doc:"of 1"`
}

// assumedModel is what is said before anything was measured: figures of a
// machine of 2025, with wide bounds.
func assumedModel() Model {
	return Model{
		StaleReason: "it was never measured: POST /api/system/capacity/calibrate, or fazt capacity calibrate", Confidence: "assumed",
		Classes: []ClassCost{
			{Class: "read", CPUUS: 60, LowUS: 25, HighUS: 150, CallerUS: 25},
			{Class: "write", CPUUS: 110, LowUS: 50, HighUS: 300, CallerUS: 25},
			{Class: "list", CPUUS: 150, LowUS: 60, HighUS: 400, CallerUS: 35},
			{Class: "tool", CPUUS: 150, LowUS: 60, HighUS: 400, CallerUS: 30},
			{Class: "insert", CPUUS: 160, LowUS: 70, HighUS: 450, CallerUS: 30},
			{Class: "find", CPUUS: 200, LowUS: 80, HighUS: 600, CallerUS: 35},
			{Class: "blob", CPUUS: 120, LowUS: 50, HighUS: 350, CallerUS: 30},
			{Class: "site", CPUUS: 60, LowUS: 25, HighUS: 150, CallerUS: 25},
			{Class: "code", CPUUS: 8000, LowUS: 2000, HighUS: 40000, CallerUS: 30},
		},
		WriterUS: 25, CommitUS: 500, Batch: 20, ConnectionKB: 45, SocketKB: 20, RefusalUS: 40, ResidualPC: 20,
	}
}

// class returns the cost of a class, and whether it is known.
func (m *Model) class(name string) (ClassCost, bool) {
	i := slices.IndexFunc(m.Classes, func(c ClassCost) bool { return c.Class == name })
	if i < 0 {
		return ClassCost{}, false
	}
	return m.Classes[i], true
}

// Prediction is what a mix of calls comes to.
type Prediction struct {
	Mix        string  `json:"mix" doc:"classes with their percentages"`
	SLOMS      int64   `json:"slo_ms" doc:"99 of 100 answers take at most so long"`
	ThinkMS    int64   `json:"think_ms" doc:"a person's pause between actions"`
	RPS        float64 `json:"rps" doc:"calls a second at most"`
	RPSLow     float64 `json:"rps_lo" doc:"lower bound"`
	RPSHigh    float64 `json:"rps_hi" doc:"upper bound"`
	Users      int64   `json:"users" doc:"people that fit at this pause and within the time"`
	UsersLow   int64   `json:"users_lo" doc:"lower bound"`
	UsersHigh  int64   `json:"users_hi" doc:"upper bound"`
	Binding    string  `json:"binding" doc:"what ends first: cpu, disk, memory or descriptors"`
	Next       string  `json:"next" doc:"what would end next"`
	Confidence string  `json:"confidence" doc:"measured, extrapolated or low" enum:"measured,extrapolated,low"`
}

// Ask is what a prediction is asked for.
type Ask struct {
	Mix        []Share
	Think, SLO time.Duration
	// Beside says that our own generator shares the machine, so what it needs
	// is not there for the server.
	Beside bool
	// Foreign is the processors that others use now.
	Foreign float64
}

const (
	// fullShare is how much of what a machine can do people may use and still
	// be answered in time; behind it waiting grows faster than the load.
	fullShare = 0.9
	// keepFree is the memory and the descriptors that people may not use.
	keepFree = 0.8
)

// Predict says what a mix comes to on a machine.
func (m *Model) Predict(machine Machine, ask Ask) Prediction {
	p := Prediction{Mix: mixText(ask.Mix), SLOMS: ask.SLO.Milliseconds(), ThinkMS: ask.Think.Milliseconds(), Confidence: m.confidence(ask.Mix)}
	spread := 1 + m.ResidualPC/100
	bounds := m.rates(machine, ask, func(c ClassCost) float64 { return c.CPUUS }, 1)
	low := m.rates(machine, ask, func(c ClassCost) float64 { return c.HighUS }, spread)
	high := m.rates(machine, ask, func(c ClassCost) float64 { return c.LowUS }, 1/spread)
	p.RPS, p.RPSLow, p.RPSHigh = rounded(bounds[0].rate), rounded(min(low[0].rate, bounds[0].rate)), rounded(max(high[0].rate, bounds[0].rate))
	p.Binding, p.Next = bounds[0].resource, bounds[1].resource
	most, resource := m.connections(machine)
	period := (ask.Think + 20*time.Millisecond).Seconds() // a person's pause and an answer
	people := func(rate float64) int64 { return int64(math.Round(min(fullShare*rate*period, most))) }
	p.Users, p.UsersLow, p.UsersHigh = people(p.RPS), people(p.RPSLow), people(p.RPSHigh)
	if float64(p.Users) >= most {
		p.Binding, p.Next = resource, p.Binding
	}
	return p
}

// bound is the rate that one resource allows.
type bound struct {
	resource string
	rate     float64
}

// rates returns the bounds of processors and writer, the smaller one first.
func (m *Model) rates(machine Machine, ask Ask, cost func(ClassCost) float64, spread float64) [2]bound {
	var cpu, writer float64 // microseconds a call
	for _, s := range ask.Mix {
		c, known := m.class(s.Class)
		if !known {
			assumed := assumedModel()
			c, _ = assumed.class(s.Class)
		}
		cpu += s.Part * cost(c)
		if ask.Beside {
			cpu += s.Part * c.CallerUS
		}
		if s.Class == "write" || s.Class == "insert" {
			writer += s.Part * m.WriterUS
		}
	}
	free := max(machine.CPUs-ask.Foreign, machine.CPUs/10)
	bounds := [2]bound{{"cpu", free * 1e6 / max(cpu*spread, 1e-3)}, {"disk", 1e6 / max(writer*spread, 1e-3)}}
	if bounds[1].rate < bounds[0].rate {
		bounds[0], bounds[1] = bounds[1], bounds[0]
	}
	return bounds
}

// connections is how many people can be connected, and what ends it.
func (m *Model) connections(machine Machine) (float64, string) {
	most, resource := math.Inf(1), "cpu"
	if machine.MemoryBytes > 0 {
		most, resource = keepFree*float64(machine.MemoryBytes)/1024/max(m.ConnectionKB, 1), "memory"
	}
	if d := keepFree * float64(machine.Descriptors); d > 0 && d < most {
		most, resource = d, "descriptors"
	}
	return most, resource
}

func (m *Model) confidence(mix []Share) string {
	if m.Confidence != "measured" || !m.Valid {
		return "low"
	}
	for _, s := range mix {
		if _, ok := m.class(s.Class); !ok {
			return "low"
		}
	}
	return "measured"
}

func mixText(mix []Share) string {
	text := ""
	for _, s := range mix {
		if text != "" {
			text += ","
		}
		text += fmt.Sprintf("%s=%.4g", s.Class, 100*s.Part)
	}
	return text
}

// interval is the mean of samples and its 95 % interval, by Student's t.
func interval(samples []float64) (mean, low, high float64) {
	if len(samples) == 0 {
		return 0, 0, 0
	}
	for _, v := range samples {
		mean += v / float64(len(samples))
	}
	if len(samples) == 1 {
		return mean, mean * 0.8, mean * 1.2
	}
	var sum float64
	for _, v := range samples {
		sum += (v - mean) * (v - mean)
	}
	n := float64(len(samples))
	half := student(len(samples)-1) * math.Sqrt(sum/(n-1)/n)
	return mean, max(mean-half, 0), mean + half
}

// student is the 97.5 % point of Student's t with so many degrees of freedom.
func student(degrees int) float64 {
	points := []float64{12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23}
	if degrees <= len(points) {
		return points[max(degrees, 1)-1]
	}
	return 2
}

// spreadOf is the widest distance between the costs of other numbers of callers
// and the model's, in percent.
func spreadOf(model float64, others []float64) float64 {
	if model <= 0 || len(others) == 0 {
		return 0
	}
	far := slices.MaxFunc(others, func(a, b float64) int { return cmp.Compare(math.Abs(a-model), math.Abs(b-model)) })
	return 100 * math.Abs(far-model) / model
}
