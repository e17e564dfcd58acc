package op

import (
	"context"
	"time"
)

// Probe makes calls of one class, for measuring what they cost. The root of
// the program knows how; who measures knows only the name.
type Probe struct {
	Name string
	// Run makes calls with so many callers at once for about d.
	Run func(ctx context.Context, callers int, d time.Duration) (Probed, error)
}

// Probed is what a probe did.
type Probed struct {
	Calls     int           // answered well
	Took      time.Duration // in which they were
	CallerCPU time.Duration // what the callers used of the processors, when they are of another process
}
