package recipes

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"modernc.org/quickjs"
)

// bridgeName is the global under which the prelude finds the host; it takes
// and deletes it before any other code runs.
const bridgeName = "__host"

// maxRandomBytes is Web Crypto's bound on one request.
const maxRandomBytes = 65_536

// errOver stops JavaScript that reached a limit; the VM is interrupted with it.
var errOver = errors.New("a limit of the run was reached")

// sandbox is one VM: the prelude, then one script of an author. It belongs to
// the worker's main goroutine. Go never evaluates text once the script has
// run, it calls the prelude's functions by value, and only strings cross.
//
// Every Value is freed in close: one that is not leaks the whole VM.
type sandbox struct {
	vm     *quickjs.VM
	random io.Reader
	limits vmLimits
	// stopped says that the parent has asked for an interrupt, and calmed
	// ends its repetition.
	stopped func() bool
	calmed  func()

	functions map[string]quickjs.Value
	turn      *turnReply
	calls     int
	console   int
	unsettled map[int]int // bytes of the arguments of each call in flight
	inFlight  int         // their sum
	muted     bool        // the run is over: whatever the code still does is dropped
}

func newSandbox(prelude []byte, w *worker) (*sandbox, error) {
	vm, err := quickjs.NewVM()
	if err != nil {
		return nil, err
	}
	s := &sandbox{
		vm: vm, random: w.random,
		stopped: w.stopped, calmed: w.calm,
		functions: map[string]quickjs.Value{},
		turn:      &turnReply{},
		unsettled: map[int]int{},
	}
	if err := s.load(prelude); err != nil {
		s.close()
		return nil, fmt.Errorf("load the prelude: %w", err)
	}
	return s, nil
}

// limit sets the bounds of the run that the VM is for, before any of its code.
func (s *sandbox) limit(limits vmLimits) {
	s.limits = limits
	s.vm.SetMemoryLimit(uintptr(limits.Memory))
}

// load evaluates the prelude and keeps the functions that the host calls.
func (s *sandbox) load(prelude []byte) error {
	if err := s.vm.RegisterHostFunc(bridgeName, s.host); err != nil {
		return err
	}
	exports, err := s.vm.EvalBytecodeValue(prelude)
	if err != nil {
		return err
	}
	defer exports.Free()
	for _, name := range []string{"start", "inspect", "probe", "settle", "fire"} {
		atom, err := s.vm.NewAtom(name)
		if err != nil {
			return err
		}
		function, err := exports.GetPropertyValue(atom)
		if err != nil {
			return err
		}
		s.functions[name] = function
	}
	return nil
}

func (s *sandbox) close() {
	for _, function := range s.functions {
		function.Free()
	}
	// Close reports nothing that could be acted on.
	_ = s.vm.Close()
}

// evaluate turns the script into its function, which runs none of it, and
// hands that to the prelude's function name with args.
func (s *sandbox) evaluate(script, name string, args ...any) *turnReply {
	factory, err := s.vm.EvalValue(script, quickjs.EvalGlobal)
	if err != nil {
		s.failed(err)
		return s.reply()
	}
	defer factory.Free()
	s.call(name, append([]any{factory}, args...)...)
	s.drain()
	return s.reply()
}

// resume delivers what the code waits for and runs it until it waits again.
func (s *sandbox) resume(turn *turnRequest) *turnReply {
	for _, settled := range turn.Settled {
		s.inFlight -= s.unsettled[settled.ID]
		delete(s.unsettled, settled.ID)
		if settled.Failure == nil {
			s.call("settle", settled.ID, true, string(settled.Value))
			continue
		}
		text, err := json.Marshal(settled.Failure)
		if err != nil {
			text = []byte(`{}`)
		}
		s.call("settle", settled.ID, false, string(text))
	}
	for _, id := range turn.Fired {
		s.call("fire", id)
	}
	s.drain()
	return s.reply()
}

// reply takes what has gathered since the last one.
func (s *sandbox) reply() *turnReply {
	out := s.turn
	s.turn = &turnReply{}
	return out
}

func (s *sandbox) over() bool { return s.turn.Done || s.turn.Failure != "" }

func (s *sandbox) call(name string, args ...any) {
	if s.over() {
		return
	}
	result, err := s.functions[name].CallValue(quickjs.UndefinedValue, args...)
	if err != nil {
		s.failed(err)
		return
	}
	result.Free()
}

// drain runs the jobs of promises until none is left or the run is over.
func (s *sandbox) drain() {
	for !s.over() {
		if s.stopped() {
			s.interrupted(nil)
			return
		}
		count, err := s.vm.ExecutePendingJobs()
		var thrown *quickjs.Error
		if errors.As(err, &thrown) {
			s.failed(err)
		}
		// Any other error is the engine's bound on one drain: go on.
		if count == 0 {
			break
		}
	}
	if s.turn.Failure != "" {
		s.listen()
	}
}

// failed records what came out of the engine as a Go error: a thrown value
// that no JavaScript could catch, or a script that does not parse.
func (s *sandbox) failed(err error) {
	var raised *quickjs.Error
	if !errors.As(err, &raised) {
		raised = &quickjs.Error{Name: "Error", Message: err.Error()}
	}
	switch {
	case s.turn.Failure != "":
	case s.stopped():
		s.interrupted(raised)
		return
	default:
		s.turn.Done = true
	}
	s.keepStack(raised)
}

// keepStack takes what was thrown, unless it is an interrupt of an async
// function, which has no stack: listen may learn it then.
func (s *sandbox) keepStack(raised *quickjs.Error) {
	if s.turn.Failure == "" || raised.Stack != "" {
		s.turn.Thrown = thrownOf(raised)
	}
}

