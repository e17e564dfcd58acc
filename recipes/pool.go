// Package recipes compiles and runs JavaScript procedures that others wrote.
//
// # Model
//
// A source is TypeScript with one default export, defineRecipe({ … }); see
// Definition for its members and fazt.d.ts for what its author sees. Compile
// turns it into a Compiled, Run carries out one of its entries. Neither touches
// files, network or a database: all that code can reach is the HostFunc of its
// run. The package keeps nothing.
//
// Both compiler and engine work in child processes of the same executable
// (WorkerMain). A few kilobytes of source can occupy a processor for ever,
// exhaust a stack or fill memory in ways that no limit inside a process stops,
// and a fault there must not be one of the server.
//
// # Concurrency
//
// A Pool is safe for concurrent use. Each run in flight has a process of its
// own, and a fresh VM in it; at most MaxExecuting of them execute JavaScript,
// since the rest of the time a run waits for its host calls, and then holds no
// executing slot. A worker and its parent take turns: JavaScript runs exactly
// between a request and its reply, until it has nothing left to do but wait.
//
// # Errors
//
// Compile returns *CompileError, Run *RunError, with a code, the author's line
// and the next step; both return ErrClosed after Close. Whatever the code does,
// it ends in one of these, and other runs do not notice.
//
// # Testing
//
// Tests start real workers: the test binary starts itself again. Hostile
// sources are in hostile_test.go, figures in bench_test.go.
package recipes

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"
)

// PoolOptions are the settings of a Pool. A zero field takes its default.
type PoolOptions struct {
	// Executable is the program that serves as worker when it is started with
	// Command. Default: this one.
	Executable string
	// Command is the hidden argument. Default: WorkerCommand.
	Command string
	// Warm is how many idle processes are kept ready. Default 1.
	Warm int
	// MaxProcesses bounds the runs and compilations in flight; further ones
	// wait. Up to Warm idle processes come on top. Default 32.
	MaxProcesses int
	// MaxExecuting bounds those that execute at the same time. More than the
	// machine has processors makes all of them slower. Default GOMAXPROCS.
	MaxExecuting int
	// IdleTimeout is how long idle processes beyond Warm live. Default 30 s.
	IdleTimeout time.Duration
	// Logger takes the causes that no caller should see. Required.
	Logger *slog.Logger
}

const (
	defaultWarm         = 1
	defaultMaxProcesses = 32
	defaultIdleTimeout  = 30 * time.Second
)

// Pool owns the worker processes.
type Pool struct {
	options PoolOptions
	prelude string
	permits chan struct{} // one for each process in use
	slots   chan struct{} // one for each that executes
	starts  chan startRequest

	closing  context.Context // ends when Close begins
	shut     context.CancelFunc
	aborting context.Context // ends when Close runs out of patience
	abort    context.CancelFunc
	active   sync.WaitGroup // calls of Compile and Run
	helpers  sync.WaitGroup // the starter, the keeper and their children

	mu     sync.Mutex
	closed bool
	idle   []*process // in the order of their last use
	adding int        // idle processes being started
}

// NewPool builds the prelude and starts the first worker in the background.
func NewPool(options PoolOptions) (*Pool, error) {
	if options.Logger == nil {
		return nil, errors.New("recipes: PoolOptions.Logger is required")
	}
	if options.Executable == "" {
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("find this program to start workers: %w", err)
		}
		options.Executable = self
	}
	if options.Command == "" {
		options.Command = WorkerCommand
	}
	options.Warm = orDefault(options.Warm, defaultWarm)
	options.MaxProcesses = orDefault(options.MaxProcesses, defaultMaxProcesses)
	options.MaxExecuting = orDefault(options.MaxExecuting, runtime.GOMAXPROCS(0))
	options.IdleTimeout = orDefault(options.IdleTimeout, defaultIdleTimeout)
	prelude, err := buildPrelude()
	if err != nil {
		return nil, err
	}
	p := &Pool{
		options: options,
		prelude: prelude,
		permits: make(chan struct{}, options.MaxProcesses),
		slots:   make(chan struct{}, options.MaxExecuting),
		starts:  make(chan startRequest),
	}
	p.closing, p.shut = context.WithCancel(context.Background())
	p.aborting, p.abort = context.WithCancel(context.Background())
	p.helpers.Add(2)
	go p.starter()
	go p.keeper()
	p.refill()
	return p, nil
}

// Close refuses new work, waits for what is in flight until ctx ends, then
// stops it, and returns when no process and no goroutine of the pool is left.
// It returns ctx's error when it had to stop work.
func (p *Pool) Close(ctx context.Context) error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.shut()
	drained := make(chan struct{})
	go func() {
		p.active.Wait()
		close(drained)
	}()
	var err error
	select {
	case <-drained:
	case <-ctx.Done():
		err = ctx.Err()
		p.abort()
		<-drained
	}
	p.abort()
	p.mu.Lock()
	idle := p.idle
	p.idle = nil
	p.mu.Unlock()
	for _, proc := range idle {
		proc.stop(stopTimeout)
	}
	p.helpers.Wait()
	return err
}

// enter counts a call in, unless the pool is closing.
func (p *Pool) enter() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ErrClosed
	}
	p.active.Add(1)
	return nil
}

