package agent

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"fazt/agent/approval"
	"fazt/agent/browser"
	"fazt/agent/draft"
	"fazt/agent/endpoint"
	"fazt/agent/hub"
	"fazt/agent/limit"
	"fazt/agent/run"
	"fazt/recipes"
	"fazt/server/op"
	"fazt/storage"
)

// Options are what an Agent works with. All are required unless a default is
// named.
type Options struct {
	DB           *storage.DB
	Registry     *op.Registry // whose ports name this agent: Forms, Ceiling, and Desk as Approver
	Authenticate func(*http.Request) (*op.Principal, error)
	// DrivenSession makes the session of a tab that is driven for a principal,
	// with exactly its rights, and EndSession ends it by its cookie's value.
	DrivenSession func(context.Context, *op.Principal) (*http.Cookie, error)
	EndSession    func(ctx context.Context, value string)
	// Commit writes a batch with what the call that ctx carries adds to it, and
	// ErrorOf maps an error of storage.
	Commit  func(context.Context, *storage.Batch, func(*storage.Outcome) any) (*storage.Outcome, error)
	ErrorOf func(error) error

	Desk       *approval.Desk
	Gate       *limit.Gate // the registry's; nil = agents cannot be stopped, for a registry that is only described
	Pool       *recipes.Pool
	Shipped    fs.FS  // the recipes of the program; nil = none
	Driver     []byte // the script that is injected into tabs of ours
	ModuleHash string // of the ES module
	BaseURL    func() string
	Hosts      func(host string) bool   // the Host headers of the admin page
	Origins    func(origin string) bool // the listed origins of other pages
	OwnHost    func(host string) bool   // hosts that are ours, the apps' too; nil = Hosts
	// Secret returns the value of a stored secret that p may type into a page of
	// an origin; it goes into the page and nowhere else.
	Secret   func(ctx context.Context, p *op.Principal, name, origin string) (string, error)
	Browse   func(*url.URL) bool // the outside addresses that the owner listed; nil = none
	Chromium string              // the browser's program; "" = the one on PATH

	Logger   *slog.Logger
	Now      func() time.Time
	Rand     io.Reader
	Version  string
	Fixtures bool // serve the fixtures of the MCP conformance suite; never for a server in use
}

// Agent is the part of the program that agents work with.
type Agent struct {
	options  Options
	hub      *pages
	browser  *browser.Browser
	endpoint *endpoint.Endpoint
	runner   *run.Runner
	log      *draft.Log
}

// New puts the parts together.
func New(o Options) *Agent {
	if o.OwnHost == nil {
		o.OwnHost = o.Hosts
	}
	a := &Agent{options: o, log: draft.NewLog()}
	a.browser = browser.New(browser.Options{
		Driver: o.Driver, BaseURL: o.BaseURL, OwnHost: o.OwnHost, AllowURL: o.Browse,
		Session: o.DrivenSession, EndSession: o.EndSession, Program: o.Chromium, Logger: o.Logger, Now: o.Now,
	})
	a.hub = &pages{file: a.file, secret: o.Secret, Hub: hub.New(hub.Options{
		Browser: a.browser,
		Hosts:   o.Hosts, Origins: o.Origins, May: mayFollow, Changes: a.changes,
		ModuleHash: o.ModuleHash, Logger: o.Logger, Now: o.Now, Rand: o.Rand,
	})}
	a.runner = run.New(run.Options{
		DB: o.DB, Registry: o.Registry, Pool: o.Pool, Tabs: liveTabs{a.hub}, Desk: o.Desk,
		Commit: o.Commit, ErrorOf: o.ErrorOf, Shipped: o.Shipped, BaseURL: o.BaseURL, Publish: a.hub.Publish, Log: a.log,
		Logger: o.Logger, Now: o.Now, Rand: o.Rand,
	})
	a.endpoint = endpoint.New(endpoint.Options{
		Registry: o.Registry, Authenticate: o.Authenticate, Hosts: o.Hosts, Origins: o.Origins, BaseURL: o.BaseURL,
		Decide: a.decide, Version: o.Version, Fixtures: o.Fixtures, Logger: o.Logger, Now: o.Now, Rand: o.Rand,
	})
	return a
}

// decide answers a request for a person whom an agent's own program has asked.
func (a *Agent) decide(request string, approve bool, by string) error {
	_, err := a.options.Desk.Decide(request, approve, by)
	return err
}

// Open registers the recipes. The registry has all other operations by now.
func (a *Agent) Open(ctx context.Context) error { return a.runner.Open(ctx) }

// Relieve gives up what costs memory and can be had again: tabs that nobody
// uses, and their browser.
func (a *Agent) Relieve() { a.browser.Relieve() }

// Tabs is how many live tabs there are.
func (a *Agent) Tabs() int {
	ours, persons := a.hub.Count()
	return ours + persons
}

// Close ends MCP calls, runs and tabs, and leaves no goroutine.
func (a *Agent) Close(ctx context.Context) error {
	return errors.Join(a.endpoint.Close(ctx), a.runner.Close(ctx), a.hub.Shutdown(ctx))
}

// Operations returns the operations of this package. They need New to work, and
// nothing to be described.
func (a *Agent) Operations() []*op.Operation {
	tabs := &tabRoom{hub: a.hub, log: a.log, agents: a.agents}
	runs := &runRoom{runner: a.runner}
	approvals := &approvalRoom{desk: a.options.Desk}
	stops := &stopRoom{agent: a}
	return slices.Concat(
		stops.operations(),
		tabs.operations(), tabs.grantOperations(),
		runs.recipeOperations(), runs.runOperations(), runs.codeOperations(),
		approvals.operations(),
	)
}

