package recipes

import "fmt"

// deadlock is the end of code that waits for nothing that could come. A heap
// that is full shows in the same way: the engine drops what it cannot allocate.
func (r *run) deadlock() *RunError {
	if r.memoryLost() {
		return memoryError(r.limits)
	}
	return &RunError{
		Code:    CodeDeadlock,
		Message: "the code waits for a promise that nothing will settle",
		Hint:    "every promise needs a call, a timer or a resolve() that still comes",
	}
}

// memoryLost guesses whether a strange end was one of memory: the engine
// throws null, or loses a promise, when it cannot even allocate the error. By
// then the heap is freed again, so only the peak of the process tells. A full
// heap of small objects shows as half its size there; and a worker that peaked
// over recyclePeak before has been replaced, so that this peak is the run's own.
func (r *run) memoryLost() bool {
	grown := r.proc.peak - r.proc.fresh
	return r.proc.peak > recyclePeak && grown > r.limits.Memory*3/8
}

// The engine's own errors that are not the author's fault line by line.
const (
	engineError    = "InternalError"
	engineMemory   = "out of memory"
	engineRecursed = "stack overflow"
)

// failure turns what the worker says of a run's end into its error.
func (r *run) failure(answer *turnReply) *RunError {
	out := r.classify(answer)
	if answer.Thrown != nil {
		r.locate(out, answer.Thrown.Stack)
	}
	return out
}

func (r *run) classify(answer *turnReply) *RunError {
	switch answer.Failure {
	case "":
		return r.scriptError(answer)
	case CodeOutputTooLarge:
		return &RunError{
			Code:    CodeOutputTooLarge,
			Message: fmt.Sprintf("the result is larger than %d bytes of JSON", r.limits.OutputBytes),
			Hint:    "store it with fazt and return its key, or return fewer fields",
		}
	case CodeArgsTooLarge:
		return &RunError{
			Code:    CodeArgsTooLarge,
			Message: fmt.Sprintf("the arguments of a call are larger than %d bytes of JSON", r.limits.ArgumentBytes),
			Hint:    "send several smaller calls",
		}
	case CodeTooManyCalls:
		return &RunError{
			Code:    CodeTooManyCalls,
			Message: fmt.Sprintf("the run made more than %d host calls and timers", r.limits.HostCalls),
			Hint:    "use one call for many things: kv_get with keys, doc_find, batch",
		}
	default:
		return &RunError{Code: answer.Failure, Message: "the run was stopped"}
	}
}

func (r *run) scriptError(answer *turnReply) *RunError {
	t := answer.Thrown
	outOfMemory := t.Name == engineError && t.Message == engineMemory
	if outOfMemory || (t.Thrown == "null" && r.memoryLost()) {
		return memoryError(r.limits)
	}
	out := &RunError{Code: CodeScript, Message: t.text(), Hint: t.Hint}
	switch {
	case t.Unserialisable:
		out.Message = "the result cannot be sent as JSON: " + t.text()
		out.Hint = "return plain objects, arrays, strings, finite numbers, booleans and null"
	case t.Thrown != "error" && out.Hint == "":
		out.Hint = "throw new Error(…) instead: it says where it came from"
	case t.Name == engineError && t.Message == engineRecursed:
		out.Hint = "look for a function that calls itself without end"
	case t.Code != "":
		out.Host = &HostError{Code: t.Code, Message: t.Message, Hint: t.Hint, Detail: t.Detail, Field: t.Field}
	}
	return out
}

// locate adds the author's lines that a stack of the engine goes through.
func (r *run) locate(failure *RunError, stack string) {
	compiled := r.req.Compiled
	source := newAuthored(compiled.source.Name, compiled.source.Code, compiled.source.Modules, compiled.Definition.Body, compiled.mapping)
	failure.Stack = source.stack(stack)
	if len(failure.Stack) > 0 {
		failure.Position = failure.Stack[0].Position
		failure.Frame = source.excerpt(failure.Position)
	}
}
