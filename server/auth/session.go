package auth

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"fazt/server/op"
	"fazt/storage"
)

// The cookie's names. Under TLS the prefix makes the browser hold it to this
// host, to Secure and to the path / (RFC 6265bis, section 4.1.3.2).
const (
	plainCookie  = "fazt"
	secureCookie = "__Host-fazt"
)

// How long a sign-in lasts: a person's for a month, a driven tab's for less
// than the tab could sensibly stay open.
const (
	personLife = 30 * 24 * time.Hour
	drivenLife = 12 * time.Hour
)

// cookie returns the session's secret of a request, "" without one.
func (a *Auth) cookie(r *http.Request) string {
	name := plainCookie
	if a.secure(r) {
		name = secureCookie
	}
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// ownRequest reports whether the browser says that the page itself made the
// request.
func (a *Auth) ownRequest(r *http.Request) bool {
	safe := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin":
		return true
	case "none":
		return r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate"
	case "":
	default:
		return false
	}
	if strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		return a.ownOrigin(r)
	}
	if a.secure(r) || trustworthy(r.Host) {
		return false // a browser would have sent the header
	}
	return a.ownOrigin(r) || safe && r.Header.Get("Origin") == ""
}

// ownOrigin reports whether the Origin is the host that was asked.
func (a *Auth) ownOrigin(r *http.Request) bool {
	origin, err := url.Parse(r.Header.Get("Origin"))
	scheme := "http"
	if a.secure(r) {
		scheme = "https"
	}
	return err == nil && origin.Host != "" && origin.Scheme == scheme && strings.EqualFold(origin.Host, r.Host)
}

// trustworthy reports whether browsers treat plain HTTP to the host as a
// secure context, and so send fetch metadata (W3C Secure Contexts, 3.1).
func trustworthy(hostPort string) bool {
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		host = hostPort
	}
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.IsLoopback()
}

// openSession stores a session and returns its secret.
func (a *Auth) openSession(ctx context.Context, s storage.Session, audit *storage.AuditEntry) (string, error) {
	secret, err := randomText(a.rand, randomBytes)
	if err != nil {
		return "", err
	}
	s.Hash = hashSecret(secret)
	batch := &storage.Batch{Mutations: []storage.Mutation{storage.SessionCreate{Session: s}}, Audit: audit}
	_, err = a.db.Write(ctx, batch)
	return secret, err
}

// DrivenSession opens a session for a tab that is driven for p, and returns
// its cookie. The session acts with p's rights as they are now, narrowed for a
// call as they may be, and for p's run; it ends with p's token, and it cannot
// do what only a person may do.
func (a *Auth) DrivenSession(ctx context.Context, p *op.Principal) (*http.Cookie, error) {
	session := storage.Session{
		TokenID: p.ID, Driven: true, Run: p.Run, App: p.App, Scopes: []string{}, ExpiresAt: a.now().Add(drivenLife),
	}
	for _, s := range p.Scopes.List() {
		session.Scopes = append(session.Scopes, string(s))
	}
	secret, err := a.openSession(ctx, session, nil)
	if storage.KindOf(err) == storage.KindTokenNotFound {
		return nil, unknownToken()
	}
	if err != nil {
		return nil, err
	}
	return sessionCookie(plainCookie, secret, drivenLife), nil
}

// EndSession ends the session of a cookie's value. One that is not there is no
// error.
func (a *Auth) EndSession(ctx context.Context, cookieValue string) error {
	_, err := a.db.Write(ctx, &storage.Batch{Mutations: []storage.Mutation{storage.SessionDelete{Hash: hashSecret(cookieValue)}}})
	a.cache.forget() // sessions are in no feed
	return err
}

// sessionCookie is host-only (no Domain), out of the page's reach, and never
// sent from another site.
func sessionCookie(name, value string, life time.Duration) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(life / time.Second),
		HttpOnly: true, Secure: name == secureCookie, SameSite: http.SameSiteStrictMode,
	}
}
