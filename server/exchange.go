package server

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"fazt/server/op"
)

// exchange is one request to the API and its answer, with the memory both
// need. It goes back to the pool when the answer is written.
type exchange struct {
	s        *Server
	w        http.ResponseWriter
	r        *http.Request
	id       string
	start    time.Time
	endpoint *endpoint
	spot     *spot // where it was found
	who      *op.Principal
	status   int
	written  int
	code     op.Code
	cut      bool // the answer is not whole: cut the connection

	values values
	params []op.Param
	body   []byte
}

// maxKeptBody keeps one large body from holding memory for good.
const maxKeptBody = 64 << 10

var exchanges = sync.Pool{New: func() any { return new(exchange) }}

func (s *Server) newExchange(w http.ResponseWriter, r *http.Request, id string, start time.Time) *exchange {
	x := exchanges.Get().(*exchange)
	params, body := x.params, x.body
	clear(params[:cap(params)]) // holds strings of another request
	if cap(body) > maxKeptBody {
		body = nil
	}
	*x = exchange{s: s, w: w, r: r, id: id, start: start, params: params[:0], body: body[:0]}
	return x
}

// Values of headers that every answer of their kind bears. They are shared, and
// nothing appends to a header's values without copying them.
var (
	jsonType    = []string{"application/json"}
	problemType = []string{"application/problem+json"}
	noStore     = []string{"no-store"}
	noCache     = []string{"private, no-cache"}
)

// send writes an answer whole, in one Write with its length: the connection
// stays usable and no chunk is framed.
func (x *exchange) send(status int, contentType []string, body []byte) {
	h := x.w.Header()
	h["Content-Type"] = contentType
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	if h["Cache-Control"] == nil {
		h["Cache-Control"] = noStore
	}
	x.status, x.written = status, len(body)
	x.w.WriteHeader(status)
	if x.r.Method == http.MethodHead {
		return
	}
	if len(body) <= slowBody {
		_, _ = x.w.Write(body) // the caller has gone
		return
	}
	x.sendSlowly(body)
}

// sendEmpty answers 204, which has no length (RFC 9110, section 8.6).
func (x *exchange) sendEmpty() {
	x.status = http.StatusNoContent
	x.w.WriteHeader(http.StatusNoContent)
}

// A long answer to a reader that takes nothing of it is given up; a short one
// fits the buffers of the system and costs no timer.
const (
	slowBody  = 64 << 10
	writeTime = time.Minute
)

func (x *exchange) sendSlowly(body []byte) {
	c := http.NewResponseController(x.w)
	_ = c.SetWriteDeadline(time.Now().Add(writeTime)) // a writer of a test may have none
	_, _ = x.w.Write(body)
	_ = c.SetWriteDeadline(time.Time{}) // the connection goes on
}

// fail answers an error.
func (x *exchange) fail(err error) {
	e := op.AsError(ErrorOf(err))
	if e.Code == op.CodeInternal && e.RequestID == "" { // it did not come from Call, which records
		x.s.logger.ErrorContext(x.r.Context(), "a request failed", "path", x.r.URL.Path, "request", x.id, "error", e.Cause)
	}
	x.code = e.Code
	h := x.w.Header()
	setRetryAfter(h, e)
	if e.Code == op.CodeUnauthenticated {
		h.Set("WWW-Authenticate", `Bearer realm="fazt"`)
	}
	delete(h, "Etag")
	h["Cache-Control"] = noStore
	status, body := Problem(e, x.id)
	x.send(status, problemType, body)
}
