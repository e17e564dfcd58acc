package endpoint

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
)

// store keeps apps and keys in memory, behind operations of the shape that the
// server's have.
type store struct {
	mu      sync.Mutex
	version uint64
	apps    map[string]map[string]entry
	release chan struct{} // test_wait answers when it is closed
	full    func() *op.Error
	waiting int
}

type entry struct {
	value   jsontext.Value
	version uint64
}

func newStore() *store {
	return &store{apps: map[string]map[string]entry{"shop": {}}, release: make(chan struct{})}
}

type (
	appIn struct {
		App string `json:"app" doc:"the app"`
	}
	newAppIn struct {
		ID    string `json:"id" doc:"its id"`
		Title string `json:"title,omitzero" doc:"for people"`
	}
	appOut struct {
		ID string `json:"id" doc:"its id"`
	}
	keyIn struct {
		App string `json:"app" doc:"the app"`
		Key string `json:"key" doc:"the key"`
	}
	item struct {
		Key     string         `json:"key" doc:"the key"`
		Value   jsontext.Value `json:"value" doc:"its value"`
		Version uint64         `json:"version" doc:"its version"`
		Expires *int64         `json:"expires_at" doc:"when it goes"`
	}
	listIn struct {
		App    string `json:"app" doc:"the app"`
		Prefix string `json:"prefix,omitzero" doc:"keys that begin so"`
		Limit  int    `json:"limit" default:"100" minimum:"1" maximum:"1000" doc:"how many"`
		Cursor string `json:"cursor,omitzero" doc:"where to go on"`
	}
	listOut struct {
		Items []item  `json:"items" doc:"the keys"`
		Next  *string `json:"next_cursor" doc:"where to go on"`
	}
	setIn struct {
		App     string         `json:"app" doc:"the app"`
		Key     string         `json:"key" doc:"the key"`
		Value   jsontext.Value `json:"value" doc:"any JSON"`
		TTL     int64          `json:"ttl_ms,omitzero" doc:"life"`
		Version *uint64        `json:"if_version" doc:"only at this version"`
		Create  bool           `json:"create_only,omitzero" doc:"only when new"`
	}
	setOut struct {
		Key     string `json:"key" doc:"the key"`
		Version uint64 `json:"version" doc:"its version"`
		Created bool   `json:"created" doc:"whether it is new"`
	}
	deleteOut struct {
		Deleted bool `json:"deleted" doc:"whether there was one"`
	}
	statusIn struct {
		App string `json:"app,omitzero" doc:"the app whose map is wanted"`
	}
	statusOut struct {
		Health string   `json:"health" doc:"how it is"`
		Map    []string `json:"keys,omitzero" doc:"the words that keys begin with"`
	}
	waitIn  struct{}
	waitOut struct {
		Done bool `json:"done" doc:"true"`
	}
)

func (s *store) operations() []*op.Operation {
	return []*op.Operation{
		op.Define(op.Operation{Name: "app_list", Summary: "List the apps", Scope: "apps:read", Effect: op.Read, Method: "GET", Path: "/api/apps"}, s.listApps),
		op.Define(op.Operation{Name: "app_create", Summary: "Create an app", Scope: "apps:write", Effect: op.Write, Method: "POST", Path: "/api/apps",
			Examples: []op.Example{{Title: "An app", In: `{"id": "shop"}`}}}, s.createApp),
		op.Define(op.Operation{Name: "app_delete", Summary: "Delete an app with everything in it", Scope: "apps:write", Effect: op.Destructive, Method: "DELETE", Path: "/api/apps/{app}"}, s.deleteApp, op.WithRisk(s.riskOfApp)),
		op.Define(op.Operation{Name: "kv_list", Summary: "List keys with their values", Scope: "kv:read", Effect: op.Read, Method: "GET", Path: "/api/apps/{app}/kv"}, s.list),
		op.Define(op.Operation{Name: "kv_get", Summary: "Get the value of a key", Scope: "kv:read", Effect: op.Read, Method: "GET", Path: "/api/apps/{app}/kv/{key...}"}, s.get),
		op.Define(op.Operation{Name: "kv_set", Summary: "Store a value under a key", Scope: "kv:write", Effect: op.Write, Idempotent: true, Method: "PUT", Path: "/api/apps/{app}/kv/{key...}",
			Examples: []op.Example{{Title: "A greeting", In: `{"app": "shop", "key": "greeting", "value": "hello"}`}}}, s.set),
		op.Define(op.Operation{Name: "kv_delete", Summary: "Delete a key", Scope: "kv:write", Effect: op.Destructive, Idempotent: true, Method: "DELETE", Path: "/api/apps/{app}/kv/{key...}"}, s.remove),
		op.Define(op.Operation{Name: "system_status", Summary: "Say how the server is", Scope: "system:read", Effect: op.Read, AppFree: true, Method: "GET", Path: "/api/system/status"}, s.status),
		op.Define(op.Operation{Name: "system_wait", Summary: "Wait", Scope: "system:read", Effect: op.Read, Method: "GET", Path: "/api/system/wait"}, s.wait),
		op.Define(op.Operation{Name: "token_list", Summary: "List the tokens", Scope: "tokens:read", Effect: op.Read, PeopleOnly: true, Method: "GET", Path: "/api/tokens"}, s.listApps),
	}
}

