package endpoint

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"fazt/server/op"
)

// maxBody bounds a request: a call names data, it does not carry files.
const maxBody = 4 << 20

// exchange is one HTTP request with all that was learnt of it before mcp-go
// sees it. Handlers reach it with from.
type exchange struct {
	principal *op.Principal
	variant   *variant
	reply     *reply
	message   message
	session   string // of the header
	files     bool   // a local file goes along
	client    string // what the client calls itself
}

// message is what the front reads of a JSON-RPC message.
type message struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params struct {
		Name         string `json:"name"`
		URI          string `json:"uri"`
		ClientInfo   client `json:"clientInfo"`
		Capabilities struct {
			Elicitation json.RawMessage `json:"elicitation"`
			Sampling    json.RawMessage `json:"sampling"`
		} `json:"capabilities"`
		Meta struct {
			Version       string          `json:"io.modelcontextprotocol/protocolVersion"`
			Client        client          `json:"io.modelcontextprotocol/clientInfo"`
			ProgressToken json.RawMessage `json:"progressToken"`
		} `json:"_meta"`
	} `json:"params"`

	file bool // the bridge has put a file's content in
}

type client struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

func (m *message) modern() bool { return mcp.IsModernProtocol(m.Params.Meta.Version) }

// asksBack reports whether an initialize request comes from a client that can
// be asked something, the only kind that gets a session.
func (m *message) asksBack() bool {
	c := m.Params.Capabilities
	return m.Method == string(mcp.MethodInitialize) && (c.Elicitation != nil || c.Sampling != nil)
}

type exchangeKey struct{}

func from(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

// serve checks a request, and gives it to mcp-go with a writer of our own.
func (e *Endpoint) serve(w http.ResponseWriter, r *http.Request) {
	x, err := e.examine(r)
	if err != nil {
		refuse(w, err)
		return
	}
	if status, allow := e.unsupported(r, x); status != 0 {
		if allow != "" {
			w.Header().Set("Allow", allow)
		}
		w.WriteHeader(status)
		return
	}
	if !e.enter() {
		refuse(w, op.Errorf(op.CodeOverloaded, "the server is stopping").WithHint("call again when it runs"))
		return
	}
	defer e.calls.Done()
	ctx, cancel := e.lifetime(r, x)
	defer cancel()
	x.reply = newReply(w, r)
	defer x.reply.finish(x)
	stop := x.reply.keepAlive()
	defer stop()
	e.refresh()
	e.http.ServeHTTP(x.reply, r.WithContext(context.WithValue(ctx, exchangeKey{}, x)))
}

// examine authenticates a request and reads its bounded body.
func (e *Endpoint) examine(r *http.Request) (*exchange, error) {
	if err := e.checkOrigin(r); err != nil {
		return nil, err
	}
	v, err := parseVariant(r.URL)
	if err != nil {
		return nil, err
	}
	principal, err := e.authenticate(r)
	if err != nil {
		return nil, err
	}
	x := &exchange{principal: principal, variant: v, session: r.Header.Get(server.HeaderKeySessionID), files: r.Header.Get(headerFiles) != ""}
	if r.Method == http.MethodPost {
		if err := x.readBody(r); err != nil {
			return nil, err
		}
	}
	x.client = e.clientName(r, x)
	return x, nil
}

// checkOrigin holds off pages of other origins, and hosts that are not ours: a
// page on a host that resolves to this machine would else reach it.
func (e *Endpoint) checkOrigin(r *http.Request) error {
	if !e.options.Hosts(r.Host) {
		return op.Errorf(op.CodeForbidden, "the host %q is not served here", r.Host).
			WithHint("call the server by an address it knows, such as 127.0.0.1")
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return nil
	}
	u, err := url.Parse(origin)
	if err == nil && u.Host == r.Host || e.options.Origins(origin) {
		return nil
	}
	return op.Errorf(op.CodeForbidden, "the origin %q may not call", origin).
		WithHint("a person can list it in the settings")
}

// guest is who calls a server of fixtures without a credential.
func guest() *op.Principal {
	return &op.Principal{ID: "guest", Name: "guest", Kind: op.KindAgent}
}

func (e *Endpoint) authenticate(r *http.Request) (*op.Principal, error) {
	principal, err := e.options.Authenticate(r)
	if err == nil && principal == nil {
		err = op.Errorf(op.CodeUnauthenticated, "this needs a token").WithHint("send Authorization: Bearer TOKEN")
	}
	if err != nil && e.options.Fixtures && op.AsError(err).Code == op.CodeUnauthenticated {
		return guest(), nil
	}
	return principal, err
}

func (x *exchange) readBody(r *http.Request) error {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return op.Errorf(op.CodeTooLarge, "the request is over %d bytes", maxBody).
			WithHint("store large content with blob_put, which answers an upload command")
	}
	if err != nil {
		return op.Errorf(op.CodeInvalidJSON, "the request's body could not be read")
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	_ = json.Unmarshal(body, &x.message) // mcp-go answers a body that is no message
	return nil
}

// maxClient bounds a name that is kept in every audit line.
const maxClient = 64

func (e *Endpoint) clientName(r *http.Request, x *exchange) string {
	info := x.message.Params.Meta.Client
	if info.Name == "" {
		info = x.message.Params.ClientInfo
	}
	name := strings.TrimSpace(info.Name + " " + info.Version)
	if name == "" {
		name = e.sessions.client(x.session, x.principal)
	}
	if name == "" {
		name, _, _ = strings.Cut(r.UserAgent(), " ")
	}
	return plainName(name)
}

// plainName keeps printable ASCII, so that no name can act in a log or list.
func plainName(name string) string {
	kept := strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return -1
		}
		return c
	}, name)
	return kept[:min(len(kept), maxClient)]
}

