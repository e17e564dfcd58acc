package run

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/agent/draft"
	"fazt/recipes"
	"fazt/server/op"
)

// frame is one recipe, or one piece of code, at work within a run: the one
// that was called, or one that it called.
type frame struct {
	runner    *Runner
	live      *live
	parent    *frame
	entry     *Entry            // nil for code
	code      *recipes.Compiled // of code
	principal *op.Principal     // whose rights its host calls have
	effect    op.Effect         // the most that they may do
	mode      op.Mode
	input     []byte
	checking  bool            // its check is running
	undoes    json.RawMessage // the output of the run that it undoes; nil = it undoes none
}

type frameKey struct{}

func frameFrom(ctx context.Context) *frame {
	f, _ := ctx.Value(frameKey{}).(*frame)
	return f
}

func (f *frame) depth() int {
	n := 0
	for p := f.parent; p != nil; p = p.parent {
		n++
	}
	return n
}

// label stands before the steps of a recipe that another one called.
func (f *frame) label() string {
	if f.parent == nil || f.entry == nil {
		return ""
	}
	return f.entry.Definition.Name + ": "
}

// entryPoint is the function that the mode asks for.
func (f *frame) entryPoint() string {
	switch {
	case f.entry == nil:
		return recipes.EntryDefault
	case f.mode == op.ModeUI:
		return recipes.EntryUI
	}
	return recipes.EntryAPI
}

func (f *frame) compiled(ctx context.Context) (*recipes.Compiled, error) {
	if f.entry == nil {
		return f.code, nil
	}
	compiled, err := f.entry.compile(ctx, f.runner.options.Pool)
	if err != nil {
		return nil, compileError(err)
	}
	return compiled, nil
}

// carryOut runs the recipe and then its check.
func (f *frame) carryOut(ctx context.Context) (value json.RawMessage, verdict string, err error) {
	compiled, err := f.compiled(ctx)
	if err != nil {
		return nil, "", err
	}
	if f.undoes != nil {
		value, err = f.enter(ctx, compiled, recipes.EntryUndo, f.undoes)
		return value, "", err
	}
	if f.mode == op.ModeUI && f.entry != nil {
		if err := f.arrive(ctx); err != nil {
			return nil, "", err
		}
	}
	value, err = f.enter(ctx, compiled, f.entryPoint(), nil)
	if err != nil {
		return nil, "", err
	}
	if err := f.checkOutput(value); err != nil {
		return nil, "", err
	}
	if f.entry == nil {
		return value, "", nil
	}
	verdict, err = f.check(ctx, compiled, value)
	return value, verdict, err
}

// checkError is a check that threw.
type checkError struct{ cause error }

func (e *checkError) Error() string { return "the check failed: " + e.cause.Error() }
func (e *checkError) Unwrap() error { return e.cause }

// check runs the recipe's check, which may only read. output is nil when it is
// not known.
func (f *frame) check(ctx context.Context, compiled *recipes.Compiled, output json.RawMessage) (verdict string, err error) {
	if !f.entry.Definition.HasCheck {
		return CheckNone, nil
	}
	f.checking = true
	if _, err := f.enter(ctx, compiled, recipes.EntryCheck, output); err != nil {
		return CheckFailed, &checkError{err}
	}
	return CheckOK, nil
}

// enter runs one function of the recipe.
func (f *frame) enter(ctx context.Context, compiled *recipes.Compiled, entry string, output json.RawMessage) (json.RawMessage, error) {
	args := map[string]any{"input": json.RawMessage(f.input)}
	if entry == recipes.EntryUI {
		args["raw"] = rawMembers(f.input)
	}
	if entry != recipes.EntryDefault && output != nil {
		args["output"] = output
	}
	raw, err := json.Marshal(args)
	if err != nil {
		return nil, err
	}
	defer f.live.leave(f)
	result, err := f.runner.options.Pool.Run(context.WithValue(ctx, frameKey{}, f), recipes.RunRequest{
		Compiled: compiled, Entry: entry, Args: raw, Host: f.host, Limits: f.runner.options.Limits, OnConsole: f.live.log,
	})
	if err != nil {
		return nil, err
	}
	return result.Value, nil
}

// rawMembers is the text of each member of an input: a page may have to be
// filled with numbers that JavaScript cannot hold.
func rawMembers(input []byte) map[string]string {
	texts := map[string]string{}
	for _, m := range draft.MembersOf(input) {
		texts[m.Name] = string(m.Value)
	}
	return texts
}

// checkOutput holds what the code returned against what it declares, or what
// its operation declares.
func (f *frame) checkOutput(value json.RawMessage) error {
	if f.entry == nil || f.entry.output == nil {
		return nil
	}
	return outputError(f.entry, recipes.ValidateJSON(f.entry.output, value))
}

func outputError(e *Entry, err error) error {
	var invalid *recipes.SchemaError
	if !errors.As(err, &invalid) {
		return err
	}
	return op.Errorf(op.CodeSchemaViolation, "what %s returned does not fit its output: %s", e.Definition.Name, invalid.Text).
		WithHint("correct the recipe's return, or its output schema; what it did before stands")
}

// call runs a recipe that this one calls, within the same run.
func (f *frame) call(ctx context.Context, s Start) (jsontext.Value, error) {
	child, err := f.runner.frameOf(f.live.caller.Scopes, op.From(ctx).Principal, s, f.live.id)
	if err != nil {
		return nil, err
	}
	child.live, child.parent = f.live, f
	return child.inside(ctx)
}

// inside runs a frame that another one waits for.
func (f *frame) inside(ctx context.Context) (jsontext.Value, error) {
	switch {
	case f.depth() > maxDepth:
		return nil, op.Errorf(op.CodeRunFailed, "recipes call each other more than %d deep", maxDepth).WithHint("look for a recipe that calls itself")
	case f.effect.Exceeds(f.parent.most()):
		return nil, tooMuch(f.entry.Definition.Name, f.effect, f.parent)
	}
	if err := f.runner.turn(ctx, f.runner.nested); err != nil {
		return nil, err
	}
	defer func() { <-f.runner.nested }()
	value, _, err := f.carryOut(ctx)
	if err != nil {
		_, failure := f.live.reason(err)
		return nil, failure.asError()
	}
	return jsontext.Value(value), nil
}

// most is the largest effect that a host call may have now.
func (f *frame) most() op.Effect {
	if f.checking {
		return op.Read
	}
	return f.effect
}

func tooMuch(what string, effect op.Effect, f *frame) *op.Error {
	if f.checking {
		return op.Errorf(op.CodeForbidden, "%s has the effect %s, and a check may only read", what, effect).WithHint("only look in check")
	}
	return op.Errorf(op.CodeForbidden, "%s has the effect %s, and the recipe declares %s", what, effect, f.effect).
		WithHint("declare effect: %q in the recipe and save it again", effect)
}
