package hub

import "fazt/server/op"

// CutOff ends everything that is driven: tabs of ours are closed, every grant
// ends, and agents' own connections are dropped. Pages of people stay as they
// are. It returns how many tabs and grants that were.
func (h *Hub) CutOff(reason string) (tabs, grants int) {
	grants = h.dropGrants(func(Grant) bool { return true })
	h.mu.Lock()
	var ours []*tab
	for _, t := range h.tabs {
		if t.kind == Ours || t.owner.Kind == op.KindAgent {
			ours = append(ours, t)
		}
	}
	var conns []*socket
	for c := range h.conns {
		if p := c.principal.Load(); p != nil && (p.Kind == op.KindAgent || p.Driven) {
			conns = append(conns, c)
		}
	}
	h.mu.Unlock()
	h.closeAll(ours, conns, reason)
	return len(ours), grants
}

func (h *Hub) closeAll(tabs []*tab, conns []*socket, reason string) {
	for _, t := range tabs {
		link := t.linkNow()
		h.remove(t, reason)
		if link != nil {
			link.Close(reason)
		}
	}
	for _, c := range conns {
		c.Close(reason)
	}
}
