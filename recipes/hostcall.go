package recipes

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// HostFunc carries out one host call of a run: name is "op", "recipe", "page"
// or "expect", args the JSON of OpCall, PageCall or ExpectCall, as the code
// formed it: decode it strictly. It is called concurrently, and
// must return soon after ctx ends: Run waits for it, so that the outcome of
// every call is known when Run returns. A *HostError is thrown in the code as
// it is; any other error with its text and the code "internal".
type HostFunc func(ctx context.Context, name string, args json.RawMessage) (json.RawMessage, error)

// The names of host calls.
const (
	CallOp     = "op"     // OpCall
	CallRecipe = "recipe" // OpCall
	CallPage   = "page"   // PageCall
	CallExpect = "expect" // ExpectCall
)

// OpCall are the arguments of CallOp and CallRecipe. An operation's name is the
// path after fazt, joined by "_": fazt.kv.set is "kv_set", and so is
// fazt.op("kv_set"); fazt.doc.findAndUpdate is "doc_find_and_update".
type OpCall struct {
	Name    string          `json:"name"`
	Input   json.RawMessage `json:"input"`
	Options json.RawMessage `json:"options,omitzero"`
}

// PageCall are the arguments of CallPage: a whole locator chain with its action.
// Locator is empty for the page's own actions (goto, reload, url, title, look,
// press). Each step is an object with by, one of: role (role, name, exact,
// checked, …), label, text, placeholder, alt, title (text, exact), testid (id),
// css (css), frame (css), filter (has, hasNot: chains; hasText, hasNotText,
// visible), nth (index, -1 is the last), and, or, inside (locator: a chain).
// A regular expression is {regex, flags}; a locator among Args is {locator}.
type PageCall struct {
	Locator json.RawMessage   `json:"locator"`
	Action  string            `json:"action"`
	Args    []json.RawMessage `json:"args,omitzero"`
}

// ExpectCall are the arguments of CallExpect. Target is "locator" or "page".
type ExpectCall struct {
	Target  string            `json:"target"`
	Locator json.RawMessage   `json:"locator"`
	Matcher string            `json:"matcher"`
	Args    []json.RawMessage `json:"args,omitzero"`
	Not     bool              `json:"not"`
	Options json.RawMessage   `json:"options,omitzero"` // {timeout}, in milliseconds
}

// calls are the host calls and timers of one run: everything that JavaScript
// may wait for. Ends gather in events until the run's loop takes them.
type calls struct {
	ctx     context.Context // of the HostFunc
	host    HostFunc
	most    int // in flight at once
	wake    chan struct{}
	running sync.WaitGroup

	mu      sync.Mutex
	waiting []hostCall
	flying  map[int]hostCall
	timers  map[int]*time.Timer
	events  turnRequest
	ended   bool
	count   int
}

func newCalls(ctx context.Context, host HostFunc, most int) *calls {
	return &calls{
		ctx: ctx, host: host, most: most,
		wake:   make(chan struct{}, 1),
		flying: map[int]hostCall{},
		timers: map[int]*time.Timer{},
	}
}

// add begins what a turn asked for.
func (c *calls) add(turn *turnReply) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count += len(turn.Calls)
	c.waiting = append(c.waiting, turn.Calls...)
	c.launch()
	for _, timer := range turn.Timers {
		c.timers[timer.ID] = time.AfterFunc(time.Duration(timer.Millis*float64(time.Millisecond)), func() { c.fired(timer.ID) })
	}
	for _, id := range turn.Cleared {
		if timer, ok := c.timers[id]; ok {
			timer.Stop()
			delete(c.timers, id)
		}
	}
}

// launch starts waiting calls while there is room. c.mu is held.
func (c *calls) launch() {
	for len(c.waiting) > 0 && len(c.flying) < c.most {
		call := c.waiting[0]
		c.waiting = c.waiting[1:]
		c.flying[call.ID] = call
		c.running.Add(1)
		go c.carryOut(call)
	}
}

func (c *calls) carryOut(call hostCall) {
	defer c.running.Done()
	value, err := c.host(c.ctx, call.Name, json.RawMessage(call.Args))
	settled := settlement{ID: call.ID}
	if len(value) > 0 { // what is empty is no JSON, and means undefined
		settled.Value = jsontext.Value(value)
	}
	if err == nil && len(value) > 0 && !settled.Value.IsValid(asGiven) {
		err = fmt.Errorf("the host's answer to %s is no JSON", call.Name)
	}
	if err != nil {
		settled.Value, settled.Failure = nil, hostErrorOf(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.flying, call.ID)
	c.events.Settled = append(c.events.Settled, settled)
	if !c.ended {
		c.launch()
	}
	c.notify()
}

func (c *calls) fired(id int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.timers[id]; !ok {
		return
	}
	delete(c.timers, id)
	c.events.Fired = append(c.events.Fired, id)
	c.notify()
}

func (c *calls) notify() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// take returns what has ended, and whether anything is still to come.
func (c *calls) take() (events turnRequest, pending bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	events = c.events
	c.events = turnRequest{}
	return events, len(c.flying)+len(c.waiting)+len(c.timers) > 0
}

// names returns the calls in flight, for messages.
func (c *calls) names() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for _, call := range c.flying {
		out = append(out, label(call))
	}
	return out
}

// label names a call as its author wrote it.
func label(call hostCall) string {
	var args struct {
		Name    string `json:"name"`
		Action  string `json:"action"`
		Matcher string `json:"matcher"`
	}
	// A call whose arguments were tampered with keeps its bare name.
	_ = json.Unmarshal(call.Args, &args)
	for _, name := range []string{args.Name, args.Action, args.Matcher} {
		if name != "" {
			return call.Name + " " + name
		}
	}
	return call.Name
}

// drain waits for every call that was begun and answers how each ended. Calls
// that have not started are dropped when abandon is set, else carried out.
func (c *calls) drain(abandon bool) []settlement {
	c.mu.Lock()
	if abandon {
		c.ended = true
		c.waiting = nil
	}
	for id, timer := range c.timers {
		timer.Stop()
		delete(c.timers, id)
	}
	c.mu.Unlock()
	c.running.Wait()
	events, _ := c.take()
	return events.Settled
}
