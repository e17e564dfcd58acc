package approval

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"fazt/server/op"
)

// Policy says which of an agent's calls ask a person.
type Policy string

// The policies, each asking about more than the one before.
const (
	Never       Policy = "never"
	OnlyDestroy Policy = "destructive"
	OnlyWide    Policy = "wide" // the default: whole apps or collections, over 100 documents, rights, new origins
	Always      Policy = "all"
)

// asks reports whether a call needs a person's word under the policy.
func (p Policy) asks(o *op.Operation, risk op.Risk) bool {
	switch p {
	case Never:
		return false
	case OnlyDestroy:
		return o.Effect == op.Destructive
	case Always:
		return o.Effect != op.Read
	}
	return risk.Wide
}

// State is where a request stands.
type State string

// The states of a request.
const (
	Waiting  State = "waiting"
	Approved State = "approved"
	Declined State = "declined"
	Used     State = "used" // approved, and the call went on
	Expired  State = "expired"
)

// Request is one question to a person.
type Request struct {
	ID        string
	Principal string // the token's id
	Name      string // of the token, as people know it
	Client    string
	Operation string
	Summary   string // what would be done, in numbers
	InputHash [32]byte
	State     State
	CreatedAt time.Time
	ExpiresAt time.Time
	DecidedBy string
	DecidedAt time.Time
}

// Options configure a desk.
type Options struct {
	Wait   time.Duration              // how long a call waits; the default is 20 s, what an MCP client bears
	Keep   time.Duration              // how long a request can be answered; the default is 10 min
	Policy func(*op.Principal) Policy // the default is OnlyWide for every agent
	Notify func()                     // called after each change, outside of locks
	Now    func() time.Time
	Rand   io.Reader
}

// maxRequests bounds what is kept; the oldest that nobody waits for go first.
const maxRequests = 200

// Desk holds the open requests and those decided lately.
type Desk struct {
	options Options

	mu       sync.Mutex
	requests []*filed // oldest first
	runs     map[string]Run
}

// filed is a request with those who wait for it.
type filed struct {
	Request
	decided chan struct{} // closed when State leaves Waiting
}

// New returns an empty desk.
func New(o Options) *Desk {
	o.Wait = cmp.Or(o.Wait, 20*time.Second)
	o.Keep = cmp.Or(o.Keep, 10*time.Minute)
	if o.Policy == nil {
		o.Policy = func(*op.Principal) Policy { return OnlyWide }
	}
	if o.Notify == nil {
		o.Notify = func() {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	return &Desk{options: o, runs: map[string]Run{}}
}

// Approve implements [op.Approver]. Only agents are asked about: an owner's
// own call never waits.
func (d *Desk) Approve(ctx context.Context, inv *op.Invocation, risk op.Risk, needed func()) error {
	policy := d.options.Policy(inv.Principal)
	if inv.Principal.Kind != op.KindAgent || !policy.asks(inv.Operation, risk) {
		return nil
	}
	run, inRun := d.runOf(inv)
	if inRun && run.covers(policy, inv) {
		return nil
	}
	f, err := d.file(inv, risk)
	if err != nil {
		return err
	}
	d.options.Notify()
	if !inRun {
		if err := d.inPlace(ctx, inv, f); err != nil {
			return err
		}
	}
	needed()
	wait := d.options.Wait
	if inRun { // nobody holds a line open for it: its time stands still
		wait = d.options.Keep
		run.Waiting(true)
		defer run.Waiting(false)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-f.decided:
	case <-timer.C:
	case <-ctx.Done():
	}
	defer d.options.Notify()
	return d.outcome(f)
}

// file joins the open request of the same call, or makes one.
func (d *Desk) file(inv *op.Invocation, risk op.Risk) (*filed, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.options.Now()
	d.expire(now)
	for _, f := range d.requests {
		open := f.State == Waiting || f.State == Approved || f.State == Declined
		if open && f.Principal == inv.Principal.ID && f.Operation == inv.Operation.Name && f.InputHash == inv.InputHash {
			return f, nil
		}
	}
	id, err := d.newID()
	if err != nil {
		return nil, err
	}
	f := &filed{decided: make(chan struct{}), Request: Request{
		ID: id, Principal: inv.Principal.ID, Name: inv.Principal.Name, Client: inv.Client,
		Operation: inv.Operation.Name, Summary: cmp.Or(risk.Summary, inv.Operation.Summary),
		InputHash: inv.InputHash, State: Waiting, CreatedAt: now, ExpiresAt: now.Add(d.options.Keep),
	}}
	if len(d.requests) >= maxRequests && !d.dropOldest() {
		return nil, op.Errorf(op.CodeOverloaded, "%d requests wait for a person already", maxRequests).
			WithHint("ask a person to answer them in the admin page under /approvals")
	}
	d.requests = append(d.requests, f)
	return f, nil
}

func (d *Desk) newID() (string, error) {
	var b [6]byte
	if _, err := io.ReadFull(d.options.Rand, b[:]); err != nil {
		return "", fmt.Errorf("approval id: %w", err)
	}
	return "ap_" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:])[:9]), nil
}

