package capacity

import (
	"net/netip"
	"time"
)

// waiter is one call that waits. It is reused.
type waiter struct {
	since      time.Time
	class      *queueClass
	flow       *flow
	lane       *lane // nil once it is out of the queue
	prev, next *waiter

	place *place
	err   error
	timer *time.Timer
	done  chan struct{} // of one: place or err is set
}

func (w *waiter) end(p *place, err error) {
	w.place, w.err = p, err
	w.done <- struct{}{}
}

// ended reports whether it was served or refused.
func (w *waiter) ended() bool { return w.place != nil || w.err != nil }

// caller is who waits: a token, and the address it is used from.
type caller struct {
	id      string
	address netip.Addr
}

// lane is the calls of one address with one token, oldest first.
type lane struct {
	address    netip.Addr
	head, tail *waiter
	waiting    int
	turn       turn[*lane]
}

// flow is the calls of one token that wait. Its addresses take turns, so that
// one of them does not hold up the others who share the token.
type flow struct {
	id      string
	lanes   map[netip.Addr]*lane
	ring    turns[*lane]
	waiting int // of all lanes
	turn    turn[*flow]
}

func (f *flow) laneOf(address netip.Addr) *lane {
	l := f.lanes[address]
	if l == nil {
		l = &lane{address: address}
		l.turn.of = l
		f.lanes[address] = l
	}
	return l
}

// ahead is how many of the flow are served before one more of the lane.
func (f *flow) ahead(l *lane) int {
	lanes := f.ring.n
	if l.waiting == 0 {
		lanes++
	}
	return min(f.waiting, l.waiting*lanes+lanes-1)
}

// queueClass is the flows of one class, which take turns.
type queueClass struct {
	byID    map[string]*flow
	ring    turns[*flow]
	waiting int // of all flows
}

func (c *queueClass) flowOf(who caller) (*flow, *lane) {
	f := c.byID[who.id]
	if f == nil {
		if c.byID == nil {
			c.byID = map[string]*flow{}
		}
		f = &flow{id: who.id, lanes: map[netip.Addr]*lane{}}
		f.turn.of = f
		c.byID[who.id] = f
	}
	return f, f.laneOf(who.address)
}

// drop forgets a lane in which nobody waits, and its flow with the last one.
func (c *queueClass) drop(f *flow, l *lane) {
	if l.waiting == 0 {
		delete(f.lanes, l.address)
	}
	if f.waiting == 0 {
		delete(c.byID, f.id)
	}
}

func (c *queueClass) push(f *flow, l *lane, w *waiter) {
	w.flow, w.lane, w.prev = f, l, l.tail
	if l.tail == nil {
		l.head = w
		f.ring.enter(&l.turn)
	} else {
		l.tail.next = w
	}
	if f.waiting == 0 {
		c.ring.enter(&f.turn)
	}
	l.tail = w
	l.waiting++
	f.waiting++
	c.waiting++
}

// pop takes the oldest of the lane whose turn it is in the flow whose turn it
// is, and passes both turns on.
func (c *queueClass) pop() *waiter {
	w := c.ring.pass().ring.pass().head
	c.remove(w)
	return w
}

func (c *queueClass) remove(w *waiter) {
	f, l := w.flow, w.lane
	if w.prev == nil {
		l.head = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next == nil {
		l.tail = w.prev
	} else {
		w.next.prev = w.prev
	}
	w.flow, w.lane, w.prev, w.next = nil, nil, nil, nil
	l.waiting--
	f.waiting--
	c.waiting--
	if l.waiting == 0 {
		f.ring.leave(&l.turn)
	}
	if f.waiting == 0 {
		c.ring.leave(&f.turn)
	}
	c.drop(f, l)
}

// ahead is how many of the class are served before one more of the lane: flows
// take turns, so a long one holds up itself rather than others.
func (c *queueClass) ahead(f *flow, l *lane) int {
	flows := c.ring.n
	if f.waiting == 0 {
		flows++
	}
	return min(c.waiting, f.ahead(l)*flows+flows)
}

// oldest is how long whoever is next has waited, in the lane or in the class.
func (c *queueClass) oldest(l *lane, now time.Time) time.Duration {
	var longest time.Duration
	if l.head != nil {
		longest = now.Sub(l.head.since)
	}
	if c.waiting > 0 {
		longest = max(longest, now.Sub(c.ring.at.of.ring.at.of.head.since))
	}
	return longest
}
