package storage

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// hold stops the writer before its next group, until the returned function is
// called.
func (f *fixture) hold() (release func()) {
	f.t.Helper()
	held, free := make(chan struct{}), make(chan struct{})
	go func() {
		_ = f.onWriter(context.Background(), func(*writer) error {
			close(held)
			<-free
			return nil
		})
	}()
	<-held
	return sync.OnceFunc(func() { close(free) })
}

// queued waits until n batches wait for the writer.
func (f *fixture) queued(n int) {
	f.t.Helper()
	for f.queue.waitingNow() != n {
		if f.t.Context().Err() != nil {
			f.t.Fatal("the test ended")
		}
		time.Sleep(50 * time.Microsecond) // polls another goroutine's progress; decides nothing
	}
}

// later writes a batch in a goroutine of its own.
func (f *fixture) later(ctx context.Context, b *Batch) <-chan error {
	out := make(chan error, 1)
	go func() {
		_, err := f.Write(ctx, b)
		out <- err
	}()
	return out
}

func one(m ...Mutation) *Batch { return &Batch{App: "a", Mutations: m} }

func (f *fixture) has(key string) bool {
	f.t.Helper()
	_, err := f.KVGet(f.t.Context(), "a", key)
	if err != nil && KindOf(err) != KindKeyNotFound {
		f.t.Fatal(err)
	}
	return err == nil
}

// TestQueueCancelBeforeStart: a caller who gives up before its batch has started
// writes nothing.
func TestQueueCancelBeforeStart(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	release := f.hold()
	defer release()
	ctx, cancel := context.WithCancel(t.Context())
	answer := f.later(ctx, one(set("k", "1")))
	f.queued(1)
	cancel()
	if err := <-answer; !errors.Is(err, context.Canceled) {
		t.Errorf("the caller hears %v", err)
	}
	release()
	f.in(set("other", "1"))
	if f.has("k") || f.Stats().Withdrawn != 1 {
		t.Errorf("written: %v, withdrawn: %d", f.has("k"), f.Stats().Withdrawn)
	}
	if _, err := f.Write(ctx, one(set("k", "1"))); !errors.Is(err, context.Canceled) || f.has("k") {
		t.Errorf("a context that had ended before: %v", err)
	}
}

// TestQueueCancelAfterStart: who gives up later hears the true outcome.
func TestQueueCancelAfterStart(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	started, free := make(chan struct{}), make(chan struct{})
	b := one(set("k", "1"))
	b.Idempotency = &Idempotency{Principal: "p", Operation: "o", Key: "i", Render: func(*Outcome) ([]byte, error) {
		close(started)
		<-free
		return nil, nil
	}}
	ctx, cancel := context.WithCancel(t.Context())
	answer := f.later(ctx, b)
	<-started
	cancel()
	close(free)
	if err := <-answer; err != nil || !f.has("k") {
		t.Errorf("the caller hears %v about a batch that is written: %v", err, f.has("k"))
	}
}

