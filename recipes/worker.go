package recipes

import (
	"bufio"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"modernc.org/quickjs"
)

// WorkerCommand is the hidden argument with which the program is started again
// as a worker. Main must look for it before anything else and leave by
// os.Exit(WorkerMain(os.Stdin, os.Stdout)).
const WorkerCommand = "__worker"

// The exit codes of a worker, beside those of a crash.
const (
	exitOK     = 0
	exitBroken = 70 // it could not read or answer its parent
	exitMemory = 71 // it took more memory than a worker may
)

const (
	// workerThreads lets the reader run while JavaScript spins.
	workerThreads = 2
	// workerStack bounds the Go stack of the parser, which recurses once for
	// each bracket; past it the process ends, by design of the runtime.
	workerStack = 256 << 20
	// interruptEvery repeats an interrupt: one that arrives between two
	// entries into the engine is lost.
	interruptEvery = 2 * time.Millisecond
	// memoryEvery is how often the memory of a working process is looked at.
	memoryEvery = 20 * time.Millisecond
)

// WorkerMain serves one parent until its input ends, and returns the exit code.
//
// It trusts its parent and nothing it compiles or runs. Its reader ends the
// process as soon as the input ends, also under JavaScript that never returns,
// so that the death of the parent leaves no worker behind.
func WorkerMain(stdin io.Reader, stdout io.Writer) int {
	runtime.GOMAXPROCS(workerThreads)
	debug.SetMaxStack(workerStack)
	signal.Ignore(os.Interrupt) // a Ctrl-C in the terminal is for the parent
	confine()
	w := &worker{
		in:       bufio.NewReader(polled(stdin)),
		out:      stdout,
		log:      os.Stderr,
		random:   rand.Reader,
		exit:     os.Exit,
		requests: make(chan request),
	}
	go w.read()
	return w.serve()
}

// worker is the child's side of a process.
type worker struct {
	in       *bufio.Reader
	out      io.Writer
	log      io.Writer
	random   io.Reader
	exit     func(int)
	requests chan request

	prelude []byte
	memory  int64
	box     *sandbox // the VM of the run under way, nil between runs
	spare   *sandbox // the next run's, made while nobody waits

	mu       sync.Mutex // guards what the reader's interrupts touch
	running  int64      // the Seq at work, 0 for none
	stopping bool       // the parent wants the request at work to end
	vm       *quickjs.VM
}

// read passes requests on and carries out interrupts at once.
func (w *worker) read() {
	for {
		var req request
		if err := readFrame(w.in, &req); err != nil {
			w.exit(exitOK)
		}
		if req.Kind == requestInterrupt {
			w.interrupt(req.Seq)
			continue
		}
		w.requests <- req
	}
}

func (w *worker) serve() int {
	for req := range w.requests {
		if err := w.answer(req); err != nil {
			fmt.Fprintln(w.log, err) // the parent keeps it for its own log
			return exitBroken
		}
	}
	return exitOK
}

// answer carries a request out. What no reply tells of is done after it.
func (w *worker) answer(req request) error {
	if req.Kind == requestEnd {
		return w.prepare()
	}
	out := reply{Seq: req.Seq}
	if err := w.handle(req, &out); err != nil {
		return err
	}
	if !out.Turn.asks() {
		_, out.Peak = memoryOf()
	}
	if err := writeFrame(w.out, &out); err != nil || !out.Turn.over() {
		return err
	}
	return w.prepare()
}

// prepare frees the VM of a run that is over and makes a fresh one for the
// next, which then waits for neither.
func (w *worker) prepare() (err error) {
	w.release()
	if w.spare == nil && w.prelude != nil {
		w.spare, err = newSandbox(w.prelude, w)
	}
	return err
}

func (w *worker) handle(req request, out *reply) (err error) {
	w.begin(req.Seq)
	defer w.calm()
	defer w.watchMemory()()
	switch req.Kind {
	case requestHello:
		w.memory = req.Hello.Memory
		w.prelude, err = compilePrelude(req.Hello.Prelude)
	case requestCompile:
		out.Compiled, err = w.compile(req.Compile)
	case requestBegin:
		out.Turn, err = w.start(req.Begin)
	case requestTurn:
		out.Turn = w.box.resume(req.Turn)
	}
	return err
}

// compilePrelude makes bytecode once a process; loading it costs a tenth of
// parsing the text for every VM.
func compilePrelude(source string) ([]byte, error) {
	vm, err := quickjs.NewVM()
	if err != nil {
		return nil, err
	}
	defer vm.Close()
	return vm.Compile(source, quickjs.EvalGlobal)
}

// open gives a run its VM, which no other run has had or will have, and lets
// interrupts reach it.
func (w *worker) open(limits vmLimits) (*sandbox, error) {
	box := w.spare
	if w.spare = nil; box == nil {
		var err error
		if box, err = newSandbox(w.prelude, w); err != nil {
			return nil, err
		}
	}
	box.limit(limits)
	w.mu.Lock()
	w.vm = box.vm
	w.mu.Unlock()
	w.box = box
	return box, nil
}

func (w *worker) start(req *beginRequest) (*turnReply, error) {
	box, err := w.open(req.Limits)
	if err != nil {
		return nil, err
	}
	return box.evaluate(req.Script, "start", req.Entry, string(req.Args)), nil
}

func (w *worker) release() {
	if w.box == nil {
		return
	}
	w.mu.Lock()
	w.vm = nil
	w.mu.Unlock()
	w.box.close()
	w.box = nil
}

func (w *worker) begin(seq int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running, w.stopping = seq, false
}

// calm ends the request for interrupts: none reaches the engine afterwards.
func (w *worker) calm() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running = 0
}

func (w *worker) stopped() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stopping
}

// interrupt stops the JavaScript of the request seq, if it still runs.
func (w *worker) interrupt(seq int64) {
	if !w.interruptOnce(seq) {
		return
	}
	go func() {
		tick := time.NewTicker(interruptEvery)
		defer tick.Stop()
		for w.interruptOnce(seq) {
			<-tick.C
		}
	}()
}

func (w *worker) interruptOnce(seq int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.running != seq {
		return false
	}
	w.stopping = true
	if w.vm != nil {
		w.vm.Interrupt()
	}
	return true
}

// watchMemory ends the process when it grows too large: a typed end is better
// than the kernel's choice of whom to kill.
func (w *worker) watchMemory() (stop func()) {
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(memoryEvery)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				if now, _ := memoryOf(); w.memory > 0 && now > w.memory {
					w.exit(exitMemory)
				}
			}
		}
	}()
	return func() { close(done) }
}