// unsupported answers what mcp-go would take and must not: a listener without
// a session would hear other callers' messages, and a cancellation without one
// would end other callers' requests, since both are known by request id alone.
func (e *Endpoint) unsupported(r *http.Request, x *exchange) (status int, allow string) {
	switch {
	case r.Method != http.MethodPost && r.Method != http.MethodGet && r.Method != http.MethodDelete:
		return http.StatusMethodNotAllowed, "POST, GET, DELETE"
	case r.Method == http.MethodGet && x.session == "":
		return http.StatusMethodNotAllowed, "POST"
	case r.Method != http.MethodPost && !mcp.IsModernProtocol(r.Header.Get(mcp.HeaderProtocolVersion)) && !e.sessions.holds(x.session, x.principal):
		return http.StatusNotFound, ""
	case x.message.Method == string(mcp.MethodNotificationCancelled) && (x.session == "" || x.message.modern()):
		return http.StatusAccepted, ""
	}
	return 0, ""
}

// lifetime bounds a request: a listener ends when closing begins or agents are
// cut off, a call when closing waits no longer.
func (e *Endpoint) lifetime(r *http.Request, x *exchange) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(r.Context())
	if r.Method != http.MethodGet && x.message.Method != string(mcp.MethodSubscriptionsListen) {
		stop := context.AfterFunc(e.abandoned, cancel)
		return ctx, func() { stop(); cancel() }
	}
	e.mu.Lock()
	cut := e.cut
	e.mu.Unlock()
	e.listeners.Add(1)
	stop := context.AfterFunc(e.closing, cancel)
	e.calls.Go(func() {
		select {
		case <-cut:
			cancel()
		case <-ctx.Done():
		}
	})
	return ctx, func() { e.listeners.Add(-1); stop(); cancel() }
}

// problem is the body of a refusal, as the HTTP API writes it (RFC 9457).
type problem struct {
	Code   op.Code `json:"code"`
	Status int     `json:"status"`
	Detail string  `json:"detail"`
	Hint   string  `json:"hint,omitempty"`
}

func refuse(w http.ResponseWriter, err error) {
	e := op.AsError(err)
	if e.Code == op.CodeUnauthenticated {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	if e.RetryAfter > 0 {
		w.Header().Set("Retry-After", seconds(e.RetryAfter))
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(e.Code.Status())
	_ = json.NewEncoder(w).Encode(problem{Code: e.Code, Status: e.Code.Status(), Detail: e.Detail, Hint: e.Hint})
}

// seconds rounds up, so that a client never comes back too early.
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}
