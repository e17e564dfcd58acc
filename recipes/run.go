package recipes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// The entries of a Compiled. EntryDefault is that of CompileCode.
const (
	EntryUI      = "ui"
	EntryAPI     = "api"
	EntryCheck   = "check"
	EntryUndo    = "undo"
	EntryDefault = "default"
)

// RunRequest is one run of one entry.
type RunRequest struct {
	Compiled *Compiled
	Entry    string
	// Args is a JSON object whose members the entry finds in its argument
	// beside fazt and page: input, and output for check and undo. Default {}.
	Args json.RawMessage
	// Host carries out the host calls. Required.
	Host   HostFunc
	Limits Limits
	// OnConsole, when set, takes console lines after each turn, from the
	// goroutine of Run.
	OnConsole func(ConsoleLine)
}

// ConsoleLine is one call of a console method.
type ConsoleLine struct {
	Level string `json:"level" doc:"log, info, warn, error or debug"`
	Text  string `json:"text" doc:"what was logged"`
}

// RunResult is the end of a run that returned.
type RunResult struct {
	Value     json.RawMessage // the returned value, null for none
	Console   []ConsoleLine
	HostCalls int
	CPU       time.Duration // processor time of the worker, without its host calls
}

// run is the parent's side of one run.
type run struct {
	pool    *Pool
	req     RunRequest
	limits  Limits
	proc    *process
	wall    *wallClock
	calls   *calls
	cancel  context.CancelFunc // of the host calls
	console []ConsoleLine
	cut     bool
	cpu     time.Duration
	spent   time.Duration // processor time since the last answered host call
}

