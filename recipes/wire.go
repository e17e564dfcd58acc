package recipes

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxFrame bounds one message in either direction: the largest source, its
// modules and its map, or a turn's worth of answers. A worker that announces
// more is broken and is killed.
const maxFrame = 64 << 20

// The kinds of request that the parent sends.
const (
	requestHello     = "hello"     // the prelude and the process's limits; answered by ready
	requestCompile   = "compile"   // answered by compiled
	requestBegin     = "begin"     // a fresh VM and its first turn; answered by turn
	requestTurn      = "turn"      // answers and timers for the VM; answered by turn
	requestEnd       = "end"       // frees the VM of a run that was given up; never answered
	requestInterrupt = "interrupt" // stops the JavaScript of the request Seq; never answered
)

// request is one message to a worker. Requests with an answer never overlap,
// so one turn of JavaScript runs exactly between a request and its reply, and
// the parent can hand out executing slots by holding one in between.
type request struct {
	Kind string `json:"kind"`
	// Seq numbers the requests of a process, so that a late interrupt cannot
	// stop the JavaScript of another run.
	Seq     int64           `json:"seq"`
	Hello   *helloRequest   `json:"hello,omitzero"`
	Compile *compileRequest `json:"compile,omitzero"`
	Begin   *beginRequest   `json:"begin,omitzero"`
	Turn    *turnRequest    `json:"turn,omitzero"`
}

type helloRequest struct {
	Prelude string `json:"prelude"`
	// Memory bounds the resident memory of the process, in bytes.
	Memory int64 `json:"memory"`
}

type compileRequest struct {
	Name    string            `json:"name"`
	Code    string            `json:"code"`
	Modules map[string]string `json:"modules,omitzero"`
	Body    bool              `json:"body,omitzero"` // a code run, not a recipe
	Memory  int64             `json:"memory"`
}

type beginRequest struct {
	Script string         `json:"script"`
	Entry  string         `json:"entry"`
	Args   jsontext.Value `json:"args"`
	Limits vmLimits       `json:"limits"`
}

// vmLimits are those that the worker itself enforces.
type vmLimits struct {
	Memory        int64 `json:"memory"`
	OutputBytes   int   `json:"output_bytes"`
	ArgumentBytes int   `json:"argument_bytes"`
	ConsoleBytes  int   `json:"console_bytes"`
	HostCalls     int   `json:"host_calls"`
}

type turnRequest struct {
	Settled []settlement `json:"settled,omitzero"`
	Fired   []int        `json:"fired,omitzero"`
}

// settlement is the end of one host call.
type settlement struct {
	ID      int            `json:"id"`
	Value   jsontext.Value `json:"value,omitzero"`
	Failure *HostError     `json:"failure,omitzero"`
}

// reply is one message from a worker. Peak is the most resident memory that
// the process has had, in bytes; measuring it takes as long as a short turn, so
// replies in the middle of a run leave it out (see turnReply.asks).
type reply struct {
	Seq      int64         `json:"seq"`
	Compiled *compileReply `json:"compiled,omitzero"`
	Turn     *turnReply    `json:"turn,omitzero"`
	Peak     int64         `json:"peak,omitzero"`
}

type compileReply struct {
	Script     string      `json:"script,omitzero"`
	Map        string      `json:"map,omitzero"`
	Definition *Definition `json:"definition,omitzero"`
	Problems   []Problem   `json:"problems,omitzero"`
	// Failure is set when the module's top level had to be stopped.
	Failure Code `json:"failure,omitzero"`
}

type turnReply struct {
	Calls   []hostCall     `json:"calls,omitzero"`
	Timers  []timerStart   `json:"timers,omitzero"`
	Cleared []int          `json:"cleared,omitzero"`
	Console []ConsoleLine  `json:"console,omitzero"`
	Cut     bool           `json:"cut,omitzero"` // the console limit was reached
	Done    bool           `json:"done,omitzero"`
	Value   jsontext.Value `json:"value,omitzero"`
	Thrown  *thrown        `json:"thrown,omitzero"`
	// Failure is the Code of a limit that ended the run, whatever the code did.
	Failure Code `json:"failure,omitzero"`
}

// over reports whether no turn of the run follows, which is so of what is no
// turn at all.
func (t *turnReply) over() bool { return t == nil || t.Done || t.Failure != "" }

// asks reports whether the run goes on once something has come.
func (t *turnReply) asks() bool { return !t.over() && len(t.Calls)+len(t.Timers) > 0 }

type hostCall struct {
	ID   int            `json:"id"`
	Name string         `json:"name"`
	Args jsontext.Value `json:"args"`
}

type timerStart struct {
	ID     int     `json:"id"`
	Millis float64 `json:"millis"`
}

// thrown is what the prelude's describe says of a thrown value.
type thrown struct {
	Thrown  string `json:"thrown"` // error, value or null
	Name    string `json:"name,omitzero"`
	Message string `json:"message"`
	Stack   string `json:"stack,omitzero"`
	Code    string `json:"code,omitzero"`
	Hint    string `json:"hint,omitzero"`
	Detail  string `json:"detail,omitzero"`
	Field   string `json:"field,omitzero"`
	// Unserialisable marks an error of turning the result into JSON.
	Unserialisable bool `json:"unserialisable,omitzero"`
}

// asGiven accepts what JavaScript and hosts may write and strict JSON may not:
// repeated names, and lone surrogates, which become U+FFFD.
var asGiven = json.JoinOptions(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))

// writeFrame sends one message: four bytes of length, big-endian, then JSON.
func writeFrame(w io.Writer, message any) error {
	body, err := json.Marshal(message, asGiven)
	if err != nil {
		return fmt.Errorf("encode a worker message: %w", err)
	}
	if len(body) > maxFrame {
		return fmt.Errorf("a worker message of %d bytes is over the limit of %d", len(body), maxFrame)
	}
	frame := make([]byte, 4, 4+len(body))
	binary.BigEndian.PutUint32(frame, uint32(len(body)))
	_, err = w.Write(append(frame, body...))
	return err
}

// readFrame receives one message into a fresh buffer, which the decoded raw
// values may keep.
func readFrame(r io.Reader, message any) error {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	size := binary.BigEndian.Uint32(head[:])
	if size > maxFrame {
		return fmt.Errorf("a worker message of %d bytes is over the limit of %d", size, maxFrame)
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(r, body); err != nil {
		return err
	}
	return json.Unmarshal(body, message, asGiven)
}
