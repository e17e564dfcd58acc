package storage

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// eventBuffer gathers events and offers them to the queue in batches of the
// droppable class: one transaction's worth of sums is far less than one sum an
// event. What it holds is bounded, from acceptance until the event is on the
// disk or given up.
type eventBuffer struct {
	queue *WriteQueue
	log   *slog.Logger

	// gate lets close wait for those who have taken events out of pending and
	// not offered them yet. It is taken before mu.
	gate sync.RWMutex

	mu      sync.Mutex
	pending *eventBatch
	again   []*eventBatch // failed, and offered again when the timer fires
	flying  map[*eventBatch]struct{}
	held    int
	bytes   int64
	timer   *time.Timer
	on      bool
	closed  bool
	failed  error // writing has stopped for good
	stats   EventStats
}

// eventBatch is what is written together.
type eventBatch struct {
	events  []Event
	bytes   int64
	tries   int
	unknown int           // of apps that are not there; set by the writer
	done    chan struct{} // closed when it is on the disk, or given up
}

const (
	eventsTogether = 256                    // in one batch: some 3 ms of the writer
	eventsWait     = 250 * time.Millisecond // for company
	eventTries     = 5                      // with the waits doubling: 7 s in all
	eventFlushWait = time.Second            // that a reader waits for what was accepted before
)

func newEventBuffer(q *WriteQueue, log *slog.Logger) *eventBuffer {
	b := &eventBuffer{queue: q, log: log, pending: newEventBatch(), flying: map[*eventBatch]struct{}{}}
	b.timer = stoppedTimer(b.tick)
	return b
}

func newEventBatch() *eventBatch { return &eventBatch{done: make(chan struct{})} }

func (b *eventBuffer) add(e Event, size int64) error {
	b.gate.RLock()
	defer b.gate.RUnlock()
	full, err := b.hold(e, size)
	if full != nil {
		b.send(full, false)
	}
	return err
}

// hold adds an event to the pending batch, and returns that batch when it is
// full.
func (b *eventBuffer) hold(e Event, size int64) (full *eventBatch, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.failed != nil:
		return nil, b.failed
	case b.closed:
		return nil, &Error{Kind: KindClosed, Index: -1, Message: "the database is closing; the event was not taken"}
	case b.held >= MaxEventsHeld || b.bytes+size > maxEventBytes:
		b.stats.Dropped++
		return nil, &Error{Kind: KindOverloaded, Index: -1, RetryAfter: time.Second, Message: "too many events wait for the disk; this one was dropped"}
	}
	b.held++
	b.bytes += size
	b.stats.Accepted++
	b.pending.events = append(b.pending.events, e)
	b.pending.bytes += size
	if len(b.pending.events) >= eventsTogether {
		return b.cut(), nil
	}
	b.arm(eventsWait)
	return nil, nil
}

// cut takes the pending batch, nil when it is empty; the caller holds mu.
func (b *eventBuffer) cut() *eventBatch {
	batch := b.pending
	if len(batch.events) == 0 {
		return nil
	}
	b.pending = newEventBatch()
	b.flying[batch] = struct{}{}
	return batch
}

func (b *eventBuffer) arm(wait time.Duration) {
	if !b.on && !b.closed {
		b.on = true
		b.timer.Reset(wait)
	}
}

func (b *eventBuffer) tick() {
	b.gate.RLock()
	defer b.gate.RUnlock()
	for _, batch := range b.take(false) {
		b.send(batch, false)
	}
}

// take returns everything that waits here.
func (b *eventBuffer) take(last bool) []*eventBatch {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.on, b.closed = false, b.closed || last
	batches := b.again
	b.again = nil
	if batch := b.cut(); batch != nil {
		batches = append(batches, batch)
	}
	return batches
}

// send offers a batch; the last ones are taken however full the queue is.
func (b *eventBuffer) send(batch *eventBatch, last bool) {
	u := &unit{
		events: batch, isolate: true, bulk: true, bytes: batch.bytes,
		after: func(err error) { b.settle(batch, err) },
	}
	if err := b.queue.offer(u, last); err != nil {
		b.settle(batch, err)
	}
}

// settle notes what became of a batch: stored, to be tried again, or dropped.
// It is called with the queue's mutex held, so it calls nothing of the queue.
func (b *eventBuffer) settle(batch *eventBatch, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	kind := KindOf(err)
	if kind == KindFailed {
		b.failed = err
	}
	if (kind == KindOverloaded || kind == KindFull) && batch.tries < eventTries && !b.closed {
		b.again = append(b.again, batch)
		b.stats.Retried++
		b.arm(eventsWait << batch.tries)
		batch.tries++
		return
	}
	n := len(batch.events)
	lost := n
	if err == nil {
		lost = batch.unknown
	} else {
		b.log.Warn("events were dropped", "events", n, "error", err)
	}
	b.stats.Stored += uint64(n - lost)
	b.stats.Dropped += uint64(lost)
	b.held -= n
	b.bytes -= batch.bytes
	delete(b.flying, batch)
	close(batch.done)
}

// flush offers what waits and returns when everything accepted before is on
// the disk or given up, or after a second.
func (b *eventBuffer) flush(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, eventFlushWait)
	defer cancel()
	for _, batch := range b.launch() {
		select {
		case <-batch.done:
		case <-ctx.Done():
			return
		}
	}
}

func (b *eventBuffer) launch() (flying []*eventBatch) {
	b.gate.RLock()
	defer b.gate.RUnlock()
	for _, batch := range b.take(false) {
		b.send(batch, false)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for batch := range b.flying {
		flying = append(flying, batch)
	}
	return flying
}

// close takes no more events and hands the last ones to the queue, which is
// closed after this.
func (b *eventBuffer) close() {
	b.gate.Lock()
	defer b.gate.Unlock()
	b.timer.Stop()
	for _, batch := range b.take(true) {
		b.send(batch, true)
	}
}

func (b *eventBuffer) measure() EventStats {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.stats
	s.Held = b.held
	return s
}
