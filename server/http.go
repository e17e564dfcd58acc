package server

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"fazt/server/auth"
	"fazt/server/capacity"
	"fazt/server/op"
	"fazt/storage"
)

// Options configures a Server. DB, Registry, Auth, Settings, Logger and Now are
// required.
type Options struct {
	DB       *storage.DB
	Registry *op.Registry
	Auth     *auth.Auth
	Settings *LiveSettings
	Logger   *slog.Logger
	Now      func() time.Time
	Version  string
	Domain   string  // of the admin page and the apps beside localhost; "" = none
	Proxies  Proxies // whose word about the client's address and TLS is believed; nobody's by default

	Client  http.Handler // the ES module under /agent/fazt…; nil = not found
	UI      http.Handler // the admin page; nil = a page of links
	Agent   http.Handler // /mcp and /agent/ws; nil = not found
	Uploads http.Handler // /up/; nil = not found
	Sites   http.Handler // the apps' hosts; nil = they have no site
	// Events takes what pages of apps' hosts send to /track; nil = nothing does.
	Events *Events
	// Admission is shown in the metrics; nil = there is none to show.
	Admission *capacity.Admission
	// Meter is too: connections, memory and what was given up.
	Meter *capacity.Meter
	// MaxStreams bounds the event streams that are open; the default is 4,096.
	// Each costs a connection and some 20 KB.
	MaxStreams int
}

const defaultStreams = 4096

// Server is the HTTP face: it decides by host and path who answers, and answers
// the calls under /api/ itself, each by the operation that the registry has for
// its path and method.
//
// An operation's fields come from the path, then from the JSON body, or from
// the query for GET and DELETE. Headers carry the envelope: Idempotency-Key,
// Fazt-Dry-Run, Fazt-Confirm; If-Match and If-None-Match become the input's own
// conditions. Answers bear the version as ETag, errors are RFC 9457 problems.
//
// Its handler may be used from any goroutine. Drain it, then shut the
// http.Server down, then Close it.
type Server struct {
	registry *op.Registry
	auth     *auth.Auth
	db       *storage.DB
	settings *LiveSettings
	logger   *slog.Logger
	now      func() time.Time
	version  string
	hosts    Hosts
	proxies  Proxies
	routes   *routes
	streams  *gate
	metrics  *metrics
	docs     *documents
	events   *Events
	signIn   http.Handler

	client, ui, agent, uploads, sites http.Handler

	idPrefix string
	idNext   atomic.Uint64
}

// New returns a Server over the operations that the registry holds now. Only
// recipes come and go later, and they have no path of their own.
func New(o Options) (*Server, error) {
	if o.MaxStreams == 0 {
		o.MaxStreams = defaultStreams
	}
	s := &Server{
		registry: o.Registry, auth: o.Auth, db: o.DB, settings: o.Settings, logger: o.Logger, now: o.Now, version: o.Version,
		hosts: NewHosts(o.Domain), proxies: o.Proxies, streams: newGate(o.MaxStreams), signIn: o.Auth.SignIn(),
		client: o.Client, ui: o.UI, agent: o.Agent, uploads: o.Uploads, sites: o.Sites, idPrefix: newIDPrefix(),
		docs: &documents{registry: o.Registry, version: o.Version}, events: o.Events,
	}
	s.metrics = newMetrics(o.DB, s.streams)
	if o.Admission != nil {
		s.metrics.registry.MustRegister(gateCollector{o.Admission})
	}
	if o.Meter != nil {
		s.metrics.registry.MustRegister(meterCollector{o.Meter})
	}
	var err error
	s.routes, err = newRoutes(o.Registry.All(), func(operation *op.Operation) *endpoint { return newEndpoint(operation, s.metrics) })
	return s, err
}

// newIDPrefix makes request ids of one run of the program differ from those of
// another.
func newIDPrefix() string {
	var raw [5]byte
	_, _ = rand.Read(raw[:]) // never fails (crypto/rand)
	return strings.ToLower(base32.StdEncoding.EncodeToString(raw[:])) + "-"
}

// Handler returns the handler of every request.
func (s *Server) Handler() http.Handler { return s }

