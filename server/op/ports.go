package op

import "context"

// Admitter decides whether a call may start now. The returned Permit is held
// while the call uses the machine, and released while it waits for a person.
// Of a call that is carried out in a page, ctx carries the Invocation.
type Admitter interface {
	Admit(ctx context.Context, p *Principal, o *Operation) (Permit, error)
}

// Permit is a place in the server. Release may be called once.
type Permit interface{ Release() }

// Recorder keeps what calls did.
type Recorder interface {
	// Replay returns the stored result of an idempotency key that this
	// principal used with this operation: found and nil when that call is
	// still under way.
	Replay(ctx context.Context, principal, operation, key string) (stored *Stored, err error)
	// Record notes a finished call. It must not block: wrote says that the
	// call's own batch already holds its audit entry.
	Record(ctx context.Context, inv *Invocation, done Done)
}

// Stored is a recorded result of an idempotency key.
type Stored struct {
	InputHash [32]byte
	Result    []byte // the output's JSON; nil while the first call is under way
}

// Done is how a call ended.
type Done struct {
	Code  Code // "" = ok
	Cause error
	Wrote bool // a batch was committed, or this was a replay of one
}

// Approver asks a person. Approve returns nil when the call may go on, at once
// where the principal's policy asks for nothing, and otherwise when a person
// has said yes; needed is called once before it blocks.
type Approver interface {
	Approve(ctx context.Context, inv *Invocation, risk Risk, needed func()) error
}

// PageForms carries operations out in a live page, by the recipe that bears the
// operation's name. Run gets the whole input as one JSON object and returns
// the operation's output.
type PageForms interface {
	Run(ctx context.Context, inv *Invocation, input []byte) (any, error)
}

// Observer is told of the calls that a driven page made well: what a person's
// click, done by somebody else, caused. It must not block.
type Observer interface {
	Observed(inv *Invocation, input []byte)
}

// AdmitAll admits every call: for tests and for programs with one caller.
type AdmitAll struct{}

// Admit returns a permit that holds nothing.
func (AdmitAll) Admit(context.Context, *Principal, *Operation) (Permit, error) {
	return noPermit{}, nil
}

type noPermit struct{}

func (noPermit) Release() {}

// RecordNone keeps nothing.
type RecordNone struct{}

// Replay finds nothing.
func (RecordNone) Replay(context.Context, string, string, string) (*Stored, error) { return nil, nil }

// Record does nothing.
func (RecordNone) Record(context.Context, *Invocation, Done) {}

// ApproveAll approves every call without asking.
type ApproveAll struct{}

// Approve returns nil.
func (ApproveAll) Approve(context.Context, *Invocation, Risk, func()) error { return nil }
