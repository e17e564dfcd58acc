package auth

import (
	"context"
	"net/http"
	"strings"

	"fazt/server/op"
	"fazt/storage"
)

// maxForm bounds a sign-in form: one token and nothing else.
const maxForm = 4096

// SignIn serves the pages of sign-in and sign-out: GET shows what a POST of
// its button will do. It belongs at [SignInPath], at that path without its
// slash, and at /sign-out.
//
//	/sign-in/CODE   a link's page
//	/sign-in        a form for a token
//	/sign-out       ends the session (POST)
func (a *Auth) SignIn() http.Handler { return http.HandlerFunc(a.serveSignIn) }

func (a *Auth) serveSignIn(w http.ResponseWriter, r *http.Request) {
	code := strings.Trim(strings.TrimPrefix(r.URL.Path, strings.TrimSuffix(SignInPath, "/")), "/")
	get := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch {
	case !get && r.Method != http.MethodPost:
		w.Header().Set("Allow", "GET, HEAD, POST")
		a.pages.render(w, http.StatusMethodNotAllowed, page{Message: "This page takes GET and POST."})
	case !get && !a.ownForm(r):
		a.pages.render(w, http.StatusForbidden, page{Message: "This form was sent by another page, so nothing was done."})
	case r.URL.Path == "/sign-out":
		a.signOut(w, r, get)
	case code != "" && get:
		a.showLink(w, code)
	case code != "":
		a.useLink(w, r, code)
	case get:
		a.pages.render(w, http.StatusOK, page{Form: true})
	default:
		a.useToken(w, r)
	}
}

// ownForm reports whether a form was sent by one of these pages. Browsers say
// so on secure origins and give the Origin on every POST; a program may say
// nothing, and has no cookies of a person to misuse.
func (a *Auth) ownForm(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin":
		return true
	case "":
		return r.Header.Get("Origin") == "" || a.ownOrigin(r)
	}
	return false
}

const deadLink = "This link has been used or is older than 15 minutes."

// showLink changes nothing: whoever looks at a link does not use it up.
func (a *Auth) showLink(w http.ResponseWriter, code string) {
	if !a.links.valid(code, a.now(), false) {
		a.pages.render(w, http.StatusNotFound, page{Message: deadLink, Form: true})
		return
	}
	a.pages.render(w, http.StatusOK, page{Button: "Sign in"})
}

func (a *Auth) useLink(w http.ResponseWriter, r *http.Request, code string) {
	if !a.links.valid(code, a.now(), true) {
		a.pages.render(w, http.StatusNotFound, page{Message: deadLink, Form: true})
		return
	}
	a.enter(w, r, OwnerID)
}

func (a *Auth) useToken(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	secret := strings.TrimSpace(r.PostFormValue("token"))
	if secret == "" {
		a.pages.render(w, http.StatusBadRequest, page{Message: "No token was given.", Form: true})
		return
	}
	p, err := a.Principal(r.Context(), secret)
	if err != nil {
		status, message := http.StatusUnauthorized, "This token is not valid here."
		if op.AsError(err).Code != op.CodeUnauthenticated {
			status, message = http.StatusServiceUnavailable, "The database did not answer. Try again in a moment."
		}
		a.pages.render(w, status, page{Message: message, Form: true})
		return
	}
	a.enter(w, r, p.ID)
}

// enter opens a session for a token and sends the browser to the admin page.
func (a *Auth) enter(w http.ResponseWriter, r *http.Request, tokenID string) {
	name := plainCookie
	if a.secure(r) {
		name = secureCookie
	}
	session := storage.Session{TokenID: tokenID, ExpiresAt: a.now().Add(personLife)}
	// The link is used up by now, so a browser that hangs up does not lose the sign-in half-way.
	secret, err := a.openSession(context.WithoutCancel(r.Context()), session, &storage.AuditEntry{
		Principal: tokenID, Face: "page", Operation: "sign_in", Client: r.UserAgent(), Code: "ok",
	})
	switch storage.KindOf(err) {
	case storage.KindTokenNotFound:
		a.pages.render(w, http.StatusConflict, page{Message: "The owner's token was revoked. Stop the server and run: fazt token reset"})
		return
	case "":
	default:
		err = op.AsError(err)
	}
	if err != nil {
		a.pages.render(w, http.StatusServiceUnavailable, page{Message: "The database did not answer. Ask for a new link with fazt open."})
		return
	}
	http.SetCookie(w, sessionCookie(name, secret, personLife))
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (a *Auth) signOut(w http.ResponseWriter, r *http.Request, get bool) {
	if get {
		a.pages.render(w, http.StatusOK, page{Button: "Sign out"})
		return
	}
	if secret := a.cookie(r); secret != "" {
		if err := a.EndSession(r.Context(), secret); err != nil {
			a.pages.render(w, http.StatusServiceUnavailable, page{Message: "The database did not answer. Try again in a moment.", Button: "Sign out"})
			return
		}
	}
	for _, name := range []string{plainCookie, secureCookie} {
		gone := sessionCookie(name, "", 0)
		gone.MaxAge = -1
		http.SetCookie(w, gone)
	}
	http.Redirect(w, r, strings.TrimSuffix(SignInPath, "/"), http.StatusSeeOther)
}
