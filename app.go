package main

import (
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"time"

	"fazt/agent"
	"fazt/agent/approval"
	"fazt/agent/limit"
	"fazt/clientjs"
	"fazt/recipes"
	"fazt/server"
	"fazt/server/auth"
	"fazt/server/capacity"
	"fazt/server/op"
	"fazt/server/ui"
	"fazt/storage"
)

// config is what a server is started with.
type config struct {
	DB            string
	Address       string // an IP address or localhost
	Port          int    // 0 = any
	Domain        string
	Proxies       []netip.Prefix
	Owner         string // FAZT_ADMIN_TOKEN: the owner's token of a first start
	Logger        *slog.Logger
	Fixtures      bool // serve the MCP conformance fixtures
	Scratch       bool // a server that calibrating measures
	NoCalibration bool // a new server does not measure the machine by itself
	Getenv        func(string) string
}

// app is the whole program: storage, registry, agent and server, opened in
// that order and closed in reverse.
type app struct {
	config      config
	db          *storage.DB
	listener    net.Listener
	auth        *auth.Auth
	registry    *op.Registry
	service     *server.Service
	settings    *server.LiveSettings
	gates       *capacity.Admission
	limits      *limit.Gate
	connections *capacity.Connections
	meter       *capacity.Meter
	sites       *server.Sites
	pool        *recipes.Pool
	agent       *agent.Agent
	server      *server.Server
	http        *http.Server
	local       *localServer
	url         string             // the server's address for clients on this machine
	stop        context.CancelFunc // ends what still waits, such as long polls
	served      chan error         // how Serve ended

	first firstStart
}

// firstStart holds the secrets that only a first start prints.
type firstStart struct {
	created    bool
	agentToken string
}

// openApp opens everything and serves. The database comes first: its lock
// tells a second server from one that only wants the same port. The port comes
// before the first tokens, or a start that fails would leave secrets that
// nobody was shown.
func openApp(ctx context.Context, c config) (a *app, err error) {
	a = &app{config: c, served: make(chan error, 1)}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close(context.WithoutCancel(ctx)))
		}
	}()
	if a.db, err = storage.Open(ctx, storage.Options{Path: c.DB, Now: time.Now, Logger: c.Logger}); err != nil {
		return a, err
	}
	if a.listener, err = listen(c.Address, c.Port); err != nil {
		return a, err
	}
	a.url = localURL(a.listener.Addr())
	a.auth = auth.New(auth.Options{DB: a.db, Now: time.Now, Rand: rand.Reader, Secure: server.Proxies(c.Proxies).Secure})
	if a.first.agentToken, err = a.auth.FirstStart(ctx, c.Owner); err != nil {
		return a, err
	}
	a.first.created = a.first.agentToken != ""
	assets, err := a.openParts(ctx)
	if err != nil {
		return a, err
	}
	if err := a.meter.Start(ctx); err != nil {
		return a, err
	}
	return a, a.serve(ctx, assets)
}

