package capacity

import "slices"

// Moment is what happened in a few seconds.
type Moment struct {
	At      int64   `json:"at" doc:"Unix ms of their end"`
	RPS     float64 `json:"rps" doc:"calls let in a second"`
	ShedRPS float64 `json:"shed_rps" doc:"calls refused a second"`
	CPU     float64 `json:"cpu" doc:"share of the processors that this program used"`
}

// callCounts are calls since the start.
type callCounts struct{ admitted, shed uint64 }

// calls counts what all gates have done.
func (m *Meter) calls() callCounts {
	var c callCounts
	for _, g := range m.options.Admission.Gates() {
		c.admitted += g.Admitted
		c.shed += g.Refused + g.Expired + g.Quota
	}
	return c
}

// history is the last moments, oldest first once it is full.
type history struct {
	list [historyLength]Moment
	n    int // that were ever added
}

// historyLength times sampleEvery is how far back it goes: ten minutes.
const historyLength = 120

// add adds what happened between two samples.
func (h *history) add(samples [2]sample, cpus float64) {
	a, b := samples[0], samples[1]
	span := b.noise.at.Sub(a.noise.at).Seconds()
	if span <= 0 {
		return
	}
	h.list[h.n%historyLength] = Moment{
		At: b.noise.at.UnixMilli(), RPS: rounded(float64(b.calls.admitted-a.calls.admitted) / span),
		ShedRPS: rounded(float64(b.calls.shed-a.calls.shed) / span), CPU: rounded((b.noise.own - a.noise.own).Seconds() / span / cpus),
	}
	h.n++
}

// moments are in their order.
func (h *history) moments() []Moment {
	if h.n <= historyLength {
		return slices.Clone(h.list[:h.n])
	}
	at := h.n % historyLength
	return slices.Concat(h.list[at:], h.list[:at])
}

// History returns what happened in the last ten minutes, oldest first.
func (m *Meter) History() []Moment {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.history.moments()
}
