package op

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Request is a call as a face received it.
type Request struct {
	Operation string
	Principal *Principal
	Input     []byte  // a JSON object, or empty
	Params    []Param // fields that came as text: path parameters and the query
	// App is the app the call is about, from the path on HTTP and from the
	// input's top-level "app" elsewhere (see PeekApp).
	App       string
	Envelope  Envelope
	Mode      Mode   // "" is ModeAPI
	Tab       string // with ModeUI: the live tab to act in; "" = the caller's only one, or one of our own
	Face      string
	Client    string
	Address   netip.Addr // of the client; invalid = as ctx says, see [WithAddress]
	RequestID string
	// Body is the bytes of an operation that TakesBody, nil when the face has
	// none. The handler reads it while it holds no permit.
	Body io.Reader
}

// Mode is the way in which an operation is carried out.
type Mode string

// The modes: by the handler, or in a live page where a person can watch.
const (
	ModeAPI Mode = "api"
	ModeUI  Mode = "ui"
)

// Param is an input field that arrived as text.
type Param struct{ Name, Value string }

// Result is what a call answered: JSON, or a stream, or bytes.
type Result struct {
	JSON      jsontext.Value
	Value     any // the handler's output; nil for a replay
	Stream    Stream
	Body      *Body
	Replayed  bool
	Operation *Operation
}

// Call is the only door. A call made inside an admitted call (ctx carries it)
// is authorised, validated and recorded like any other, but takes no second
// permit.
//
// The error is always an [*Error].
func (r *Registry) Call(ctx context.Context, req Request) (*Result, error) {
	o, err := r.Find(req.Operation)
	if err != nil {
		return nil, err
	}
	inv := r.invocation(ctx, o, &req)
	result, err := r.guarded(ctx, inv, &req)
	return r.finish(ctx, inv, result, err)
}

// guarded makes a panic anywhere in the call its internal error: not every
// face has somebody above who would catch it.
func (r *Registry) guarded(ctx context.Context, inv *Invocation, req *Request) (result *Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			result, err = nil, fmt.Errorf("panic in %s: %v\n%s", inv.Operation.Name, p, debug.Stack())
		}
	}()
	return r.admitted(ctx, inv, req)
}

func (r *Registry) invocation(ctx context.Context, o *Operation, req *Request) *Invocation {
	return &Invocation{
		Operation: o, Principal: req.Principal, Envelope: req.Envelope, Face: req.Face,
		Client: req.Client, Address: addressOf(ctx, req), RequestID: req.RequestID, App: req.App, Mode: req.Mode, Tab: req.Tab,
		Start: r.ports.Now(), Parent: From(ctx), Body: req.Body, registry: r,
	}
}

// admitted authorises the call, asks the gate, takes a permit and runs it.
func (r *Registry) admitted(ctx context.Context, inv *Invocation, req *Request) (*Result, error) {
	if err := authorise(inv); err != nil {
		return nil, err
	}
	return r.gated(ctx, inv, req)
}

// permitted takes a permit, or shares that of the call this one is made inside.
func (r *Registry) permitted(ctx context.Context, inv *Invocation, req *Request) (*Result, error) {
	if inv.Parent != nil && inv.Parent.held.holding() {
		inv.held = inv.Parent.held
		return r.validated(ctx, inv, req)
	}
	inv.held = &inv.own
	if err := r.admit(ctx, inv); err != nil {
		return nil, err
	}
	defer inv.held.release()
	return r.validated(ctx, inv, req)
}

func (r *Registry) admit(ctx context.Context, inv *Invocation) error {
	if inv.Mode == ModeUI {
		ctx = withInvocation(ctx, inv) // in a page the call takes other means than by its handler
	}
	begin := r.ports.Now()
	permit, err := r.ports.Admitter.Admit(ctx, inv.Principal, inv.Operation)
	inv.spent.admit.Add(int64(r.ports.Now().Sub(begin)))
	if err != nil {
		return err
	}
	inv.held.hold(permit)
	return nil
}

// validated decodes, replays, confirms and approves, then runs the handler.
func (r *Registry) validated(ctx context.Context, inv *Invocation, req *Request) (*Result, error) {
	in, err := decodeRequest(inv, req)
	if err != nil {
		return nil, err
	}
	if result, err := r.replay(ctx, inv); result != nil || err != nil {
		return result, err
	}
	ctx = withInvocation(ctx, inv)
	if err := r.confirmed(ctx, inv, in); err != nil {
		return nil, err
	}
	out, err := r.carryOut(ctx, inv, req, in)
	if err != nil {
		return replayedResult(inv, err)
	}
	r.observe(inv, req)
	return encodeResult(inv.Operation, out)
}

// observe tells of a call that a page made whose session somebody drives.
func (r *Registry) observe(inv *Invocation, req *Request) {
	if r.ports.Observer == nil || !inv.Principal.Driven || inv.Parent != nil || inv.Envelope.DryRun {
		return
	}
	if input, err := rawObject(req); err == nil { // it was decoded before
		r.ports.Observer.Observed(inv, input)
	}
}

