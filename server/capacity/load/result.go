package load

import (
	"fmt"
	"math"
	"time"
)

// Result is what became of a load. Times are in milliseconds, rates per second.
type Result struct {
	Mode     string           `json:"mode"` // closed or open
	Mix      string           `json:"mix"`
	Users    int              `json:"users"`
	ThinkMS  float64          `json:"think_ms"`
	Offered  float64          `json:"offered_rps,omitzero"`
	Seconds  float64          `json:"seconds"`
	RPS      float64          `json:"rps"` // answered well
	OK       int              `json:"ok"`
	Within   int              `json:"within_slo"` // of those that were answered well
	Shed     int              `json:"shed"`
	Failed   int              `json:"failed"`
	First    string           `json:"first_error,omitzero"`
	Latency  Quantiles        `json:"latency_ms"`
	Classes  map[string]Class `json:"classes"`
	Timeline []Second         `json:"timeline"`
	Sockets  *Sockets         `json:"sockets,omitzero"`
	// LagP99MS is how late the generator itself was.
	LagP99MS float64 `json:"lag_p99_ms"`
	// GeneratorCPU is the processors that the generator used.
	GeneratorCPU float64 `json:"generator_cpu"`
	// Little is users over rate times response and think time: 1 when the
	// figures fit each other. 0 when the load was open.
	Little float64 `json:"little,omitzero"`
}

// Class is the calls of one class.
type Class struct {
	RPS     float64   `json:"rps"`
	OK      int       `json:"ok"`
	Shed    int       `json:"shed"`
	Failed  int       `json:"failed"`
	Latency Quantiles `json:"latency_ms"`
}

// Quantiles are of the latencies of calls that were answered well, from when
// they were meant to begin.
type Quantiles struct {
	Mean float64 `json:"mean"`
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p999"`
	Max  float64 `json:"max"`
}

// Second is what ended within one second of the measured time.
type Second struct {
	Second int     `json:"second"`
	OK     int     `json:"ok"`
	Shed   int     `json:"shed"`
	Failed int     `json:"failed"`
	MeanMS float64 `json:"mean_ms"`

	latency time.Duration
}

func millis(d time.Duration) float64 { return math.Round(float64(d.Microseconds())) / 1000 }

func quantilesOf(h *Histogram) Quantiles {
	return Quantiles{
		Mean: millis(h.Mean()), P50: millis(h.Quantile(0.5)), P90: millis(h.Quantile(0.9)), P99: millis(h.Quantile(0.99)),
		P999: millis(h.Quantile(0.999)), Max: millis(h.max),
	}
}

func collect(spec *Spec, users []*user, took, used time.Duration) *Result {
	r := &Result{
		Mode: "closed", Mix: spec.Mix.String(), Users: spec.Users, ThinkMS: millis(spec.Think), Seconds: spec.Duration.Seconds(),
		Classes: map[string]Class{}, GeneratorCPU: used.Seconds() / took.Seconds(),
	}
	if spec.Rate > 0 {
		r.Mode, r.Offered = "open", spec.Rate
	}
	all, lags, tallies := &Histogram{}, &Histogram{}, map[string]*tally{}
	for _, u := range users {
		lags.Merge(&u.lags)
		if r.First == "" {
			r.First = u.first
		}
		for class, t := range u.classes {
			merge(tallies, class, t)
		}
		r.addSeconds(u.seconds)
	}
	for _, class := range sortedKeys(tallies) {
		t := tallies[class]
		all.Merge(&t.ok)
		r.Classes[class] = Class{RPS: float64(t.ok.total) / r.Seconds, OK: int(t.ok.total), Shed: t.shed, Failed: t.failed, Latency: quantilesOf(&t.ok)}
		r.OK, r.Shed, r.Failed = r.OK+int(t.ok.total), r.Shed+t.shed, r.Failed+t.failed
	}
	r.Within = r.OK
	if spec.SLO > 0 {
		r.Within = int(all.Within(spec.SLO))
	}
	r.RPS, r.Latency, r.LagP99MS = float64(r.OK)/r.Seconds, quantilesOf(all), millis(lags.Quantile(0.99))
	if total := float64(r.OK+r.Shed+r.Failed) / r.Seconds; spec.Rate == 0 && all.total > 0 && all.Mean()+spec.Think > 0 {
		r.Little = float64(spec.Users) / (total * (all.Mean() + spec.Think).Seconds())
	}
	for i := range r.Timeline {
		s := &r.Timeline[i]
		if s.OK > 0 {
			s.MeanMS = millis(s.latency / time.Duration(s.OK))
		}
	}
	return r
}

func merge(into map[string]*tally, class string, t *tally) {
	sum := into[class]
	if sum == nil {
		sum = &tally{}
		into[class] = sum
	}
	sum.ok.Merge(&t.ok)
	sum.shed += t.shed
	sum.failed += t.failed
}

func (r *Result) addSeconds(seconds []Second) {
	for i, s := range seconds {
		if len(r.Timeline) <= i {
			r.Timeline = append(r.Timeline, Second{Second: i})
		}
		t := &r.Timeline[i]
		t.OK, t.Shed, t.Failed, t.latency = t.OK+s.OK, t.Shed+s.Shed, t.Failed+s.Failed, t.latency+s.latency
	}
}

// maxLag is how late a generator may be and still be believed.
const maxLag = 50.0

// Doubts are the reasons not to believe a result, none when it can be. They do
// not look at what was predicted.
func (r *Result) Doubts() []string {
	var doubts []string
	if r.LagP99MS > maxLag {
		doubts = append(doubts, fmt.Sprintf("the generator was %.0f ms behind its schedule at p99, over %.0f", r.LagP99MS, maxLag))
	}
	if r.Little != 0 && (r.Little < 0.9 || r.Little > 1.1) {
		doubts = append(doubts, fmt.Sprintf("users, rate and times do not fit each other: Little's law gives %.2f", r.Little))
	}
	if r.Sockets != nil && r.Sockets.Lost > 0 {
		doubts = append(doubts, fmt.Sprintf("%d of %d live tabs ended meanwhile", r.Sockets.Lost, r.Sockets.Open))
	}
	if r.OK == 0 {
		doubts = append(doubts, "nothing was answered")
	}
	return doubts
}
