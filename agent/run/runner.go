package run

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"io"
	"strings"
	"sync"
	"time"

	"fazt/server/op"
	"fazt/storage"
)

const (
	// maxRuns bounds the runs in flight, and maxNested the recipes that recipes
	// call: together no more than the pool has processes, and apart, since a
	// caller that waits for the process of what it calls must not be what
	// keeps that one busy.
	maxRuns   = 24
	maxNested = 8
	// patience is how long a run waits for its turn.
	patience = 10 * time.Second
	// maxDepth bounds recipes that call each other: less than maxNested, or one
	// that calls itself would wait for itself.
	maxDepth = 5
	// maxArguments and maxOutput leave room for a value of 1 MiB with what is
	// around it, twice in the arguments: as a value and as text.
	maxArguments = 4 << 20
	maxOutput    = 2 << 20
	// flushEvery is how often the steps of a run under way are written down.
	flushEvery = 250 * time.Millisecond
	// writeTime is for the record of a run whose caller may be gone.
	writeTime = 30 * time.Second
)

// Runner carries recipes out.
type Runner struct {
	*Catalogue
	options Options
	ctx     context.Context // of all runs
	stop    context.CancelCauseFunc
	running sync.WaitGroup
	slots   chan struct{}
	nested  chan struct{}

	mu     sync.Mutex
	closed bool
	live   map[string]*live
}

// New returns a runner that knows no recipe yet.
func New(o Options) *Runner {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	o.Limits.ArgumentBytes = cmp.Or(o.Limits.ArgumentBytes, maxArguments)
	o.Limits.OutputBytes = cmp.Or(o.Limits.OutputBytes, maxOutput)
	r := &Runner{
		options: o, live: map[string]*live{},
		slots: make(chan struct{}, maxRuns), nested: make(chan struct{}, maxNested),
	}
	r.ctx, r.stop = context.WithCancelCause(context.Background())
	r.Catalogue = newCatalogue(&r.options, r.called)
	r.Catalogue.risk = r.riskOf
	return r
}

// errStopping is the cause of runs that end with the server.
var errStopping = errors.New("the server is stopping")

// Open registers the recipes and looks at the runs that a crash cut off.
func (r *Runner) Open(ctx context.Context) error {
	if err := r.Catalogue.open(ctx); err != nil {
		return err
	}
	if _, err := r.options.DB.Write(ctx, &storage.Batch{Mutations: []storage.Mutation{storage.RunsLost{}}}); err != nil {
		return r.options.ErrorOf(err)
	}
	lost, err := r.options.DB.UnsettledRuns(ctx)
	if err != nil {
		return r.options.ErrorOf(err)
	}
	if len(lost) > 0 {
		r.running.Go(func() { r.settleAll(lost) })
	}
	return nil
}

// Close ends every run, writes its record, and returns when none is left.
func (r *Runner) Close(ctx context.Context) error {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.stop(errStopping)
	done := make(chan struct{})
	go func() {
		r.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		<-done // each run ends soon after its context; none may outlive the database
		return ctx.Err()
	}
}

// Count returns how many runs are under way, for the system's status.
func (r *Runner) Count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.live)
}

// Ceiling is [op.Ports.Ceiling].
func (r *Runner) Ceiling(id string) (op.Effect, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.live[id]
	if l == nil {
		return "", false
	}
	return l.effect, true
}

// Start is a run to begin.
type Start struct {
	Entry *Entry
	Input []byte
	Mode  op.Mode
	Tab   string

	frame  *frame           // of code or of an undo, in place of one that is made of Entry
	code   string           // its hash
	answer func(Record) any // what the call answers once the run is ok, for its idempotency key
}

// begin starts a run of the call under way, which the run outlives.
func (r *Runner) begin(ctx context.Context, s Start) (*live, error) {
	inv := op.From(ctx)
	l, err := r.prepare(inv, s)
	if err != nil {
		return nil, err
	}
	if err := r.turn(ctx, r.slots); err != nil {
		return nil, err
	}
	l.ctx, l.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	if err := r.enrol(l); err != nil {
		l.cancel(nil)
		<-r.slots
		return nil, err
	}
	// The permit goes with the run: what it calls is inside an admitted call.
	l.inv, l.endPermit = inv.Detach()
	l.endCover = r.cover(l)
	l.ctx = l.inv.Context(l.ctx)
	stopWith := context.AfterFunc(r.ctx, func() { l.cancel(errStopping) })
	err = ctx.Err() // whoever ended the call before the run was known meant the run too
	if err == nil {
		err = l.recordStart(ctx)
	}
	if err != nil {
		stopWith()
		r.dismiss(l)
		return nil, err
	}
	go func() {
		defer r.running.Done()
		defer stopWith()
		l.work()
	}()
	return l, nil
}

