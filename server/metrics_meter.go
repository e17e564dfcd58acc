package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"fazt/server/capacity"
)

// meterCollector shows connections and memory, read at each scrape.
type meterCollector struct{ meter *capacity.Meter }

// meterMetric is one number of what protects the server.
type meterMetric struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(*capacity.Protection) float64
}

func meterMetricOf(name, help string, kind prometheus.ValueType, value func(*capacity.Protection) float64) meterMetric {
	return meterMetric{prometheus.NewDesc("fazt_"+name, help, nil, nil), kind, value}
}

var meterMetrics = []meterMetric{
	meterMetricOf("connections_open", "Connections that are open.", prometheus.GaugeValue, func(p *capacity.Protection) float64 { return float64(p.Connections.Open) }),
	meterMetricOf("connections_silent", "Connections that have not made a request yet.", prometheus.GaugeValue, func(p *capacity.Protection) float64 { return float64(p.Connections.Silent) }),
	meterMetricOf("connections_most", "Connections that can be open.", prometheus.GaugeValue, func(p *capacity.Protection) float64 { return float64(p.Connections.Most) }),
	meterMetricOf("connections_refused_total", "Connections closed at once: no place, or too many of one address.", prometheus.CounterValue, func(p *capacity.Protection) float64 { return float64(p.Connections.Refused) }),
	meterMetricOf("connections_evicted_total", "Connections without a request that made room for others.", prometheus.CounterValue, func(p *capacity.Protection) float64 { return float64(p.Connections.Evicted) }),
	meterMetricOf("memory_used_bytes", "Memory in use, against the limit that ends first.", prometheus.GaugeValue, func(p *capacity.Protection) float64 { return float64(p.Memory.UsedBytes) }),
	meterMetricOf("memory_limit_bytes", "That limit.", prometheus.GaugeValue, func(p *capacity.Protection) float64 { return float64(p.Memory.LimitBytes) }),
	meterMetricOf("memory_stage", "What was given up: 0 nothing, 1 caches, 2 new tabs and runs, 3 writes, 4 reads.", prometheus.GaugeValue, func(p *capacity.Protection) float64 { return float64(len(p.Memory.Shed)) }),
	meterMetricOf("memory_refused_total", "Calls refused for want of memory.", prometheus.CounterValue, func(p *capacity.Protection) float64 { return float64(p.Memory.Refused) }),
	meterMetricOf("memory_relieved_total", "Times that caches and idle browsers were given up.", prometheus.CounterValue, func(p *capacity.Protection) float64 { return float64(p.Memory.Relieved) }),
}

// Describe is of prometheus.Collector.
func (meterCollector) Describe(out chan<- *prometheus.Desc) {
	for i := range meterMetrics {
		out <- meterMetrics[i].desc
	}
}

// Collect is of prometheus.Collector.
func (c meterCollector) Collect(out chan<- prometheus.Metric) {
	p := c.meter.Protection()
	for i := range meterMetrics {
		m := &meterMetrics[i]
		out <- prometheus.MustNewConstMetric(m.desc, m.kind, m.value(&p))
	}
}