// authorise checks the scope, the app a token is bound to and the kind.
func authorise(inv *Invocation) error {
	o, p := inv.Operation, inv.Principal
	if p == nil {
		return Errorf(CodeUnauthenticated, "this needs a token or a session").
			WithHint("send Authorization: Bearer TOKEN, or sign in with fazt open")
	}
	if !p.Scopes.Has(o.Scope) {
		return Forbidden(o, p)
	}
	if o.PeopleOnly && (p.Kind != KindPerson || p.Driven || inv.Face == FaceMCP) {
		return Errorf(CodeForbidden, "only a person can do %s, in person", o.Name).
			WithHint("ask a person to do it in the admin page")
	}
	if err := inv.withinRun(); err != nil {
		return err
	}
	if p.App == "" || o.AppFree {
		return nil
	}
	if !o.hasApp {
		return Errorf(CodeForbidden, "the token %q is bound to app %q, and %s is not about one app", p.Name, p.App, o.Name).
			WithHint("use a token that is not bound to an app")
	}
	if inv.App != p.App {
		return NotFound("app", "no app %q", inv.App).WithHint("this token is bound to app %q", p.App)
	}
	return nil
}

// withinRun holds a call of a run's session to what the run may do.
func (inv *Invocation) withinRun() error {
	p, ceiling := inv.Principal, inv.registry.ports.Ceiling
	if p.Run == "" || ceiling == nil {
		return nil
	}
	most, live := ceiling(p.Run)
	switch {
	case !live:
		return Errorf(CodeForbidden, "the run %s that this session belongs to has ended", p.Run).
			WithHint("start a new run")
	case inv.Operation.Effect.Exceeds(most):
		return Errorf(CodeForbidden, "%s has the effect %s, and the run %s may at most %s", inv.Operation.Name, inv.Operation.Effect, p.Run, most).
			WithHint("declare effect: %q in the recipe and save it again", inv.Operation.Effect)
	}
	return nil
}

// Forbidden is the answer to a principal that lacks the operation's scope.
func Forbidden(o *Operation, p *Principal) *Error {
	return Errorf(CodeForbidden, "%s needs the scope %s, which %q lacks", o.Name, o.Scope, p.Name).
		WithHint("use a token with %s; the owner can create one under /tokens", o.Scope)
}

// decodeRequest decodes the input and hashes it in its decoded form, so that
// the same input has the same hash however it came.
func decodeRequest(inv *Invocation, req *Request) (any, error) {
	o := inv.Operation
	if len(inv.Envelope.IdempotencyKey) > MaxIdempotencyKey {
		return nil, Invalid("idempotency_key", "the idempotency key is %d bytes long, over %d",
			len(inv.Envelope.IdempotencyKey), MaxIdempotencyKey).WithHint("use a shorter key, such as a UUID")
	}
	if inv.Mode != "" && inv.Mode != ModeAPI && inv.Mode != ModeUI {
		return nil, Invalid("mode", "mode must be api or ui, not %q", clip(string(inv.Mode))).
			WithHint("api calls the operation, ui carries it out in a live page")
	}
	if o.ManyBatches && inv.Envelope.DryRun {
		return nil, Invalid("dry_run", "%s cannot be tried without acting", o.Name).
			WithHint("call it without dry_run")
	}
	in, err := o.decode(req)
	if err != nil {
		return nil, o.hinted(err)
	}
	if o.Effect == Read {
		return in, nil
	}
	inv.InputHash, err = hashInput(in)
	return in, err
}

// hinted gives an error about a field that says no next step what the field is
// for.
func (o *Operation) hinted(err error) error {
	var e *Error
	if !errors.As(err, &e) || e.Hint != "" || e.Field == "" {
		return err
	}
	top := e.Field
	if end := strings.IndexAny(top, ".["); end > 0 {
		top = top[:end]
	}
	for _, f := range o.fields {
		if f.Name == top && f.Doc != "" {
			return e.WithHint("%s: %s", top, f.Doc)
		}
	}
	return err
}

func hashInput(in any) ([32]byte, error) {
	if raw, ok := in.([]byte); ok {
		return sha256.Sum256(raw), nil
	}
	buf := buffers.Get().(*buffer)
	defer putBuffer(buf)
	buf.Reset()
	// Deterministic: without it a map's members come in any order.
	if err := json.MarshalWrite(buf, in, json.Deterministic(true)); err != nil {
		return [32]byte{}, fmt.Errorf("hash input: %w", err)
	}
	return sha256.Sum256(buf.Bytes()), nil
}

