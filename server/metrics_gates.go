package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"fazt/server/capacity"
)

// gateCollector shows the gates of admission, read at each scrape.
type gateCollector struct{ admission *capacity.Admission }

// gateMetric is one number of a gate.
type gateMetric struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(*capacity.GateLive) float64
}

func gateMetricOf(name, help string, kind prometheus.ValueType, value func(*capacity.GateLive) float64) gateMetric {
	return gateMetric{prometheus.NewDesc("fazt_admission_"+name, help, []string{"gate"}, nil), kind, value}
}

var gateMetrics = []gateMetric{
	gateMetricOf("slots", "Calls that may work at once.", prometheus.GaugeValue, func(g *capacity.GateLive) float64 { return float64(g.Slots) }),
	gateMetricOf("in_flight", "Calls that work now.", prometheus.GaugeValue, func(g *capacity.GateLive) float64 { return float64(g.InFlight) }),
	gateMetricOf("waiting", "Calls that wait for a place.", prometheus.GaugeValue, func(g *capacity.GateLive) float64 { return float64(g.Waiting) }),
	gateMetricOf("strained", "1 when calls are refused sooner, until the queue has been empty.", prometheus.GaugeValue, func(g *capacity.GateLive) float64 { return oneIf(g.Strained) }),
	gateMetricOf("hold_seconds", "How long a call holds its place, moving mean.", prometheus.GaugeValue, func(g *capacity.GateLive) float64 { return float64(g.HoldUS) / 1e6 }),
	gateMetricOf("wait_p99_seconds", "99 of 100 calls waited at most so long.", prometheus.GaugeValue, func(g *capacity.GateLive) float64 { return float64(g.WaitP99US) / 1e6 }),
	gateMetricOf("admitted_total", "Calls let in.", prometheus.CounterValue, func(g *capacity.GateLive) float64 { return float64(g.Admitted) }),
	gateMetricOf("refused_total", "Calls refused at once.", prometheus.CounterValue, func(g *capacity.GateLive) float64 { return float64(g.Refused) }),
	gateMetricOf("expired_total", "Calls refused after waiting.", prometheus.CounterValue, func(g *capacity.GateLive) float64 { return float64(g.Expired) }),
	gateMetricOf("left_total", "Calls whose caller gave up while waiting.", prometheus.CounterValue, func(g *capacity.GateLive) float64 { return float64(g.Left) }),
	gateMetricOf("quota_total", "Calls refused because too many of one token waited.", prometheus.CounterValue, func(g *capacity.GateLive) float64 { return float64(g.Quota) }),
}

// Describe is of prometheus.Collector.
func (gateCollector) Describe(out chan<- *prometheus.Desc) {
	for i := range gateMetrics {
		out <- gateMetrics[i].desc
	}
}

// Collect is of prometheus.Collector.
func (c gateCollector) Collect(out chan<- prometheus.Metric) {
	gates := c.admission.Gates()
	for i := range gateMetrics {
		m := &gateMetrics[i]
		for j := range gates {
			out <- prometheus.MustNewConstMetric(m.desc, m.kind, m.value(&gates[j]), gates[j].Gate)
		}
	}
}
