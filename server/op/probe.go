package op

import (
	"context"
	"time"
)

// Probe makes calls of one class, for measuring what they cost. The root of
// the program knows how; who measures knows only the name.
type Probe struct {
	Name string
	// Mixed says that the calls are of several classes: they show how answers
	// take longer under load, and have no cost of their own.
	Mixed bool
	// Brief says that the class matters less: it is measured by few slices.
	Brief bool
	// Run makes calls with so many callers at once for about d.
	Run func(ctx context.Context, callers int, d time.Duration) (Probed, error)
	// Hold, in place of Run, keeps Held connections open that do nothing, until
	// end is called: what one takes of the memory is measured.
	Hold func(ctx context.Context) (end func(), err error)
	Held int
}

// Probed is what a probe did.
type Probed struct {
	Calls     int           // answered well
	Took      time.Duration // in which they were
	CallerCPU time.Duration // what the callers used of the processors, when they are of another process
	P50, P99  time.Duration // half of the answers and 99 of 100 took at most so long; 0 = not measured
}
