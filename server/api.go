package server

import (
	"net/http"

	"fazt/server/op"
)

// serveAPI answers a path under /api/: it finds the operation, authenticates,
// makes the call and renders its result. Everything that decides about rights
// and inputs is in op.Registry.Call.
func (x *exchange) serveAPI(escaped string) {
	n := x.s.routes.find(escaped, &x.values)
	if n == nil {
		x.fail(noRoute(escaped))
		return
	}
	endpoint, allow := n.choose(x.r)
	switch {
	case endpoint != nil:
		x.endpoint = endpoint
	case allow == "":
		x.fail(noRoute(escaped))
		return
	case x.r.Method == http.MethodOptions:
		x.w.Header().Set("Allow", allow)
		x.sendEmpty()
		return
	default:
		x.w.Header().Set("Allow", allow)
		x.fail(op.Errorf(op.CodeMethodNotAllowed, "this path does not take %s", clipText(x.r.Method, 20)).
			WithHint("it takes %s; see /docs", allow))
		return
	}
	x.spot = n.spotOf(endpoint)
	if err := x.serveOperation(); err != nil {
		x.fail(err)
	}
}

func noRoute(escaped string) *op.Error {
	return op.Errorf(op.CodeNotFound, "there is no %s", clipText(escaped, 200)).
		WithHint("GET /api/operations?query=WORDS finds operations; /docs and /openapi.json list them with their paths")
}

func (x *exchange) serveOperation() error {
	var err error
	if x.who, err = x.s.auth.Authenticate(x.r); err != nil {
		return err
	}
	req, err := x.request()
	if err != nil {
		return err
	}
	if x.endpoint.op.Streams {
		return x.serveStream(req)
	}
	result, err := x.call(x.r.Context(), req)
	if err != nil {
		return err
	}
	if result.Body != nil {
		return x.serveBody(result.Body)
	}
	return x.answer(result)
}

// statuser is an output that knows the status it should be answered with, such
// as a run's that has not ended: 202.
type statuser interface{ HTTPStatus() int }

func (x *exchange) answer(result *op.Result) error {
	status := x.endpoint.op.Status
	if s, ok := result.Value.(statuser); ok {
		status = s.HTTPStatus()
	}
	tag := ""
	if tagged(x.r.Method) {
		tag = x.endpoint.etag(result.Value)
	}
	if tag == "" {
		x.send(status, jsonType, result.JSON)
		return nil
	}
	h := x.w.Header()
	h["Etag"] = []string{tag}
	h["Cache-Control"] = noCache
	if x.endpoint.op.Effect == op.Read {
		if match := x.r.Header.Get("If-Match"); match != "" && !tagListed(match, tag) {
			return op.Errorf(op.CodeVersionMismatch, "it is at version %s", tag).WithHint("leave If-Match out to read what is there")
		}
		if tagListed(x.r.Header.Get("If-None-Match"), tag) {
			x.status = http.StatusNotModified
			x.w.WriteHeader(http.StatusNotModified)
			return nil
		}
	}
	x.send(status, jsonType, result.JSON)
	return nil
}
