package run

import (
	"context"
	"encoding/json"
	"time"

	"fazt/recipes"
	"fazt/server/op"
)

// Code is a piece of code to run.
type Code struct {
	Source string
	Input  json.RawMessage // what it finds as input; nil is {}
	Tab    string
	App    string // confines it to one app
}

// RunCode runs code in the sandbox with the caller's rights: at most what the
// caller may do itself, and never in person. It waits for at most wait.
func (r *Runner) RunCode(ctx context.Context, c Code, wait time.Duration) (Record, error) {
	inv := op.From(ctx)
	if frameFrom(ctx) != nil {
		return Record{}, op.Errorf(op.CodeInvalidInput, "code inside a run cannot run code").WithHint("write it into the recipe itself")
	}
	compiled, err := r.options.Pool.CompileCode(ctx, recipes.Source{Name: "code.ts", Code: c.Source})
	if err != nil {
		return Record{}, codeError(err)
	}
	p := acting(inv.Principal, "")
	if p.App == "" {
		p.App = c.App
	} else if c.App != "" && c.App != p.App {
		return Record{}, op.NotFound("app", "no app %q", c.App).WithHint("this token is bound to app %q", p.App)
	}
	input := []byte(c.Input)
	if len(input) == 0 {
		input = []byte("{}")
	}
	return r.start(ctx, Start{
		frame: &frame{runner: r, code: compiled, principal: p, effect: op.Destructive, mode: op.ModeAPI, input: input},
		code:  compiled.Definition.Hash, Tab: c.Tab,
		answer: func(record Record) any { return record },
	}, wait)
}

// codeError is compileError about the field that a code run has.
func codeError(err error) error {
	e := op.AsError(compileError(err))
	if e.Field == "source" {
		e = e.WithField("code")
	}
	return e
}
