package capacity

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"fazt/server/op"
)

// gate holds a number of places and, when they are taken, those who wait.
type gate struct {
	name                 string
	slots                int
	perToken, perAddress int
	patience             time.Duration // as in AdmissionOptions
	strained             time.Duration

	yielded atomic.Int64 // when somebody who had waited let others run, in Unix ns

	mu       sync.Mutex
	inUse    int
	others   queueClass
	owner    queueClass
	turn     bool // the owner had the last turn when both waited
	strain   bool // calls were refused, and the queue has not been short since
	hold     time.Duration
	drain    drain
	counts   gateCounts
	recent   recent
	freeList *place // places that were given back
	idle     *waiter
}

// gateCounts only grow.
type gateCounts struct {
	admitted, refused, expired, left, quota uint64
}

// place is a permit. It is reused after its release.
type place struct {
	gate  *gate
	since time.Time
	next  *place // in the free list
}

const (
	// holdWeight is how much one call moves the mean time that places are held.
	holdWeight = 32
	// holdJump bounds what one call can say, in means: a neighbour that takes
	// the processor away for a moment must not make a thousand be refused. A
	// real change of 100 times is followed within some 25 calls.
	holdJump = 8
	// evidence is the part of a bound that somebody must have waited before
	// others are refused: an estimate alone is too easily shaken by a neighbour.
	evidence = 4
	// firstHold is the mean until calls have been seen, leastHold its floor.
	firstHold = time.Millisecond
	leastHold = 10 * time.Microsecond
)

// enter takes a place or waits for one, and says whether it had to.
func (g *gate) enter(ctx context.Context, p *op.Principal, address netip.Addr) (at *place, waited bool, err error) {
	now := time.Now()
	g.mu.Lock()
	if g.free(p.Owner) && g.classOf(p).waiting == 0 {
		at = g.occupy(now)
		g.recent.waited(now, 0)
		g.mu.Unlock()
		return at, false, nil
	}
	w, err := g.join(p, address, now)
	g.mu.Unlock()
	if err != nil {
		return nil, true, err
	}
	at, err = g.await(ctx, w)
	return at, true, err
}

// yieldEvery is how long those who waited may follow each other before others
// run.
const yieldEvery = 5 * time.Millisecond

// yield lets others run before the work of somebody who has a place. A handler
// seldom gives its processor up, so without this the queue forms among runnable
// goroutines and in sockets, where no gate sees it. Who has waited was woken to
// run next, and does: to yield each time, behind a thousand writers that are
// runnable, would keep the place from everybody for a whole round of them. Only
// now and then it yields too, or one who waited would follow the other, and who
// is to be refused would not hear of it for seconds.
func (g *gate) yield(waited bool) {
	if waited {
		now := time.Now().UnixNano()
		last := g.yielded.Load()
		if now-last < yieldEvery.Nanoseconds() || !g.yielded.CompareAndSwap(last, now) {
			return
		}
	}
	runtime.Gosched()
}

// free reports whether a place is free: the owner has one more.
func (g *gate) free(owner bool) bool {
	return g.inUse < g.slots || owner && g.inUse == g.slots
}

func (g *gate) classOf(p *op.Principal) *queueClass {
	if p.Owner {
		return &g.owner
	}
	return &g.others
}

// occupy gives a place out; the caller holds mu.
func (g *gate) occupy(now time.Time) *place {
	g.inUse++
	g.counts.admitted++
	p := g.freeList
	if p == nil {
		p = &place{gate: g}
	} else {
		g.freeList, p.next = p.next, nil
	}
	p.since = now
	return p
}

// Release gives the place to whoever is next. It may be called once: the place
// is somebody else's then.
func (p *place) Release() {
	g := p.gate
	now := time.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held(now.Sub(p.since))
	p.next, g.freeList = g.freeList, p
	g.inUse--
	g.recent.done(now)
	g.drain.left(now, g.owner.waiting+g.others.waiting > 0)
	g.serve(now)
}

// held moves the mean.
func (g *gate) held(took time.Duration) {
	if g.hold == 0 {
		g.hold = firstHold
	}
	g.hold += (min(took, holdJump*g.hold) - g.hold) / holdWeight
	g.hold = max(g.hold, leastHold)
}

// serve gives free places to those who wait. While the gate is strained it
// passes over who has waited too long to be served in time.
func (g *gate) serve(now time.Time) {
	for {
		class := g.next()
		if class == nil {
			break
		}
		w := class.pop()
		waited := now.Sub(w.since)
		if g.strain && waited > 2*g.bound(class == &g.owner) {
			g.counts.expired++
			g.recent.shed(now)
			w.end(nil, g.overloaded("the call waited %v and would have been late", waited.Round(time.Millisecond)))
			continue
		}
		g.recent.waited(now, waited)
		w.end(g.occupy(now), nil)
	}
	if left := time.Duration(g.owner.waiting+g.others.waiting) * g.each(); left < g.strained/evidence {
		g.strain = false
	}
}

