package server

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"

	"fazt/server/op"
	"fazt/storage"
)

// SettingOrigins names the setting that lists the origins whose pages may call
// with a token: a JSON array of strings such as "https://shop.example".
const SettingOrigins = "origins"

// Origins are the listed origins, read once and again after a commit that
// touched the settings.
type Origins struct {
	db      *storage.DB
	watcher *storage.Watcher

	mu     sync.RWMutex
	loaded bool
	listed map[string]bool
}

// NewOrigins returns the origins that a database lists. Close it before the
// database.
func NewOrigins(db *storage.DB) *Origins {
	return &Origins{db: db, watcher: db.Watch("")}
}

// Close stops watching.
func (o *Origins) Close() { o.watcher.Close() }

// Allowed reports whether an Origin header's value is listed. While the
// settings cannot be read, none is.
func (o *Origins) Allowed(ctx context.Context, origin string) bool {
	o.mu.RLock()
	fresh, ok := o.loaded && len(o.watcher.C()) == 0, o.listed[origin]
	o.mu.RUnlock()
	if fresh {
		return ok
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case <-o.watcher.C(): // before reading: what is committed meanwhile wakes again
	default:
	}
	listed, err := o.read(ctx)
	o.loaded, o.listed = err == nil, listed
	return listed[origin]
}

func (o *Origins) read(ctx context.Context) (map[string]bool, error) {
	value, err := o.db.Setting(ctx, SettingOrigins)
	if storage.KindOf(err) == storage.KindSettingNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []string
	if err := json.Unmarshal(value, &list); err != nil {
		return nil, err
	}
	listed := make(map[string]bool, len(list))
	for _, origin := range list {
		listed[strings.TrimSuffix(strings.ToLower(origin), "/")] = true
	}
	return listed, nil
}

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
	allowed := x.s.origins.Allowed(x.r.Context(), strings.ToLower(origin))
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