// TestQueueNeighbours: in one group every batch has its own outcome, and its own
// version.
func TestQueueNeighbours(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	f.in(set("text", `"no number"`))
	render := func(fn func(*Outcome) ([]byte, error)) *Idempotency {
		return &Idempotency{Principal: "p", Operation: "o", Key: fmt.Sprintf("%p", fn), Render: fn}
	}
	fails := []*Batch{
		{App: "a", Mutations: []Mutation{set("bad1", "1"), KVIncrement{Key: "text", By: "1"}}},
		{App: "a", Checks: []Check{CheckKV{Key: "text", Version: 1}}, Mutations: []Mutation{set("bad2", "1")}},
		{App: "a", Mutations: []Mutation{set("bad3", "1")}, Idempotency: render(func(*Outcome) ([]byte, error) { return nil, errors.New("refused") })},
		{App: "a", Mutations: []Mutation{set("bad4", "1")}, Idempotency: render(func(*Outcome) ([]byte, error) { panic("in a render") })},
		{App: "ghost", Mutations: []Mutation{set("bad5", "1")}},
		{App: "a", Mutations: []Mutation{AppCreate{ID: "new"}, AppCreate{ID: "new"}}},
	}
	groups := f.Stats().Groups
	release := f.hold()
	var good, bad []<-chan error
	for i, b := range fails {
		good = append(good, f.later(t.Context(), one(set(fmt.Sprint("good", i), "1"))))
		bad = append(bad, f.later(t.Context(), b))
	}
	f.queued(2 * len(fails))
	release()
	for i := range fails {
		if err := <-good[i]; err != nil {
			t.Errorf("good neighbour %d: %v", i, err)
		}
		if err := <-bad[i]; err == nil {
			t.Errorf("bad batch %d succeeded", i)
		}
		if !f.has(fmt.Sprint("good", i)) || f.has(fmt.Sprint("bad", i+1)) {
			t.Errorf("batch %d: good %v, bad %v", i, f.has(fmt.Sprint("good", i)), f.has(fmt.Sprint("bad", i+1)))
		}
	}
	if n := f.Stats().Groups - groups; n > 2 {
		t.Errorf("%d groups, want one", n)
	}
	if v := f.Version(); v != uint64(2+len(fails)) {
		t.Errorf("version %d: failed batches used some up", v)
	}
	if err := f.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestQueueClose: what was accepted is written and answered, what comes later is
// refused.
func TestQueueClose(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	release := f.hold()
	var answers []<-chan error
	for i := range 50 {
		answers = append(answers, f.later(t.Context(), one(set(fmt.Sprint("k", i), "1"))))
	}
	f.queued(50)
	f.Record(AuditEntry{Operation: "recorded"})
	expired, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.Close(expired); !errors.Is(err, context.Canceled) {
		t.Errorf("Close with a context that has ended: %v", err)
	}
	release()
	for _, a := range answers {
		if err := <-a; err != nil {
			t.Error(err)
		}
	}
	if err := f.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.fails(KindClosed, one(set("late", "1")))
	if _, err := f.KVGet(t.Context(), "a", "k0"); KindOf(err) != KindClosed {
		t.Errorf("a read after Close: %v", err)
	}
	again := open(t, func(o *Options) { o.Path = f.opts.Path })
	if n, err := again.KVCount(t.Context(), "a", "k"); n != 50 || err != nil {
		t.Errorf("%d keys, %v", n, err)
	}
	if page, _, _ := again.AuditLog(t.Context(), AuditQuery{Operation: "recorded"}); len(page) != 1 {
		t.Error("the droppable entry was not written by Close")
	}
}

// TestQueueBounds: what does not fit is refused at once, to be tried again.
func TestQueueBounds(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Options){
		"batches": func(o *Options) { o.QueueBatches = 3 },
		"bytes":   func(o *Options) { o.QueueBytes = 3*(batchBytes+mutationBytes+2) + 10 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := openApp(t, change)
			release := f.hold()
			defer release()
			var answers []<-chan error
			for range 3 {
				answers = append(answers, f.later(t.Context(), one(set("k", "1"))))
			}
			f.queued(3)
			if e := f.fails(KindOverloaded, one(set("over", "1"))); e.RetryAfter <= 0 {
				t.Errorf("no time to try again in %+v", e)
			}
			release()
			for _, a := range answers {
				if err := <-a; err != nil {
					t.Error(err)
				}
			}
			if f.has("over") || f.Stats().Refused != 1 {
				t.Errorf("over is there: %v, refused %d", f.has("over"), f.Stats().Refused)
			}
		})
	}
}

func testQueue() *WriteQueue {
	return newQueue(queueLimits{
		bytes: 10_000, batches: 100, startTimeout: 5 * time.Second, flushAfter: flushAfter,
		group: maxGroup, groupBytes: maxGroupBytes, groupSteps: maxGroupSteps, droppable: 10,
	})
}

func testUnit(bytes int64) *unit { return &unit{bytes: bytes, done: make(chan struct{}, 1)} }

