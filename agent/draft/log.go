package draft

import (
	"encoding/json"
	"sync"

	"fazt/server/op"
)

const (
	// maxTapes and maxActs bound what is kept: an agent that explores for hours
	// saves what it did last.
	maxTapes = 64
	maxActs  = 400
)

// Act is one thing that was done: an action or an expectation in a page, or an
// operation.
type Act struct {
	At      string            `json:"at"` // the page's address before it
	Action  string            `json:"action"`
	Matcher string            `json:"matcher"`
	Not     bool              `json:"not"`
	Page    bool              `json:"page"` // the expectation is of the page itself
	Locator []Step            `json:"locator"`
	Args    []json.RawMessage `json:"args"`
	Secret  bool              `json:"secret"` // what was typed is left out
	Lost    string            `json:"lost"`   // why no recipe can repeat it

	Operation *op.Operation   `json:"-"`
	Input     json.RawMessage `json:"-"`
	Confirm   string          `json:"-"`
	Called    bool            `json:"-"` // by a run's own code, not by a page
	Run       string          `json:"-"` // the run that did it, "" = somebody by hand
}

// Step is one step of a locator, as the engine forms it.
type Step map[string]json.RawMessage

// Stretch is what a recipe is written out of.
type Stretch struct {
	Acts   []Act
	Effect *Act // what was seen at the end, as an expectation
	Mixed  bool // which operations belong to it is not known
	Scopes []op.Scope
}

// tape is what was done in one tab, or by one run.
type tape struct {
	owner  string
	acts   []Act
	effect *Act
	mixed  bool
	tab    string // of a run: the tab that it acted in
	name   string // the recipe that was last written out of it
	from   int    // where that began
	to     int    // and ended
}

// who is a principal as a session knows it.
type who struct{ id, run string }

// Log keeps the tapes of the tabs and runs of late.
type Log struct {
	mu     sync.Mutex
	tapes  map[string]*tape
	order  []string // of tapes, the oldest first
	acting map[who]string
	flying map[who]map[string]int // steps under way, by tab
	seen   map[who]map[op.Scope]bool
}

// NewLog returns a log of nothing.
func NewLog() *Log {
	return &Log{
		tapes: map[string]*tape{}, acting: map[who]string{},
		flying: map[who]map[string]int{}, seen: map[who]map[op.Scope]bool{},
	}
}

// tape returns the tape of a tab or run. The caller holds mu.
func (l *Log) tape(id, owner string) *tape {
	t := l.tapes[id]
	if t != nil && t.owner == owner {
		return t
	}
	t = &tape{owner: owner}
	if l.tapes[id] == nil {
		l.order = append(l.order, id)
	}
	l.tapes[id] = t
	if len(l.order) > maxTapes {
		delete(l.tapes, l.order[0])
		l.order = l.order[1:]
	}
	return t
}

func (t *tape) add(a Act) {
	t.acts = append(t.acts, a)
	if over := len(t.acts) - maxActs; over > 0 {
		t.acts = append([]Act{}, t.acts[over:]...)
		t.from, t.to = max(0, t.from-over), max(0, t.to-over)
	}
}

// Begin says that p acts in a tab from now on, until the returned function is
// called: what its pages call meanwhile, and until it acts elsewhere, belongs to
// that tab.
func (l *Log) Begin(p *op.Principal, tab string) (end func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := who{p.ID, p.Run}
	l.acting[w] = tab
	t := l.tape(tab, p.ID)
	if l.flying[w] == nil {
		l.flying[w] = map[string]int{}
	}
	for other := range l.flying[w] {
		if other != tab {
			t.mixed, l.tape(other, p.ID).mixed = true, true
		}
	}
	l.flying[w][tab]++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.flying[w][tab]--; l.flying[w][tab] == 0 {
			delete(l.flying[w], tab)
		}
	}
}

