package approval

import (
	"context"

	"fazt/server/op"
)

// Pending is the cause of the error of a call that ended so that its caller can
// ask the person in place, and make the same call again.
type Pending struct{ Request Request }

// Error implements error.
func (p *Pending) Error() string { return "request " + p.Request.ID + " is to be answered in place" }

type inPlaceKey struct{}

// AskInPlace returns a context for a call whose caller asks the person itself:
// instead of waiting, the call ends at once, and the cause of its error is a
// Pending. What is called inside a run still waits: its caller is not there to
// ask.
func AskInPlace(ctx context.Context) context.Context {
	return context.WithValue(ctx, inPlaceKey{}, true)
}

// inPlace ends a call that is to be asked about in place; nil lets it wait.
func (d *Desk) inPlace(ctx context.Context, inv *op.Invocation, f *filed) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if ctx.Value(inPlaceKey{}) == nil || inv.Parent != nil || f.State != Waiting {
		return nil
	}
	e := d.waits(f)
	e.Cause = &Pending{Request: f.Request}
	return e
}