// replay answers the stored result of an idempotency key. The writer decides
// again within the commit, for calls that race.
func (r *Registry) replay(ctx context.Context, inv *Invocation) (*Result, error) {
	key := inv.Envelope.IdempotencyKey
	if inv.Operation.TakesBody {
		return nil, nil // whether the input is the same is known when the bytes are: within the commit
	}
	if key == "" || inv.Operation.Effect == Read || inv.Envelope.DryRun {
		return nil, nil
	}
	stored, err := r.ports.Recorder.Replay(ctx, inv.Principal.ID, inv.Operation.Name, key)
	if err != nil || stored == nil {
		return nil, err
	}
	if stored.InputHash != inv.InputHash {
		return nil, Errorf(CodeIdempotencyMismatch, "the idempotency key %q was used with another input", key).
			WithHint("use a new key for a new call; repeat a key only with exactly the same input")
	}
	if stored.Result == nil {
		return nil, Errorf(CodeInProgress, "the first call with idempotency key %q has not ended", key).
			WithHint("call again in a moment with the same key")
	}
	inv.wrote = true
	return &Result{JSON: stored.Result, Replayed: true, Operation: inv.Operation}, nil
}

// confirmed asks an agent for confirmation, and a person for approval. While a
// person thinks, the call holds no permit.
func (r *Registry) confirmed(ctx context.Context, inv *Invocation, in any) error {
	if inv.Principal.Kind != KindAgent || inv.Envelope.DryRun || inv.Operation.Effect == Read {
		return nil
	}
	risk := Risk{}
	if inv.Operation.risk != nil {
		var err error
		if risk, err = inv.Operation.risk(ctx, in); err != nil {
			return err
		}
	}
	if risk.Confirm != "" && inv.Envelope.Confirm != risk.Confirm {
		return confirmationRequired(inv, risk)
	}
	approve := func() error { return r.ports.Approver.Approve(ctx, inv, risk, inv.held.release) }
	if err := inv.idle(approve); err != nil {
		return err
	}
	if inv.held.holding() {
		return nil
	}
	return r.admit(ctx, inv)
}

func confirmationRequired(inv *Invocation, risk Risk) error {
	e := Errorf(CodeConfirmationRequired, "%s would destroy %s; nothing was changed", inv.Operation.Name, risk.Summary)
	if given := inv.Envelope.Confirm; given != "" {
		e = Errorf(CodeConfirmationRequired, "confirm says %q, but %s would destroy %s; nothing was changed",
			given, inv.Operation.Name, risk.Summary)
	}
	e.Confirm = risk.Confirm
	return e.WithHint("if that is meant, call again with confirm: %q", risk.Confirm)
}

// carryOut runs the handler, or the operation's page form in a live page. A
// recipe's handler knows both ways itself.
func (r *Registry) carryOut(ctx context.Context, inv *Invocation, req *Request, in any) (any, error) {
	if inv.Mode != ModeUI || inv.Operation.Recipe {
		return inv.Operation.handler(ctx, in)
	}
	if inv.Envelope.DryRun {
		return nil, Invalid("dry_run", "a page cannot be tried without acting in it").WithHint("call %s with mode api for a dry run", inv.Operation.Name)
	}
	if r.ports.Forms == nil {
		return nil, Errorf(CodeInvalidInput, "this server carries out nothing in a page").WithHint("call %s with mode api", inv.Operation.Name)
	}
	input, err := rawObject(req)
	if err != nil {
		return nil, err
	}
	return r.ports.Forms.Run(ctx, inv, input)
}

func replayedResult(inv *Invocation, err error) (*Result, error) {
	var replayed *Replayed
	if !errors.As(err, &replayed) {
		return nil, err
	}
	inv.wrote = true
	return &Result{JSON: replayed.Result, Replayed: true, Operation: inv.Operation}, nil
}

func encodeResult(o *Operation, out any) (*Result, error) {
	switch out := out.(type) {
	case Stream:
		return &Result{Stream: out, Operation: o}, nil
	case *Body:
		return &Result{Body: out, Operation: o}, nil
	}
	encoded, err := Encode(out)
	if err != nil {
		return nil, fmt.Errorf("encode output of %s: %w", o.Name, err)
	}
	return &Result{JSON: encoded, Value: out, Operation: o}, nil
}

// Encode renders an output as JSON, as every face answers it.
func Encode(out any) ([]byte, error) { return json.Marshal(out, jsontext.AllowInvalidUTF8(false)) }

// finish turns any error into an *Error and records the call.
func (r *Registry) finish(ctx context.Context, inv *Invocation, result *Result, err error) (*Result, error) {
	if err == nil {
		r.ports.Recorder.Record(ctx, inv, Done{Wrote: inv.wrote})
		return result, nil
	}
	e := asCallError(ctx, err)
	if e.Code == CodeInternal && e.RequestID == "" {
		c := *e
		c.RequestID = inv.RequestID
		e = &c
	}
	r.ports.Recorder.Record(ctx, inv, Done{Code: e.Code, Cause: err, Wrote: inv.wrote})
	return nil, e
}

// asCallError also gives the caller's own cancelled or expired context a code.
func asCallError(ctx context.Context, err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	if ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		return &Error{
			Code: CodeDeadline, Detail: "the call ended before it was done",
			Hint: "call again with more time", Cause: err,
		}
	}
	return AsError(err)
}

// Since returns how long the call has been under way.
func (inv *Invocation) Since(now time.Time) time.Duration { return now.Sub(inv.Start) }
