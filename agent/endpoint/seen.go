package endpoint

import (
	"sync"

	"fazt/server/op"
)

// maxSeen bounds what is remembered of one principal; past it, all is
// forgotten, and a map may be shown once more.
const maxSeen = 1_000

// seenMaps remembers which apps' maps a principal was shown.
type seenMaps struct {
	mu   sync.Mutex
	apps map[string]map[string]bool // by principal
}

func newSeenMaps() *seenMaps { return &seenMaps{apps: map[string]map[string]bool{}} }

// first reports whether the app is new to the principal, and remembers it.
func (s *seenMaps) first(principal, app string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	apps := s.apps[principal]
	if apps[app] {
		return false
	}
	if apps == nil || len(apps) >= maxSeen {
		apps = map[string]bool{}
		s.apps[principal] = apps
	}
	apps[app] = true
	return true
}

// statusOperation answers an app's map when it is asked with an app.
const statusOperation = "system_status"

// appendMap adds the app's map to the answer of a principal's first write to
// it, so that what is written next fits what is there. Programs know.
func (c *call) appendMap(a *answer, r request, result *op.Result) {
	app := op.PeekApp(r.input)
	if app == "" || c.exchange.variant.structured {
		return
	}
	if r.operation == statusOperation {
		c.endpoint.maps.first(c.exchange.principal.ID, app)
		return
	}
	if result.Operation.Effect == op.Read || r.envelope.DryRun || !c.has(statusOperation, "app") || result.Operation.Name == "app_delete" {
		return
	}
	if !c.endpoint.maps.first(c.exchange.principal.ID, app) {
		return
	}
	value, err := c.read(statusOperation, object{{"app", app}})
	if err != nil {
		return // the write stands, and the map is an extra
	}
	if list, _ := members(value); find(list, "app") != nil {
		value = find(list, "app")
	}
	a.extra = &answer{head: "the app's map, shown once:", data: limited(string(value), mapRoom), inline: true}
}

// mapRoom bounds a map that is appended to another answer.
const mapRoom = 4_000
