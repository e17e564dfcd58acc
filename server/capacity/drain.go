package capacity

import "time"

// drain is the rate at which a queue gets shorter, as it was seen. The time
// that places are held would say more than that: it holds what the scheduler
// and the neighbours do, which a thousand callers must not be refused for.
type drain struct {
	each  time.Duration // between two that leave while others wait; 0 = not seen
	since time.Time     // of the window; zero while nobody waits
	n     int           // that left in it
}

const (
	drainWindow = 100 * time.Millisecond
	drainWeight = 4 // windows that the mean looks back
)

// left counts one that left; waiting says whether others wait.
func (d *drain) left(now time.Time, waiting bool) {
	if !waiting {
		d.since, d.n = time.Time{}, 0
		return
	}
	if d.since.IsZero() {
		d.since = now
		return
	}
	d.n++
	span := now.Sub(d.since)
	if span < drainWindow {
		return
	}
	each := span / time.Duration(d.n)
	if d.each == 0 {
		d.each = each
	}
	d.each += (each - d.each) / drainWeight
	d.since, d.n = now, 0
}