// TestQueueStartTimeout: a batch that is not started within 5 s is refused, and
// one that came later not before its own 5 s.
func TestQueueStartTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := testQueue()
		defer q.stop()
		begin := time.Now()
		took := make(chan time.Duration, 2)
		for i := range 2 {
			go func() {
				time.Sleep(time.Duration(i) * time.Second)
				_, err := q.do(context.Background(), testUnit(10))
				if KindOf(err) != KindOverloaded {
					t.Errorf("batch %d: %v", i, err)
				}
				took <- time.Since(begin)
			}()
		}
		if a, b := <-took, <-took; a != 5*time.Second || b != 6*time.Second {
			t.Errorf("refused after %v and %v, want 5 s and 6 s", a, b)
		}
		if q.waitingNow() != 0 || q.bytes != 0 || q.counts.refused != 2 {
			t.Errorf("left: %d batches, %d bytes; refused %d", q.waitingNow(), q.bytes, q.counts.refused)
		}
	})
}

// TestQueueDroppable: entries nobody waits for give way to batches, oldest
// first, stay out of the upper half, are counted, and do not wait for ever.
func TestQueueDroppable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := testQueue()
		defer q.stop()
		for i := range 12 {
			if got, want := q.offer(testUnit(490), false) == nil, i < 10; got != want {
				t.Errorf("entry %d accepted: %v", i, got)
			}
		}
		if q.offer(testUnit(200), false) == nil {
			t.Error("an entry in the upper half of the bytes was accepted")
		}
		go func() { _, _ = q.do(context.Background(), testUnit(6000)) }()
		synctest.Wait()
		if q.droppable.len != 8 || q.waiting.len != 1 || q.counts.dropped != 5 {
			t.Errorf("%d entries and %d batches wait, %d dropped; want 8, 1, 5", q.droppable.len, q.waiting.len, q.counts.dropped)
		}
		group, _ := q.take(nil)
		if len(group) != 9 {
			t.Errorf("a group of %d, want the batch and 8 entries", len(group))
		}
		group[0].answer(nil, nil)
		begin := time.Now()
		_ = q.offer(testUnit(10), false)
		group, finished := q.next(nil, nil)
		if len(group) != 1 || finished || time.Since(begin) != flushAfter {
			t.Errorf("a lone entry went after %v in a group of %d", time.Since(begin), len(group))
		}
		q.fail(errors.New("stopped"))
		if q.offer(testUnit(10), false) == nil {
			t.Error("accepted after writing has stopped")
		}
	})
}

// foreign is another program that holds the write lock.
func (f *fixture) foreign() (release func()) {
	f.t.Helper()
	c, err := dial(context.Background(), f.path, readWrite)
	if err == nil {
		_, err = c.pragma("busy_timeout = 5000") // until the writer's own transaction ends
	}
	if err == nil {
		err = c.exec(context.Background(), `BEGIN IMMEDIATE`)
	}
	if err != nil {
		f.t.Fatal(err)
	}
	return sync.OnceFunc(func() {
		if err := errors.Join(c.exec(context.Background(), `ROLLBACK`), c.close()); err != nil {
			f.t.Error(err)
		}
	})
}

// TestQueueForeignLock: the writer waits five times for a lock that another
// program holds, then answers that it may be tried again, and counts it.
func TestQueueForeignLock(t *testing.T) {
	t.Parallel()
	f := openApp(t)
	release := f.foreign()
	defer release()
	e := f.fails(KindOverloaded, one(set("k", "1")))
	if s := f.Stats(); s.BusyRetries < busyTries || s.BusyFailed != 1 || e.RetryAfter <= 0 {
		t.Errorf("retried %d times, gave up %d times, %+v", s.BusyRetries, s.BusyFailed, e)
	}
	answer := f.later(t.Context(), one(set("l", "1")))
	for before := f.Stats().BusyRetries; f.Stats().BusyRetries == before; {
		time.Sleep(50 * time.Microsecond) // polls the writer's progress
	}
	release()
	if err := <-answer; err != nil {
		t.Errorf("after the lock was given up: %v", err)
	}
	if f.has("k") || !f.has("l") {
		t.Errorf("k there: %v, l there: %v", f.has("k"), f.has("l"))
	}
}
