package hub

import (
	"slices"
	"strings"
	"time"

	"fazt/server/op"
)

// right is what a principal may do in a tab.
type right int

const (
	none right = iota
	look
	act
)

// Right is what a grant allows, as people read it.
type Right string

// The rights, each including the one before it.
const (
	Look Right = "look"
	Act  Right = "act"
)

func (r Right) value() right {
	switch r {
	case Look:
		return look
	case Act:
		return act
	}
	return none
}

// Grant is a person's permission for one agent.
type Grant struct {
	ID        string
	Owner     string // the person's principal id
	OwnerName string
	Agent     string // the agent's principal id
	AgentName string
	Tab       string // "" = every tab of the person's
	Right     Right
	Until     time.Time
	CreatedAt time.Time
}

func (g Grant) covers(t *tab) bool {
	return t.kind == Person && g.Owner == t.owner.ID && (g.Tab == "" || g.Tab == t.id)
}

// Bounds of grants.
const (
	maxGrantTime = 12 * time.Hour // a working day; a right that is forgotten ends by itself
	maxGrants    = 100            // of one person
)

// rightLocked returns what p may do in t. The caller holds h.mu.
func (h *Hub) rightLocked(p *op.Principal, t *tab) right {
	if p == nil {
		return none
	}
	if p.ID == t.owner.ID {
		return act
	}
	if t.kind == Ours {
		return none
	}
	now, best := h.options.Now(), none
	for _, g := range h.grants {
		if g.Agent == p.ID && g.covers(t) && now.Before(g.Until) {
			best = max(best, g.Right.value())
		}
	}
	return best
}

// driven reports whether an agent may act in t now.
func (h *Hub) driven(t *tab) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.options.Now()
	return slices.ContainsFunc(h.grants, func(g Grant) bool {
		return g.covers(t) && g.Right == Act && now.Before(g.Until)
	})
}

// Grant lets an agent into tabs of owner's: g says Agent, AgentName, Tab, Right
// and Until. That owner is a person and there in person is the caller's to
// check. A grant for the same agent and tab is replaced.
func (h *Hub) Grant(owner *op.Principal, g Grant) (Grant, error) {
	now := h.options.Now()
	switch {
	case g.Right.value() == none:
		return Grant{}, op.Invalid("right", "unknown right %q", g.Right).WithHint("rights are look and act")
	case !g.Until.After(now) || g.Until.Sub(now) > maxGrantTime:
		return Grant{}, op.Invalid("minutes", "a grant ends within %v", maxGrantTime).WithHint("grant it again when it has ended")
	case g.Agent == "" || g.Agent == owner.ID:
		return Grant{}, op.Invalid("agent", "a grant is for an agent").WithHint("name the agent's token")
	}
	id, err := h.random("g_", 5)
	if err != nil {
		return Grant{}, err
	}
	g.ID, g.Owner, g.OwnerName, g.CreatedAt = id, owner.ID, owner.Name, now
	if err := h.keepGrant(g, now); err != nil {
		return Grant{}, err
	}
	h.grantsChanged(func(t *tab) bool { return g.covers(t) })
	return g, nil
}

func (h *Hub) keepGrant(g Grant, now time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t := h.tabs[g.Tab]; g.Tab != "" && (t == nil || !g.covers(t)) {
		return notFound(g.Tab)
	}
	h.grants = slices.DeleteFunc(h.grants, func(old Grant) bool {
		return !now.Before(old.Until) || old.Owner == g.Owner && old.Agent == g.Agent && old.Tab == g.Tab
	})
	mine := 0
	for _, old := range h.grants {
		if old.Owner == g.Owner {
			mine++
		}
	}
	if mine >= maxGrants {
		return op.Errorf(op.CodeQuota, "%d grants are open already", mine).WithHint("end one first: grant_revoke")
	}
	h.grants = append(h.grants, g)
	return nil
}