// next returns the class whose turn it is and that has a free place.
func (g *gate) next() *queueClass {
	owner := g.owner.waiting > 0 && g.free(true)
	others := g.others.waiting > 0 && g.free(false)
	switch {
	case owner && (!others || !g.turn):
		g.turn = true
		return &g.owner
	case others:
		g.turn = false
		return &g.others
	}
	return nil
}

// join puts a caller into its flow, or refuses it; the caller holds mu.
func (g *gate) join(p *op.Principal, address netip.Addr, now time.Time) (*waiter, error) {
	class := g.classOf(p)
	flow, lane := class.flowOf(caller{p.ID, address})
	if most, whose := g.quota(flow, lane); most > 0 && !p.Owner {
		class.drop(flow, lane)
		g.counts.quota++
		g.recent.shed(now)
		return nil, (&op.Error{
			Code: op.CodeQuota, Detail: "too many calls of this " + whose + " wait already; nothing was begun", RetryAfter: jittered(g.patience),
		}).WithHint("make at most %d calls at once with one %s, and the next when one has ended", most, whose)
	}
	bound := g.bound(p.Owner)
	if expected := g.expected(class, flow, lane); expected > bound && class.oldest(lane, now) > bound/evidence {
		class.drop(flow, lane)
		g.strain = true
		g.counts.refused++
		g.recent.shed(now)
		return nil, g.overloaded("the call would wait about %v", expected.Round(time.Millisecond))
	}
	w := g.waiter()
	w.since, w.class = now, class
	class.push(flow, lane, w)
	return w, nil
}

// bound is how long a call may be expected to wait. The owner, who has every
// second turn, is not hurried by others.
func (g *gate) bound(owner bool) time.Duration {
	if g.strain && !owner {
		return g.strained
	}
	return g.patience
}

// quota says which bound on waiting calls is reached, 0 = none.
func (g *gate) quota(f *flow, l *lane) (most int, whose string) {
	switch {
	case l.waiting >= g.perAddress:
		return g.perAddress, "address"
	case f.waiting >= g.perToken:
		return g.perToken, "token"
	}
	return 0, ""
}

// expected is how long one more call of a lane would wait.
func (g *gate) expected(class *queueClass, f *flow, l *lane) time.Duration {
	wait := time.Duration(class.ahead(f, l)+1) * g.each()
	if g.owner.waiting > 0 && g.others.waiting > 0 {
		wait *= 2 // the other class has every second turn
	}
	return wait
}

// each is the time in which one call more is let in while others wait.
func (g *gate) each() time.Duration {
	if g.drain.each > 0 {
		return g.drain.each
	}
	hold := g.hold
	if hold == 0 {
		hold = firstHold
	}
	return hold / time.Duration(g.slots)
}

func (g *gate) overloaded(format string, args ...any) *op.Error {
	e := op.Errorf(op.CodeOverloaded, "the server is busy: "+format+"; nothing was begun", args...)
	e.RetryAfter = jittered(g.strained)
	return e.WithHint("call again after retry_after seconds, and with fewer calls at once")
}

// jittered spreads those who were refused together.
func jittered(d time.Duration) time.Duration { return d + rand.N(d) }

// await waits for a place until the caller gives up or it has taken too long.
func (g *gate) await(ctx context.Context, w *waiter) (*place, error) {
	w.timer.Reset(g.patience)
	var ended error
	select {
	case <-w.done:
	case <-ctx.Done():
		ended = ctx.Err()
	case <-w.timer.C:
	}
	w.timer.Stop()
	g.mu.Lock()
	defer g.mu.Unlock()
	defer g.forget(w)
	if w.ended() {
		return w.place, w.err
	}
	w.class.remove(w)
	if ended != nil {
		g.counts.left++
		return nil, ended
	}
	g.strain = true
	g.counts.expired++
	g.recent.shed(time.Now())
	return nil, g.overloaded("the call waited %v in vain", g.patience)
}

// waiter returns one that is in no queue; the caller holds mu.
func (g *gate) waiter() *waiter {
	w := g.idle
	if w == nil {
		timer := time.NewTimer(g.patience)
		timer.Stop()
		return &waiter{timer: timer, done: make(chan struct{}, 1)}
	}
	g.idle, w.next = w.next, nil
	return w
}

// forget keeps a waiter for the next caller; the caller holds mu.
func (g *gate) forget(w *waiter) {
	select {
	case <-w.done: // it was served while its caller gave up
	default:
	}
	w.place, w.err, w.class = nil, nil, nil
	w.next, g.idle = g.idle, w
}
