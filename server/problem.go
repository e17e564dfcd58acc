package server

import (
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"

	"fazt/server/op"
)

// problem is the body of every error (RFC 9457). Its type is about:blank, so
// it is left out, and the title is the status's own; code is what programs
// look at.
type problem struct {
	Title          string   `json:"title"`
	Status         int      `json:"status"`
	Code           op.Code  `json:"code"`
	Detail         string   `json:"detail"`
	Hint           string   `json:"hint,omitzero"`
	Field          string   `json:"field,omitzero"`
	CurrentVersion *uint64  `json:"current_version,omitzero"`
	RetryAfter     *float64 `json:"retry_after,omitzero"`
	Confirm        string   `json:"confirm,omitzero"`
	RequestID      string   `json:"request_id,omitzero"`
}

// Problem renders an error as the body and status of an answer. requestID is
// what the log calls the request.
func Problem(e *op.Error, requestID string) (status int, body []byte) {
	status = e.Code.Status()
	p := problem{
		Title: http.StatusText(status), Status: status, Code: e.Code, Detail: e.Detail, Hint: e.Hint, Field: e.Field,
		CurrentVersion: e.CurrentVersion, Confirm: e.Confirm, RequestID: requestID,
	}
	if wait := retryAfter(e); wait > 0 {
		seconds := math.Ceil(wait.Seconds()*1000) / 1000
		p.RetryAfter = &seconds
	}
	body, err := json.Marshal(p)
	if err != nil { // the detail quoted something that is not UTF-8
		p.Detail, p.Hint, p.Field, p.Confirm = "the input is not valid UTF-8", "", "", ""
		body, _ = json.Marshal(p)
	}
	return status, body
}

// defaultRetry is when to come back where nobody knows better.
const defaultRetry = time.Second

// retryAfter is the wait that an error asks for, 0 when it asks for none.
func retryAfter(e *op.Error) time.Duration {
	switch {
	case e.RetryAfter > 0:
		return e.RetryAfter
	case e.Code == op.CodeOverloaded || e.Code == op.CodeQuota:
		return defaultRetry
	}
	return 0
}

// setRetryAfter sends the wait in whole seconds (RFC 9110, section 10.2.3),
// with up to as much again by chance, so that those who were refused together
// do not come back together.
func setRetryAfter(h http.Header, e *op.Error) {
	wait := retryAfter(e)
	if wait == 0 {
		return
	}
	seconds := math.Ceil(wait.Seconds() * (1 + rand.Float64()))
	h.Set("Retry-After", strconv.Itoa(int(seconds)))
}

// clipText shortens text that an error quotes.
func clipText(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return text[:limit] + "…"
}
