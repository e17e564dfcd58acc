package run_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing/fstest"

	"fazt/agent/run"
	"fazt/server/op"
)

// scriptedTabs stand for the hub: each message is answered by the script.
type scriptedTabs struct {
	world *world

	mu     sync.Mutex
	tabs   map[string][]run.Tab // by the owner's id
	calls  []tabCall
	closed []string
	opened []*op.Principal
	answer func(ctx context.Context, c tabCall) (any, error)
}

type tabCall struct {
	Tab, Method string
	Principal   *op.Principal
	Params      map[string]any
	held        int // permits held meanwhile
}

func newScriptedTabs() *scriptedTabs { return &scriptedTabs{tabs: map[string][]run.Tab{}} }

func (s *scriptedTabs) List(p *op.Principal) []run.Tab {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]run.Tab(nil), s.tabs[p.ID]...)
}

func (s *scriptedTabs) Open(_ context.Context, p *op.Principal, url string) (run.Tab, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tab := run.Tab{ID: fmt.Sprintf("t_%d", len(s.opened)+1), URL: url, Own: true}
	s.opened = append(s.opened, p)
	s.tabs[p.ID] = append(s.tabs[p.ID], tab)
	return tab, nil
}

func (s *scriptedTabs) Close(_ context.Context, p *op.Principal, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = append(s.closed, id)
	s.tabs[p.ID] = nil
	return nil
}

func (s *scriptedTabs) Call(ctx context.Context, p *op.Principal, tab, method string, params any) (json.RawMessage, error) {
	raw, err := json.Marshal(params)
	if err != nil {
		return nil, err
	}
	c := tabCall{Tab: tab, Method: method, Principal: p, held: s.world.held()}
	if err := json.Unmarshal(raw, &c.Params); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.calls = append(s.calls, c)
	answer := s.answer
	s.mu.Unlock()
	if answer == nil {
		return json.RawMessage(`{}`), nil
	}
	value, err := answer(ctx, c)
	if err != nil {
		return nil, err
	}
	out, err := json.Marshal(map[string]any{"value": value, "rev": 1})
	return out, err
}

func (s *scriptedTabs) seen() []tabCall {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]tabCall(nil), s.calls...)
}

func files(sources map[string]string) fstest.MapFS {
	out := fstest.MapFS{}
	for name, text := range sources {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}
