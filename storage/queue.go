package storage

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"
)

// WriteQueue holds batches from the moment they are accepted until the writer
// takes them. It has two classes. A caller waits for a batch and always hears
// its true outcome. Nobody waits for a droppable entry; under pressure those
// go first, and are counted.
//
// The queue knows nothing of SQLite: the writer takes groups from it and
// answers their units.
type WriteQueue struct {
	limits queueLimits

	mu        sync.Mutex
	waiting   unitList // callers' batches, oldest first
	droppable unitList
	bytes     int64 // of both lists
	closed    bool
	failed    error       // set once, when writing has stopped for good
	expiry    *time.Timer // fires when the oldest waiting batch has waited too long
	expiryOn  bool
	flush     *time.Timer // fires when droppable entries have waited for company long enough
	flushOn   bool
	flushDue  bool
	counts    queueCounts

	wake chan struct{} // capacity 1: there may be work, or the queue has closed
}

type queueLimits struct {
	bytes        int64
	batches      int
	startTimeout time.Duration
	group        int           // batches in one group
	groupBytes   int64         // bytes in one group, one batch at least
	groupSteps   int           // mutations in one group, one batch at least
	droppable    int           // entries held of the droppable class
	flushAfter   time.Duration // how long droppable entries wait for company
}

type queueCounts struct {
	refused   uint64 // batches answered KindOverloaded by the queue
	withdrawn uint64 // batches whose caller gave up before they started
	dropped   uint64 // droppable entries that were not written
}

const (
	maxGroup       = 256     // larger groups gain nothing and cost latency
	maxGroupBytes  = 4 << 20 // one MiB is 5 ms of a commit
	maxGroupSteps  = 8192
	maxDroppable   = 8192
	droppableShare = 64                     // of a full group, so that the class always moves
	droppableWake  = maxGroup               // that many do not wait for the timer
	flushAfter     = 200 * time.Millisecond // durable well under a second
	retryFloor     = 250 * time.Millisecond
)

func newQueue(l queueLimits) *WriteQueue {
	q := &WriteQueue{limits: l, wake: make(chan struct{}, 1)}
	q.expiry = stoppedTimer(q.expire)
	q.flush = stoppedTimer(q.flushNow)
	return q
}

func stoppedTimer(f func()) *time.Timer {
	t := time.AfterFunc(time.Hour, f)
	t.Stop()
	return t
}

// do hands a batch to the writer and waits for its outcome. A context that
// ends before the batch has started withdraws it; after that it has no effect,
// for a caller must not hear "cancelled" about a batch that commits.
func (q *WriteQueue) do(ctx context.Context, u *unit) (*Outcome, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := q.put(u); err != nil {
		return nil, err
	}
	select {
	case <-u.done:
		return u.outcome, u.err
	case <-ctx.Done():
	}
	if q.withdraw(u) {
		return nil, ctx.Err()
	}
	<-u.done
	return u.outcome, u.err
}

func (q *WriteQueue) put(u *unit) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.refusal(); err != nil {
		return err
	}
	if q.waiting.len >= q.limits.batches || !q.makeRoom(u.bytes) {
		q.counts.refused++
		return overloaded(q.limits.startTimeout, "the write queue is full with %d batches and %d bytes", q.waiting.len, q.bytes)
	}
	u.queuedAt = time.Now()
	q.waiting.push(u)
	q.bytes += u.bytes
	if !q.expiryOn {
		q.expiryOn = true
		q.expiry.Reset(q.limits.startTimeout)
	}
	q.signal()
	return nil
}

// offer adds a droppable entry, or says why not. The class stays out of the
// upper half of the queue's bytes, but for the last entries before a close.
func (q *WriteQueue) offer(u *unit, last bool) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.refusal(); err != nil {
		q.dropped(u)
		return err
	}
	if !last && (q.droppable.len >= q.limits.droppable || q.bytes+u.bytes > q.limits.bytes/2) {
		q.dropped(u)
		return overloaded(q.limits.startTimeout, "the write queue has no room for what can be dropped")
	}
	q.droppable.push(u)
	q.bytes += u.bytes
	switch {
	case u.events != nil || q.droppable.len >= droppableWake:
		q.flushDue = true
		q.signal()
	case !q.flushOn:
		q.flushOn = true
		q.flush.Reset(q.limits.flushAfter)
	}
	return nil
}

// dropped counts an entry that is not written; events are counted where they
// are held.
func (q *WriteQueue) dropped(u *unit) {
	if u.events == nil {
		q.counts.dropped++
	}
}

// lose counts entries of the droppable class that a group was to write and did
// not.
func (q *WriteQueue) lose(group []*unit) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, u := range group {
		if u.done == nil {
			q.dropped(u)
		}
	}
}

func (q *WriteQueue) refusal() error {
	if q.failed != nil {
		return q.failed
	}
	if q.closed {
		return &Error{Kind: KindClosed, Index: -1, Message: "the database is closing; nothing was written"}
	}
	return nil
}