type appsOut struct {
	Items []appOut `json:"items" doc:"the apps"`
	Next  *string  `json:"next_cursor" doc:"null"`
}

func (s *store) listApps(context.Context, waitIn) (appsOut, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := appsOut{Items: []appOut{}}
	for id := range s.apps {
		out.Items = append(out.Items, appOut{id})
	}
	slices.SortFunc(out.Items, func(a, b appOut) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

func (s *store) createApp(_ context.Context, in newAppIn) (appOut, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.apps[in.ID]; ok {
		return appOut{}, op.Errorf(op.CodeAlreadyExists, "there is an app %q", in.ID).WithHint("choose another id")
	}
	s.apps[in.ID] = map[string]entry{}
	return appOut{in.ID}, nil
}

func (s *store) riskOfApp(_ context.Context, in appIn) (op.Risk, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return op.Risk{Confirm: in.App, Summary: fmt.Sprintf("app %q with %d keys", in.App, len(s.apps[in.App])), Wide: true}, nil
}

func (s *store) deleteApp(_ context.Context, in appIn) (deleteOut, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.apps[in.App]
	delete(s.apps, in.App)
	return deleteOut{ok}, nil
}

func (s *store) app(name string) (map[string]entry, error) {
	if app, ok := s.apps[name]; ok {
		return app, nil
	}
	return nil, op.NotFound("app", "no app %q", name).WithHint("app_list shows the apps")
}

// cursorOf is longer than any handle, as real cursors are.
func cursorOf(key string) string { return "cursor-of-the-list-after:" + key }

func (s *store) list(_ context.Context, in listIn) (listOut, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	app, err := s.app(in.App)
	if err != nil {
		return listOut{}, err
	}
	var keys []string
	after := strings.TrimPrefix(in.Cursor, cursorOf(""))
	for key := range app {
		if strings.HasPrefix(key, in.Prefix) && key > after {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	out := listOut{Items: []item{}}
	for i, key := range keys {
		if i == in.Limit {
			cursor := cursorOf(keys[i-1])
			out.Next = &cursor
			break
		}
		out.Items = append(out.Items, item{Key: key, Value: app[key].value, Version: app[key].version})
	}
	return out, nil
}

func (s *store) get(_ context.Context, in keyIn) (item, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	app, err := s.app(in.App)
	if err != nil {
		return item{}, err
	}
	e, ok := app[in.Key]
	if !ok {
		return item{}, op.NotFound("key", "no key %q in app %q", in.Key, in.App).WithHint("GET /api/apps/shop/kv lists the keys")
	}
	return item{Key: in.Key, Value: e.value, Version: e.version}, nil
}

func (s *store) set(_ context.Context, in setIn) (setOut, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.full != nil {
		if err := s.full(); err != nil {
			return setOut{}, err
		}
	}
	app, err := s.app(in.App)
	if err != nil {
		return setOut{}, err
	}
	old, exists := app[in.Key]
	switch {
	case in.Create && exists:
		return setOut{}, op.Errorf(op.CodeAlreadyExists, "there is a key %q", in.Key).WithHint("leave create_only out to replace it")
	case in.Version != nil && *in.Version != old.version:
		return setOut{}, op.Errorf(op.CodeVersionMismatch, "key %q is at version %d, not %d", in.Key, old.version, *in.Version).WithHint("read it again")
	}
	s.version++
	app[in.Key] = entry{slices.Clone(in.Value), s.version}
	return setOut{Key: in.Key, Version: s.version, Created: !exists}, nil
}

func (s *store) remove(_ context.Context, in keyIn) (deleteOut, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	app, err := s.app(in.App)
	if err != nil {
		return deleteOut{}, err
	}
	_, ok := app[in.Key]
	delete(app, in.Key)
	return deleteOut{ok}, nil
}

func (s *store) status(_ context.Context, in statusIn) (statusOut, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := statusOut{Health: "ok"}
	if in.App == "" {
		return out, nil
	}
	app, err := s.app(in.App)
	if err != nil {
		return statusOut{}, err
	}
	out.Map = []string{}
	for key := range app {
		word, _, _ := strings.Cut(key, "/")
		out.Map = append(out.Map, word)
	}
	slices.Sort(out.Map)
	out.Map = slices.Compact(out.Map)
	return out, nil
}

func (s *store) wait(ctx context.Context, _ waitIn) (waitOut, error) {
	s.mu.Lock()
	s.waiting++
	s.mu.Unlock()
	select {
	case <-s.release:
		return waitOut{true}, nil
	case <-ctx.Done():
		return waitOut{}, ctx.Err()
	case <-time.After(time.Minute):
		return waitOut{}, nil
	}
}

// put stores a key behind the operations' back.
func (s *store) put(key, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	s.apps["shop"][key] = entry{jsontext.Value(value), s.version}
}
