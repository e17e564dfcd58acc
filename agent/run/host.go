package run

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"fazt/agent/draft"
	"fazt/recipes"
	"fazt/server/op"
)

// host is the [recipes.HostFunc] of a frame.
func (f *frame) host(ctx context.Context, name string, args json.RawMessage) (json.RawMessage, error) {
	f.live.attend(ctx, f)
	var value json.RawMessage
	var err error
	switch name {
	case recipes.CallOp, recipes.CallRecipe:
		value, err = f.operation(ctx, name, args)
	case recipes.CallPage:
		value, err = f.page(ctx, args)
	case recipes.CallExpect:
		value, err = f.expect(ctx, args)
	default:
		err = op.Errorf(op.CodeInvalidInput, "there is no host call %q", name)
	}
	if err != nil {
		return nil, hostError(err)
	}
	return value, nil
}

// hostError is how the code sees an error of ours.
func hostError(err error) *recipes.HostError {
	var e *op.Error
	switch {
	case errors.As(err, &e):
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		e = op.Errorf(op.CodeDeadline, "the call was cut off with the run")
	default:
		e = op.AsError(err)
	}
	return &recipes.HostError{Code: string(e.Code), Message: e.Detail, Hint: e.Hint, Detail: e.Detail, Field: e.Field}
}

// callOptions is the second argument of a call.
type callOptions struct {
	IdempotencyKey string `json:"idempotency_key"`
	DryRun         bool   `json:"dry_run"`
	Confirm        string `json:"confirm"`
	Mode           string `json:"mode"`
	Tab            string `json:"tab"`
	Key            string `json:"idempotencyKey"`
	Dry            bool   `json:"dryRun"`
}

func strictly(raw []byte, into any, what string) error {
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return op.Errorf(op.CodeInvalidInput, "%s cannot be read: %v", what, err).
			WithHint("a call takes { idempotencyKey, dryRun, confirm, mode }")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return op.Errorf(op.CodeInvalidInput, "something follows %s", what)
	}
	return nil
}

// operation makes a call of the registry, with the frame's rights and within
// its effect.
func (f *frame) operation(ctx context.Context, kind string, args json.RawMessage) (json.RawMessage, error) {
	var c recipes.OpCall
	if err := strictly(args, &c, "the call"); err != nil {
		return nil, err
	}
	var o callOptions
	if err := strictly(c.Options, &o, "the options of "+c.Name); err != nil {
		return nil, err
	}
	if o.Tab != "" && o.Tab != f.live.tab.name() {
		return nil, op.Invalid("tab", "a run acts in one tab, and %q is another", o.Tab).WithHint("leave tab out")
	}
	called, err := f.allowed(kind, c.Name, op.Mode(o.Mode))
	if err != nil {
		return nil, err
	}
	if called.Effect != op.Read {
		if err := f.live.recorded(ctx); err != nil {
			return nil, err
		}
	}
	end := f.live.journal.begin(f.label() + callText(c))
	result, err := f.runner.options.Registry.Call(ctx, op.Request{
		Operation: c.Name, Principal: f.principal, Input: c.Input, App: op.PeekApp(c.Input),
		Envelope: op.Envelope{
			IdempotencyKey: o.IdempotencyKey + o.Key, DryRun: o.DryRun || o.Dry, Confirm: o.Confirm,
		},
		Mode: op.Mode(o.Mode), Face: "recipe", Client: f.live.inv.Client, RequestID: f.live.inv.RequestID,
	})
	if err == nil && (result.Stream != nil || result.Body != nil) {
		err = notJSON(c.Name, result)
	}
	if err != nil {
		end(stepFailed, errorNote(err))
		return nil, err
	}
	end(stepOK, valueNote(result.JSON))
	if !o.DryRun && !o.Dry {
		f.trace(draft.Act{Operation: called, Input: c.Input, Confirm: o.Confirm, Called: true})
	}
	return json.RawMessage(result.JSON), nil
}

// allowed looks the operation up and holds it to the frame's effect.
func (f *frame) allowed(kind, name string, mode op.Mode) (*op.Operation, error) {
	if mode != "" && mode != op.ModeAPI && mode != op.ModeUI {
		return nil, op.Invalid("mode", "there is no mode %q", mode).WithHint("api or ui")
	}
	o, err := f.runner.options.Registry.Find(name)
	switch {
	case err != nil:
		return nil, err
	case f.entry != nil && !f.principal.Scopes.Has(o.Scope) && f.live.caller.Scopes.Has(o.Scope):
		return nil, op.Errorf(op.CodeForbidden, "%s needs the scope %s, which the recipe %s does not declare", name, o.Scope, f.entry.Definition.Name).
			WithHint("add %q to scopes and save the recipe again", o.Scope)
	case o.Effect.Exceeds(f.most()):
		return nil, tooMuch(name, o.Effect, f)
	case kind == recipes.CallRecipe && !o.Recipe && mode != op.ModeUI:
		return nil, op.NotFound("recipe", "%s is an operation, no recipe", name).WithHint("call it as fazt.op(%q, …), or with { mode: \"ui\" } for its page form", name)
	}
	return o, nil
}

// notJSON closes what a recipe cannot take.
func notJSON(name string, result *op.Result) error {
	if result.Stream != nil {
		_ = result.Stream.Close() // nothing was read from it
	}
	return op.Errorf(op.CodeUnsupportedType, "%s answers bytes, which a recipe cannot take", name).
		WithHint("use an operation that answers JSON")
}

func errorNote(err error) string {
	var e *op.Error
	if !errors.As(err, &e) {
		return "failed"
	}
	return clip(fmt.Sprintf("%s: %s", e.Code, e.Detail), noteChars)
}
