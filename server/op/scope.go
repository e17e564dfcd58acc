package op

import (
	"fmt"
	"slices"
	"strings"
)

// Scope is a right to read or write one area, as in "kv:write".
type Scope string

// Anyone is the scope of an operation that is only about its caller: every
// token holds it, and none can be given it.
const Anyone Scope = "anyone"

// Areas are what scopes speak of, in the order people are shown them.
var areas = []string{
	"apps", "kv", "docs", "blobs", "sites", "changes", "tokens", "recipes", "runs",
	"tabs", "approvals", "secrets", "settings", "events", "system", "people",
}

// appAreas are the areas a token bound to one app can hold.
var appAreas = []string{"apps", "kv", "docs", "blobs", "sites", "changes", "recipes", "runs", "events"}

// agentDenied are the scopes an agent's token never holds, whatever was asked
// for: an agent that could mint tokens or approve its own requests would have
// every right.
var agentDenied = []Scope{
	"tokens:read", "tokens:write", "approvals:read", "approvals:write", "secrets:write",
	"settings:write", "people:read", "people:write",
}

// AllScopes returns every scope, reads before writes within an area.
func AllScopes() []Scope {
	all := make([]Scope, 0, 2*len(areas))
	for _, a := range areas {
		all = append(all, Scope(a+":read"), Scope(a+":write"))
	}
	return all
}

// AgentScopes returns the scopes that a new agent token holds.
func AgentScopes() []Scope {
	return slices.DeleteFunc(AllScopes(), func(s Scope) bool { return slices.Contains(agentDenied, s) })
}

// ScopeAllowed reports whether a token of this kind, bound to an app or not,
// may hold the scope; the error says why not.
func ScopeAllowed(s Scope, kind Kind, bound bool) error {
	if !slices.Contains(AllScopes(), s) {
		names := make([]string, 0, 2*len(areas))
		for _, known := range AllScopes() {
			names = append(names, string(known))
		}
		return Invalid("scopes", "unknown scope %q%s", s, Suggest(string(s), names)).
			WithHint("scopes are AREA:read and AREA:write, with AREA one of %s", strings.Join(areas, ", "))
	}
	if kind == KindAgent && slices.Contains(agentDenied, s) {
		return Invalid("scopes", "a token of kind agent cannot hold %q", s).
			WithHint("leave it out, or create a token of kind service")
	}
	area, _, _ := strings.Cut(string(s), ":")
	if bound && !slices.Contains(appAreas, area) {
		return Invalid("scopes", "a token bound to an app cannot hold %q", s).
			WithHint("scopes of a bound token are of %s", strings.Join(appAreas, ", "))
	}
	return nil
}

// ScopeSet is a set of scopes with quick membership. Its zero value is empty.
type ScopeSet struct {
	bits uint64
}

// NewScopeSet returns the set of the scopes given; unknown ones are an error.
func NewScopeSet(scopes ...Scope) (ScopeSet, error) {
	var set ScopeSet
	for _, s := range scopes {
		bit, ok := scopeBit(s)
		if !ok {
			return ScopeSet{}, fmt.Errorf("unknown scope %q", s)
		}
		set.bits |= bit
	}
	return set, nil
}

// Has reports whether s is in the set.
func (set ScopeSet) Has(s Scope) bool {
	if s == Anyone {
		return true
	}
	bit, ok := scopeBit(s)
	return ok && set.bits&bit != 0
}

// Intersect returns the scopes that are in both sets.
func (set ScopeSet) Intersect(other ScopeSet) ScopeSet {
	return ScopeSet{bits: set.bits & other.bits}
}

// List returns the scopes of the set in the order of [AllScopes].
func (set ScopeSet) List() []Scope {
	list := make([]Scope, 0, 2*len(areas))
	for _, s := range AllScopes() {
		if set.Has(s) {
			list = append(list, s)
		}
	}
	return list
}

func scopeBit(s Scope) (uint64, bool) {
	area, mode, ok := strings.Cut(string(s), ":")
	i := slices.Index(areas, area)
	if !ok || i < 0 {
		return 0, false
	}
	switch mode {
	case "read":
		return 1 << (2 * i), true
	case "write":
		return 1 << (2*i + 1), true
	}
	return 0, false
}
