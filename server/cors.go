package server

import (
	"net/http"

	"fazt/server/op"
)

const (
	corsMethods = "GET, HEAD, POST, PUT, PATCH, DELETE"
	corsHeaders = "Authorization, Content-Type, Idempotency-Key, Fazt-Dry-Run, Fazt-Confirm, If-Match, If-None-Match, " +
		"Last-Event-ID, Mcp-Session-Id, Mcp-Protocol-Version, Mcp-Method, Mcp-Name"
	corsExposed = "ETag, Retry-After, X-Request-Id, Allow, Mcp-Session-Id"
	corsMaxAge  = "600" // ten minutes: an origin that was taken off the list is off soon
)

// cors lets pages of listed origins call with a token (WHATWG Fetch, 3.2). It
// never allows credentials, so a browser sends no cookie along. It reports
// whether it has answered the request, which was a preflight.
func (x *exchange) cors(origin string) (answered bool) {
	h := x.w.Header()
	h.Add("Vary", "Origin")
	allowed := x.s.settings.OriginListed(x.r.Context(), origin)
	if allowed {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Expose-Headers", corsExposed)
	}
	if x.r.Method != http.MethodOptions || x.r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	if !allowed {
		x.fail(op.Errorf(op.CodeForbidden, "pages of %s may not call this server", clipText(origin, 100)).
			WithHint("the owner can list the origin: fazt origin add %s", clipText(origin, 100)))
		return true
	}
	h.Set("Access-Control-Allow-Methods", corsMethods)
	h.Set("Access-Control-Allow-Headers", corsHeaders)
	h.Set("Access-Control-Max-Age", corsMaxAge)
	x.sendEmpty()
	return true
}