// openParts builds the registry with its ports, the agent, and the client that
// is bundled from both.
func (a *app) openParts(ctx context.Context) (*clientjs.Assets, error) {
	var err error
	a.service = &server.Service{DB: a.db, Auth: a.auth, Now: time.Now, Version: version, Started: time.Now(), BaseURL: a.publicURL}
	a.settings = server.NewLiveSettings(a.service)
	a.service.Events = server.NewEvents(a.db, time.Now)
	a.service.Slow = server.NewSlowLog(a.settings.SlowAfter, a.config.Logger)
	recorder := server.NewRecorder(a.db, a.config.Logger)
	recorder.Slow = a.service.Slow
	a.limits = limit.New(limit.Options{DB: a.db, Now: time.Now, Logger: a.config.Logger})
	if err := a.limits.Open(ctx); err != nil {
		return nil, err
	}
	a.service.Used = a.limits.Used
	desk := approval.New(approval.Options{
		Policy: a.approvalPolicy, Now: time.Now, Rand: rand.Reader,
		Notify: func() { a.agent.ApprovalsChanged() },
	})
	forms, observer := &lateForms{}, &lateObserver{}
	a.gates = capacity.NewAdmission(capacity.AdmissionOptions{})
	a.connections = capacity.NewConnections(capacity.ConnectionsOptions{Shared: a.sharedAddress})
	a.sites = a.service.Sites(server.NewHosts(a.config.Domain))
	a.meter = a.newMeter()
	a.service.Capacity = a.meter
	a.registry = op.NewRegistry(op.Ports{
		Admitter: a.gates, Recorder: recorder, Approver: desk, Forms: forms, Observer: observer, Gate: a.limits, Now: time.Now,
		Ceiling: func(run string) (op.Effect, bool) { return a.agent.Ceiling(run) },
	})
	a.service.Registry = a.registry
	if err := a.registry.Add(a.service.Operations()...); err != nil {
		return nil, err
	}
	described, err := describe() // the client is made of what is always there
	if err != nil {
		return nil, err
	}
	assets, err := bundle(described)
	if err != nil {
		return nil, err
	}
	if a.pool, err = recipes.NewPool(recipes.PoolOptions{Logger: a.config.Logger}); err != nil {
		return nil, err
	}
	a.agent = agent.New(a.agentOptions(desk, assets))
	forms.PageForms, observer.Observer = a.agent.Forms(), a.agent
	a.service.Parts = []server.StatusPart{a.agent.Status, a.service.CapacityPart, a.service.EventsPart}
	if err := a.registry.Add(a.agent.Operations()...); err != nil {
		return nil, err
	}
	return assets, a.agent.Open(ctx)
}

// lateForms lets the registry exist before the agent that carries page forms
// out, which needs the registry. It is complete before the first call.
type lateForms struct{ op.PageForms }

// lateObserver is the same for who looks on.
type lateObserver struct{ op.Observer }

func (a *app) agentOptions(desk *approval.Desk, assets *clientjs.Assets) agent.Options {
	hosts := server.NewHosts(a.config.Domain)
	shipped := recipes.Shipped
	if a.config.Scratch {
		shipped = embed.FS{} // page forms take seconds to compile, and nobody opens a page there
	}
	return agent.Options{
		DB: a.db, Registry: a.registry, Commit: a.service.Commit, ErrorOf: server.ErrorOf,
		Authenticate: a.authenticate, DrivenSession: a.auth.DrivenSession, EndSession: a.endSession,
		Desk: desk, Gate: a.limits, Pool: a.pool, Shipped: shipped, Driver: assets.Driver(), ModuleHash: assets.Hash(),
		BaseURL: func() string { return a.url }, Hosts: hosts.Admin,
		OwnHost: hosts.Own, Browse: a.mayBrowse, Secret: a.service.Secret,
		Origins: func(origin string) bool { return a.settings.OriginListed(context.Background(), origin) },
		Logger:  a.config.Logger, Now: time.Now, Rand: rand.Reader, Version: version, Fixtures: a.config.Fixtures,
	}
}

// authenticate is what every face but HTTP's own asks; its errors are for
// callers.
func (a *app) authenticate(r *http.Request) (*op.Principal, error) {
	p, err := a.auth.Authenticate(r)
	return p, server.ErrorOf(err)
}

// endSession ends a driven tab's session. One that stays ends by itself.
func (a *app) endSession(ctx context.Context, value string) {
	if err := a.auth.EndSession(ctx, value); err != nil {
		a.config.Logger.WarnContext(ctx, "the session of a closed tab goes on until it expires", "error", err)
	}
}

// approvalPolicy is the owner's choice of what agents must ask for.
func (a *app) approvalPolicy(*op.Principal) approval.Policy {
	settings, err := a.settings.Get(context.Background())
	if err != nil {
		return approval.Always
	}
	return approval.Policy(settings.Approvals)
}

