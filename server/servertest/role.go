package servertest

import (
	"fmt"

	"fazt/server/op"
)

// Role is who makes a call in a test. A face's test makes one token a role.
type Role string

// The roles.
const (
	Owner    Role = "owner"    // a person with every scope
	Agent    Role = "agent"    // an agent with what a new agent token holds
	Reader   Role = "reader"   // a program that may only read
	Scoped   Role = "scoped"   // a program with kv:read alone
	Bound    Role = "bound"    // a program bound to app "shop", with every scope such a token can hold
	Admin    Role = "admin"    // a program with every scope
	Watcher  Role = "watcher"  // a program with changes:read alone
	Minter   Role = "minter"   // a program with tokens:write and kv:read
	Keeper   Role = "keeper"   // a program with apps:write and kv:write alone
	Stranger Role = "stranger" // nobody: no token
)

// Roles returns every role that has a token.
func Roles() []Role {
	return []Role{Owner, Agent, Reader, Scoped, Bound, Admin, Watcher, Minter, Keeper}
}

// Kind returns what sort of caller the role is.
func (r Role) Kind() op.Kind {
	switch r {
	case Owner:
		return op.KindPerson
	case Agent:
		return op.KindAgent
	}
	return op.KindService
}

// App returns the app the role is bound to, "" when it is to none.
func (r Role) App() string {
	if r == Bound {
		return "shop"
	}
	return ""
}

// Scopes returns the scopes of the role's token.
func (r Role) Scopes() []op.Scope {
	switch r {
	case Agent:
		return op.AgentScopes()
	case Scoped:
		return []op.Scope{"kv:read"}
	case Watcher:
		return []op.Scope{"changes:read"}
	case Keeper:
		return []op.Scope{"apps:write", "kv:write"}
	case Minter:
		return []op.Scope{"tokens:write", "kv:read"}
	case Reader, Bound:
		var some []op.Scope
		for i, s := range op.AllScopes() { // reads before writes within an area
			if r == Reader && i%2 == 0 || r == Bound && op.ScopeAllowed(s, op.KindService, true) == nil {
				some = append(some, s)
			}
		}
		return some
	}
	return op.AllScopes()
}

// Principal returns the caller, nil for the stranger.
func (r Role) Principal() *op.Principal {
	if r == Stranger {
		return nil
	}
	set, err := op.NewScopeSet(r.Scopes()...)
	if err != nil {
		panic(fmt.Sprintf("servertest: %v", err)) // the scopes are of op's own list
	}
	return &op.Principal{ID: "t_" + string(r), Name: string(r), Kind: r.Kind(), Scopes: set, App: r.App(), Owner: r == Owner}
}
