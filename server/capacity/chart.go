package capacity

import (
	"fmt"
	"time"

	"fazt/server/capacity/plot"
)

// LoadChart draws answers' p99 against the rate of calls: what the model says
// with its knee and its bounds, and what was measured. The callers of the
// measured points shared the machine, so the model here leaves them their part.
func (m *Meter) LoadChart() *plot.Chart {
	r := m.Report()
	ask := Ask{Mix: usualMix(), Think: usualThink, SLO: usualSLO, Beside: true}
	p := r.Model.Predict(r.Machine, ask)
	c := &plot.Chart{
		Sentence: fmt.Sprintf("answers take longer from some %s calls a second on, with the callers on the same machine", grouped(int64(p.RPS))),
		XLabel:   "calls a second, 70 % reads", YLabel: "99 of 100 answers, ms", LogY: true,
		Span: &plot.Band{Name: "bounds", Low: p.RPSLow, High: min(p.RPSHigh, 2*p.RPS)}, Mark: &plot.Mark{Name: "knee", X: p.RPS},
	}
	model := plot.Series{Name: "model"}
	for _, part := range []float64{0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.96, 0.98, 0.99, 0.995, 0.999} {
		if ms, ok := r.Model.p99(r.Machine, p.RPS, part*p.RPS); ok {
			model.Points = append(model.Points, plot.Point{X: part * p.RPS, Y: ms})
		}
	}
	measured := plot.Series{Name: "measured", Dots: true}
	for _, at := range r.Model.Curve {
		measured.Points = append(measured.Points, plot.Point{X: at.RPS, Y: at.P99MS})
	}
	c.Series = []plot.Series{model, measured}
	return c
}

// TimeChart draws what was let in and what was refused in the last ten minutes,
// in the times of a zone.
func (m *Meter) TimeChart(zone *time.Location) *plot.Chart {
	moments := m.History()
	c := &plot.Chart{XLabel: "time", YLabel: "calls a second", Labels: make([]string, len(moments))}
	in, shed := plot.Series{Name: "let in"}, plot.Series{Name: "refused"}
	var most, refused float64
	for i, at := range moments {
		c.Labels[i] = time.UnixMilli(at.At).In(zone).Format("15:04:05")
		in.Points = append(in.Points, plot.Point{X: float64(i), Y: at.RPS})
		shed.Points = append(shed.Points, plot.Point{X: float64(i), Y: at.ShedRPS})
		most, refused = max(most, at.RPS), max(refused, at.ShedRPS)
	}
	c.Series = []plot.Series{in, shed}
	c.Sentence = fmt.Sprintf("at most %s calls a second in the last ten minutes, and %s refused", number(most), number(refused))
	return c
}
