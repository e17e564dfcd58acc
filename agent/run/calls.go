package run

import (
	"context"
	"encoding/json"
	"time"

	"fazt/agent/approval"
	"fazt/server/op"
	"fazt/storage"
)

// called carries out a recipe that was called as an operation.
func (r *Runner) called(ctx context.Context, name string, input []byte) (any, error) {
	inv := op.From(ctx)
	e, err := r.Find(inv.Principal, name)
	if err != nil {
		return nil, err
	}
	if e.Effect().Exceeds(inv.Operation.Effect) {
		return nil, op.Errorf(op.CodeForbidden, "your draft of %s has the effect %s, and the enabled version %s", name, e.Effect(), inv.Operation.Effect).
			WithHint("run the draft by recipe_run")
	}
	return r.carryOut(ctx, Start{Entry: e, Input: input, Mode: inv.Mode, Tab: inv.Tab, answer: answerOutput})
}

func answerOutput(record Record) any { return Answer{record} }

// carryOut runs a recipe to its end, in the run that ctx belongs to or in one
// of its own.
func (r *Runner) carryOut(ctx context.Context, s Start) (any, error) {
	if parent := frameFrom(ctx); parent != nil {
		return parent.call(ctx, s)
	}
	l, err := r.begin(ctx, s)
	if err != nil {
		return nil, err
	}
	select {
	case <-l.done:
	case <-ctx.Done():
		return nil, op.Errorf(op.CodeDeadline, "run %s goes on without its caller", l.id).WithHint("run_get %s waits for it", l.id)
	}
	record, err := l.outcome()
	if err != nil {
		return nil, err
	}
	return s.answer(record), nil
}

// riskOf is asked before a recipe is carried out for an agent.
func (r *Runner) riskOf(ctx context.Context, name string, input []byte) (op.Risk, error) {
	e, err := r.Find(op.From(ctx).Principal, name)
	if err != nil {
		return op.Risk{}, err
	}
	return riskOf(e, input), nil
}

// Risk is what a person is asked about before a call of Run.
func (r *Runner) Risk(ctx context.Context, name string, input []byte) (op.Risk, error) {
	if r.isOperation(name) {
		return op.Risk{}, nil // asked by the operation's own call
	}
	return r.riskOf(ctx, name, input)
}

// Run starts a recipe and waits for at most wait; the run goes on after that.
func (r *Runner) Run(ctx context.Context, s Start, wait time.Duration) (Record, error) {
	s.answer = func(record Record) any { return record }
	if parent := frameFrom(ctx); parent != nil {
		return Record{}, op.Errorf(op.CodeInvalidInput, "a recipe calls another one by fazt.recipes").
			WithHint("write fazt.recipes.%s(input) in %s", s.Entry.Definition.Name, parent.principal.Run)
	}
	return r.start(ctx, s, wait)
}

// RunForm makes the call of the operation that a page form belongs to, with all
// that its call asks for, and waits for its end.
func (r *Runner) RunForm(ctx context.Context, s Start) (Record, error) {
	inv, name := op.From(ctx), s.Entry.Definition.Name
	if s.Mode != op.ModeUI {
		return Record{}, op.Errorf(op.CodeInvalidInput, "%s is an operation, and this recipe is its page form", name).
			WithHint("call %s itself, or this with mode ui", name)
	}
	result, err := r.options.Registry.Call(ctx, op.Request{
		Operation: name, Principal: inv.Principal, Input: s.Input, App: op.PeekApp(s.Input),
		Envelope: op.Envelope{Confirm: inv.Envelope.Confirm}, Mode: op.ModeUI, Tab: s.Tab,
		Face: inv.Face, Client: inv.Client, RequestID: inv.RequestID,
	})
	if err != nil {
		return Record{}, err
	}
	answer, ok := result.Value.(Answer)
	if !ok { // inside a run it is a step of that
		return Record{}, op.Errorf(op.CodeInvalidInput, "a recipe calls a page form by fazt.recipes").WithHint("write fazt.recipes.%s(input, { mode: \"ui\" })", name)
	}
	return answer.Record, nil
}

func (r *Runner) start(ctx context.Context, s Start, wait time.Duration) (Record, error) {
	l, err := r.begin(ctx, s)
	if err != nil {
		return Record{}, err
	}
	waitFor(ctx, l.done, wait)
	return l.snapshot(), nil
}