// Did notes what was done in a tab by hand. raw is the engine's word for it.
func (l *Log) Did(p *op.Principal, tab string, raw json.RawMessage) {
	var a Act
	if len(raw) == 0 || json.Unmarshal(raw, &a) != nil {
		return // a page that says nothing, or something else, teaches nothing
	}
	l.Add(p, tab, a)
}

// Add notes an act in a tab.
func (l *Log) Add(p *op.Principal, tab string, a Act) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tape(tab, p.ID).add(a)
}

// Saw notes what a page showed after the last step: the element that locator
// finds, on the page at the address.
func (l *Log) Saw(p *op.Principal, tab, address string, locator []Step) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.tape(tab, p.ID)
	if len(locator) > 0 {
		t.effect = &Act{At: address, Matcher: "toBeVisible", Locator: locator}
	} else if t.effect != nil {
		t.effect.At = address
	}
}

// Run notes what a run did. tab is the tab it acts in when that is not one of
// its own, and "" otherwise.
func (l *Log) Run(p *op.Principal, run, tab string, a Act) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a.Run = run
	own := l.tape(run, p.ID)
	if tab == "" {
		l.acting[who{p.ID, run}] = run
		own.add(a)
		return
	}
	own.tab = tab
	l.acting[who{p.ID, ""}] = tab
	l.tape(tab, p.ID).add(a)
}

// Observed implements [op.Observer]: it notes the operations that change
// something, and of the others the rights that the page needs.
func (l *Log) Observed(inv *op.Invocation, input []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := who{inv.Principal.ID, inv.Principal.Run}
	if l.seen[w] == nil {
		if len(l.seen) > maxTapes {
			clear(l.seen)
		}
		l.seen[w] = map[op.Scope]bool{}
	}
	if inv.Operation.Effect == op.Read {
		l.seen[w][inv.Operation.Scope] = true
		return
	}
	tab, acts := l.acting[w]
	if !acts || inv.Operation.PeopleOnly || housekeeping[inv.Operation.Name] {
		return
	}
	l.tape(tab, w.id).add(Act{Operation: inv.Operation, Input: input, Confirm: inv.Envelope.Confirm})
}

// housekeeping is what a page does for itself.
var housekeeping = map[string]bool{"tab_ticket": true}

// Take returns what p did in the tabs and by the runs that are named, one after
// the other. A second Take for a recipe of the same name begins where the first
// began; for another name, where that ended.
func (l *Log) Take(p *op.Principal, from []string, name string) (Stretch, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var s Stretch
	for _, id := range from {
		t := l.tapes[id]
		if t == nil || t.owner != p.ID {
			return s, op.NotFound("journal", "nothing is known of what was done in %q", id).
				WithHint("name a tab or a run of yours since the server started; tab_list and run_list show them")
		}
		l.takeFrom(&s, t, id, name)
	}
	for w, scopes := range l.seen {
		for scope := range scopes {
			if w.id == p.ID {
				s.Scopes = append(s.Scopes, scope)
			}
		}
	}
	return s, nil
}

func (l *Log) takeFrom(s *Stretch, t *tape, id, name string) {
	if t.tab != "" { // a run: from its first act in the tab on, with what was done by hand since
		s.Acts = append(s.Acts, t.acts...)
		if t = l.tapes[t.tab]; t == nil {
			return
		}
		for i, a := range t.acts {
			if a.Run == id {
				s.take(t, i)
				return
			}
		}
		return
	}
	from := t.from
	if t.name != name {
		from = t.to
	}
	s.take(t, from)
}

// Saved says that a recipe was written out of what Take answered.
func (l *Log) Saved(p *op.Principal, from []string, name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range from {
		t := l.tapes[id]
		if t == nil || t.owner != p.ID {
			continue
		}
		if under := l.tapes[t.tab]; under != nil {
			t = under
		}
		if t.name != name {
			t.from = t.to
		}
		t.name, t.to = name, len(t.acts)
	}
}

func (s *Stretch) take(t *tape, from int) {
	s.Acts = append(s.Acts, t.acts[min(from, len(t.acts)):]...)
	s.Effect = t.effect
	s.Mixed = s.Mixed || t.mixed
}
