package capacity

// turns is a ring of those who take turns.
type turns[T any] struct {
	at *turn[T] // whose turn it is
	n  int
}

// turn is a place in a ring.
type turn[T any] struct {
	of         T
	prev, next *turn[T]
}

// pass returns whose turn it is and gives it to the next.
func (r *turns[T]) pass() T {
	of := r.at.of
	r.at = r.at.next
	return of
}

// enter puts one at the end.
func (r *turns[T]) enter(t *turn[T]) {
	r.n++
	if r.at == nil {
		t.prev, t.next = t, t
		r.at = t
		return
	}
	last := r.at.prev
	last.next, t.prev = t, last
	t.next, r.at.prev = r.at, t
}

func (r *turns[T]) leave(t *turn[T]) {
	r.n--
	if r.n == 0 {
		r.at = nil
		return
	}
	if r.at == t {
		r.at = t.next
	}
	t.prev.next, t.next.prev = t.next, t.prev
}
