package server

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"fazt/server/op"
)

// MaxBody bounds a JSON body: a batch of 4 MiB and what JSON adds to it.
const MaxBody = 6 << 20

// bodyTime is how long a body may take to arrive. It holds no permit meanwhile.
const bodyTime = time.Minute

// request turns what came over HTTP into a call. The input and the parameters
// are the exchange's memory: Call copies what it keeps.
func (x *exchange) request() (op.Request, error) {
	e := x.endpoint
	req := op.Request{Operation: e.op.Name, Principal: x.who, RequestID: x.id, Face: x.face(), Client: x.r.UserAgent(), Address: x.s.proxies.Client(x.r)}
	if err := x.pathParams(); err != nil {
		return req, err
	}
	if err := x.queryParams(); err != nil {
		return req, err
	}
	read := x.readBody
	if x.endpoint.op.TakesBody {
		read = func() error { return x.takeBody(&req) }
	}
	if err := read(); err != nil {
		return req, err
	}
	if err := x.conditions(); err != nil {
		return req, err
	}
	req.Input, req.Params, req.App = x.body, x.params, x.app()
	var err error
	req.Envelope, err = envelope(x.r.Header)
	return req, err
}

// face is how the audit log calls the caller's way in.
func (x *exchange) face() string {
	switch {
	case x.r.Header.Get("Authorization") == "":
		return "page" // by cookie
	case strings.HasPrefix(x.r.UserAgent(), "fazt-cli/"):
		return "cli"
	}
	return "http"
}

// pathParams decodes the path's parameters, each once. The last of them may be
// in the query instead; see node.choose.
func (x *exchange) pathParams() error {
	for i := range x.values.n {
		value, err := unescape(x.values.list[i])
		if err != nil {
			return invalidPath("the path is not encoded correctly: %v", err)
		}
		x.params = append(x.params, op.Param{Name: x.endpoint.params[i], Value: value})
	}
	return nil
}

func unescape(segment string) (string, error) {
	if strings.IndexByte(segment, '%') < 0 {
		return segment, nil
	}
	return url.PathUnescape(segment)
}

// queryParams takes the query's fields. An operation with a body takes there
// only what its path lacks: a field that is said in two places is said wrong
// in one of them.
func (x *exchange) queryParams() error {
	query := x.r.URL.RawQuery
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err == nil {
			value, err = url.QueryUnescape(value)
		}
		if err != nil {
			return op.Errorf(op.CodeInvalidInput, "the query is not encoded correctly: %v", err).
				WithHint("percent-encode each value")
		}
		e := x.endpoint
		if e.op.HasBody() && e.fields[name] && !x.missing(name) {
			return op.Invalid(name, "%s is given in the query, but %s takes it elsewhere", name, e.op.Name).
				WithHint("send it in the JSON body; only GET and DELETE take fields from the query")
		}
		x.params = append(x.params, op.Param{Name: name, Value: value})
	}
	return nil
}

// missing reports whether the path was to hold the parameter and did not.
func (x *exchange) missing(name string) bool {
	for _, p := range x.endpoint.params[x.values.n:] {
		if p == name {
			return true
		}
	}
	return false
}

func queryHas(query, name string) bool {
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		if key, _, _ := strings.Cut(pair, "="); key == name {
			return true
		}
	}
	return false
}

// app is what the call is about: the path's app, or else the input's.
func (x *exchange) app() string {
	if i := x.endpoint.appParam; i >= 0 && i < len(x.params) {
		return x.params[i].Value
	}
	if !x.endpoint.op.HasApp() {
		return ""
	}
	for _, p := range x.params {
		if p.Name == "app" {
			return p.Value
		}
	}
	return op.PeekApp(x.body)
}

// readBody reads the JSON body whole, into memory that is bounded before the
// first byte. An operation without one refuses one, or a condition in it would
// be ignored in silence.
func (x *exchange) readBody() error {
	if x.r.ContentLength == 0 {
		return nil
	}
	if !x.endpoint.op.HasBody() {
		var one [1]byte
		if n, _ := io.ReadFull(x.r.Body, one[:]); n == 0 {
			return nil
		}
		return op.Errorf(op.CodeInvalidInput, "%s by %s takes no body", x.endpoint.op.Name, x.endpoint.op.Method).
			WithHint("send its fields in the query")
	}
	if err := checkType(x.r.Header); err != nil {
		return err
	}
	if x.r.ContentLength > MaxBody {
		return x.tooLarge()
	}
	c := http.NewResponseController(x.w)
	_ = c.SetReadDeadline(time.Now().Add(bodyTime)) // a writer of a test may have none
	err := x.fill()
	_ = c.SetReadDeadline(time.Time{})
	return err
}

func (x *exchange) fill() error {
	if n := x.r.ContentLength; n > 0 {
		if int64(cap(x.body)) < n {
			x.body = make([]byte, n)
		}
		x.body = x.body[:n]
		_, err := io.ReadFull(x.r.Body, x.body)
		return bodyError(err)
	}
	limited := io.LimitedReader{R: x.r.Body, N: MaxBody + 1}
	body, err := io.ReadAll(&limited)
	if err != nil {
		return bodyError(err)
	}
	if len(body) > MaxBody {
		return x.tooLarge()
	}
	x.body = body
	return nil
}

func (x *exchange) tooLarge() error {
	x.w.Header().Set("Connection", "close") // rather than reading the rest
	return op.Errorf(op.CodeTooLarge, "the body is over %d bytes", MaxBody).
		WithHint("send it in several calls; one value may have 1 MiB, one batch 4 MiB")
}

func bodyError(err error) error {
	if err == nil {
		return nil
	}
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() {
		return &op.Error{
			Code: op.CodeDeadline, Detail: fmt.Sprintf("the body did not arrive within %v; nothing was done", bodyTime),
			Hint: "send it again, in smaller parts on a slow line", Cause: err,
		}
	}
	return &op.Error{
		Code: op.CodeInvalidJSON, Detail: "the body ended before its end; nothing was done",
		Hint: "send it again, with the right Content-Length", Cause: err,
	}
}

// checkType refuses a body that says it is no JSON. One that says nothing is
// taken at its bytes.
func checkType(h http.Header) error {
	if encoding := h.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return unsupported("Content-Encoding %q", encoding)
	}
	text := h.Get("Content-Type")
	if text == "" || text == "application/json" {
		return nil
	}
	kind, params, err := mime.ParseMediaType(text)
	if err != nil || kind != "application/json" && !strings.HasSuffix(kind, "+json") {
		return unsupported("Content-Type %q", text)
	}
	if charset := params["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
		return unsupported("charset %q", charset)
	}
	return nil
}

func unsupported(format, text string) error {
	return op.Errorf(op.CodeUnsupportedType, "a body with "+format+" cannot be read here", clipText(text, 100)).
		WithHint("send JSON in UTF-8 with Content-Type: application/json")
}

// envelope reads what a caller may say beside the input.
func envelope(h http.Header) (op.Envelope, error) {
	v := op.Envelope{IdempotencyKey: h.Get("Idempotency-Key"), Confirm: h.Get("Fazt-Confirm")}
	switch text := h.Get("Fazt-Dry-Run"); text {
	case "", "false", "0", "?0":
	case "true", "1", "?1":
		v.DryRun = true
	default:
		return v, op.Invalid("dry_run", "Fazt-Dry-Run is %q", clipText(text, 20)).WithHint("send true, or leave the header out")
	}
	return v, nil
}
