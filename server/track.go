package server

import (
	"bytes"
	_ "embed" // the script that pages include
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
)

// Paths of apps' hosts at which pages report their views.
const (
	TrackPath       = "/track"
	TrackScriptPath = "/track.js" // a site's own file of this name goes before it
)

//go:embed track.js
var trackScript []byte

// maxTrack bounds what a page sends.
const maxTrack = 8 << 10

// tracked is what a page sends: a page view, or a custom event with a name.
type tracked struct {
	Name     string         `json:"name"`
	Page     string         `json:"page"`
	Referrer string         `json:"referrer"`
	Props    jsontext.Value `json:"props"`
}

// serveTrack takes one view or event of a page of an app: 202 when it is held,
// 204 when the browser asks not to be counted. Only the app's own pages may
// send, and each address so many.
func (x *exchange) serveTrack(app string) {
	status, err := x.track(app)
	if err != nil {
		x.fail(err)
		return
	}
	x.w.Header()["Cache-Control"] = noStore
	x.status = status
	x.w.WriteHeader(status)
}

func (x *exchange) track(app string) (status int, err error) {
	v, h := x.s.events, x.r.Header
	switch {
	case x.r.Method != http.MethodPost:
		x.w.Header().Set("Allow", "GET, HEAD, POST")
		return 0, op.Errorf(op.CodeMethodNotAllowed, "%s does not take %s", TrackPath, clipText(x.r.Method, 20)).WithHint("the script %s sends it", TrackScriptPath)
	case !ownPage(x.r):
		return 0, op.Errorf(op.CodeForbidden, "only pages of this host may send events here").WithHint("programs use event_track, with a token")
	case h.Get("DNT") == "1" || h.Get("Sec-GPC") == "1":
		v.unasked.Add(1)
		return http.StatusNoContent, nil
	}
	client := x.s.proxies.Client(x.r)
	if !v.limits.allow(client, v.now()) {
		v.limited.Add(1)
		e := op.Errorf(op.CodeQuota, "too many events came from this address").WithHint("send fewer: %v a second in the long run", addressRate)
		e.RetryAfter = time.Second
		return 0, e
	}
	if err := v.knows(x.r.Context(), app); err != nil {
		return 0, err
	}
	in, err := x.readTracked()
	if err != nil {
		return 0, err
	}
	in.App, in.Host, in.Agent, in.Visitor = app, x.r.Host, orText(x.r.UserAgent(), "unknown"), client.String()
	if err := checkVisit(&in); err != nil {
		return 0, err
	}
	return http.StatusAccepted, v.take(in)
}

// ownPage reports whether a page of this very host sends, as far as browsers
// say so; others send what they like, and count as programs.
func ownPage(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" {
		return false
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && strings.EqualFold(u.Host, r.Host)
}

func (x *exchange) readTracked() (visit, error) {
	c := http.NewResponseController(x.w)
	_ = c.SetReadDeadline(time.Now().Add(bodyTime)) // a writer of a test may have none
	body, err := io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, maxTrack))
	_ = c.SetReadDeadline(time.Time{})
	if tooBig := (*http.MaxBytesError)(nil); errors.As(err, &tooBig) {
		return visit{}, op.Errorf(op.CodeTooLarge, "the body is over %d bytes", maxTrack).WithHint("send one event, with few props")
	}
	if err != nil {
		return visit{}, bodyError(err)
	}
	var in tracked
	if err := json.Unmarshal(body, &in, json.RejectUnknownMembers(true)); err != nil {
		return visit{}, op.Errorf(op.CodeInvalidJSON, "the body is no event: %v", err).
			WithHint(`send {"page":PATH} or {"name":NAME,"page":PATH,"props":{…}}, each member once`)
	}
	return visit{Name: in.Name, Page: in.Page, Referrer: in.Referrer, Props: in.Props}, nil
}

func orText(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// serveTrackScript answers the script for pages.
func serveTrackScript(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=3600")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(trackScript))
}
