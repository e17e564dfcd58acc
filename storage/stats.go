package storage

import (
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Stats is what the store knows about itself, at one moment.
type Stats struct {
	Version uint64

	QueueBatches   int   // waiting
	QueueBytes     int64 // waiting, with the droppable entries
	QueueDroppable int

	Batches      uint64 // answered after a commit, failed ones and dry runs too
	Failed       uint64 // of those, refused by a check or a limit
	Mutations    uint64 // of those that were written
	Droppable    uint64 // droppable entries written
	Groups       uint64
	GroupsFailed uint64 // nothing of them was written
	GroupSize    Histogram
	CommitMicros Histogram // a group from its first statement to its commit

	Refused     uint64 // KindOverloaded: the queue was full, or a batch waited too long
	Withdrawn   uint64 // callers who gave up before their batch started
	Dropped     uint64 // droppable entries that were not written
	BusyRetries uint64
	BusyFailed  uint64 // groups given up because another program held the lock
	Stopped     bool   // writing has stopped for good; restart
	Swept       uint64 // expired rows removed

	Events EventStats

	Readers       int
	ReadersInUse  int
	OldestReadAge time.Duration

	FileBytes int64
	WALBytes  int64
	Pages     int64
	FreePages int64
}

// Histogram counts values by upper bounds; the last count is of those over
// every bound.
type Histogram struct {
	Bounds []int64
	Counts []uint64
	Sum    int64
}

func (h *Histogram) add(v int64) {
	i := 0
	for i < len(h.Bounds) && v > h.Bounds[i] {
		i++
	}
	h.Counts[i]++
	h.Sum += v
}

func newHistogram(bounds ...int64) Histogram {
	return Histogram{Bounds: bounds, Counts: make([]uint64, len(bounds)+1)}
}

func (h Histogram) clone() Histogram {
	h.Counts = append([]uint64(nil), h.Counts...)
	return h
}

// writerStats is counted by the writer, once a group.
type writerStats struct {
	busyRetries, busyFailed, groupsFailed, swept atomic.Uint64

	mu                                            sync.Mutex
	batches, failed, mutations, droppable, groups uint64
	size, micros                                  Histogram
	pages, freePages                              int64
}

func newWriterStats() *writerStats {
	return &writerStats{
		size:   newHistogram(1, 2, 4, 8, 16, 32, 64, 128, 256),
		micros: newHistogram(100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000),
	}
}

func (s *writerStats) committed(group []*unit, took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range group {
		switch {
		case u.batch == nil:
			s.droppable++
			continue
		case u.err != nil:
			s.failed++
		case !u.dryRun():
			s.mutations += uint64(len(u.steps))
		}
		s.batches++
	}
	s.groups++
	s.size.add(int64(len(group)))
	s.micros.add(took.Microseconds())
}

// Stats returns the counters and sizes. It takes no part in the queue.
func (db *DB) Stats() Stats {
	s := Stats{
		Version: db.Version(), OldestReadAge: db.readers.oldest(),
		Readers: len(db.readers.all), ReadersInUse: len(db.readers.all) - len(db.readers.free),
		FileBytes: fileSize(db.path), WALBytes: fileSize(db.path + "-wal"),
	}
	s.Events = db.EventStats()
	db.queue.measure(&s)
	db.writer.stats.measure(&s)
	return s
}

func (q *WriteQueue) measure(s *Stats) {
	q.mu.Lock()
	defer q.mu.Unlock()
	s.QueueBatches, s.QueueDroppable, s.QueueBytes = q.waiting.len, q.droppable.len, q.bytes
	s.Refused, s.Withdrawn, s.Dropped = q.counts.refused, q.counts.withdrawn, q.counts.dropped
	s.Stopped = q.failed != nil
}

func (w *writerStats) measure(s *Stats) {
	s.BusyRetries, s.BusyFailed = w.busyRetries.Load(), w.busyFailed.Load()
	s.GroupsFailed, s.Swept = w.groupsFailed.Load(), w.swept.Load()
	w.mu.Lock()
	defer w.mu.Unlock()
	s.Batches, s.Failed, s.Mutations, s.Droppable, s.Groups = w.batches, w.failed, w.mutations, w.droppable, w.groups
	s.GroupSize, s.CommitMicros = w.size.clone(), w.micros.clone()
	s.Pages, s.FreePages = w.pages, w.freePages
}

func fileSize(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}
