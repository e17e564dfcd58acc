package run

import (
	"errors"
	"fmt"
	"regexp"

	"fazt/recipes"
	"fazt/server/op"
)

// reason says why a frame did not end well: in which state that leaves a run,
// and what went wrong.
func (l *live) reason(err error) (State, *Failure) {
	var check *checkError
	if errors.As(err, &check) {
		state, failure := l.reason(check.cause)
		failure.Detail = "the check failed, so the world is not as promised: " + failure.Detail
		return state, failure
	}
	var ran *recipes.RunError
	var e *op.Error
	ours := errors.As(err, &e)
	switch {
	case errors.As(err, &ran):
		return l.ranReason(ran)
	case l.ctx.Err() != nil || errors.Is(err, recipes.ErrClosed):
		return Cancelled, l.cancelled()
	case ours:
		return Failed, &Failure{Code: string(e.Code), Detail: e.Detail, Hint: e.Hint, Field: e.Field}
	}
	l.runner.options.Logger.Error("a run failed inside", "run", l.id, "error", err)
	e = op.AsError(err)
	return Failed, &Failure{Code: string(e.Code), Detail: e.Detail, Hint: e.Hint}
}

func (l *live) cancelled() *Failure {
	return &Failure{
		Code: string(recipes.CodeCancelled), Detail: "the run was cut off: " + causeOf(l.ctx),
		Hint: "what is done stands; look at the steps before you run it again",
	}
}

// ranReason is reason for what the sandbox answers.
func (l *live) ranReason(ran *recipes.RunError) (State, *Failure) {
	f := &Failure{Code: string(ran.Code), Detail: ran.Message, Hint: ran.Hint, Frame: ran.Frame}
	if ran.Line > 0 {
		f.At = ran.Position.String()
	}
	switch ran.Code {
	case recipes.CodeCancelled:
		return Cancelled, l.cancelled()
	case recipes.CodeDeadline:
		return TimedOut, f
	}
	if ran.Host != nil {
		f.Code, f.Field = ran.Host.Code, ran.Host.Field
		if ran.Host.Hint != "" {
			f.Hint = ran.Host.Hint
		}
	}
	if f.Code == codeUnknown {
		return Unknown, f
	}
	return Failed, f
}

// codeUnknown is the hub's: nobody can say whether a step acted.
const codeUnknown = "unknown"

// asError is the failure as the error of a call: the code of what failed inside
// is the call's, whichever mode it was made in.
func (f *Failure) asError() *op.Error {
	e := op.Error{Code: op.Code(f.Code), Detail: f.Detail, Hint: f.Hint, Field: f.Field}
	switch f.Code {
	case string(recipes.CodeDeadline):
		e.Code = op.CodeDeadline
	case string(recipes.CodeMemory), string(recipes.CodeOutputTooLarge), string(recipes.CodeArgsTooLarge), string(recipes.CodeTooManyCalls):
		e.Code = op.CodeTooLarge
	case string(recipes.CodeScript):
		e.Code = op.CodeRunFailed
	default:
		if !codeForm.MatchString(f.Code) { // the author's own, or one of a page
			e.Code = op.CodeRunFailed
			e.Detail = fmt.Sprintf("%s (%s)", f.Detail, f.Code)
		}
	}
	return &e
}

// codeForm is what a code looks like; whatever else was thrown as one is text.
var codeForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// explain is reason for a whole run: its failure names the author's line, what
// is done and what nobody knows.
func (l *live) explain(err error) (State, *Failure, *op.Error) {
	state, f := l.reason(err)
	if f.Hint == "" {
		f.Hint = "run_get " + l.id + " shows the steps"
	}
	e := f.asError()
	text := fmt.Sprintf("%s · run %s", e.Detail, l.id)
	if f.At != "" {
		text += " at " + f.At
	}
	if did := sumUp(cutOff(l.journal.list())); did != "" {
		text += " · " + did
	}
	e.Detail = text
	return state, f, e
}
