package endpoint

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fazt/server/op"
)

// world is an endpoint over operations kept in memory, behind a real server.
type world struct {
	t        *testing.T
	endpoint *Endpoint
	server   *httptest.Server
	store    *store
	records  *records
}

// records are the calls that the registry noted.
type records struct {
	mu    sync.Mutex
	calls []*op.Invocation
}

func (r *records) Replay(context.Context, string, string, string) (*op.Stored, error) {
	return nil, nil
}

func (r *records) Record(_ context.Context, inv *op.Invocation, _ op.Done) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, &op.Invocation{Operation: inv.Operation, Face: inv.Face, Client: inv.Client, Envelope: inv.Envelope, Principal: inv.Principal, Mode: inv.Mode, Tab: inv.Tab})
}

func (r *records) list() []*op.Invocation {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.calls)
}

// steady is a source of bytes that are the same in each run.
type steady struct {
	mu     sync.Mutex
	source *rand.ChaCha8
}

func newSteady() *steady { return &steady{source: rand.NewChaCha8([32]byte{1})} }

func (s *steady) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.source.Read(p)
}

// principals are known by their token.
func principals() map[string]*op.Principal {
	all, err := op.NewScopeSet(op.AllScopes()...)
	if err != nil {
		panic(err)
	}
	agent, err := op.NewScopeSet(op.AgentScopes()...)
	if err != nil {
		panic(err)
	}
	return map[string]*op.Principal{
		"owner": {ID: "t_owner", Name: "owner", Kind: op.KindPerson, Scopes: all, Owner: true},
		"agent": {ID: "t_agent", Name: "agent", Kind: op.KindAgent, Scopes: agent},
		"other": {ID: "t_other", Name: "other", Kind: op.KindAgent, Scopes: agent},
	}
}

func authenticate(r *http.Request) (*op.Principal, error) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if p := principals()[token]; p != nil {
		return p, nil
	}
	return nil, op.Errorf(op.CodeUnauthenticated, "this needs a token").WithHint("send Authorization: Bearer TOKEN")
}

func localHost(host string) bool { return strings.HasPrefix(host, "127.0.0.1") }

// newWorld opens a world; change may alter its options and ports before.
func newWorld(t *testing.T, change ...func(*Options, *op.Ports)) *world {
	t.Helper()
	w := &world{t: t, store: newStore(), records: &records{}}
	ports := op.Ports{Admitter: op.AdmitAll{}, Recorder: w.records, Approver: op.ApproveAll{}}
	o := Options{
		Authenticate: authenticate, Hosts: localHost, Origins: func(origin string) bool { return origin == "https://listed.example" },
		Version: "1.2.3", Logger: slog.New(slog.DiscardHandler), Rand: newSteady(),
	}
	for _, c := range change {
		c(&o, &ports)
	}
	if o.Registry == nil {
		o.Registry = op.NewRegistry(ports)
		if err := o.Registry.Add(w.store.operations()...); err != nil {
			t.Fatal(err)
		}
	}
	w.endpoint = New(o)
	w.server = httptest.NewServer(w.endpoint.Handler())
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := w.endpoint.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
		w.server.Close()
		w.server.Client().CloseIdleConnections()
	})
	return w
}

func withFixtures(o *Options, _ *op.Ports) { o.Fixtures = true }

// reply of the endpoint, as a test reads it.
type response struct {
	status int
	header http.Header
	body   string
	events []json.RawMessage // of a stream, the answer last
}

// ask is one POST, as the agent unless a header says otherwise.
type ask struct {
	path    string
	token   string
	host    string
	headers map[string]string
	body    string
}

func (w *world) post(a ask) response {
	w.t.Helper()
	if a.path == "" {
		a.path = "/mcp"
	}
	if a.token == "" {
		a.token = "agent"
	}
	r, err := http.NewRequest(http.MethodPost, w.server.URL+a.path, strings.NewReader(a.body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	r.Header.Set("Authorization", "Bearer "+a.token)
	for name, value := range a.headers {
		r.Header.Set(name, value)
	}
	if a.host != "" {
		r.Host = a.host
	}
	return w.do(r)
}

func (w *world) do(r *http.Request) response {
	w.t.Helper()
	got, err := w.server.Client().Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	answer := response{status: got.StatusCode, header: got.Header, body: string(body)}
	if strings.HasPrefix(got.Header.Get("Content-Type"), "text/event-stream") {
		answer.events = events(body)
	}
	return answer
}

func events(body []byte) []json.RawMessage {
	var list []json.RawMessage
	for line := range bytes.Lines(body) {
		if data, ok := bytes.CutPrefix(line, []byte("data: ")); ok {
			list = append(list, bytes.TrimSpace(data))
		}
	}
	return list
}

// result is a tools/call's, as far as tests look at it.
type result struct {
	Content []struct {
		Type string `json:"type"`
		Text string `json:"text"`
	} `json:"content"`
	Structured json.RawMessage `json:"structuredContent"`
	IsError    bool            `json:"isError"`
}

// call makes a tools/call of 2025-11-25 without a session.
func (w *world) call(path, tool, arguments string) result {
	w.t.Helper()
	return w.callAs("agent", path, tool, arguments)
}

func (w *world) callAs(token, path, tool, arguments string) result {
	w.t.Helper()
	got := w.post(ask{path: path, token: token, body: callBody(tool, arguments)})
	return w.result(got)
}

func callBody(tool, arguments string) string {
	return `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"` + tool + `","arguments":` + arguments + `}}`
}

func (w *world) result(got response) result {
	w.t.Helper()
	raw := []byte(got.body)
	if len(got.events) > 0 {
		raw = got.events[len(got.events)-1]
	}
	var answer struct {
		Result *result `json:"result"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil || answer.Result == nil {
		w.t.Fatalf("status %d, no result in %s", got.status, got.body)
	}
	return *answer.Result
}

// text makes a call and returns the text of its one block.
func (w *world) text(tool, arguments string) string {
	w.t.Helper()
	r := w.call("/mcp", tool, arguments)
	if len(r.Content) != 1 || r.Content[0].Type != "text" || r.Structured != nil {
		w.t.Fatalf("the answer is not one text block: %+v", r)
	}
	return r.Content[0].Text
}

// tools returns the list of an address.
func (w *world) tools(path string) []json.RawMessage {
	w.t.Helper()
	got := w.post(ask{path: path, body: `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`})
	var answer struct {
		Result struct {
			Tools []json.RawMessage `json:"tools"`
		} `json:"result"`
	}
	if err := json.Unmarshal([]byte(got.body), &answer); err != nil {
		w.t.Fatalf("status %d: %s", got.status, got.body)
	}
	return answer.Result.Tools
}

func (w *world) toolNames(path string) []string {
	w.t.Helper()
	var names []string
	for _, raw := range w.tools(path) {
		var tool struct{ Name string }
		if err := json.Unmarshal(raw, &tool); err != nil {
			w.t.Fatal(err)
		}
		names = append(names, tool.Name)
	}
	return names
}

// authenticateKVOnly takes every caller for an agent that may read keys.
func authenticateKVOnly(r *http.Request) (*op.Principal, error) {
	p, err := authenticate(r)
	if err != nil {
		return nil, err
	}
	p.Scopes, err = op.NewScopeSet("kv:read")
	return p, err
}