// Run carries out one entry and waits for its end. When it returns, no host
// call of the run is under way any more. Errors are *RunError, or ErrClosed.
//
// A host call that the code did not await is still carried out; if it fails,
// so does the run. When the code throws, calls in flight are cancelled.
func (p *Pool) Run(ctx context.Context, req RunRequest) (*RunResult, error) {
	r := &run{pool: p, req: req, limits: req.Limits.withDefaults()}
	if err := r.check(); err != nil {
		return nil, err
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.active.Done()
	proc, err := p.acquire(ctx)
	if err != nil {
		return nil, r.unavailable(err)
	}
	r.proc = proc
	r.wall = newWallClock(r.limits.Wall)
	defer r.wall.stop()
	hostContext, cancel := context.WithCancel(context.WithValue(ctx, wallKey{}, r.wall))
	defer cancel()
	r.cancel = cancel
	r.calls = newCalls(hostContext, req.Host, r.limits.CallsInFlight)
	value, failure := r.loop(ctx)
	if failure != nil {
		failure.Console = r.console
		return nil, failure
	}
	return &RunResult{Value: value, Console: r.console, HostCalls: r.calls.count, CPU: r.cpu}, nil
}

// check refuses what no process is needed for.
func (r *run) check() error {
	compiled := r.req.Compiled
	if compiled == nil || r.req.Host == nil {
		return errors.New("recipes: RunRequest needs Compiled and Host")
	}
	if len(r.req.Args) == 0 {
		r.req.Args = json.RawMessage(`{}`)
	}
	if len(r.req.Args) > r.limits.ArgumentBytes {
		return &RunError{
			Code:    CodeArgsTooLarge,
			Message: fmt.Sprintf("the run's arguments have %d bytes, at most %d are allowed", len(r.req.Args), r.limits.ArgumentBytes),
			Hint:    "store the data first and pass its key",
		}
	}
	if args := jsontext.Value(r.req.Args); !args.IsValid(asGiven) || args.Kind() != '{' {
		return &RunError{Code: CodeScript, Message: "the run's arguments are no JSON object", Hint: `pass {"input": …}`}
	}
	d := compiled.Definition
	has := map[string]bool{EntryUI: d.HasUI, EntryAPI: d.HasAPI, EntryCheck: d.HasCheck, EntryUndo: d.HasUndo, EntryDefault: compiled.isCode}
	if has[r.req.Entry] {
		return nil
	}
	var names []string
	for _, name := range sortedKeys(has) {
		if has[name] {
			names = append(names, name)
		}
	}
	return &RunError{
		Code:    CodeScript,
		Message: fmt.Sprintf("%s has no %s()", compiled.source.Name, r.req.Entry),
		Hint:    "it has: " + strings.Join(names, ", "),
	}
}

func (r *run) unavailable(err error) error {
	switch {
	case errors.Is(err, ErrClosed):
		return ErrClosed
	case errors.Is(err, context.DeadlineExceeded):
		return &RunError{Code: CodeDeadline, Message: "no worker was free in time; nothing ran", Hint: "try again later", Cause: err}
	case errors.Is(err, context.Canceled):
		return &RunError{Code: CodeCancelled, Message: "cancelled before it began; nothing ran", Cause: err}
	default:
		r.pool.options.Logger.Error("no recipe worker could be started", "error", err)
		return &RunError{Code: CodeWorkerDied, Message: "no worker process could be started; nothing ran", Hint: "try again; if it stays, look at the server's log", Cause: err}
	}
}

// loop alternates between turns of JavaScript and waits for what it asked for.
// It returns the process to the pool.
func (r *run) loop(ctx context.Context) (json.RawMessage, *RunError) {
	next := &request{Kind: requestBegin, Begin: &beginRequest{
		Script: r.req.Compiled.script,
		Entry:  r.req.Entry,
		Args:   jsontext.Value(r.req.Args),
		Limits: r.limits.vm(),
	}}
	for {
		result := r.turn(ctx, next)
		if result.reply == nil || result.reply.Turn == nil || result.reason != notStopped {
			return nil, r.stopped(result)
		}
		answer := result.reply.Turn
		r.keepConsole(answer)
		if answer.Failure != "" || answer.Thrown != nil {
			r.abandon(answer.Failure == "")
			return nil, r.failure(answer)
		}
		r.calls.add(answer)
		if answer.Done {
			r.pool.release(r.proc, true)
			return r.settle(ctx, answer)
		}
		events, failure := r.wait(ctx)
		if failure != nil {
			return nil, failure
		}
		next = &request{Kind: requestTurn, Turn: events}
	}
}

func (r *run) turn(ctx context.Context, req *request) turnResult {
	if req.Turn != nil && len(req.Turn.Settled) > 0 {
		r.spent = 0
	}
	t := turn{pool: r.pool, proc: r.proc, budget: r.limits.CPUBetweenHostCalls - r.spent, wall: r.wall.over}
	result := t.run(ctx, req)
	r.spent += result.used
	r.cpu += result.used
	return result
}

func (r *run) keepConsole(answer *turnReply) {
	lines := answer.Console
	if answer.Cut && !r.cut {
		r.cut = true
		text := fmt.Sprintf("… the console's limit of %d bytes is reached; what follows is dropped", r.limits.ConsoleBytes)
		lines = append(lines, ConsoleLine{Level: "warn", Text: text})
	}
	for _, line := range lines {
		r.console = append(r.console, line)
		if r.req.OnConsole != nil {
			r.req.OnConsole(line)
		}
	}
}

// wait returns the next ends of calls and timers. The run holds its process
// meanwhile, but no executing slot.
func (r *run) wait(ctx context.Context) (*turnRequest, *RunError) {
	for {
		events, pending := r.calls.take()
		if len(events.Settled)+len(events.Fired) > 0 {
			return &events, nil
		}
		if !pending {
			r.giveUp()
			return nil, r.deadlock()
		}
		select {
		case <-r.calls.wake:
		case <-ctx.Done():
			return nil, r.overWaiting(cancelReason(ctx))
		case <-r.wall.over:
			return nil, r.overWaiting(stoppedWall)
		case <-r.pool.aborting.Done():
			return nil, r.overWaiting(stoppedCancel)
		}
	}
}

// abandon cancels the calls in flight and takes the process back; it is used
// again if it is in order.
func (r *run) abandon(sound bool) {
	r.cancel()
	r.calls.drain(true)
	r.pool.release(r.proc, sound)
}

// giveUp ends a run whose VM is alive but waits.
func (r *run) giveUp() {
	err := r.proc.send(&request{Kind: requestEnd})
	r.abandon(err == nil)
}

// settle waits for calls that the code began and did not await.
func (r *run) settle(ctx context.Context, answer *turnReply) (json.RawMessage, *RunError) {
	drained := make(chan []settlement, 1)
	go func() { drained <- r.calls.drain(false) }()
	var ends []settlement
	var late *RunError
	select {
	case ends = <-drained:
	case <-ctx.Done():
		late = r.late(cancelReason(ctx))
	case <-r.wall.over:
		late = r.late(stoppedWall)
	case <-r.pool.aborting.Done():
		late = r.late(stoppedCancel)
	}
	if late != nil {
		r.cancel()
		r.calls.drain(true)
		<-drained
		return nil, late
	}
	for _, end := range ends {
		if end.Failure != nil {
			return nil, &RunError{
				Code:    CodeScript,
				Message: "a call that was not awaited failed: " + end.Failure.Message,
				Hint:    "write await before every call",
				Host:    end.Failure,
			}
		}
	}
	if len(answer.Value) == 0 {
		return json.RawMessage("null"), nil
	}
	return json.RawMessage(answer.Value), nil
}

// stopped says why a turn had no ordinary end. The process is not used again.
func (r *run) stopped(result turnResult) *RunError {
	if result.reply != nil && result.reply.Turn != nil {
		r.keepConsole(result.reply.Turn)
	}
	r.abandon(false)
	if result.reason == notStopped {
		return r.died()
	}
	failure := r.late(result.reason)
	if result.reason == stoppedCPU {
		failure.Message = fmt.Sprintf("JavaScript ran for more than %v without a host call", r.limits.CPUBetweenHostCalls)
		failure.Hint = "look for a loop without end, or let the operations do the work (filters, batches)"
	}
	if result.reply != nil && result.reply.Turn != nil && result.reply.Turn.Thrown != nil {
		r.locate(failure, result.reply.Turn.Thrown.Stack)
	}
	return failure
}

// overWaiting ends a run while it waits for calls or timers.
func (r *run) overWaiting(reason stopReason) *RunError {
	waitingFor := r.calls.names()
	r.giveUp()
	failure := r.late(reason)
	if len(waitingFor) > 0 {
		slices.Sort(waitingFor)
		failure.Message += "; it was waiting for " + strings.Join(waitingFor, ", ")
	}
	return failure
}

func (r *run) late(reason stopReason) *RunError {
	if reason == stoppedCancel {
		return &RunError{Code: CodeCancelled, Message: "the run was cancelled", Cause: context.Canceled}
	}
	return &RunError{
		Code:    CodeDeadline,
		Message: fmt.Sprintf("the run took longer than it may (%v at most)", r.limits.Wall),
		Hint:    "split the work into several runs",
		Cause:   context.DeadlineExceeded,
	}
}

func (r *run) died() *RunError {
	if r.proc.exitCode == exitMemory {
		return memoryError(r.limits)
	}
	r.pool.options.Logger.Warn("a recipe worker died", "exit", r.proc.exitCode, "text", r.proc.lastText)
	return &RunError{
		Code:    CodeWorkerDied,
		Message: fmt.Sprintf("the worker process ended in the middle of the run (exit %d)", r.proc.exitCode),
		Hint:    "calls that were made before have happened; nothing else of the run will",
	}
}

func memoryError(limits Limits) *RunError {
	return &RunError{
		Code:    CodeMemory,
		Message: fmt.Sprintf("the code needs more than its %d MiB of memory", limits.Memory>>20),
		Hint:    "work in pages: fetch, handle and drop a part at a time",
	}
}
