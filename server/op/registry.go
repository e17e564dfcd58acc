package op

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Registry holds the operations and the ports that every call goes through.
type Registry struct {
	ports Ports

	mu  sync.Mutex // guards changes of set
	set atomic.Pointer[operationSet]
}

// Ports are what the program around gives to [Registry.Call]. All but Now are
// needed for calls; none is needed to register and describe.
type Ports struct {
	Admitter Admitter
	Recorder Recorder
	Approver Approver
	Forms    PageForms // nil: nothing is carried out in a page
	Observer Observer  // nil: nobody looks on
	Gate     Gate      // nil: nobody is cut off, and nobody has a budget
	// Ceiling returns the most that a run's session may do, and whether the run
	// is under way. nil: runs have no sessions.
	Ceiling func(run string) (Effect, bool)
	Now     func() time.Time // the default is time.Now
}

// operationSet is replaced whole on each change, so that readers take no lock.
type operationSet struct {
	byName map[string]*Operation
	sorted []*Operation
}

// NewRegistry returns an empty registry.
func NewRegistry(ports Ports) *Registry {
	if ports.Now == nil {
		ports.Now = time.Now
	}
	r := &Registry{ports: ports}
	r.set.Store(&operationSet{byName: map[string]*Operation{}})
	return r
}

// Add registers operations. A name that is taken is an error, and then none of
// them is added.
func (r *Registry) Add(operations ...*Operation) error {
	return r.change(func(byName map[string]*Operation) error {
		for _, o := range operations {
			if _, taken := byName[o.Name]; taken {
				return Errorf(CodeAlreadyExists, "an operation named %q exists", o.Name).
					WithHint("choose another name")
			}
			byName[o.Name] = o
		}
		return nil
	})
}

// Replace puts a recipe's new version in the place of its old one, or adds it.
// An operation that is no recipe is never replaced.
func (r *Registry) Replace(o *Operation) error {
	return r.change(func(byName map[string]*Operation) error {
		if old, taken := byName[o.Name]; taken && (!old.Recipe || !o.Recipe) {
			return Errorf(CodeAlreadyExists, "an operation named %q exists and is no recipe", o.Name).
				WithHint("choose another name")
		}
		byName[o.Name] = o
		return nil
	})
}

// Remove takes a recipe out. Other operations stay.
func (r *Registry) Remove(name string) error {
	return r.change(func(byName map[string]*Operation) error {
		if o, ok := byName[name]; !ok || !o.Recipe {
			return fmt.Errorf("no recipe %q", name)
		}
		delete(byName, name)
		return nil
	})
}

func (r *Registry) change(edit func(map[string]*Operation) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	byName := maps.Clone(r.set.Load().byName)
	if err := edit(byName); err != nil {
		return err
	}
	sorted := slices.Collect(maps.Values(byName))
	slices.SortFunc(sorted, compareOperations)
	r.set.Store(&operationSet{byName: byName, sorted: sorted})
	return nil
}

// compareOperations sorts by name, so that every listing reads alike.
func compareOperations(a, b *Operation) int {
	if a.Name < b.Name {
		return -1
	}
	if a.Name > b.Name {
		return 1
	}
	return 0
}

// Lookup returns an operation by name.
func (r *Registry) Lookup(name string) (*Operation, bool) {
	o, ok := r.set.Load().byName[name]
	return o, ok
}

// All returns every operation, sorted by name. The slice must not be changed.
func (r *Registry) All() []*Operation { return r.set.Load().sorted }

// Find looks an operation up, and says what may have been meant when there is
// none.
func (r *Registry) Find(name string) (*Operation, error) {
	if o, ok := r.Lookup(name); ok {
		return o, nil
	}
	all := r.All()
	names := make([]string, len(all))
	for i, o := range all {
		names[i] = o.Name
	}
	return nil, Errorf(CodeOperationNotFound, "no operation %q%s", name, Suggest(name, names)).
		WithHint("search with op_find, or GET /api/operations?query=WORDS")
}
