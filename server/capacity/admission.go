package capacity

import (
	"context"
	"net/netip"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"fazt/server/op"
)

// AdmissionOptions are the settings of an Admission. A zero field takes its
// default.
type AdmissionOptions struct {
	// Processors bounds the reads that work at the same time. Default
	// GOMAXPROCS. More makes each of them slower and starves the writer.
	Processors int
	// Writes, Runs and Pages bound the calls of those gates. Defaults 1024, 64
	// and 256. Few writes make small groups, and a sync of the disk for each.
	Writes, Runs, Pages int
	// Patience is how long a call may be expected to wait. Default 2 s.
	Patience time.Duration
	// Strained is the same once calls had to be refused and until the queue has
	// been short: whoever is served then is served soon. Default 400 ms.
	Strained time.Duration
	// PerToken bounds the calls of one token that wait at one gate. The owner's
	// are not bounded. Default 8192.
	PerToken int
	// PerAddress is the same for one client's address with one token. Default
	// 4096.
	PerAddress int
}

const (
	defaultWrites     = 1024 // four full groups of the writer
	defaultRuns       = 64   // twice the processes of the sandbox
	defaultPages      = 256
	defaultPatience   = 2 * time.Second
	defaultStrained   = 400 * time.Millisecond
	defaultPerToken   = 8192
	defaultPerAddress = 4096
	// patientTimes is how much longer a call of the sandbox or of a page may be
	// expected to wait: it takes seconds itself.
	patientTimes = 5
)

// Admission decides which calls may start. It implements [op.Admitter].
type Admission struct {
	reads, writes, runs, pages *gate
	shortage                   shortage
	closed                     atomic.Bool
}

// NewAdmission returns an Admission with all its places free.
func NewAdmission(o AdmissionOptions) *Admission {
	patience, strained := orElse(o.Patience, defaultPatience), orElse(o.Strained, defaultStrained)
	newGate := func(name string, slots, times int) *gate {
		return &gate{
			name: name, slots: slots, perToken: orElse(o.PerToken, defaultPerToken), perAddress: orElse(o.PerAddress, defaultPerAddress),
			patience: patience * time.Duration(times), strained: strained * time.Duration(times),
		}
	}
	return &Admission{
		reads:  newGate("read", orElse(o.Processors, runtime.GOMAXPROCS(0)), 1),
		writes: newGate("write", orElse(o.Writes, defaultWrites), 1),
		runs:   newGate("run", orElse(o.Runs, defaultRuns), patientTimes),
		pages:  newGate("page", orElse(o.Pages, defaultPages), patientTimes),
	}
}

func orElse[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

// Admit returns a place at the operation's gate, waiting for one while that
// does not take too long. The owner has one place more than others and every
// second turn.
func (a *Admission) Admit(ctx context.Context, p *op.Principal, o *op.Operation) (op.Permit, error) {
	g := a.gateOf(ctx, o)
	if err := a.shortage.refuses(g.name, p, o); err != nil {
		return nil, err
	}
	if a.closed.Load() {
		return nil, g.overloaded("it lets nothing in")
	}
	place, waited, err := g.enter(ctx, p, addressOf(ctx))
	if err != nil {
		return nil, err // not place: a nil of another type is no nil
	}
	g.yield(waited)
	return place, nil
}

// Close makes it refuse every call until Open: that is how what a refusal costs
// is measured.
func (a *Admission) Close() { a.closed.Store(true) }

// Open ends what Close began.
func (a *Admission) Open() { a.closed.Store(false) }

// addressOf is the client that a call comes from, as far as that is known.
func addressOf(ctx context.Context) netip.Addr {
	inv := op.From(ctx)
	if inv == nil {
		return netip.Addr{}
	}
	return clientOf(inv.Address)
}

// clientOf is who is meant by an address: one client has a whole /64 of IPv6
// (RFC 6177).
func clientOf(address netip.Addr) netip.Addr {
	const client = 64
	network, err := address.Prefix(client)
	if err != nil || !address.Is6() || address.IsLoopback() { // of IPv4, or none
		return address
	}
	return network.Addr()
}

// sandboxed are the nouns whose calls compile or run somebody's code.
var sandboxed = []string{"code", "recipe"}

func (a *Admission) gateOf(ctx context.Context, o *op.Operation) *gate {
	noun := o.Noun()
	switch {
	case o.Recipe || slices.Contains(sandboxed, noun) && o.Effect != op.Read || inPage(ctx, o):
		return a.runs
	case noun == "tab":
		return a.pages
	case o.Effect == op.Read:
		return a.reads
	}
	return a.writes
}

// inPage reports whether the operation is carried out by a recipe in a live
// page, whatever its effect is.
func inPage(ctx context.Context, o *op.Operation) bool {
	inv := op.From(ctx)
	return inv != nil && inv.Operation == o && inv.Mode == op.ModeUI
}

func (a *Admission) gates() []*gate { return []*gate{a.reads, a.writes, a.runs, a.pages} }

// Gates returns what each gate holds now and has done.
func (a *Admission) Gates() []GateLive {
	list := make([]GateLive, 0, 4)
	for _, g := range a.gates() {
		list = append(list, g.live(time.Now()))
	}
	return list
}