// Handler serves /mcp, /mcp/… and /agent/ws.
func (a *Agent) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/mcp", a.endpoint.Handler())
	mux.Handle("/mcp/", a.endpoint.Handler())
	mux.Handle("/agent/ws", a.hub.Handler())
	return mux
}

// Forms carries operations out in live pages.
func (a *Agent) Forms() op.PageForms { return a.runner.Forms() }

// Observed notes what a driven page called: [op.Observer].
func (a *Agent) Observed(inv *op.Invocation, input []byte) { a.log.Observed(inv, input) }

// ApprovalsChanged tells the pages of people that a request has come or has been
// answered.
func (a *Agent) ApprovalsChanged() { a.hub.Publish("approvals", struct{}{}) }

// Ceiling says what a run's session may do: [op.Ports.Ceiling].
func (a *Agent) Ceiling(run string) (op.Effect, bool) { return a.runner.Ceiling(run) }

// Status is what the agent knows of itself, for system_status.
func (a *Agent) Status(context.Context, *op.Principal) (name string, value any) {
	ours, persons := a.hub.Count()
	waiting := 0
	for _, request := range a.options.Desk.List() {
		if request.State == approval.Waiting {
			waiting++
		}
	}
	return "agents", map[string]int{"runs": a.runner.Count(), "tabs": ours, "tabs_of_people": persons, "approvals_waiting": waiting}
}

// agents lists the tokens that a grant may name.
func (a *Agent) agents(ctx context.Context) ([]namedToken, error) {
	var list []namedToken
	after := ""
	for {
		page, err := a.options.DB.Tokens(ctx, after, storage.MaxPage)
		if err != nil {
			return nil, a.options.ErrorOf(err)
		}
		for _, t := range page {
			if t.Kind == string(op.KindAgent) {
				list = append(list, namedToken{ID: t.ID, Name: t.Name})
			}
		}
		if len(page) < storage.MaxPage {
			return list, nil
		}
		after = page[len(page)-1].ID
	}
}

// topicScopes are the rights that following a topic takes.
var topicScopes = map[string]op.Scope{
	"agents": "system:read",
	"runs":   "runs:read", "recipes": "recipes:read", "approvals": "approvals:read",
	"tabs": "tabs:read", "grants": "tabs:read", "changes": "changes:read",
}

// mayFollow says whether a page's principal may follow a topic. What is about
// no single app is not for tokens that are bound to one.
func mayFollow(_ context.Context, p *op.Principal, topic, app string) error {
	scope, known := topicScopes[topic]
	switch {
	case !known:
		return op.Invalid("topic", "there is no topic %q", topic).WithHint("changes, runs, recipes, approvals, tabs, grants and agents are known")
	case !p.Scopes.Has(scope):
		return op.Errorf(op.CodeForbidden, "following %s needs the scope %s, which %q lacks", topic, scope, p.Name).
			WithHint("use a token with %s", scope)
	case topic == "runs" && p.Kind != op.KindPerson:
		return op.Errorf(op.CodeForbidden, "only people follow everyone's runs").WithHint("run_get waits for a run of yours")
	case p.App != "" && (topic != "changes" || app != p.App):
		return op.NotFound("app", "no app %q", app).WithHint("this token is bound to app %q", p.App)
	}
	return nil
}

// changes waits until something lies behind a cursor in an app's feed.
func (a *Agent) changes(ctx context.Context, app, since string) (string, error) {
	watcher := a.options.DB.Watch(app) // before the read, so that nothing falls between
	defer watcher.Close()
	var from *storage.Cursor
	if since != "" {
		cursor, err := storage.ParseCursor(since)
		if err != nil {
			return "", a.options.ErrorOf(err)
		}
		from = &cursor
	}
	for {
		page, err := a.options.DB.Changes(ctx, app, storage.ChangeQuery{Since: from, Limit: storage.MaxPage})
		if err != nil {
			return "", a.options.ErrorOf(err)
		}
		if next := page.Next.String(); from == nil || next != from.String() {
			return next, nil
		}
		select {
		case <-watcher.C():
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

// liveTabs are the hub's tabs as runs see them.
type liveTabs struct{ hub *pages }

func (t liveTabs) List(p *op.Principal) []run.Tab {
	var list []run.Tab
	for _, tab := range t.hub.List(p) {
		list = append(list, run.Tab{ID: tab.ID, URL: tab.URL, Own: tab.Owner == p.ID})
	}
	return list
}

func (t liveTabs) Call(ctx context.Context, p *op.Principal, tab, method string, params any) (json.RawMessage, error) {
	return t.hub.Call(ctx, p, tab, method, params)
}

// Open opens a tab that a person can watch where there is a display. Runs of
// one principal share no cookies, since each session has rights of its own.
func (t liveTabs) Open(ctx context.Context, p *op.Principal, address string) (run.Tab, error) {
	profile := strings.ReplaceAll(p.Run, "_", "-")
	tab, err := t.hub.Open(ctx, p, hub.OpenRequest{URL: address, Show: t.hub.Shows(), Profile: profile})
	return run.Tab{ID: tab.ID, URL: tab.URL, Own: true}, err
}

func (t liveTabs) Close(ctx context.Context, p *op.Principal, tab string) error {
	return t.hub.Close(ctx, p, tab)
}
