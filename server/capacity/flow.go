package capacity

import "time"

// waiter is one call that waits. It is reused.
type waiter struct {
	since      time.Time
	class      *queueClass
	flow       *flow // nil once it is out of the queue
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

// flow is the calls of one token that wait, oldest first.
type flow struct {
	id         string
	head, tail *waiter
	waiting    int
	prev, next *flow // in the ring of flows that have someone waiting
}

// queueClass is the flows of one class, which take turns.
type queueClass struct {
	byID    map[string]*flow
	ring    *flow // whose turn it is
	flows   int   // in the ring
	waiting int   // of all flows
}

func (c *queueClass) flowOf(id string) *flow {
	f := c.byID[id]
	if f == nil {
		if c.byID == nil {
			c.byID = map[string]*flow{}
		}
		f = &flow{id: id}
		c.byID[id] = f
	}
	return f
}

// drop forgets a flow in which nobody waits.
func (c *queueClass) drop(f *flow) {
	if f.waiting == 0 {
		delete(c.byID, f.id)
	}
}

func (c *queueClass) push(f *flow, w *waiter) {
	w.flow, w.prev = f, f.tail
	if f.tail == nil {
		f.head = w
		c.enter(f)
	} else {
		f.tail.next = w
	}
	f.tail = w
	f.waiting++
	c.waiting++
}

// pop takes the oldest of the flow whose turn it is, and passes the turn on.
func (c *queueClass) pop() *waiter {
	f := c.ring
	c.ring = f.next
	w := f.head
	c.remove(w)
	return w
}

func (c *queueClass) remove(w *waiter) {
	f := w.flow
	if w.prev == nil {
		f.head = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next == nil {
		f.tail = w.prev
	} else {
		w.next.prev = w.prev
	}
	w.flow, w.prev, w.next = nil, nil, nil
	f.waiting--
	c.waiting--
	if f.waiting == 0 {
		c.leave(f)
		delete(c.byID, f.id)
	}
}

// enter puts a flow at the end of the ring.
func (c *queueClass) enter(f *flow) {
	c.flows++
	if c.ring == nil {
		f.prev, f.next = f, f
		c.ring = f
		return
	}
	last := c.ring.prev
	last.next, f.prev = f, last
	f.next, c.ring.prev = c.ring, f
}

func (c *queueClass) leave(f *flow) {
	c.flows--
	if c.flows == 0 {
		c.ring = nil
		return
	}
	if c.ring == f {
		c.ring = f.next
	}
	f.prev.next, f.next.prev = f.next, f.prev
}

// oldest is how long whoever is next has waited, in the flow or in the class.
func (c *queueClass) oldest(f *flow, now time.Time) time.Duration {
	var longest time.Duration
	for _, f := range []*flow{f, c.ring} {
		if f != nil && f.head != nil {
			longest = max(longest, now.Sub(f.head.since))
		}
	}
	return longest
}
