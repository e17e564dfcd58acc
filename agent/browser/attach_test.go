package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"fazt/agent/hub"
	"fazt/clientjs"
	"fazt/server/op"
)

//go:embed testdata/engine.ts
var testEngine []byte

//go:embed testdata/app.ts
var testApp []byte

var ana = &op.Principal{ID: "ana", Name: "Ana", Kind: op.KindPerson}

// personsSite is a server whose pages attach to a hub as tabs of ana's.
type personsSite struct {
	hub    *hub.Hub
	script []byte

	mu    sync.Mutex
	calls []string // the operations that its pages called
}

func newPersonsSite(t *testing.T) *personsSite {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(clientjs.Sources, "src", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(clientjs.Sources, name)
		files[name] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	files["src/driver/engine.ts"] = &fstest.MapFile{Data: testEngine}
	files["src/app.ts"] = &fstest.MapFile{Data: testApp}
	outputs, err := clientjs.Build(clientjs.BuildOptions{Files: files, Entries: []string{"src/app.ts"}, Format: clientjs.ESM})
	if err != nil {
		t.Fatal(err)
	}
	s := &personsSite{}
	for _, o := range outputs {
		if strings.HasSuffix(o.Path, ".js") {
			s.script = o.Content
		}
	}
	s.hub = hub.New(hub.Options{
		Hosts: func(host string) bool { return strings.HasPrefix(host, "127.0.0.1:") },
		May:   func(context.Context, *op.Principal, string, string) error { return nil },
	})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := s.hub.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *personsSite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, isOp := strings.CutPrefix(r.URL.Path, "/op/")
	switch {
	case r.URL.Path == "/agent/ws":
		s.hub.Handler().ServeHTTP(w, r)
	case r.URL.Path == "/app.js":
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = w.Write(s.script)
	case isOp:
		s.operation(w, name)
	default:
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Security-Policy", "default-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'")
		fmt.Fprintf(w, `<!doctype html><title>At %s</title><h1>At %s</h1><input id=q><button id=go>Go</button><a href="/two">on</a>
			<script type="module" src="/app.js"></script>`, r.URL.Path, r.URL.Path)
	}
}

func (s *personsSite) operation(w http.ResponseWriter, name string) {
	s.mu.Lock()
	s.calls = append(s.calls, name)
	s.mu.Unlock()
	var out any = map[string]any{"items": []any{map[string]string{"id": "robot", "name": "robot", "kind": "agent"}}}
	if name == "tab_ticket" {
		ticket, _, err := s.hub.Ticket(ana)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		out = map[string]string{"ticket": ticket}
	}
	_ = json.NewEncoder(w).Encode(out) // the page may be gone
}

func (s *personsSite) called(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, call := range s.calls {
		if call == name {
			return true
		}
	}
	return false
}

// tab returns the one tab that the hub has, as it is now.
func (s *personsSite) tab() hub.Tab {
	if list := s.hub.List(ana); len(list) == 1 {
		return list[0]
	}
	return hub.Tab{}
}

func (s *personsSite) call(p *op.Principal, method string, params any) (reply, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	raw, err := s.hub.Call(ctx, p, s.tab().ID, method, params)
	if err != nil {
		return reply{}, err
	}
	var r reply
	return r, json.Unmarshal(raw, &r)
}

// The module's attach in a real page: a second hub drives the browser as the
// person's hand, with trusted input.
func TestAttach(t *testing.T) {
	t.Parallel()
	site := newPersonsSite(t)
	w := newWorldAt(t, site, nil)
	hand := w.open(robot, "/one").ID
	eventually(t, "the page has joined and said where it is", func() bool { return site.tab().Title != "" && !site.tab().Away })
	first := site.tab()
	if first.Kind != hub.Person || first.Title != "At /one" || first.Owner != ana.ID {
		t.Fatalf("%+v", first)
	}
	agent := agentNamed("agent")
	if _, err := site.call(agent, "look", nil); codeOf(err) != "tab_not_found" {
		t.Errorf("without a grant: %v", err)
	}
	if r, err := site.call(ana, "look", nil); err != nil || !strings.Contains(r.Text, "At /one") {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := site.call(ana, "step", map[string]any{"step": "click #none"}); codeOf(err) != "no_match" || op.AsError(err).Hint != "look" {
		t.Errorf("an error of the engine: %v", err)
	}

	w.do(t, hand, "script | fazt-pill") // by script: nothing may come of it
	w.do(t, hand, "click | fazt-pill")
	eventually(t, "the pill has asked which agents there are", func() bool { return site.called("token_list") })
	w.do(t, hand, "click | h1") // the page, so that the pill's own clicks are done

	if _, err := site.hub.Grant(ana, hub.Grant{Agent: agent.ID, AgentName: agent.Name, Right: hub.Act, Until: time.Now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if _, err := site.call(agent, "step", map[string]any{"step": "click #go"}); err != nil {
		t.Errorf("a granted step: %v", err)
	}
	eventually(t, "a click of the person's pauses the agent", func() bool {
		w.do(t, hand, "click | h1")
		return site.tab().Paused
	})

	r, err := site.call(ana, "goto", map[string]any{"url": "/two"})
	if err != nil || !r.Navigated {
		t.Fatalf("%+v, %v", r, err)
	}
	if r, err := site.call(ana, "look", nil); err != nil || r.Title != "At /two" {
		t.Errorf("%+v, %v", r, err)
	}
	if now := site.tab(); now.ID != first.ID {
		t.Errorf("the tab has another id after a navigation: %+v", now)
	}
	if _, err := site.call(ana, "goto", map[string]any{"url": "https://example.com/"}); codeOf(err) != hub.CodeNavigation {
		t.Errorf("leading a person's tab away: %v", err)
	}

	site.hub.Publish("runs", "r_1")
	eventually(t, "the page is told what it follows", func() bool {
		site.hub.Publish("runs", "r_1")
		r, err := site.call(ana, "look", nil)
		return err == nil && strings.Contains(r.Text, `told "r_1"`)
	})

	w.do(t, hand, "type | #q | not saved")
	until := time.Now().Add(20 * time.Second)
	for {
		ctx, cancel := context.WithDeadline(context.Background(), until)
		_, err := site.hub.Call(ctx, agent, site.tab().ID, "step", map[string]any{"step": "click #go"})
		cancel()
		if codeOf(err) == hub.CodeUnsaved {
			break
		}
		if time.Now().After(until) {
			t.Fatalf("a step beside unsaved input: %v", err)
		}
	}
}
