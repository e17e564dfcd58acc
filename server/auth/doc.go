// Package auth says who calls: it turns a request's token or cookie into an
// [op.Principal], and makes and ends both.
//
// # Model
//
// A token is a secret that a program sends as `Authorization: Bearer`. Only its
// SHA-256 is stored. A session is a browser's sign-in: a cookie that stands for
// a token and never for more than it; the session of a tab that an agent drives
// may stand for less. Two tokens exist from the first start on: the owner's
// ([OwnerID]) and one for an agent ([AgentID]).
//
// A sign-in link is a code in memory: one use, [LinkLife] long, used up by the
// button on its page, since mail scanners and previews open links too.
//
// A cookie is sent by the browser whoever caused the request, and apps under
// one domain are same-site to each other. So a request by cookie counts only
// when the browser says that the page itself made it; see [Auth.Authenticate].
//
// # Concurrency
//
// An Auth may be used from any goroutine. Principals it returns are shared and
// must not be changed. What was looked up is remembered; every commit that
// touches tokens or apps forgets all of it before its writer is answered, so
// whoever has heard that a token is revoked will find it refused.
//
// # Errors
//
// A request without a valid credential is an unauthenticated [*op.Error] whose
// hint says what to do. Errors of the database come as storage made them.
//
// # Testing
//
// Time and randomness are fields of [Options]; the database is a real one.
package auth
