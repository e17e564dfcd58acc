package recipes

import "time"

// Limits bound one run. A zero field takes its default.
type Limits struct {
	// CPUBetweenHostCalls is the processor time that JavaScript may use from
	// one answered host call to the next. Timers do not renew it. Default 5 s.
	CPUBetweenHostCalls time.Duration
	// Wall is the time of the whole run, waits included, except those that a
	// HostFunc takes out with PauseWall. Default 5 min.
	Wall time.Duration
	// Memory is the JavaScript heap in bytes. Default 64 MiB.
	Memory int64
	// OutputBytes bounds the result as JSON. Default 1 MiB.
	OutputBytes int
	// ArgumentBytes bounds the arguments of one host call, and those of the
	// run itself, as JSON. Default 1 MiB.
	ArgumentBytes int
	// HostCalls bounds the host calls and timers of a run. Default 10,000.
	HostCalls int
	// CallsInFlight bounds the host calls carried out at once; further ones
	// wait their turn. Default 32.
	CallsInFlight int
	// ConsoleBytes bounds what is kept of the console; the rest is dropped and
	// the last line says so. Default 64 KiB.
	ConsoleBytes int
}

const (
	defaultCPU           = 5 * time.Second
	defaultWall          = 5 * time.Minute
	defaultMemory        = 64 << 20
	defaultOutputBytes   = 1 << 20 // what a document may hold
	defaultArgumentBytes = 1 << 20
	defaultHostCalls     = 10_000
	defaultCallsInFlight = 32
	defaultConsoleBytes  = 64 << 10

	// maxSourceBytes bounds a recipe's source. A size alone stops no hostile
	// source (6 KB of nested arrows compile for 11 s), only plain mistakes.
	maxSourceBytes = 256 << 10

	// compileCPU is the processor time of one compilation. An honest recipe
	// takes one millisecond.
	compileCPU = 3 * time.Second

	// killGrace is what a worker has to answer after its deadline. Builtins
	// over huge arrays and strings never look at the interrupt flag.
	killGrace = 200 * time.Millisecond

	// lastWords is the time in which an interrupted run may still say where
	// it was; what it does then has no effect.
	lastWords = 50 * time.Millisecond

	// processMemory bounds the resident memory of a worker. Builds of honest
	// sources need up to 100 MB.
	processMemory = 400 << 20

	// recycleRuns and recyclePeak say when a worker is replaced between runs. A
	// fresh one has 15 MB and honest runs and builds leave its peak below 30;
	// the engine's allocator keeps what a large run took, and a high peak would
	// hide that of the next run, by which its full heap is known.
	recycleRuns = 1_000
	recyclePeak = 36 << 20

	// prepareTime is what a worker takes to free the VM of a run and make that
	// of the next, on a busy machine.
	prepareTime = 5 * time.Millisecond

	// startTimeout is for a new process to say that it is ready; it takes 5 ms
	// on an idle machine.
	startTimeout = 20 * time.Second

	// writeTimeout is for a worker to take one message. Its reader does
	// nothing else, so only a stopped process misses it.
	writeTimeout = 10 * time.Second

	// stopTimeout is for an idle worker to end by itself.
	stopTimeout = 2 * time.Second
)

// orDefault returns value, or the default when value is zero.
func orDefault[T int | int64 | time.Duration](value, otherwise T) T {
	if value == 0 {
		return otherwise
	}
	return value
}

func (l Limits) withDefaults() Limits {
	l.CPUBetweenHostCalls = orDefault(l.CPUBetweenHostCalls, defaultCPU)
	l.Wall = orDefault(l.Wall, defaultWall)
	l.Memory = orDefault(l.Memory, defaultMemory)
	l.OutputBytes = orDefault(l.OutputBytes, defaultOutputBytes)
	l.ArgumentBytes = orDefault(l.ArgumentBytes, defaultArgumentBytes)
	l.HostCalls = orDefault(l.HostCalls, defaultHostCalls)
	l.CallsInFlight = orDefault(l.CallsInFlight, defaultCallsInFlight)
	l.ConsoleBytes = orDefault(l.ConsoleBytes, defaultConsoleBytes)
	return l
}

func (l Limits) vm() vmLimits {
	return vmLimits{
		Memory:        l.Memory,
		OutputBytes:   l.OutputBytes,
		ArgumentBytes: l.ArgumentBytes,
		ConsoleBytes:  l.ConsoleBytes,
		HostCalls:     l.HostCalls,
	}
}
