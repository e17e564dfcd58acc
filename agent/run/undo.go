package run

import (
	"context"
	"time"

	"fazt/server/op"
)

// modeUndo is the mode of a run that undoes another: it has the recipe and the
// input of that one.
const modeUndo op.Mode = "undo"

// Undo carries out the undo of the recipe of a run that ended well, by the
// version that ran, as a run of its own.
func (r *Runner) Undo(ctx context.Context, id string, wait time.Duration) (Record, error) {
	e, done, err := r.undoable(ctx, id)
	if err != nil {
		return Record{}, err
	}
	inv := op.From(ctx)
	p, err := e.narrowed(inv.Principal, "")
	if err != nil {
		return Record{}, err
	}
	output := []byte(done.Output)
	if len(output) == 0 {
		output = []byte("null")
	}
	return r.start(ctx, Start{
		Entry: e,
		frame: &frame{
			runner: r, entry: e, principal: p, effect: e.Effect(), mode: modeUndo, input: []byte(done.Input), undoes: output,
		},
		answer: func(record Record) any { return record },
	}, wait)
}

// UndoRisk is what a person is asked about before.
func (r *Runner) UndoRisk(ctx context.Context, id string) (op.Risk, error) {
	e, done, err := r.undoable(ctx, id)
	if err != nil {
		return op.Risk{}, err
	}
	risk := riskOf(e, []byte(done.Input))
	risk.Summary = "undo of " + risk.Summary
	return risk, nil
}

// undoable returns a run of the caller's that can be undone, and its recipe.
func (r *Runner) undoable(ctx context.Context, id string) (*Entry, Record, error) {
	p := op.From(ctx).Principal
	done, err := r.Get(ctx, p, id, 0)
	if err != nil {
		return nil, done, err
	}
	if done.State != OK || done.Mode == string(modeUndo) {
		return nil, done, op.Errorf(op.CodeConflict, "run %s is %s (%s), and only what ended well can be undone", id, done.State, done.Mode).
			WithHint("run_get %s shows what it did", id)
	}
	hash, err := r.hashOf(ctx, id)
	if err != nil {
		return nil, done, err
	}
	e, err := r.version(ctx, done.Recipe, hash)
	if err != nil {
		return nil, done, err
	}
	if !e.Definition.HasUndo {
		return nil, done, op.Errorf(op.CodeInvalidInput, "the recipe %s has no undo", done.Recipe).
			WithHint("give it async undo({ fazt, input, output }) { … }, or undo its steps yourself: run_get %s lists them", id)
	}
	return e, done, nil
}

func (r *Runner) hashOf(ctx context.Context, id string) (string, error) {
	row, err := r.options.DB.Run(ctx, id)
	if err != nil {
		return "", r.options.ErrorOf(err)
	}
	return row.Hash, nil
}
