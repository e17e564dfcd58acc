package hub

import (
	"context"
	"time"

	"fazt/server/op"
)

// pause keeps agents out of a person's tab while the person is at it.
type pause struct {
	held    bool          // by the Pause button, until the person resumes
	until   time.Time     // by the person's input
	changed chan struct{} // closed and replaced at every change
}

func (p *pause) holds(now time.Time) bool { return p.held || now.Before(p.until) }

func (p *pause) change() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// free waits until the person lets an agent act. In tabs of our own, and for
// the person's own calls, nobody is in the way.
func (t *tab) free(ctx context.Context, p *op.Principal) error {
	if t.kind == Ours || p.ID == t.owner.ID {
		return nil
	}
	for {
		t.mu.Lock()
		now := t.hub.options.Now()
		paused, held, until, changed := t.pause.holds(now), t.pause.held, t.pause.until, t.pause.changed
		unsaved := t.unsaved
		t.mu.Unlock()
		if !paused {
			if unsaved {
				return op.Errorf(CodeUnsaved, "the person has typed something in tab %s that is not saved; nothing was done", t.id).
					WithHint("ask the person to save or discard it, or work in a tab of your own: tab_open")
			}
			return nil
		}
		if err := t.waitPaused(ctx, held, until.Sub(now), changed); err != nil {
			return err
		}
	}
}

func (t *tab) waitPaused(ctx context.Context, held bool, left time.Duration, changed <-chan struct{}) error {
	var over <-chan time.Time
	if !held {
		timer := time.NewTimer(left)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-changed:
	case <-over:
	case <-t.ended:
		return t.over
	case <-ctx.Done():
		return op.Errorf(CodePaused, "the person is using tab %s; nothing was done", t.id).
			WithHint("call again later, or work in a tab of your own: tab_open")
	}
	return nil
}

// userInput notes that the person clicked or typed in the page. It pauses
// agents only where one may act.
func (t *tab) userInput() {
	if t.kind == Ours || !t.hub.driven(t) {
		return
	}
	t.mu.Lock()
	t.pause.until = t.hub.options.Now().Add(t.hub.options.Countdown)
	t.pause.change()
	t.mu.Unlock()
	t.tellState()
}

// control carries out a button of the pill.
func (t *tab) control(do string) {
	t.mu.Lock()
	switch do {
	case "pause":
		t.pause.held = true
	case "resume":
		t.pause.held, t.pause.until = false, time.Time{}
	case "stop":
		t.pause.held, t.pause.until = false, time.Time{}
		why := op.Errorf(CodeStopped, "the person stopped this in tab %s", t.id).
			WithHint("ask the person what they want before going on")
		for _, c := range t.calls {
			if c.by != t.owner.ID {
				t.settle(c, outcome{err: c.orUnknown(why)})
			}
		}
	default:
		t.mu.Unlock()
		return
	}
	t.pause.change()
	t.mu.Unlock()
	if do == "stop" {
		t.hub.dropGrants(func(g Grant) bool { return g.covers(t) })
	}
	t.tellState()
}

// state is what the pill shows.
type state struct {
	Grants   []stateGrant `json:"grants"`
	Paused   bool         `json:"paused"`             // by the button
	ResumeIn int64        `json:"resume_in,omitzero"` // milliseconds, after input
}

type stateGrant struct {
	ID      string `json:"id"`
	Agent   string `json:"agent"`
	Right   string `json:"right"`
	EndsIn  int64  `json:"ends_in"` // milliseconds
	AllTabs bool   `json:"all_tabs"`
}

// tellState sends the page what its pill is to show.
func (t *tab) tellState() {
	if t.kind == Ours {
		return
	}
	now := t.hub.options.Now()
	s := state{Grants: t.hub.stateGrants(t, now)}
	t.mu.Lock()
	link := t.link
	s.Paused = t.pause.held
	s.ResumeIn = max(0, t.pause.until.Sub(now).Milliseconds())
	t.mu.Unlock()
	if link == nil {
		return
	}
	if data, err := notification("state", s); err == nil {
		_ = link.Send(data) // a page that is gone has no pill
	}
}