func (s *sandbox) interrupted(raised *quickjs.Error) {
	s.turn.Failure = codeInterrupted
	if raised != nil {
		s.keepStack(raised)
	}
	s.calmed()
	s.listen()
}

// listen lets an async function that was stopped say where it was: the
// engine turns the interrupt into a rejection, whose report is still queued.
// Nothing else that runs now has an effect.
func (s *sandbox) listen() {
	if s.muted {
		return
	}
	s.muted = true
	if s.turn.Thrown != nil {
		return
	}
	if err := s.vm.SetEvalTimeout(lastWords); err != nil {
		return
	}
	// The outcome is known; only the position may still come.
	_, _ = s.vm.ExecutePendingJobs()
}

func thrownOf(raised *quickjs.Error) *thrown {
	out := &thrown{Thrown: "error", Name: raised.Name, Message: raised.Message, Stack: raised.Stack}
	if raised.LineNumber > 0 {
		out.Stack = fmt.Sprintf("    at <anonymous> (%s:%d:%d)\n", evalFile, raised.LineNumber, raised.ColumnNumber)
	}
	return out
}

// host is the one function that the prelude can call.
func (s *sandbox) host(args []any) (any, error) {
	kind, _ := args[0].(string)
	if s.muted && kind == "thrown" && s.turn.Thrown == nil {
		s.thrown(args)
	}
	if s.over() {
		return nil, nil
	}
	switch kind {
	case "call":
		return nil, s.hostCall(args)
	case "timer":
		return nil, s.timer(args)
	case "clear":
		s.turn.Cleared = append(s.turn.Cleared, integer(args[1]))
		return nil, nil
	case "log":
		return nil, s.log(args)
	case "random":
		return s.randomHex(integer(args[1]))
	case "done":
		text, _ := args[1].(string)
		s.done(text)
		return nil, nil
	case "thrown":
		s.thrown(args)
		return nil, nil
	default:
		return nil, fmt.Errorf("no such function of the host: %q", kind)
	}
}

func (s *sandbox) hostCall(args []any) error {
	name, _ := args[2].(string)
	text, ok := args[3].(string)
	if !ok {
		return errors.New("the arguments of the call are no JSON")
	}
	if len(text) > s.limits.ArgumentBytes {
		return s.fail(CodeArgsTooLarge)
	}
	if err := s.count(); err != nil {
		return err
	}
	id := integer(args[1])
	s.unsettled[id] = len(text)
	s.inFlight += len(text)
	if s.inFlight > maxUnsettled*s.limits.ArgumentBytes {
		return s.fail(CodeArgsTooLarge)
	}
	s.turn.Calls = append(s.turn.Calls, hostCall{ID: id, Name: name, Args: jsontext.Value(text)})
	return nil
}

// maxUnsettled bounds, in units of one call's limit, the arguments of all calls
// that are not answered: the parent holds them.
const maxUnsettled = 8

// maxTimer is about 24 days, as in browsers.
const maxTimer = 1<<31 - 1

func (s *sandbox) timer(args []any) error {
	if err := s.count(); err != nil {
		return err
	}
	s.turn.Timers = append(s.turn.Timers, timerStart{ID: integer(args[1]), Millis: min(number(args[2]), maxTimer)})
	return nil
}

func (s *sandbox) count() error {
	s.calls++
	if s.calls > s.limits.HostCalls {
		return s.fail(CodeTooManyCalls)
	}
	return nil
}

func (s *sandbox) log(args []any) error {
	level, _ := args[1].(string)
	text, _ := args[2].(string)
	s.console += len(text) + consoleLineCost
	if s.console > s.limits.ConsoleBytes {
		s.turn.Cut = true
		return nil
	}
	s.turn.Console = append(s.turn.Console, ConsoleLine{Level: level, Text: text})
	return nil
}

// consoleLineCost keeps millions of empty lines within the console's bytes.
const consoleLineCost = 16

func (s *sandbox) randomHex(count int) (any, error) {
	if count < 0 || count > maxRandomBytes {
		return nil, fmt.Errorf("random bytes: %d is not between 0 and %d", count, maxRandomBytes)
	}
	bytes := make([]byte, count)
	if _, err := io.ReadFull(s.random, bytes); err != nil {
		return nil, err
	}
	return hex.EncodeToString(bytes), nil
}

func (s *sandbox) done(text string) {
	s.turn.Done = true
	if len(text) > s.limits.OutputBytes {
		s.turn.Failure = CodeOutputTooLarge
		return
	}
	s.turn.Value = jsontext.Value(text)
}

// thrown takes the prelude's description of an error, member by member.
func (s *sandbox) thrown(args []any) {
	text := func(i int) string {
		if i >= len(args) {
			return ""
		}
		value, _ := args[i].(string)
		return value
	}
	s.turn.Done = true
	s.turn.Thrown = &thrown{
		Unserialisable: text(1) == "unserialisable",
		Thrown:         text(2), Name: text(3), Message: text(4), Stack: text(5),
		Code: text(6), Hint: text(7), Detail: text(8), Field: text(9),
	}
}

// fail ends the run for a limit. The interrupt makes it impossible to catch:
// the engine checks it on return from this call.
func (s *sandbox) fail(code Code) error {
	s.turn.Failure = code
	s.vm.Interrupt()
	return errOver
}

// integer and number read what JavaScript passed as a number.
func integer(value any) int { return int(number(value)) }

func number(value any) float64 {
	switch v := value.(type) {
	case int:
		return float64(v)
	case int32:
		return float64(v)
	case int64:
		return float64(v)
	case float64:
		return v
	default:
		return 0
	}
}
