package recipes

import (
	"context"
	"time"
)

// turn is one request to a worker with its reply, under the clocks that bound
// it. The parent alone decides about time: it asks for an interrupt at the
// deadline and kills the process killGrace later.
type turn struct {
	pool   *Pool
	proc   *process
	budget time.Duration   // processor time left
	wall   <-chan struct{} // closed when the run's time is over; nil for none
}

// The outcomes of a turn that is not simply answered.
type stopReason int

const (
	notStopped stopReason = iota
	stoppedCPU
	stoppedWall
	stoppedCancel
)

// turnResult is what a turn came to. A worker that died leaves reply nil.
type turnResult struct {
	reply  *reply
	used   time.Duration
	reason stopReason
}

// run takes an executing slot, sends req and waits for its reply.
func (t *turn) run(ctx context.Context, req *request) turnResult {
	if reason := t.slot(ctx); reason != notStopped {
		return turnResult{reason: reason}
	}
	defer func() { <-t.pool.slots }()
	before, _ := processorTime(t.proc.pid)
	started := time.Now()
	used := func() time.Duration {
		if now, ok := processorTime(t.proc.pid); ok {
			return now - before
		}
		return time.Since(started)
	}
	if err := t.proc.send(t.proc.next(req)); err != nil {
		t.proc.kill()
	}
	result := t.wait(ctx, used)
	result.used = used()
	return result
}

func (t *turn) slot(ctx context.Context) stopReason {
	select {
	case t.pool.slots <- struct{}{}:
		return notStopped
	case <-ctx.Done():
		return cancelReason(ctx)
	case <-t.wall:
		return stoppedWall
	case <-t.pool.aborting.Done():
		return stoppedCancel
	}
}

func cancelReason(ctx context.Context) stopReason {
	if ctx.Err() == context.DeadlineExceeded {
		return stoppedWall
	}
	return stoppedCancel
}

func (t *turn) wait(ctx context.Context, used func() time.Duration) turnResult {
	result := turnResult{}
	cancelled, wall, aborted := ctx.Done(), t.wall, t.pool.aborting.Done()
	timer := time.NewTimer(t.budget)
	defer timer.Stop()
	stop := func(reason stopReason) {
		result.reason = reason
		cancelled, wall, aborted = nil, nil, nil
		if err := t.proc.send(&request{Kind: requestInterrupt, Seq: t.proc.seq}); err != nil {
			t.proc.kill()
		}
		timer.Reset(killGrace)
	}
	for {
		select {
		case r, ok := <-t.proc.replies:
			if ok {
				if t.proc.measured = !r.Turn.asks(); t.proc.measured {
					t.proc.peak = r.Peak
				}
				result.reply = &r
			}
			return result
		case <-cancelled:
			stop(cancelReason(ctx))
		case <-wall:
			stop(stoppedWall)
		case <-aborted:
			stop(stoppedCancel)
		case <-timer.C:
			if result.reason != notStopped {
				t.proc.kill()
				continue
			}
			if left := t.budget - used(); left > 0 {
				timer.Reset(max(left, time.Millisecond))
				continue
			}
			stop(stoppedCPU)
		}
	}
}
