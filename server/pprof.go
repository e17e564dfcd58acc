package server

import (
	"net/http"
	"net/http/pprof"
	"strconv"
	"strings"

	"fazt/server/op"
)

// pprofPath is where the profiles of the running program are.
const pprofPath = "/debug/pprof/"

// maxProfile bounds how many seconds a profile may take.
const maxProfile = 60

// servePprof shows profiles to a person who may change the system, in person:
// they show memory, and taking one costs time. On apps' hosts there are none.
func (x *exchange) servePprof() {
	who, err := x.s.auth.Authenticate(x.r)
	if err != nil {
		x.fail(err)
		return
	}
	x.who = who
	switch seconds := x.r.FormValue("seconds"); {
	case who.Kind != op.KindPerson || who.Driven || who.App != "" || !who.Scopes.Has("system:write"):
		x.fail(op.Errorf(op.CodeForbidden, "profiles are for a person with the scope system:write, and %q is not one", who.Name).
			WithHint("use the owner's token or session"))
		return
	case x.r.Method != http.MethodGet && x.r.Method != http.MethodHead:
		x.w.Header().Set("Allow", "GET, HEAD")
		x.fail(op.Errorf(op.CodeMethodNotAllowed, "profiles are only read").WithHint("use GET"))
		return
	case seconds != "":
		if n, err := strconv.Atoi(seconds); err != nil || n < 1 || n > maxProfile {
			x.fail(op.Invalid("seconds", "%q is no number from 1 to %d", clipText(seconds, 20), maxProfile).WithHint("30 is usual"))
			return
		}
	}
	x.w.Header()["Cache-Control"] = noStore
	x.pass(http.HandlerFunc(profile))
}

// profile answers one of pprof's addresses. Its own mux would be the process's.
func profile(w http.ResponseWriter, r *http.Request) {
	switch strings.TrimPrefix(r.URL.Path, pprofPath) {
	case "cmdline":
		pprof.Cmdline(w, r)
	case "profile":
		pprof.Profile(w, r)
	case "symbol":
		pprof.Symbol(w, r)
	case "trace":
		pprof.Trace(w, r)
	default:
		pprof.Index(w, r)
	}
}
