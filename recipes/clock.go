package recipes

import (
	"context"
	"sync"
	"time"
)

// wallClock measures the time of a run, without what is taken out as waiting
// for a person.
type wallClock struct {
	over chan struct{} // closed when the time is used up

	mu     sync.Mutex
	timer  *time.Timer
	left   time.Duration
	since  time.Time
	pauses int
	ended  bool
}

func newWallClock(limit time.Duration) *wallClock {
	c := &wallClock{over: make(chan struct{}), left: limit, since: time.Now()}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.timer = time.AfterFunc(limit, c.expire)
	return c
}

func (c *wallClock) expire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	// A timer that fired while a pause began has lost the race.
	if c.ended || c.pauses > 0 {
		return
	}
	c.ended = true
	close(c.over)
}

func (c *wallClock) pause() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pauses++
	if c.pauses == 1 && !c.ended {
		c.timer.Stop()
		c.left = max(0, c.left-time.Since(c.since))
	}
}

func (c *wallClock) resume() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pauses--
	if c.pauses == 0 && !c.ended {
		c.since = time.Now()
		c.timer.Reset(c.left)
	}
}

// stop ends the clock; it never expires afterwards.
func (c *wallClock) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.timer.Stop()
	c.ended = true
}

type wallKey struct{}

// PauseWall stops the wall clock of the run that ctx, a HostFunc's context,
// belongs to, until the returned function is called: waiting for a person's
// approval is not the run's time. It does nothing with any other context.
func PauseWall(ctx context.Context) (resume func()) {
	clock, ok := ctx.Value(wallKey{}).(*wallClock)
	if !ok {
		return func() {}
	}
	clock.pause()
	return sync.OnceFunc(clock.resume)
}