// mayBrowse reports whether the owner listed an outside address for tabs.
func (a *app) mayBrowse(address *url.URL) bool {
	settings, err := a.settings.Get(context.Background())
	return err == nil && slices.Contains(settings.Browse, address.Scheme+"://"+address.Host)
}

const (
	// headerTime is how long a connection may take to say what it wants.
	headerTime = 10 * time.Second
	// idleTime is how long a connection that wants nothing is kept: longer than
	// proxies keep theirs, so that it is they who close.
	idleTime = 2 * time.Minute
	// maxHeader is far over what honest clients send.
	maxHeader = 64 << 10
)

func (a *app) serve(ctx context.Context, assets *clientjs.Assets) error {
	page, err := ui.Open()
	if err != nil {
		return err
	}
	a.server, err = server.New(server.Options{
		DB: a.db, Registry: a.registry, Auth: a.auth, Settings: a.settings, Logger: a.config.Logger, Now: time.Now,
		Version: version, Domain: a.config.Domain, Proxies: a.config.Proxies, Client: assets.Handler(), UI: page, Agent: a.agent.Handler(),
		Uploads: a.service.Uploads(), Sites: a.sites,
		Admission: a.gates, Meter: a.meter, Events: a.service.Events,
	})
	if err != nil {
		return err
	}
	base, stop := context.WithCancel(context.WithoutCancel(ctx))
	a.stop = stop
	a.http = &http.Server{
		Handler: a.server.Handler(), BaseContext: func(net.Listener) context.Context { return base },
		ConnState: a.connections.StateChanged, ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(a.config.Logger.Handler(), slog.LevelDebug), // faults of connections
	}
	go func() { a.served <- a.http.Serve(a.connections.Listener(a.listener)) }()
	a.openLocal()
	return nil
}

// sharedAddress reports whether many clients come from an address: this
// machine's own programs, and the proxies that stand before the server.
func (a *app) sharedAddress(address netip.Addr) bool {
	return address.IsLoopback() || slices.ContainsFunc(a.config.Proxies, func(p netip.Prefix) bool { return p.Contains(address) })
}

// openLocal opens the socket for this user's commands. Where the file system
// has no sockets, everything else still works.
func (a *app) openLocal() {
	path, err := socketPath(a.db.Path(), a.config.Getenv)
	if err == nil {
		a.local, err = serveLocal(path, a.answerLocal)
	}
	if err != nil {
		a.config.Logger.Warn("fazt open, connect and login will not find this server", "error", err)
	}
}

// answerLocal answers this user's own commands.
func (a *app) answerLocal(ctx context.Context, request localRequest) (localAnswer, error) {
	switch request.Do {
	case "link":
		path, err := a.auth.Link(ctx)
		return localAnswer{URL: a.url + path + auth.OpenAtOnce}, err
	case "token":
		kind := op.Kind(request.Kind)
		if kind != op.KindPerson && kind != op.KindAgent {
			return localAnswer{}, fmt.Errorf("%q is no kind of token that is given out here", request.Kind)
		}
		secret, err := a.auth.IssueToken(ctx, auth.TokenSpec{Name: request.Name, Kind: kind, CreatedBy: auth.OwnerID})
		return localAnswer{URL: a.url, Token: secret}, err
	}
	return localAnswer{}, fmt.Errorf("this server does not know how to %q; is it of another version?", request.Do)
}

// publicURL is where callers elsewhere find the server too: at its domain, when
// a proxy stands before it.
func (a *app) publicURL() string {
	if a.config.Domain != "" && len(a.config.Proxies) > 0 {
		return "https://" + a.config.Domain
	}
	return a.url
}

// localURL is where a client on this machine finds a listener.
func localURL(address net.Addr) string {
	at, ok := address.(*net.TCPAddr)
	if !ok {
		return "http://" + address.String()
	}
	host := at.IP.String()
	switch {
	case at.IP.IsUnspecified() && at.IP.To4() == nil:
		host = net.IPv6loopback.String()
	case at.IP.IsUnspecified():
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(at.Port))
}
