package endpoint

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// bearer adds a token, as people configure their clients to.
type bearer struct {
	token string
	next  http.RoundTripper
}

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+b.token)
	return b.next.RoundTrip(r)
}

// foreign connects a client that others wrote.
func (w *world) foreign(version string, o *mcp.ClientOptions) *mcp.ClientSession {
	w.t.Helper()
	transport := &http.Transport{}
	w.t.Cleanup(transport.CloseIdleConnections)
	session, err := mcp.NewClient(&mcp.Implementation{Name: "foreign", Version: "1"}, o).Connect(w.t.Context(),
		&mcp.StreamableClientTransport{Endpoint: w.server.URL + "/mcp", HTTPClient: &http.Client{Transport: bearer{"agent", transport}}, MaxRetries: -1},
		&mcp.ClientSessionOptions{ProtocolVersion: version})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = session.Close() })
	return session
}

var revisions = []string{"2026-07-28", "2025-11-25"}

func TestForeignClient(t *testing.T) {
	t.Parallel()
	for _, revision := range revisions {
		t.Run(revision, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			s := w.foreign(revision, nil)
			init := s.InitializeResult()
			if init.ProtocolVersion != revision || init.Instructions != Instructions() {
				t.Errorf("agreed on %s; instructions of %d bytes", init.ProtocolVersion, len(init.Instructions))
			}
			list, err := s.ListTools(t.Context(), nil)
			if err != nil || len(list.Tools) != 5 || list.Tools[0].Name != "op_find" {
				t.Fatalf("%v, %d tools", err, len(list.Tools))
			}
			got, err := s.CallTool(t.Context(), &mcp.CallToolParams{Name: "kv_set", Arguments: map[string]any{"app": "shop", "key": "ä/b", "value": "«"}})
			if err != nil || got.IsError || len(got.Content) != 1 || got.StructuredContent != nil {
				t.Fatalf("%v: %+v", err, got)
			}
			got, err = s.CallTool(t.Context(), &mcp.CallToolParams{Name: "kv_get", Arguments: map[string]any{"app": "shop", "key": "ä/b"}})
			want := `ok kv_get «{"key":"ä/b","value":"\u00ab","version":1,"expires_at":null}»`
			if err != nil || got.Content[0].(*mcp.TextContent).Text != want {
				t.Errorf("%v: %+v", err, got.Content[0])
			}
			if c := w.records.list()[0].Client; revision == "2026-07-28" && c != "foreign 1" {
				t.Errorf("recorded as %q", c)
			}
		})
	}
}

// TestProgressArrives: the last notification before an answer was lost in half
// of all calls; concurrent calls got each other's.
func TestProgressArrives(t *testing.T) {
	t.Parallel()
	for _, revision := range revisions {
		t.Run(revision, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, withFixtures)
			var mu sync.Mutex
			got := map[any][]float64{}
			s := w.foreign(revision, &mcp.ClientOptions{
				ProgressNotificationHandler: func(_ context.Context, r *mcp.ProgressNotificationClientRequest) {
					mu.Lock()
					defer mu.Unlock()
					got[r.Params.ProgressToken] = append(got[r.Params.ProgressToken], r.Params.Progress)
				},
				// It declares elicitation, and so has a session, where calls share a channel.
				ElicitationHandler: func(context.Context, *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
					return &mcp.ElicitResult{Action: "decline"}, nil
				},
			})
			const calls = 12
			var group sync.WaitGroup
			for i := range calls {
				group.Go(func() {
					params := &mcp.CallToolParams{Name: "test_tool_with_progress"}
					params.SetProgressToken("call " + strconv.Itoa(i))
					if _, err := s.CallTool(t.Context(), params); err != nil {
						t.Error(err)
					}
				})
			}
			group.Wait()
			w.eventually(func() bool { // the client hands its last ones out after the answer
				mu.Lock()
				defer mu.Unlock()
				n := 0
				for _, p := range got {
					n += len(p)
				}
				return n == 3*calls
			})
			mu.Lock()
			defer mu.Unlock()
			for i := range calls {
				if p := got["call "+strconv.Itoa(i)]; len(p) != 3 || p[0] != 0 || p[2] != 100 {
					t.Errorf("call %d got the progress %v", i, p)
				}
			}
		})
	}
}

// TestElicitation: the server asks in both revisions, and a decline is a
// decline.
func TestElicitation(t *testing.T) {
	t.Parallel()
	for _, revision := range revisions {
		t.Run(revision, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, withFixtures)
			s := w.foreign(revision, &mcp.ClientOptions{
				ElicitationHandler: func(_ context.Context, r *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
					return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"name": "Ada"}}, nil
				},
			})
			got, err := s.CallTool(t.Context(), &mcp.CallToolParams{Name: "test_input_required_result_elicitation"})
			if err != nil || got.Content[0].(*mcp.TextContent).Text != "Hello, Ada!" {
				t.Errorf("%v: %+v", err, got)
			}
		})
	}
}

// TestResourceUpdates: mcp-go takes the subscriptions of 2026-07-28 and never
// serves them.
func TestResourceUpdates(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withFixtures)
	streamed := make(chan response, 1)
	go func() {
		streamed <- w.post(modern("subscriptions/listen", "", `"notifications":{"resourceSubscriptions":["test://watched-resource"]}`))
	}()
	w.eventually(func() bool { return w.endpoint.watches.acknowledged() == 1 })
	w.call("/mcp", "test_trigger_resource_change", `{}`)
	w.endpoint.close()
	got := (<-streamed).events
	if len(got) != 2 || string(got[1]) != `{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":7},"uri":"test://watched-resource"}}` {
		t.Errorf("the stream had %s", got)
	}
}
