package recipes

import (
	"errors"
	"fmt"
	"strings"
)

// ErrClosed is returned by a pool that is closing or closed.
var ErrClosed = errors.New("the recipe workers are stopped")

// Code says why a run or a compilation failed, in terms a caller can act on.
type Code string

// The codes of RunError and CompileError.
const (
	CodeScript         Code = "script_error"        // the code threw, or its result is no JSON
	CodeDeadline       Code = "deadline"            // too much processor time between host calls, or too long in all
	CodeMemory         Code = "memory"              // the JavaScript heap or the process is full
	CodeOutputTooLarge Code = "output_too_large"    // the result
	CodeArgsTooLarge   Code = "arguments_too_large" // the arguments of a host call or of the run
	CodeTooManyCalls   Code = "too_many_calls"      // host calls and timers
	CodeDeadlock       Code = "deadlock"            // waits for something that nothing will settle
	CodeWorkerDied     Code = "worker_died"         // the process ended; this run only
	CodeCancelled      Code = "cancelled"           // the caller's context ended
	CodeCompile        Code = "compile_error"       // the source is at fault; see the problems
	codeInterrupted    Code = "interrupted"         // on the wire only: why is known to the parent
)

// Position is a place in an author's source. Line and Column count from 1;
// Column counts UTF-16 code units, as editors do.
type Position struct {
	File   string `json:"file,omitzero"`
	Line   int    `json:"line,omitzero"`
	Column int    `json:"column,omitzero"`
}

func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Problem is one fault of a source, with the lines around it.
type Problem struct {
	Position
	Message string `json:"message"`
	Hint    string `json:"hint,omitzero"`  // the next step
	Frame   string `json:"frame,omitzero"` // the lines around it, marked
}

func (p Problem) String() string {
	text := p.Message
	if p.File != "" {
		text = p.Position.String() + ": " + text
	}
	if p.Hint != "" {
		text += " (" + p.Hint + ")"
	}
	return text
}

// CompileError says why a source is no recipe. Problems has at least one entry.
type CompileError struct {
	Code     Code // CodeCompile, or what ended the compiler
	Problems []Problem
}

func (e *CompileError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, problem := range e.Problems {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// StackFrame is one call of the author's code.
type StackFrame struct {
	Position
	Function string `json:"function,omitzero"`
}

// RunError is every error of a run. Position is zero where no line of the
// author's is at fault.
type RunError struct {
	Code    Code
	Message string // for people
	Hint    string // the next step
	Position
	Frame   string
	Stack   []StackFrame
	Console []ConsoleLine
	// Host is the error of a host call that the code did not handle.
	Host *HostError
	// Cause is for the log only.
	Cause error
}

func (e *RunError) Error() string {
	text := string(e.Code) + ": " + e.Message
	if e.Line > 0 {
		text += " at " + e.Position.String()
	}
	return text
}

func (e *RunError) Unwrap() error {
	if e.Host != nil {
		return e.Host
	}
	return e.Cause
}

// HostError is what a HostFunc returns to say what the code may see: it is
// thrown there as an Error with these members. Any other error is thrown with
// its text as message and the code "internal".
type HostError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitzero"`
	Detail  string `json:"detail,omitzero"`
	Field   string `json:"field,omitzero"`
}

func (e *HostError) Error() string { return e.Code + ": " + e.Message }

// hostErrorOf returns err in the form that the code sees.
func hostErrorOf(err error) *HostError {
	var host *HostError
	if errors.As(err, &host) {
		return host
	}
	return &HostError{Code: "internal", Message: err.Error()}
}