// Drain ends the event streams and refuses new ones, and returns when they
// have ended or ctx has. Other requests are answered as before.
func (s *Server) Drain(ctx context.Context) error {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.streams.drain()
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := s.now()
	var room [32]byte
	id := string(strconv.AppendUint(append(room[:0], s.idPrefix...), s.idNext.Add(1), 36))
	x := s.newExchange(w, r, id, start)
	x.serve()
	x.finish()
	cut := x.cut
	*x = exchange{params: x.params, body: x.body}
	exchanges.Put(x)
	if cut {
		panic(http.ErrAbortHandler)
	}
}

// Security headers that every answer bears unless who answers says otherwise.
var (
	noSniff    = []string{"nosniff"}
	noReferrer = []string{"no-referrer"}
	sameOrigin = []string{"same-origin"}
	denyFrames = []string{"DENY"}
)

func (x *exchange) serve() {
	h := x.w.Header()
	h["X-Request-Id"] = []string{x.id}
	h["X-Content-Type-Options"] = noSniff
	kind, app := x.s.hosts.classify(x.r.Host)
	switch kind {
	case hostUnknown:
		x.fail(x.s.hosts.wrong(x.r.Host))
		return
	case hostApp:
		x.serveSite(app)
		return
	}
	h["Referrer-Policy"] = noReferrer
	h["X-Frame-Options"] = denyFrames
	h["Cross-Origin-Resource-Policy"] = sameOrigin
	escaped := x.r.URL.EscapedPath()
	if err := checkPath(escaped); err != nil {
		x.fail(err)
		return
	}
	if origin := x.r.Header.Get("Origin"); origin != "" && callsWithToken(escaped) && x.cors(origin) {
		return
	}
	if isAPI(escaped) {
		x.serveAPI(escaped)
		return
	}
	x.serveOther(escaped)
}

// callsWithToken reports whether pages of other origins may come here at all.
func callsWithToken(path string) bool {
	return isAPI(path) || path == "/mcp" || strings.HasPrefix(path, "/mcp/")
}

// serveSite answers for an app's host, without any rights of the admin host.
func (x *exchange) serveSite(app string) {
	if x.s.events != nil && x.r.URL.Path == TrackPath && x.r.Method != http.MethodGet && x.r.Method != http.MethodHead {
		x.serveTrack(app)
		return
	}
	if x.s.sites == nil {
		x.fail(op.NotFound("app", "the app %q has no site here", app).
			WithHint("the API is at the admin host, as in http://localhost/api/apps/%s", app))
		return
	}
	x.pass(x.s.sites)
}

// finish counts and logs the request.
func (x *exchange) finish() {
	took := x.s.now().Sub(x.start)
	class := min(max(x.status/100, 1), 5)
	if x.endpoint == nil {
		x.s.metrics.other[class].Inc()
	} else {
		x.endpoint.requests[class].Inc()
		if !x.endpoint.op.Streams {
			x.endpoint.latency.Observe(took.Seconds())
		}
	}
	level := slog.LevelDebug
	if class == 5 {
		level = slog.LevelWarn
	}
	ctx := x.r.Context()
	if x.s.logger.Enabled(ctx, level) {
		x.s.logger.LogAttrs(ctx, level, "request", x.attributes(took)...)
	}
}

// attributes leave out the query and every header: they may hold what no log
// should.
func (x *exchange) attributes(took time.Duration) []slog.Attr {
	path := x.r.URL.Path
	if strings.HasPrefix(path, auth.SignInPath) || strings.HasPrefix(path, "/up/") {
		path = path[:strings.IndexByte(path[1:], '/')+2] + "…" // the rest is a secret
	}
	list := []slog.Attr{
		slog.String("request", x.id), slog.String("method", x.r.Method), slog.String("host", x.r.Host),
		slog.String("path", path), slog.Int("status", x.status), slog.Int("bytes", x.written),
		slog.Duration("took", took), slog.String("client", x.s.proxies.Client(x.r).String()),
	}
	if x.endpoint != nil {
		list = append(list, slog.String("operation", x.endpoint.op.Name))
	}
	if x.who != nil {
		list = append(list, slog.String("principal", x.who.ID))
	}
	if x.code != "" {
		list = append(list, slog.String("code", string(x.code)))
	}
	return list
}