type startRequest struct{ answer chan startAnswer }

type startAnswer struct {
	proc *process
	err  error
}

// starter starts all processes from one thread, which lives as long as the
// pool: the kernel ties a worker's life to the thread that made it.
func (p *Pool) starter() {
	defer p.helpers.Done()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for {
		select {
		case <-p.aborting.Done():
			return
		case req := <-p.starts:
			proc, err := startProcess(p.options.Executable, []string{p.options.Command}, &p.helpers)
			req.answer <- startAnswer{proc, err}
		}
	}
}

// start returns a process that has said that it is ready.
func (p *Pool) start() (*process, error) {
	req := startRequest{answer: make(chan startAnswer, 1)}
	select {
	case p.starts <- req:
	case <-p.aborting.Done():
		return nil, ErrClosed
	}
	answer := <-req.answer
	if answer.err != nil {
		return nil, answer.err
	}
	proc := answer.proc
	if err := p.greet(proc); err != nil {
		proc.kill()
		<-proc.exited
		return nil, fmt.Errorf("%w: exit %d: %s", err, proc.exitCode, proc.lastText)
	}
	return proc, nil
}

func (p *Pool) greet(proc *process) error {
	hello := &helloRequest{Prelude: p.prelude, Memory: processMemory}
	if err := proc.send(proc.next(&request{Kind: requestHello, Hello: hello})); err != nil {
		return fmt.Errorf("greet a recipe worker: %w", err)
	}
	timer := time.NewTimer(startTimeout)
	defer timer.Stop()
	select {
	case ready, ok := <-proc.replies:
		if !ok {
			return errors.New("a recipe worker ended at its start")
		}
		proc.peak, proc.fresh, proc.measured = ready.Peak, ready.Peak, true
		return nil
	case <-timer.C:
		return errors.New("a recipe worker did not start in time")
	case <-p.aborting.Done():
		return ErrClosed
	}
}

// acquire returns a process for one run. The caller gives it to release.
func (p *Pool) acquire(ctx context.Context) (*process, error) {
	select {
	case p.permits <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-p.aborting.Done():
		return nil, ErrClosed
	}
	proc := p.takeIdle()
	if proc == nil {
		var err error
		if proc, err = p.start(); err != nil {
			<-p.permits
			return nil, err
		}
	}
	p.refill()
	return proc, nil
}

// takeIdle takes the process that was used last of those that have had time to
// make their next VM, so that the others may expire, and the one that has had
// most time when none had enough.
func (p *Pool) takeIdle() *process {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = slices.DeleteFunc(p.idle, (*process).dead)
	if len(p.idle) == 0 {
		return nil
	}
	at, ready := 0, time.Now().Add(-prepareTime)
	for i, proc := range p.idle {
		if proc.idleSince.Before(ready) {
			at = i
		}
	}
	proc := p.idle[at]
	p.idle = slices.Delete(p.idle, at, at+1)
	return proc
}

// release takes a process back. One that misbehaved, has served long, or has
// grown or may have since it was measured, is replaced.
func (p *Pool) release(proc *process, sound bool) {
	defer func() { <-p.permits }()
	proc.runs++
	switch {
	case !sound:
		proc.kill()
		<-proc.exited
	case proc.runs >= recycleRuns || proc.peak > recyclePeak || !proc.measured:
		proc.stop(stopTimeout)
	default:
		p.addIdle(proc)
		return
	}
	p.refill()
}

func (p *Pool) addIdle(proc *process) {
	p.mu.Lock()
	proc.idleSince = time.Now()
	stay := p.aborting.Err() == nil
	if stay {
		p.idle = append(p.idle, proc)
	}
	p.mu.Unlock()
	if !stay {
		proc.stop(stopTimeout)
	}
}

// refill starts idle processes in the background until Warm are there.
func (p *Pool) refill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for !p.closed && len(p.idle)+p.adding < p.options.Warm {
		p.adding++
		p.helpers.Add(1)
		go p.addOne()
	}
}

func (p *Pool) addOne() {
	defer p.helpers.Done()
	proc, err := p.start()
	p.mu.Lock()
	p.adding--
	p.mu.Unlock()
	if err != nil {
		if !errors.Is(err, ErrClosed) {
			p.options.Logger.Error("no recipe worker could be started", "error", err)
		}
		return
	}
	p.addIdle(proc)
}

// keeper ends idle processes that a burst has left over.
func (p *Pool) keeper() {
	defer p.helpers.Done()
	tick := time.NewTicker(p.options.IdleTimeout / 2)
	defer tick.Stop()
	for {
		select {
		case <-p.closing.Done():
			return
		case now := <-tick.C:
			for _, proc := range p.expired(now) {
				proc.stop(stopTimeout)
			}
		}
	}
}

// expired removes and returns the idle processes that nobody needed lately.
func (p *Pool) expired(now time.Time) []*process {
	p.mu.Lock()
	defer p.mu.Unlock()
	count := 0
	for len(p.idle)-count > p.options.Warm && now.Sub(p.idle[count].idleSince) >= p.options.IdleTimeout {
		count++
	}
	out := append([]*process(nil), p.idle[:count]...)
	p.idle = append(p.idle[:0], p.idle[count:]...)
	return out
}
