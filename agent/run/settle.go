package run

import (
	"context"
	"errors"

	"fazt/recipes"
	"fazt/server/op"
	"fazt/storage"
)

// settleAll looks at each run that a crash cut off.
func (r *Runner) settleAll(lost []storage.Run) {
	for _, row := range lost {
		if r.ctx.Err() != nil {
			return // the next start goes on with the rest
		}
		r.settle(row)
	}
}

// settle makes the check of a run that a crash cut off, and writes down what it
// says. It never carries the run out again.
func (r *Runner) settle(row storage.Run) {
	l, err := r.afterCrash(row)
	if err == nil && row.Mode != string(modeUndo) { // the check of what was undone would say the opposite
		defer l.tab.release(l)
		row.Verdict, err = l.root.checkAlone(l.ctx)
	}
	if r.ctx.Err() != nil {
		return
	}
	switch {
	case row.Verdict == CheckOK:
		row.State = string(OK)
		row.Error = jsonOrNil(true, &Failure{
			Code: codeUnknown, Detail: "the server ended while the run was under way; its check passed afterwards, what it answered is lost",
			Hint: "read what you need of it",
		})
	case l != nil && brokenPromise(err):
		row.State, row.Verdict = string(Failed), CheckFailed
		_, failure := l.reason(err)
		failure.Detail = "the server ended while the run was under way; " + failure.Detail
		row.Error = jsonOrNil(true, failure)
	default:
		row.Verdict = CheckNone
		row.Error = jsonOrNil(true, &Failure{
			Code: codeUnknown, Detail: "the server ended while the run was under way, and no check could say how far it came",
			Hint: "look at what it was to do before you run it again",
		})
	}
	r.writeSettled(row)
}

// brokenPromise reports whether a check looked and found the world not as
// promised, rather than failing for another reason, such as an output that is
// lost.
func brokenPromise(err error) bool {
	var failed *checkError
	var ran *recipes.RunError
	if !errors.As(err, &failed) || !errors.As(err, &ran) || ran.Code != recipes.CodeScript {
		return false
	}
	return ran.Host != nil && ran.Host.Code == "expectation_failed"
}

// afterCrash makes a frame of what is known of a run.
func (r *Runner) afterCrash(row storage.Run) (*live, error) {
	e, err := r.version(r.ctx, row.Recipe, row.Hash)
	if err != nil {
		return nil, err
	}
	var had rights
	if err := decode(row.Rights, &had); err != nil {
		return nil, err
	}
	scopes, err := op.NewScopeSet(had.Scopes...)
	if err != nil {
		return nil, err
	}
	// Not as the run, which is over: a check is held to reading by its frame.
	p := &op.Principal{ID: row.Principal, Name: row.PrincipalName, Kind: had.Kind, Scopes: scopes, App: had.App, Driven: true}
	l := &live{
		runner: r, id: row.ID, caller: p, row: row, effect: op.Read, ctx: r.ctx, inv: &op.Invocation{Principal: p},
		journal: &journal{now: r.options.Now}, started: make(chan struct{}), done: make(chan struct{}),
	}
	close(l.started)
	l.root = &frame{runner: r, live: l, entry: e, principal: p, effect: op.Read, mode: op.ModeAPI, input: row.Input}
	return l, nil
}

// checkAlone runs the check without what came before it.
func (f *frame) checkAlone(ctx context.Context) (verdict string, err error) {
	compiled, err := f.compiled(ctx)
	if err != nil {
		return "", err
	}
	return f.check(ctx, compiled, nil)
}

// writeSettled keeps what was found, with the steps as far as they were known.
func (r *Runner) writeSettled(row storage.Run) {
	var steps []Step
	if len(row.Steps) > 0 && decode(row.Steps, &steps) == nil {
		row.Steps = jsonOrNil(true, cutOff(steps))
	}
	ctx, cancel := context.WithTimeout(context.Background(), writeTime)
	defer cancel()
	if _, err := r.options.DB.Write(ctx, &storage.Batch{Mutations: []storage.Mutation{storage.RunUpdate{Run: row}}}); err != nil {
		r.options.Logger.Error("the record of a run could not be settled", "run", row.ID, "error", err)
	}
	r.options.publish("runs", map[string]string{"run": row.ID, "recipe": row.Recipe, "state": row.State})
}
