package op

import (
	"context"
	"crypto/sha256"
	"io"
	"net/netip"
	"sync"
	"time"
)

// Envelope is what a caller may say about a call beside its input.
type Envelope struct {
	IdempotencyKey string // at most MaxIdempotencyKey bytes; the call is applied once for it
	DryRun         bool   // report what would happen and change nothing
	Confirm        string // the exact name that a destructive operation asks for
}

// MaxIdempotencyKey bounds an idempotency key.
const MaxIdempotencyKey = 255

// FaceMCP is the face of calls over MCP, which no person makes by hand.
const FaceMCP = "mcp"

// Invocation is one call under way. Handlers reach it with [From]; storage
// batches take their audit entry and idempotency record from it.
type Invocation struct {
	Operation *Operation
	Principal *Principal
	Envelope  Envelope
	Face      string     // http, mcp, cli, page, recipe …
	Client    string     // what the client calls itself
	Address   netip.Addr // where it is, invalid when that is not known
	RequestID string
	App       string // the app this call is about, "" when none
	Mode      Mode
	Tab       string // with ModeUI: where, "" when the caller did not say
	InputHash [32]byte
	Start     time.Time
	Body      io.Reader   // the bytes of an operation that TakesBody; nil when the face has none
	Parent    *Invocation // the call this one was made inside

	registry *Registry
	spent    spent
	wrote    bool
	own      holder
	held     *holder // own, or the parent's
}

// holder keeps a call's permit. Calls inside one another share it.
type holder struct {
	mu     sync.Mutex
	permit Permit
}

func (h *holder) hold(p Permit) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.permit != nil {
		p.Release() // a sibling took one meanwhile
		return
	}
	h.permit = p
}

func (h *holder) holding() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.permit != nil
}

func (h *holder) take() Permit {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := h.permit
	h.permit = nil
	return p
}

func (h *holder) release() {
	if p := h.take(); p != nil {
		p.Release()
	}
}

// Idle gives the permit back while wait runs, and takes a new one after it: a
// call that waits for a tab, a person or a timer keeps nobody out. Calls made
// inside it meanwhile take permits of their own.
func (inv *Invocation) Idle(ctx context.Context, wait func() error) error {
	inv.held.release()
	if err := inv.idle(wait); err != nil {
		return err
	}
	return inv.registry.admit(ctx, inv)
}

func (inv *Invocation) idle(wait func() error) error {
	begin := inv.registry.ports.Now()
	defer func() { inv.spent.idle.Add(int64(inv.registry.ports.Now().Sub(begin))) }()
	return wait()
}

// Detach returns a call that stands for inv after inv has returned, and takes
// its permit with it: for work that outlives its caller, such as a run. end
// gives the permit back; calls made inside name the original as their parent.
func (inv *Invocation) Detach() (detached *Invocation, end func()) {
	detached = &Invocation{
		Operation: inv.Operation, Principal: inv.Principal, Envelope: inv.Envelope, Face: inv.Face,
		Client: inv.Client, RequestID: inv.RequestID, App: inv.App, Mode: inv.Mode, Tab: inv.Tab,
		InputHash: inv.InputHash, Start: inv.Start, Parent: inv.Parent, registry: inv.registry,
	}
	detached.held = &detached.own
	detached.own.permit = inv.held.take()
	return detached, detached.own.release
}

// Context returns a context that carries inv, as the one a handler gets.
func (inv *Invocation) Context(ctx context.Context) context.Context { return withInvocation(ctx, inv) }

// HashBody adds what the body held to the input's hash, so that a repetition
// with other bytes is told from one with the same.
func (inv *Invocation) HashBody(sum [32]byte) {
	inv.InputHash = sha256.Sum256(append(inv.InputHash[:], sum[:]...))
}

// Wrote marks that a batch holding this call's audit entry was committed.
func (inv *Invocation) Wrote() { inv.wrote = true }

type invocationKey struct{}

// From returns the call under way, or nil outside of one.
func From(ctx context.Context) *Invocation {
	inv, _ := ctx.Value(invocationKey{}).(*Invocation)
	return inv
}

func withInvocation(ctx context.Context, inv *Invocation) context.Context {
	return context.WithValue(ctx, invocationKey{}, inv)
}

// Replayed is what a handler's write returns when its idempotency key had been
// used already with the same input, between the look-up in Call and the
// commit. Call answers the stored result.
type Replayed struct{ Result []byte }

func (*Replayed) Error() string { return "the idempotency key was used; its result stands" }
