package op

// Kind is what sort of caller a principal is.
type Kind string

// The kinds of principal. Approvals can be given by persons only, and
// confirmations are asked of agents only.
const (
	KindPerson  Kind = "person"
	KindAgent   Kind = "agent"
	KindService Kind = "service"
)

// Principal is who calls: a person signed in, an agent or a program. It is
// authenticated by the face before [Registry.Call].
type Principal struct {
	ID     string // the token's id; audit entries and idempotency keys belong to it
	Name   string // as shown to people
	Kind   Kind
	Scopes ScopeSet
	App    string // bound to this app when not empty
	Driven bool   // acts through a tab that an agent drives
	Run    string // acts for this run of a recipe, through its tab; "" otherwise
	Owner  bool   // the owner's own credential: keeps a reserved share under load
	Budget Budget // what the token may use up in an hour
}

// Budget is what a token may use up in an hour, over all that is done with it.
// A zero is no limit.
type Budget struct {
	Calls  int64 // calls, also those made inside others
	Writes int64 // of those, the ones that can change something
	Bytes  int64 // sent and answered
}