// makeRoom drops droppable entries, oldest first, until n bytes fit.
func (q *WriteQueue) makeRoom(n int64) bool {
	for q.bytes+n > q.limits.bytes && q.droppable.len > 0 {
		u := q.droppable.pop()
		q.bytes -= u.bytes
		q.dropped(u)
		u.answer(nil, overloaded(q.limits.startTimeout, "callers' batches took the place"))
	}
	return q.bytes+n <= q.limits.bytes
}

// withdraw takes a batch back and reports whether it had not started.
func (q *WriteQueue) withdraw(u *unit) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if u.list != &q.waiting {
		return false
	}
	q.waiting.remove(u)
	q.bytes -= u.bytes
	q.counts.withdrawn++
	return true
}

// expire refuses what has waited too long. The list is in order of arrival, so
// one timer for its head serves all.
func (q *WriteQueue) expire() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.waiting.head != nil {
		left := q.limits.startTimeout - time.Since(q.waiting.head.queuedAt)
		if left > 0 {
			q.expiry.Reset(left)
			return
		}
		u := q.waiting.pop()
		q.bytes -= u.bytes
		q.counts.refused++
		u.answer(nil, overloaded(q.limits.startTimeout, "the batch waited %v without being started", q.limits.startTimeout))
	}
	q.expiryOn = false
}

func (q *WriteQueue) flushNow() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.flushOn, q.flushDue = false, true
	q.signal()
}

// signal wakes the writer; the caller holds mu.
func (q *WriteQueue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// take returns the next group in dst, nothing when there is none, and whether
// the queue is closed and empty. What it returns has started.
func (q *WriteQueue) take(dst []*unit) (group []*unit, finished bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	group = dst[:0]
	var bytes int64
	steps := 0
	bulk := false
	fits := func(u *unit) bool {
		return len(group) == 0 || !(bulk && u.bulk) && bytes+u.bytes <= q.limits.groupBytes && steps+u.size() <= q.limits.groupSteps
	}
	move := func(l *unitList) {
		u := l.pop()
		bytes += u.bytes
		steps += u.size()
		bulk = bulk || u.bulk
		group = append(group, u)
	}
	for q.waiting.len > 0 && len(group) < q.limits.group && fits(q.waiting.head) {
		move(&q.waiting)
	}
	if len(group) > 0 || q.flushDue || q.closed {
		room := max(q.limits.group-len(group), droppableShare)
		for ; room > 0 && q.droppable.len > 0 && fits(q.droppable.head); room-- {
			move(&q.droppable)
		}
		q.flushDue = q.droppable.len > 0
	}
	q.bytes -= bytes
	return group, q.closed && len(group) == 0
}

// next waits for a group. It returns an empty one when idle fires first.
func (q *WriteQueue) next(dst []*unit, idle <-chan time.Time) (group []*unit, finished bool) {
	for {
		q.gather()
		if group, finished := q.take(dst); len(group) > 0 || finished {
			return group, finished
		}
		select {
		case <-q.wake:
		case <-idle:
			return dst[:0], false
		}
	}
}

// gather yields while that makes the next group grow: whoever is ready to
// write, such as the callers of the last group, joins it, and a lone writer
// pays next to nothing. Without it 256 callers settle into two groups of 128.
// It never sleeps.
func (q *WriteQueue) gather() {
	for before := -1; ; {
		n := q.waitingNow()
		if n <= before || n >= q.limits.group {
			return
		}
		before = n
		runtime.Gosched()
	}
}

func (q *WriteQueue) waitingNow() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.waiting.len
}

// close refuses what comes from now on. What was accepted is still taken.
func (q *WriteQueue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.signal()
}

// fail answers everyone with err, now and for good.
func (q *WriteQueue) fail(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.failed = err
	for q.waiting.len > 0 {
		q.waiting.pop().answer(nil, err)
	}
	for q.droppable.len > 0 {
		u := q.droppable.pop()
		q.dropped(u)
		u.answer(nil, err)
	}
	q.bytes = 0
}

// stop ends the timers; nothing is queued any more.
func (q *WriteQueue) stop() {
	q.expiry.Stop()
	q.flush.Stop()
}

func overloaded(after time.Duration, format string, args ...any) *Error {
	return &Error{
		Kind: KindOverloaded, Index: -1, RetryAfter: max(after/4, retryFloor),
		Message: fmt.Sprintf(format, args...) + "; nothing was written",
	}
}

// unitList is a doubly linked list: a withdrawn batch leaves at once, so that
// callers who give up can not fill memory while the writer is held up.
type unitList struct {
	head, tail *unit
	len        int
}

func (l *unitList) push(u *unit) {
	u.list, u.prev = l, l.tail
	if l.tail == nil {
		l.head = u
	} else {
		l.tail.next = u
	}
	l.tail = u
	l.len++
}

func (l *unitList) pop() *unit {
	u := l.head
	l.remove(u)
	return u
}

func (l *unitList) remove(u *unit) {
	if u.prev == nil {
		l.head = u.next
	} else {
		u.prev.next = u.next
	}
	if u.next == nil {
		l.tail = u.prev
	} else {
		u.next.prev = u.prev
	}
	u.list, u.prev, u.next = nil, nil, nil
	l.len--
}

// failure returns why writing has stopped for good, nil when it has not.
func (q *WriteQueue) failure() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.failed
}
