package server

import (
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"fazt/server/op"
	"fazt/storage"
)

// metrics are this server's own, in a registry of their own, so that two
// servers in one process do not share counters.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	latency  *prometheus.HistogramVec
	other    [6]prometheus.Counter // requests that are no call, by the status's first digit
	dropped  prometheus.Counter
	handler  http.Handler
}

// latencyBuckets are in seconds: a read takes some 0.1 ms, a durable write some
// milliseconds under load, and a long poll 30 s.
var latencyBuckets = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}

func newMetrics(db *storage.DB, streams *gate) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "fazt_http_requests_total", Help: "Calls over HTTP by operation and class of status; operation none is every other request.",
		}, []string{"operation", "status"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "fazt_http_request_seconds", Help: "Time from a call's headers to its answer.", Buckets: latencyBuckets,
		}, []string{"operation"}),
		dropped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "fazt_streams_dropped_total", Help: "Streams ended because their reader took nothing.",
		}),
	}
	for class := 1; class < len(m.other); class++ {
		m.other[class] = m.requests.WithLabelValues("none", strconv.Itoa(class)+"xx")
	}
	open := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "fazt_streams_open", Help: "Streams open now."},
		func() float64 { return float64(streams.count()) })
	m.registry.MustRegister(m.requests, m.latency, m.dropped, open, &storageCollector{db: db},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.handler = promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
	return m
}

// storageCollector shows storage.Stats, read at each scrape.
type storageCollector struct{ db *storage.DB }

// storageMetric is one number of the stats.
type storageMetric struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(*storage.Stats) float64
}

func gauge(name, help string, value func(*storage.Stats) float64) storageMetric {
	return storageMetric{prometheus.NewDesc("fazt_storage_"+name, help, nil, nil), prometheus.GaugeValue, value}
}

func counter(name, help string, value func(*storage.Stats) float64) storageMetric {
	return storageMetric{prometheus.NewDesc("fazt_storage_"+name+"_total", help, nil, nil), prometheus.CounterValue, value}
}

var (
	storageMetrics = []storageMetric{
		gauge("version", "The last version on the disk.", func(s *storage.Stats) float64 { return float64(s.Version) }),
		gauge("queue_batches", "Batches that wait for the writer.", func(s *storage.Stats) float64 { return float64(s.QueueBatches) }),
		gauge("queue_bytes", "Bytes that wait for the writer.", func(s *storage.Stats) float64 { return float64(s.QueueBytes) }),
		gauge("queue_droppable", "Entries of the droppable class that wait.", func(s *storage.Stats) float64 { return float64(s.QueueDroppable) }),
		counter("batches", "Batches answered after a commit.", func(s *storage.Stats) float64 { return float64(s.Batches) }),
		counter("batches_failed", "Batches refused by a check or a limit.", func(s *storage.Stats) float64 { return float64(s.Failed) }),
		counter("mutations", "Mutations written.", func(s *storage.Stats) float64 { return float64(s.Mutations) }),
		counter("groups_failed", "Groups of which nothing was written.", func(s *storage.Stats) float64 { return float64(s.GroupsFailed) }),
		counter("refused", "Batches refused under pressure.", func(s *storage.Stats) float64 { return float64(s.Refused) }),
		counter("withdrawn", "Batches whose caller gave up before they started.", func(s *storage.Stats) float64 { return float64(s.Withdrawn) }),
		counter("dropped", "Droppable entries that were not written.", func(s *storage.Stats) float64 { return float64(s.Dropped) }),
		counter("busy_retries", "Commits tried again because another program held the lock.", func(s *storage.Stats) float64 { return float64(s.BusyRetries) }),
		gauge("events_held", "Events accepted and not yet on the disk.", func(s *storage.Stats) float64 { return float64(s.Events.Held) }),
		counter("events_accepted", "Events accepted.", func(s *storage.Stats) float64 { return float64(s.Events.Accepted) }),
		counter("events_stored", "Events on the disk.", func(s *storage.Stats) float64 { return float64(s.Events.Stored) }),
		counter("events_dropped", "Events that were lost.", func(s *storage.Stats) float64 { return float64(s.Events.Dropped) }),
		counter("events_retried", "Batches of events that were tried again.", func(s *storage.Stats) float64 { return float64(s.Events.Retried) }),
		counter("swept", "Expired rows removed.", func(s *storage.Stats) float64 { return float64(s.Swept) }),
		gauge("stopped", "1 when writing has stopped for good.", func(s *storage.Stats) float64 { return oneIf(s.Stopped) }),
		gauge("readers_in_use", "Reading connections in use.", func(s *storage.Stats) float64 { return float64(s.ReadersInUse) }),
		gauge("oldest_read_seconds", "Age of the longest read in progress.", func(s *storage.Stats) float64 { return s.OldestReadAge.Seconds() }),
		gauge("file_bytes", "Size of the database file.", func(s *storage.Stats) float64 { return float64(s.FileBytes) }),
		gauge("wal_bytes", "Size of the write-ahead log.", func(s *storage.Stats) float64 { return float64(s.WALBytes) }),
	}
	groupSizeDesc = prometheus.NewDesc("fazt_storage_group_size", "Batches in one commit.", nil, nil)
	commitDesc    = prometheus.NewDesc("fazt_storage_commit_seconds", "Time of one commit of a group.", nil, nil)
)

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// Describe is of prometheus.Collector.
func (c *storageCollector) Describe(out chan<- *prometheus.Desc) {
	for i := range storageMetrics {
		out <- storageMetrics[i].desc
	}
	out <- groupSizeDesc
	out <- commitDesc
}

// Collect is of prometheus.Collector.
func (c *storageCollector) Collect(out chan<- prometheus.Metric) {
	stats := c.db.Stats()
	for i := range storageMetrics {
		m := &storageMetrics[i]
		out <- prometheus.MustNewConstMetric(m.desc, m.kind, m.value(&stats))
	}
	out <- histogram(groupSizeDesc, stats.GroupSize, 1)
	out <- histogram(commitDesc, stats.CommitMicros, 1e-6)
}

// histogram turns counts of intervals into Prometheus's counts up to a bound.
func histogram(desc *prometheus.Desc, h storage.Histogram, unit float64) prometheus.Metric {
	buckets, total := make(map[float64]uint64, len(h.Bounds)), uint64(0)
	for i, n := range h.Counts {
		total += n
		if i < len(h.Bounds) {
			buckets[float64(h.Bounds[i])*unit] = total
		}
	}
	return prometheus.MustNewConstHistogram(desc, total, float64(h.Sum)*unit, buckets)
}

// serveMetrics shows the metrics to whoever may read the system.
func (x *exchange) serveMetrics() {
	who, err := x.s.auth.Authenticate(x.r)
	if err != nil {
		x.fail(err)
		return
	}
	x.who = who
	if !who.Scopes.Has("system:read") || who.App != "" {
		x.fail(op.Errorf(op.CodeForbidden, "/metrics needs the scope system:read, which %q lacks", who.Name).
			WithHint("use a token with system:read that is not bound to an app"))
		return
	}
	x.status = http.StatusOK
	x.s.metrics.handler.ServeHTTP(x.w, x.r)
}