// turn waits for a place in a queue.
func (r *Runner) turn(ctx context.Context, places chan struct{}) error {
	select {
	case places <- struct{}{}:
		return nil
	default:
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		e := op.Errorf(op.CodeOverloaded, "%d runs are under way; nothing was done", cap(places)).
			WithHint("call again in a few seconds")
		e.RetryAfter = patience
		return e
	}
}

// enrol makes a run known under its id and counts it in.
func (r *Runner) enrol(l *live) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return op.Errorf(op.CodeOverloaded, "the server is stopping; nothing was done").WithHint("call again when it is back")
	}
	r.running.Add(1)
	r.live[l.id] = l
	return nil
}

// dismiss is the opposite of enrol, for a run that never worked.
func (r *Runner) dismiss(l *live) {
	r.forget(l)
	r.running.Done()
}

// forget takes an ended run out. Whatever session it had is worth nothing now.
func (r *Runner) forget(l *live) {
	l.endCover()
	l.endPermit()
	l.cancel(nil)
	r.mu.Lock()
	delete(r.live, l.id)
	r.mu.Unlock()
	<-r.slots
}

// idBytes makes r_ and ten characters.
const idBytes = 6

func (r *Runner) newID() (string, error) {
	b := make([]byte, idBytes)
	if _, err := io.ReadFull(r.options.Rand, b); err != nil {
		return "", err
	}
	return "r_" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b)), nil
}

// prepare checks everything that needs no process, so that a run which cannot
// work is refused before it has a record.
func (r *Runner) prepare(inv *op.Invocation, s Start) (*live, error) {
	id, err := r.newID()
	if err != nil {
		return nil, err
	}
	l := &live{
		runner: r, id: id, done: make(chan struct{}), answer: s.answer,
		journal: &journal{now: r.options.Now}, caller: inv.Principal,
	}
	f := s.frame
	if f == nil {
		if f, err = r.frameOf(inv.Principal.Scopes, inv.Principal, s, id); err != nil {
			return nil, err
		}
	}
	f.live, f.principal.Run = l, id
	l.root, l.effect = f, f.effect
	l.tab.given = s.Tab
	name, hash := "code", s.code
	if s.Entry != nil {
		name, hash = s.Entry.Definition.Name, s.Entry.Hash
	}
	l.row = storage.Run{
		ID: id, Recipe: name, Hash: hash, Mode: string(f.mode), State: string(Running),
		Principal: inv.Principal.ID, PrincipalName: cmp.Or(inv.Principal.Name, inv.Principal.ID),
		Input: withoutSecrets(f.input), StartedAt: r.options.Now(),
	}
	l.row.Rights, err = rightsOf(f.principal)
	return l, err
}

// frameOf checks that a recipe can be carried out for a caller as asked. tabs
// are the scopes that decide about live tabs: those of who called the run.
func (r *Runner) frameOf(tabs op.ScopeSet, caller *op.Principal, s Start, id string) (*frame, error) {
	e, mode := s.Entry, cmp.Or(s.Mode, op.ModeAPI)
	name := e.Definition.Name
	switch {
	case mode == op.ModeAPI && !e.Definition.HasAPI:
		return nil, op.Errorf(op.CodeInvalidInput, "the recipe %s has no api", name).WithHint("call it with mode ui")
	case mode == op.ModeUI && !e.Definition.HasUI:
		return nil, op.Errorf(op.CodeInvalidInput, "the recipe %s has no ui", name).WithHint("call it with mode api")
	}
	if !e.form { // an operation's own input is checked already
		if err := e.checkInput(s.Input); err != nil {
			return nil, err
		}
	}
	p, err := e.narrowed(caller, id)
	if err != nil {
		return nil, err
	}
	if mode == op.ModeUI && !tabs.Has(tabScope) {
		return nil, op.Errorf(op.CodeForbidden, "acting in a page needs the scope %s, which %q lacks", tabScope, caller.Name).
			WithHint("call it with mode api, or use a token with %s", tabScope)
	}
	return &frame{runner: r, entry: e, principal: p, effect: e.Effect(), mode: mode, input: s.Input}, nil
}

// tabScope is what acting in a live tab needs.
const tabScope op.Scope = "tabs:write"