func waitFor(ctx context.Context, done <-chan struct{}, wait time.Duration) {
	if wait <= 0 {
		return
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// Forms carries operations out in a live page: it is [op.Ports.Forms].
func (r *Runner) Forms() op.PageForms { return forms{r} }

type forms struct{ r *Runner }

// Run implements [op.PageForms].
func (f forms) Run(ctx context.Context, inv *op.Invocation, input []byte) (any, error) {
	if inv.Envelope.DryRun {
		return nil, op.Invalid("dry_run", "%s in a page cannot be tried without acting", inv.Operation.Name).
			WithHint("call it with mode api for a dry run")
	}
	e, err := f.r.form(inv.Principal, inv.Operation.Name)
	if err != nil {
		return nil, err
	}
	return f.r.carryOut(ctx, Start{Entry: e, Input: input, Mode: op.ModeUI, Tab: inv.Tab, answer: answerOutput})
}

// cover lets what a run does inside go on without being asked about again.
// Nobody can tell from code what it will do, so an approval of code covers no
// more than the operation says that it may.
func (r *Runner) cover(l *live) (end func()) {
	cover := approval.Run{ID: l.id, Operation: l.inv.Operation, App: l.inv.App, Effect: l.effect, Waiting: l.approval}
	if e := l.root.entry; e == nil {
		cover.Recipe, cover.Effect = true, l.inv.Operation.Effect
	} else {
		cover.Recipe, cover.Wide = !e.form, l.effect == op.Destructive
	}
	return r.options.Desk.Begin(cover)
}

// visible reports whether p may look at and end a run of the principal by.
func visible(p *op.Principal, by string) bool {
	return p.ID == by || p.Kind == op.KindPerson && !p.Driven && p.App == ""
}

func (r *Runner) find(id string) *live {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.live[id]
}

// Get returns a run, waiting for its end for at most wait.
func (r *Runner) Get(ctx context.Context, p *op.Principal, id string, wait time.Duration) (Record, error) {
	if l := r.find(id); l != nil && visible(p, l.caller.ID) {
		if frameFrom(ctx) == nil {
			_ = op.From(ctx).Idle(ctx, func() error { // the record is had without a permit too
				waitFor(ctx, l.done, wait)
				return nil
			})
		}
		return l.snapshot(), nil
	}
	row, err := r.options.DB.Run(ctx, id)
	if err != nil {
		return Record{}, r.options.ErrorOf(err)
	}
	if !visible(p, row.Principal) {
		return Record{}, op.NotFound("run", "no run %q", id).WithHint("run_list shows your runs")
	}
	return recordOf(row)
}

// Cancel ends a run and waits for its end. One that has ended stays as it is.
func (r *Runner) Cancel(ctx context.Context, p *op.Principal, id string) (Record, error) {
	if l := r.find(id); l != nil && visible(p, l.caller.ID) {
		l.cancel(errCancelled{by: p.Name})
		select {
		case <-l.done:
		case <-ctx.Done():
		}
		return l.snapshot(), nil
	}
	return r.Get(ctx, p, id, 0)
}

// CutOff ends every run under way and returns how many those were, once their
// records say so or ctx ends.
func (r *Runner) CutOff(ctx context.Context, by string) int {
	r.mu.Lock()
	runs := make([]*live, 0, len(r.live))
	for _, l := range r.live {
		runs = append(runs, l)
	}
	r.mu.Unlock()
	for _, l := range runs {
		l.cancel(errCancelled{by: by})
	}
	for _, l := range runs {
		select {
		case <-l.done:
		case <-ctx.Done():
		}
	}
	return len(runs)
}

// Query asks for a page of runs, newest first.
type Query struct {
	Recipe string // only of this one
	Before int64
	Limit  int
}

// List returns a page of the runs that p may see, without their steps.
func (r *Runner) List(ctx context.Context, p *op.Principal, q Query) (page []Record, next int64, err error) {
	by := p.ID
	if visible(p, "") {
		by = ""
	}
	rows, next, err := r.options.DB.Runs(ctx, storage.RunQuery{Principal: by, Recipe: q.Recipe, Before: q.Before, Limit: q.Limit})
	if err != nil {
		return nil, 0, r.options.ErrorOf(err)
	}
	page = []Record{}
	for _, row := range rows {
		record, err := recordOf(row)
		if err != nil {
			return nil, 0, err
		}
		if l := r.find(row.ID); l != nil {
			record = l.snapshot()
		}
		record.Steps, record.Console = []Step{}, nil
		page = append(page, record)
	}
	return page, next, nil
}

// rights is what is kept of whom a run acts as.
type rights struct {
	Kind   op.Kind    `json:"kind"`
	Scopes []op.Scope `json:"scopes"`
	App    string     `json:"app,omitzero"`
}

func rightsOf(p *op.Principal) (json.RawMessage, error) {
	return json.Marshal(rights{p.Kind, p.Scopes.List(), p.App})
}