// expire closes what nobody answered in time, and forgets what was decided
// long ago. The caller holds mu.
func (d *Desk) expire(now time.Time) {
	for _, f := range d.requests {
		if (f.State == Waiting || f.State == Approved) && !now.Before(f.ExpiresAt) {
			f.settle(Expired)
		}
	}
	d.requests = slices.DeleteFunc(d.requests, func(f *filed) bool {
		return f.State != Waiting && now.Sub(f.ExpiresAt) >= 0
	})
}

func (d *Desk) dropOldest() bool {
	i := slices.IndexFunc(d.requests, func(f *filed) bool { return f.State != Waiting })
	if i < 0 {
		return false
	}
	d.requests = slices.Delete(d.requests, i, i+1)
	return true
}

func (f *filed) settle(s State) {
	if f.State == Waiting {
		close(f.decided)
	}
	f.State = s
}

// outcome says how the call goes on, and uses an approval up.
func (d *Desk) outcome(f *filed) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.expire(d.options.Now())
	switch f.State {
	case Approved:
		f.State = Used
		return nil
	case Declined:
		return op.Errorf(op.CodeForbidden, "a person declined %s of %s; nothing was changed", f.Operation, f.Summary).
			WithHint("do not try another way; ask the person what they want instead")
	}
	return d.waits(f)
}

// waits is what a call hears whose request is open. The caller holds mu.
func (d *Desk) waits(f *filed) *op.Error {
	return op.Errorf(op.CodeApprovalRequired, "%s of %s waits for a person's approval (%s); nothing was changed yet", f.Operation, f.Summary, f.ID).
		WithHint("ask the person to approve it in the admin page under /approvals, then make exactly the same call again")
}

// List returns the requests, newest first.
func (d *Desk) List() []Request {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.expire(d.options.Now())
	list := make([]Request, 0, len(d.requests))
	for _, f := range slices.Backward(d.requests) {
		list = append(list, f.Request)
	}
	return list
}

// Decide answers a request for by, the name of a person.
func (d *Desk) Decide(id string, approve bool, by string) (Request, error) {
	request, err := d.decide(id, approve, by)
	if err == nil {
		d.options.Notify()
	}
	return request, err
}

func (d *Desk) decide(id string, approve bool, by string) (Request, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.options.Now()
	d.expire(now)
	i := slices.IndexFunc(d.requests, func(f *filed) bool { return f.ID == id })
	if i < 0 {
		return Request{}, op.NotFound("approval", "no request %q; it may have expired", id).
			WithHint("GET /api/approvals lists the open ones")
	}
	f := d.requests[i]
	if f.State != Waiting {
		return Request{}, op.Errorf(op.CodeConflict, "request %s is %s already", id, f.State).
			WithHint("nothing more is to do")
	}
	f.DecidedBy, f.DecidedAt = by, now
	if approve {
		f.settle(Approved)
	} else {
		f.settle(Declined)
	}
	return f.Request, nil
}
