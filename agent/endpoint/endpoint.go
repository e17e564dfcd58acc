package endpoint

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"fazt/server/op"
)

// Options are what an endpoint works with. All are needed unless a default is
// named.
type Options struct {
	Registry     *op.Registry
	Authenticate func(*http.Request) (*op.Principal, error)
	Hosts        func(host string) bool   // the Host headers that are answered
	Origins      func(origin string) bool // the web origins that may call, beside the host's own
	BaseURL      func() string            // where the HTTP API is, for links; nil = links are paths
	// Decide answers an approval for a person who was asked in place; nil asks
	// nobody there.
	Decide  func(request string, approve bool, by string) error
	Version string
	// Fixtures serves the tools, prompts and resources of the conformance
	// suite, and lets callers without a credential in: they hold no right at
	// all. Never for a server in use.
	Fixtures bool
	Logger   *slog.Logger     // the default is slog.Default
	Now      func() time.Time // the default is time.Now
	Rand     io.Reader        // the default is crypto/rand
}

// Endpoint is the MCP face of a server.
type Endpoint struct {
	options  Options
	mcp      *server.MCPServer
	http     *server.StreamableHTTPServer
	sessions *sessions
	cursors  *cursors
	results  *cursors // reads whose answers were cut, by handle
	maps     *seenMaps
	states   *sealer
	watches  *watches
	tools    catalogue

	mu        sync.Mutex // guards ended; calls grows only while it is false
	ended     bool
	calls     sync.WaitGroup
	listeners atomic.Int64    // streams that are open
	closing   context.Context // done when Close begins: ends listeners
	close     context.CancelFunc
	cut       chan struct{}   // closed by CutOff, which makes another; guarded by mu
	abandoned context.Context // done when Close waits no longer: ends calls
	abandon   context.CancelFunc
}

// New returns an endpoint that serves at once.
func New(o Options) *Endpoint {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	e := &Endpoint{
		options: o, sessions: newSessions(o.Now, o.Rand), cursors: newCursors(o.Now, o.Rand),
		results: newCursors(o.Now, o.Rand),
		maps:    newSeenMaps(), watches: newWatches(), states: newSealer(o.Now, o.Rand),
	}
	e.cut = make(chan struct{})
	e.closing, e.close = context.WithCancel(context.Background())
	e.abandoned, e.abandon = context.WithCancel(context.Background())
	e.mcp = server.NewMCPServer("fazt", o.Version, e.serverOptions()...)
	e.registerResources()
	e.registerPrompts()
	if o.Fixtures {
		addFixtures(e)
	}
	e.refresh()
	e.http = server.NewStreamableHTTPServer(e.mcp,
		server.WithSessionIdManagerResolver(e.sessions),
		server.WithSessionIdleTTL(sessionTTL),
		server.WithStreamableHTTPLogger(slog.New(slog.DiscardHandler)), // it logs ordinary events as errors
		server.WithDisableLocalhostProtection(true),                    // our own check covers every host
	)
	return e
}

// listTTL is how long a client may keep a list, in milliseconds: lists change
// only when the server is updated.
const listTTL = 300_000

func (e *Endpoint) serverOptions() []server.ServerOption {
	hooks := &server.Hooks{}
	hooks.AddOnError(noteFault)
	hooks.AddBeforeSubscriptionsListen(e.watches.listen)
	hooks.AddAfterListResources(e.listResources)
	list := []server.ServerOption{
		server.WithInstructions(Instructions()),
		server.WithHooks(hooks),
		server.WithToolFilter(e.visible),
		server.WithPromptFilter(e.visiblePrompts),
		server.WithToolCapabilities(e.options.Fixtures),
		server.WithCacheHints(listTTL, mcp.CacheScopePrivate),
		server.WithTitle("fazt"),
		server.WithDescription("A personal cloud: data, files, sites, recipes and live pages"),
	}
	list = append(list, resourceOptions()...)
	if e.options.Fixtures {
		list = append(list, fixtureOptions()...)
	}
	return list
}

// Handler serves /mcp and /mcp/readonly.
func (e *Endpoint) Handler() http.Handler { return http.HandlerFunc(e.serve) }

// Close ends listeners at once and waits for calls under way until ctx ends;
// those that are left are then cancelled and waited for.
func (e *Endpoint) Close(ctx context.Context) error {
	e.mu.Lock()
	e.ended = true
	e.mu.Unlock()
	e.close()
	done := make(chan struct{})
	go func() {
		e.calls.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
	e.abandon()
	<-done
	return e.http.Shutdown(context.WithoutCancel(ctx))
}

// CutOff ends the streams that clients hold open. Calls end by themselves: they
// hear from the registry why.
func (e *Endpoint) CutOff() {
	e.mu.Lock()
	defer e.mu.Unlock()
	close(e.cut)
	e.cut = make(chan struct{})
}

// enter counts a request in, unless the endpoint is closing.
func (e *Endpoint) enter() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ended {
		return false
	}
	e.calls.Add(1)
	return true
}

// Sessions returns how many clients hold a session.
func (e *Endpoint) Sessions() int { return e.sessions.count() }

// Listeners returns how many clients hold a stream open.
func (e *Endpoint) Listeners() int { return int(e.listeners.Load()) }
