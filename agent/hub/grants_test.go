package hub_test

import (
	"context"
	"testing"
	"time"

	"fazt/agent/hub"
	"fazt/server/op"
)

func (w *world) grant(tab string, right hub.Right) hub.Grant {
	w.t.Helper()
	g, err := w.hub.Grant(ana, hub.Grant{Agent: robot.ID, AgentName: robot.Name, Tab: tab, Right: right, Until: w.clock.Now().Add(time.Hour)})
	if err != nil {
		w.t.Fatal(err)
	}
	return g
}

func TestGrants(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		right    hub.Right
		other    bool // for another tab of the person's
		all      bool // for every tab
		expired  bool
		revoked  bool
		look, do op.Code
	}{
		{name: "none", look: "tab_not_found", do: "tab_not_found"},
		{name: "look", right: hub.Look, do: op.CodeForbidden},
		{name: "act", right: hub.Act},
		{name: "act everywhere", right: hub.Act, all: true},
		{name: "another tab", right: hub.Act, other: true, look: "tab_not_found", do: "tab_not_found"},
		{name: "expired", right: hub.Act, expired: true, look: "tab_not_found", do: "tab_not_found"},
		{name: "revoked", right: hub.Act, revoked: true, look: "tab_not_found", do: "tab_not_found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			p, q := w.join(ana, "e1", nil), w.join(ana, "e2", nil)
			for _, pg := range []*page{p, q} {
				go func() {
					for call := range pg.calls {
						pg.answer(call, map[string]any{})
					}
				}()
				defer close(pg.calls)
			}
			if c.right != "" {
				tab := p.tab()
				if c.other {
					tab = q.tab()
				}
				if c.all {
					tab = ""
				}
				g := w.grant(tab, c.right)
				if c.expired {
					w.clock.add(time.Hour)
				}
				if c.revoked {
					if err := w.hub.Revoke(ben, g.ID); op.AsError(err).Code != "grant_not_found" {
						t.Errorf("somebody else revoked it: %v", err)
					}
					if err := w.hub.Revoke(ana, g.ID); err != nil {
						t.Fatal(err)
					}
				}
			}
			if a := get(t, w.start(robot, p.tab(), "look", nil)); a.code() != c.look {
				t.Errorf("look: %v", a.err)
			}
			if a := get(t, w.start(robot, p.tab(), "step", click("b1"))); a.code() != c.do {
				t.Errorf("do: %v", a.err)
			}
			if a := get(t, w.start(ben, p.tab(), "look", nil)); a.code() != "tab_not_found" {
				t.Errorf("somebody else: %v", a.err)
			}
			_ = p.conn.CloseNow()
			_ = q.conn.CloseNow()
			<-p.done
			<-q.done
		})
	}
}

func TestGrantsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	p := w.join(ana, "e1", nil)
	soon := w.clock.Now().Add(time.Hour)
	for name, g := range map[string]hub.Grant{
		"no right":       {Agent: "robot", Until: soon},
		"for ever":       {Agent: "robot", Right: hub.Act, Until: soon.Add(24 * time.Hour)},
		"over already":   {Agent: "robot", Right: hub.Act, Until: w.clock.Now()},
		"for nobody":     {Right: hub.Act, Until: soon},
		"for the person": {Agent: "ana", Right: hub.Act, Until: soon},
		"no such tab":    {Agent: "robot", Right: hub.Act, Until: soon, Tab: "t_none"},
	} {
		if _, err := w.hub.Grant(ana, g); err == nil {
			t.Errorf("%s was granted", name)
		}
	}
	if _, err := w.hub.Grant(ben, hub.Grant{Agent: "robot", Right: hub.Act, Until: soon, Tab: p.tab()}); op.AsError(err).Code != "tab_not_found" {
		t.Errorf("ben granted ana's tab: %v", err)
	}
	if n := len(w.hub.Grants(robot)); n != 0 {
		t.Errorf("%d grants stand", n)
	}
}

// ofState waits until the pill is told what ok wants.
func (p *page) ofState(ok func(grants int, paused bool, resumeIn float64) bool) {
	p.t.Helper()
	for {
		s := p.noted("state").Params
		resume, _ := s["resume_in"].(float64)
		if ok(len(s["grants"].([]any)), s["paused"].(bool), resume) {
			return
		}
	}
}

func TestRevokingEndsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	p := w.join(ana, "e1", nil)
	g := w.grant("", hub.Act)
	p.ofState(func(grants int, _ bool, _ float64) bool { return grants == 1 })
	look := w.start(robot, p.tab(), "look", nil)
	p.next()
	step := w.start(robot, p.tab(), "step", click("b1"))
	p.next()
	mine := w.start(ana, p.tab(), "look", nil)
	call := p.next()
	if err := w.hub.Revoke(ana, g.ID); err != nil {
		t.Fatal(err)
	}
	if a := get(t, look); a.code() != hub.CodeStopped {
		t.Errorf("the look: %v", a.err)
	}
	if a := get(t, step); a.code() != hub.CodeUnknown {
		t.Errorf("the step: %v", a.err)
	}
	p.answer(call, map[string]any{})
	if a := get(t, mine); a.err != nil {
		t.Errorf("the person's own call: %v", a.err)
	}
	p.ofState(func(grants int, _ bool, _ float64) bool { return grants == 0 })
}

func TestStopTakesTheGrantsAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	p := w.join(ana, "e1", nil)
	w.grant(p.tab(), hub.Act)
	step := w.start(robot, p.tab(), "step", click("b1"))
	p.next()
	p.note("control", map[string]any{"do": "stop"})
	if a := get(t, step); a.code() != hub.CodeUnknown {
		t.Errorf("%v", a.err)
	}
	until(t, "the grant is gone", func() bool { return len(w.hub.Grants(ana)) == 0 })
	if a := get(t, w.start(robot, p.tab(), "look", nil)); a.code() != "tab_not_found" {
		t.Errorf("%v", a.err)
	}
}

func TestPersonsInputPausesTheAgent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *hub.Options) {
		o.Now = time.Now
		o.Countdown = 80 * time.Millisecond
	})
	w.clock.now = time.Now()
	p := w.join(ana, "e1", nil)
	w.grant(p.tab(), hub.Act)
	p.note("userInput", map[string]any{"kind": "pointer"})
	p.ofState(func(_ int, _ bool, resume float64) bool { return resume > 0 })
	start := time.Now()
	step := w.start(robot, p.tab(), "step", click("b1"))
	call := p.next() // comes by itself when the countdown is over
	if waited := time.Since(start); waited < 20*time.Millisecond {
		t.Errorf("the step came after %v, while the person was at it", waited)
	}
	p.answer(call, map[string]any{})
	if a := get(t, step); a.err != nil {
		t.Error(a.err)
	}
}

func TestPauseButtonHolds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	p := w.join(ana, "e1", nil)
	w.grant(p.tab(), hub.Act)
	p.note("control", map[string]any{"do": "pause"})
	p.ofState(func(_ int, paused bool, _ float64) bool { return paused })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := w.hub.Call(ctx, robot, p.tab(), "step", click("b1")); op.AsError(err).Code != hub.CodePaused {
		t.Errorf("%v", err)
	}
	// Looking does not disturb, and the person's own steps are not held up.
	for _, who := range []*op.Principal{robot, ana} {
		method, params := "look", map[string]any(nil)
		if who == ana {
			method, params = "step", click("b1")
		}
		done := w.start(who, p.tab(), method, params)
		p.answer(p.next(), map[string]any{})
		if a := get(t, done); a.err != nil {
			t.Errorf("%s: %v", who.ID, a.err)
		}
	}
	step := w.start(robot, p.tab(), "step", click("b2"))
	p.note("control", map[string]any{"do": "resume"})
	p.answer(p.next(), map[string]any{})
	if a := get(t, step); a.err != nil {
		t.Error(a.err)
	}
}

func TestInputCountsOnlyWhereAnAgentMayAct(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	p := w.join(ana, "e1", nil)
	w.grant(p.tab(), hub.Look)
	p.note("userInput", nil)
	p.note("hidden", map[string]any{"hidden": true})
	until(t, "the notes have arrived", func() bool { return w.hub.List(ana)[0].Hidden })
	if w.hub.List(ana)[0].Paused {
		t.Error("typing paused an agent that cannot act")
	}
}

func TestUnsavedInputIsNotTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	p := w.join(ana, "e1", map[string]any{"unsaved": true})
	w.grant(p.tab(), hub.Act)
	if a := get(t, w.start(robot, p.tab(), "step", click("b1"))); a.code() != hub.CodeUnsaved {
		t.Errorf("%v", a.err)
	}
	p.note("unsaved", map[string]any{"unsaved": false})
	p.note("hidden", map[string]any{"hidden": true})
	until(t, "the notes have arrived", func() bool { return w.hub.List(ana)[0].Hidden })
	done := w.start(robot, p.tab(), "step", click("b1"))
	p.answer(p.next(), map[string]any{})
	if a := get(t, done); a.err != nil {
		t.Error(a.err)
	}
}

func TestClosingAPersonsTabLetsGoOfIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	p := w.join(ana, "e1", nil)
	w.grant(p.tab(), hub.Act)
	if err := w.hub.Close(t.Context(), robot, p.tab()); err != nil {
		t.Fatal(err)
	}
	if len(w.hub.Grants(ana)) != 0 || len(w.hub.List(ana)) != 1 {
		t.Error("the grant is not gone, or the person's tab is")
	}
}

func TestForgetDropsEverything(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	p := w.join(ana, "e1", nil)
	w.grant("", hub.Act)
	w.hub.Forget(ana.ID)
	<-p.done
	if len(w.hub.List(ana)) != 0 || len(w.hub.Grants(robot)) != 0 {
		t.Error("something of a revoked token is left")
	}
}
