package approval

import "fazt/server/op"

// Run is a run of a recipe under way: it began by a call that went through
// Approve itself, so what a person said yes to covers what is inside.
type Run struct {
	ID        string
	Operation *op.Operation // the call that began it
	App       string        // which that call was about, "" when none
	Effect    op.Effect     // the most that anything inside may do
	Recipe    bool          // it carries out code of its own, not the page form of Operation
	Wide      bool          // that call was of the kind that wide asks about
	Waiting   func(bool)    // told when something inside begins and ends to wait for a person
}

// Begin makes a run known until end is called.
func (d *Desk) Begin(r Run) (end func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.runs[r.ID] = r
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.runs, r.ID)
	}
}

// runOf returns the run that a call is made in.
func (d *Desk) runOf(inv *op.Invocation) (Run, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	r, ok := d.runs[inv.Principal.Run]
	return r, ok
}

// covers reports whether a person was asked about the run and thereby about
// this call in it. A recipe covers everything up to its effect. The page form
// of an operation covers that operation on that app and nothing else, since a
// person was asked about no more.
func (r Run) covers(policy Policy, inv *op.Invocation) bool {
	if !r.Recipe {
		return r.Operation.Name == inv.Operation.Name && r.App == inv.App
	}
	return policy.asks(r.Operation, op.Risk{Wide: r.Wide}) && !inv.Operation.Effect.Exceeds(r.Effect)
}