// Grants returns the open grants that p gave or holds, newest last.
func (h *Hub) Grants(p *op.Principal) []Grant {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.options.Now()
	list := []Grant{}
	for _, g := range h.grants {
		if now.Before(g.Until) && (g.Owner == p.ID || g.Agent == p.ID) {
			list = append(list, g)
		}
	}
	return list
}

// Revoke ends a grant that p gave or holds. Calls under way under it end too.
func (h *Hub) Revoke(p *op.Principal, id string) error {
	if h.dropGrants(func(g Grant) bool { return g.ID == id && (g.Owner == p.ID || g.Agent == p.ID) }) == 0 {
		return op.NotFound("grant", "no grant %q; it may have ended", clip(id)).WithHint("grant_list shows the open ones")
	}
	return nil
}

// Forget drops what a principal has here: its pages, its tabs and its grants.
// It is called when its token is revoked.
func (h *Hub) Forget(principal string) {
	h.dropGrants(func(g Grant) bool { return g.Owner == principal || g.Agent == principal })
	h.mu.Lock()
	var tabs []*tab
	for _, t := range h.tabs {
		if t.owner.ID == principal {
			tabs = append(tabs, t)
		}
	}
	var conns []*socket
	for c := range h.conns {
		if p := c.principal.Load(); p != nil && p.ID == principal {
			conns = append(conns, c)
		}
	}
	h.mu.Unlock()
	h.closeAll(tabs, conns, "the token was revoked")
}

// dropGrants ends the grants that match, with the calls made under them.
func (h *Hub) dropGrants(match func(Grant) bool) int {
	h.mu.Lock()
	var dropped []Grant
	h.grants = slices.DeleteFunc(h.grants, func(g Grant) bool {
		if match(g) {
			dropped = append(dropped, g)
			return true
		}
		return false
	})
	h.mu.Unlock()
	if len(dropped) == 0 {
		return 0
	}
	h.grantsChanged(func(t *tab) bool {
		return slices.ContainsFunc(dropped, func(g Grant) bool { return g.covers(t) })
	})
	return len(dropped)
}

// grantsChanged ends the calls that are no longer allowed, and tells the pills.
func (h *Hub) grantsChanged(concerned func(*tab) bool) {
	h.mu.Lock()
	var tabs []*tab
	for _, t := range h.tabs {
		if concerned(t) {
			tabs = append(tabs, t)
		}
	}
	h.mu.Unlock()
	for _, t := range tabs {
		t.endForeign()
		t.tellState()
	}
	h.Publish("grants", struct{}{})
}

// endForeign ends the calls of those who have no right in the tab any more.
func (t *tab) endForeign() {
	t.mu.Lock()
	var foreign []*call
	for _, c := range t.calls {
		if c.by != t.owner.ID {
			foreign = append(foreign, c)
		}
	}
	t.mu.Unlock()
	for _, c := range foreign {
		t.hub.mu.Lock()
		r := t.hub.rightLocked(&op.Principal{ID: c.by}, t)
		t.hub.mu.Unlock()
		if r == act || r == look && !c.method.mutates {
			continue
		}
		t.mu.Lock()
		t.settle(c, outcome{err: c.orUnknown(op.Errorf(CodeStopped, "the person took the right to tab %s away", t.id).
			WithHint("ask the person before going on"))})
		t.mu.Unlock()
	}
}

// stateGrants lists the grants of a tab for its pill.
func (h *Hub) stateGrants(t *tab, now time.Time) []stateGrant {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := []stateGrant{}
	for _, g := range h.grants {
		if g.covers(t) && now.Before(g.Until) {
			list = append(list, stateGrant{
				ID: g.ID, Agent: g.AgentName, Right: string(g.Right),
				EndsIn: g.Until.Sub(now).Milliseconds(), AllTabs: g.Tab == "",
			})
		}
	}
	slices.SortFunc(list, func(a, b stateGrant) int { return strings.Compare(a.Agent, b.Agent) })
	return list
}
