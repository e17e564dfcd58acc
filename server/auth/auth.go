package auth

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"fazt/server/op"
	"fazt/storage"
)

// Options configures an Auth. All fields but Secure are required.
type Options struct {
	DB   *storage.DB
	Now  func() time.Time
	Rand io.Reader
	// Secure reports whether a request came over TLS, also by a proxy that is
	// trusted. The default looks at the connection alone; saying true to a
	// request in the clear would make its cookies unusable.
	Secure func(*http.Request) bool
}

// Auth authenticates requests and makes credentials.
type Auth struct {
	db     *storage.DB
	now    func() time.Time
	rand   io.Reader
	secure func(*http.Request) bool
	cache  *cache
	links  *links
	pages  *pages

	randMu sync.Mutex // guards rand
}

// New returns an Auth. Close it before the database.
func New(o Options) *Auth {
	if o.Secure == nil {
		o.Secure = func(r *http.Request) bool { return r.TLS != nil }
	}
	a := &Auth{db: o.DB, now: o.Now, secure: o.Secure, cache: newCache(o.DB), links: newLinks(), pages: newPages()}
	a.rand = &lockedReader{mu: &a.randMu, from: o.Rand}
	return a
}

// Close stops watching the database.
func (a *Auth) Close() { a.cache.close() }

// lockedReader lets a source of randomness that is not safe be shared.
type lockedReader struct {
	mu   *sync.Mutex
	from io.Reader
}

func (r *lockedReader) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.from.Read(p)
}

// Authenticate returns who sent a request: by its Bearer token, or else by its
// cookie.
//
// A cookie counts only with `Sec-Fetch-Site: same-origin`, or `none` for a
// navigation by GET (W3C Fetch Metadata, section 2.3). Where browsers send no
// such header, the Origin must be this host: on the opening of a websocket,
// and on plain HTTP to another machine, where a GET may lack the Origin too,
// for no other origin can read its answer.
func (a *Auth) Authenticate(r *http.Request) (*op.Principal, error) {
	if header := r.Header.Get("Authorization"); header != "" {
		secret, ok := bearer(header)
		if !ok {
			return nil, unauthenticated("the Authorization header is not of the form Bearer TOKEN").
				WithHint("send Authorization: Bearer TOKEN")
		}
		return a.Principal(r.Context(), secret)
	}
	secret := a.cookie(r)
	if secret == "" {
		return nil, unauthenticated("this needs a token or a session").
			WithHint("send Authorization: Bearer TOKEN (fazt connect and fazt login make one), or sign in with fazt open")
	}
	if !a.ownRequest(r) {
		return nil, unauthenticated("a request with the session's cookie must come from the page itself, with Sec-Fetch-Site: same-origin").
			WithHint("from another page or a program, send Authorization: Bearer TOKEN instead of the cookie")
	}
	return a.session(r.Context(), secret)
}

// bearer returns the token of an Authorization header (RFC 6750; the scheme's
// name is case-insensitive by RFC 9110, section 11.1).
func bearer(header string) (string, bool) {
	const scheme = "bearer "
	if len(header) <= len(scheme) || !strings.EqualFold(header[:len(scheme)], scheme) {
		return "", false
	}
	secret := strings.Trim(header[len(scheme):], " ")
	return secret, secret != ""
}

// Principal returns whom a token's secret belongs to.
func (a *Auth) Principal(ctx context.Context, secret string) (*op.Principal, error) {
	if len(secret) > maxOwnerSecret {
		return nil, unknownToken()
	}
	key := hashSecret(secret)
	return a.cache.get(key, a.now, func() (*op.Principal, time.Time, error) {
		if damaged(secret) {
			return nil, time.Time{}, unauthenticated("the token is damaged: its checksum does not fit").
				WithHint("copy it again, whole; it has %d characters", len(prefix)+randomChars+sumChars)
		}
		token, err := a.db.TokenByHash(ctx, key)
		if storage.KindOf(err) == storage.KindTokenNotFound {
			return nil, time.Time{}, unknownToken()
		}
		if err != nil {
			return nil, time.Time{}, err
		}
		return principalOf(&token), token.ExpiresAt, nil
	})
}

func (a *Auth) session(ctx context.Context, secret string) (*op.Principal, error) {
	key := hashSecret(secret)
	return a.cache.get(key, a.now, func() (*op.Principal, time.Time, error) {
		session, token, err := a.db.SessionByHash(ctx, key)
		if storage.KindOf(err) == storage.KindSessionNotFound {
			return nil, time.Time{}, unauthenticated("the session has ended").WithHint("sign in again with fazt open")
		}
		if err != nil {
			return nil, time.Time{}, err
		}
		p := narrowed(principalOf(&token), &session)
		return p, earlier(token.ExpiresAt, session.ExpiresAt), nil
	})
}

func unauthenticated(detail string) *op.Error { return op.Errorf(op.CodeUnauthenticated, "%s", detail) }

func unknownToken() error {
	return unauthenticated("the token is not known here: it may be revoked, expired, or of another server").
		WithHint("make a new one: fazt connect for an agent, fazt login for the command line, or the page /tokens")
}

func principalOf(t *storage.Token) *op.Principal {
	return &op.Principal{
		ID: t.ID, Name: t.Name, Kind: op.Kind(t.Kind), Scopes: scopeSet(t.Scopes), App: t.App, Owner: t.ID == OwnerID, Budget: op.Budget(t.Budget),
	}
}

// scopeSet leaves out a scope that this version does not know, which a later
// one may have stored.
func scopeSet(names []string) op.ScopeSet {
	scopes := make([]op.Scope, 0, len(names))
	for _, name := range names {
		if _, err := op.NewScopeSet(op.Scope(name)); err == nil {
			scopes = append(scopes, op.Scope(name))
		}
	}
	set, _ := op.NewScopeSet(scopes...) // each was tried
	return set
}

// narrowed gives a session's principal what the session may do of what its
// token may do.
func narrowed(p *op.Principal, s *storage.Session) *op.Principal {
	p.Driven, p.Run = s.Driven, s.Run
	p.Owner = p.Owner && !s.Driven
	if s.Scopes != nil {
		p.Scopes = p.Scopes.Intersect(scopeSet(s.Scopes))
	}
	if s.App != "" && p.App == "" {
		p.App = s.App
	}
	return p
}

// earlier returns the earlier of two ends, of which zero is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
