package endpoint

import (
	"context"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
)

// watches are the listeners of 2026-07-28 and the resources each asked for:
// mcp-go takes these subscriptions and never serves them.
type watches struct {
	mu        sync.Mutex
	listeners map[*exchange]watch
}

type watch struct {
	id   any
	uris []string
}

func newWatches() *watches { return &watches{listeners: map[*exchange]watch{}} }

// listen is mcp-go's hook before subscriptions/listen.
func (w *watches) listen(ctx context.Context, id any, request *mcp.SubscriptionsListenRequest) {
	x := from(ctx)
	uris := request.Params.Notifications.ResourceSubscriptions
	if x == nil || len(uris) == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.listeners[x] = watch{id: id, uris: uris}
	context.AfterFunc(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.listeners, x)
	})
}

// acknowledged counts the listeners that were told that they listen: nothing
// may go before that on their stream.
func (w *watches) acknowledged() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for x := range w.listeners {
		if x.reply.streaming() {
			n++
		}
	}
	return n
}

// updated tells those who watch a resource.
func (w *watches) updated(uri string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for x, watch := range w.listeners {
		for _, wanted := range watch.uris {
			if wanted == uri && x.reply.streaming() {
				x.reply.notify(mcp.MethodNotificationResourceUpdated, map[string]any{
					"uri": uri, "_meta": map[string]any{mcp.MetaKeySubscriptionID: watch.id},
				})
			}
		}
	}
}
