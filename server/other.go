package server

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"fazt/server/auth"
	"fazt/server/op"
)

// serveOther answers every path of the admin host that is not under /api/.
func (x *exchange) serveOther(path string) {
	s := x.s
	switch {
	case path == "/healthz":
		x.serveHealth()
	case path == "/metrics":
		x.serveMetrics()
	case strings.HasPrefix(path, pprofPath):
		x.servePprof()
	case path == "/openapi.json" || path == "/docs" || path == "/llms.txt":
		x.serveDocument(path)
	case strings.HasPrefix(path, "/.well-known/"):
		// A client that finds anything here but a clean 404 believes that there
		// is OAuth, and waits for a sign-in that cannot come.
		x.fail(op.Errorf(op.CodeNotFound, "there is no %s", clipText(path, 100)).WithHint("send Authorization: Bearer TOKEN; there is no OAuth here"))
	case strings.HasPrefix(path, auth.SignInPath) || path == strings.TrimSuffix(auth.SignInPath, "/") || path == "/sign-out":
		x.pass(s.signIn)
	case path == "/mcp" || strings.HasPrefix(path, "/mcp/") || path == "/agent/ws":
		x.passOr404(s.agent)
	case strings.HasPrefix(path, UploadPath):
		x.passOr404(s.uploads)
	case strings.HasPrefix(path, "/agent/"):
		x.serveClient()
	default:
		x.serveUI()
	}
}

// serveClient serves the ES module, which other origins' pages import too: it
// holds nothing but what everybody can read.
func (x *exchange) serveClient() {
	h := x.w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	x.passOr404(x.s.client)
}

func (x *exchange) serveUI() {
	if x.r.Method != http.MethodGet && x.r.Method != http.MethodHead {
		x.w.Header().Set("Allow", "GET, HEAD")
		x.fail(op.Errorf(op.CodeMethodNotAllowed, "this path does not take %s", clipText(x.r.Method, 20)).
			WithHint("operations are under /api/; see /docs"))
		return
	}
	if x.s.ui != nil {
		x.pass(x.s.ui)
		return
	}
	if x.r.URL.Path != "/" {
		x.passOr404(nil)
		return
	}
	x.serveHome()
}

func (x *exchange) passOr404(h http.Handler) {
	if h == nil {
		x.fail(op.Errorf(op.CodeNotFound, "there is no %s", clipText(x.r.URL.Path, 100)).WithHint("see /docs for what there is"))
		return
	}
	x.pass(h)
}

// pass lets another handler answer, and sees the status for the log.
func (x *exchange) pass(h http.Handler) {
	w := &statusWriter{ResponseWriter: x.w}
	defer func() { x.status, x.written = w.status, w.written }() // also when it panics to cut the connection
	h.ServeHTTP(w, x.r.WithContext(op.WithAddress(x.r.Context(), x.s.proxies.Client(x.r))))
	if w.status == 0 {
		w.status = http.StatusOK
	}
}

// statusWriter remembers the status. Everything else is reached through
// Unwrap (http.ResponseController), but for the two interfaces that libraries
// still ask for by assertion.
type statusWriter struct {
	http.ResponseWriter
	status  int
	written int
}

func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 || w.status < 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.written += n
	return n, err
}

// Flush is of http.Flusher.
func (w *statusWriter) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// health is what /healthz answers.
var (
	healthy = []byte(`{"status":"ok"}`)
	broken  = []byte(`{"status":"storage_failed"}`)
)

// serveHealth says whether this server can still write. It asks nothing of the
// disk: a probe must not wait behind the load it watches.
func (x *exchange) serveHealth() {
	if x.s.db.Stats().Stopped {
		x.send(http.StatusServiceUnavailable, jsonType, broken)
		return
	}
	x.send(http.StatusOK, jsonType, healthy)
}

// serveContent answers a public document with its tag.
func (x *exchange) serveContent(contentType, tag string, body []byte) {
	h := x.w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Etag", tag)
	h.Set("Cache-Control", "no-cache")
	w := &statusWriter{ResponseWriter: x.w}
	http.ServeContent(w, x.r, "", time.Time{}, bytes.NewReader(body))
	x.status, x.written = w.status, w.written
}
