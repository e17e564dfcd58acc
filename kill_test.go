package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"fazt/server/op"
)

// enoughAcks is how many writes of a face must have been acknowledged before
// the server is killed among the next ones.
const enoughAcks = 12

// acks are the keys whose writes were acknowledged.
type acks struct {
	mu   sync.Mutex
	keys []string
}

func (a *acks) add(key string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.keys = append(a.keys, key)
}

func (a *acks) all() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]string(nil), a.keys...)
}

// writer writes keys through one face until the server is gone.
type writer struct {
	name string
	acks *acks
	try  func(ctx context.Context, key, value string) bool
}

// TestAcknowledgedWritesSurviveKill kills the server with SIGKILL in the
// middle of writes from all four faces, starts it again on the same file, and
// finds everything that was acknowledged.
func TestAcknowledgedWritesSurviveKill(t *testing.T) {
	t.Parallel()
	registry, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	p := serve(t)
	plain := newPlainHTTP(t, p, ownerSecret)
	must(t, plain, registry, "app_create", `{"id":"shop"}`)
	page := newModuleInPage(t, signedIn(t, p), ownerSecret)
	session := connectMCP(t, p, "/mcp", ownerSecret)

	writers := []*writer{
		{name: "http", acks: &acks{}, try: func(ctx context.Context, key, value string) bool {
			return putKey(ctx, p.url, key, value)
		}},
		{name: "cli", acks: &acks{}, try: func(ctx context.Context, key, value string) bool {
			_, _, code := p.fazt(ctx, t, ownerSecret, "kv", "set", "--app", "shop", "--key", key, "--value", value)
			return code == exitOK
		}},
		{name: "mcp", acks: &acks{}, try: func(ctx context.Context, key, value string) bool {
			return callTool(ctx, session, "kv_set", map[string]any{"app": "shop", "key": key, "value": json.RawMessage(value)})
		}},
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for _, w := range writers {
		running.Go(func() { w.run(ctx) })
	}
	page.page.Eval(t, `void (async () => {
		globalThis.acked = [];
		for (let i = 0; ; i++) {
			await globalThis.clients[0].kv.set({ app: "shop", key: "page/" + i, value: i });
			globalThis.acked.push("page/" + i);
		}
	})().catch(() => {})`, nil)

	waitFor(t, func() bool {
		var n int
		page.page.Eval(t, `globalThis.acked.length`, &n)
		for _, w := range writers {
			n = min(n, len(w.acks.all()))
		}
		return n >= enoughAcks
	})
	p.kill()
	cancel()
	running.Wait()

	var acknowledged []string
	page.page.Eval(t, `globalThis.acked`, &acknowledged)
	for _, w := range writers {
		acknowledged = append(acknowledged, w.acks.all()...)
	}
	again := serveDB(t, p.db)
	if again.agent != "" {
		t.Error("the second start printed a secret")
	}
	after := newPlainHTTP(t, again, ownerSecret)
	get, _ := registry.Lookup("kv_get")
	for _, key := range acknowledged {
		if got := after.call(t.Context(), t, get, fmt.Appendf(nil, `{"app":"shop","key":%q}`, key), op.Envelope{}); got.Code != "" {
			t.Errorf("%s was acknowledged and is not there: %s", key, got)
		}
	}
	t.Logf("%d acknowledged writes, all there", len(acknowledged))
}

func (w *writer) run(ctx context.Context) {
	for i := 0; ctx.Err() == nil; i++ {
		key := fmt.Sprintf("%s/%d", w.name, i)
		if w.try(ctx, key, fmt.Sprint(i)) {
			w.acks.add(key)
		}
	}
}

// waitFor polls until something outside of this process has happened.
func waitFor(t testing.TB, happened func() bool) {
	t.Helper()
	deadline := time.Now().Add(readyWithin)
	for !happened() {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain")
		}
		time.Sleep(10 * time.Millisecond)
	}
}
