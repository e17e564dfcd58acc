package run_test

import (
	"context"
	"testing"
	"time"

	"fazt/agent/approval"
	"fazt/agent/run"
	"fazt/server/op"
)

// request waits for a question to a person.
func (w *world) request() approval.Request {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		for _, r := range w.desk.List() {
			if r.State == approval.Waiting {
				return r
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			w.t.Fatal("nobody was asked")
		}
	}
}

func (w *world) decide(id string, approve bool) {
	w.t.Helper()
	if _, err := w.desk.Decide(id, approve, "ana"); err != nil {
		w.t.Fatal(err)
	}
}

// asked counts the questions so far.
func (w *world) asked() int { return len(w.desk.List()) }

const wipe = `await fazt.app.wipe({ app: "shop" }); return (await fazt.app.wipe({ app: "shop" })).done;`

// TestDestructiveRecipeAsksOnce: a person is asked before the run, and not
// about what is in it.
func TestDestructiveRecipeAsksOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.app("shop")
	w.mustSave(owner(), recipe("wiper", "destructive", []string{"apps:write"}, wipe), true)
	w.mustSave(owner(), recipe("outer", "destructive", []string{"apps:write"}, `return fazt.recipes.wiper({});`), true)
	for _, name := range []string{"wiper", "outer"} {
		before := w.asked()
		done := make(chan error, 1)
		go func() {
			_, err := w.call(agent(), name, `{"app":"shop"}`)
			done <- err
		}()
		r := w.request()
		if r.Operation != name || !has(r.Summary, name, `{"app":"shop"}`) || w.held() != 0 {
			t.Errorf("asked %+v with %d permits held", r, w.held())
		}
		w.decide(r.ID, true)
		if err := <-done; err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if n := w.asked() - before; n != 1 {
			t.Errorf("%s asked %d times", name, n)
		}
	}
	w.mustCall(owner(), "wiper", `{}`)
	if got := w.asked(); got != 2 {
		t.Errorf("a person was asked about the owner's own call")
	}
}

func TestDeclined(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.app("shop")
	w.mustSave(owner(), recipe("wiper", "destructive", []string{"apps:write"}, wipe), true)
	done := make(chan error, 1)
	go func() {
		_, err := w.call(agent(), "wiper", `{}`)
		done <- err
	}()
	w.decide(w.request().ID, false)
	if err := <-done; codeOf(err) != op.CodeForbidden {
		t.Errorf("%v", err)
	}
	page, _, err := w.runner.List(t.Context(), owner(), run.Query{})
	if err != nil || len(page) != 0 {
		t.Errorf("%d runs of a declined call, %v", len(page), err)
	}
}

// TestWideInsideAsks: what a recipe's declaration could not tell is asked when
// it comes up; the run waits, holds no permit, and its time stands still.
func TestWideInsideAsks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *worldOptions) { o.limits.Wall = 4 * time.Second })
	w.app("shop")
	w.mustSave(owner(), recipe("flooder", "write", []string{"kv:write"}, `return (await fazt.kv.flood({ app: "shop" })).done;`), true)
	record, err := w.start(agent(), run.Start{Entry: w.find(agent(), "flooder"), Input: []byte(`{}`)}, 0)
	if err != nil {
		t.Fatal(err)
	}
	r := w.request()
	w.until(record.ID, func(r run.Record) bool { return r.State == run.WaitingApproval })
	if w.held() != 0 {
		t.Errorf("%d permits are held while a person thinks", w.held())
	}
	select { // longer than the run may take
	case <-time.After(4500 * time.Millisecond):
	case <-t.Context().Done():
	}
	w.decide(r.ID, true)
	record, err = w.get(agent(), record.ID, time.Minute)
	if err != nil || record.State != run.OK || string(record.Output) != "true" {
		t.Errorf("%+v, %v", record, err)
	}
}

// TestPolicyAll: who must be asked about every write is asked about the recipe,
// not about each write in it; code covers writes and nothing larger.
func TestPolicyAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *worldOptions) { o.policy = approval.Always })
	w.app("shop")
	w.mustSave(owner(), recipe("two", "write", []string{"kv:write"},
		`await fazt.kv.set({ app: "shop", key: "a", value: 1 }); `+write), true)
	done := make(chan error, 1)
	go func() {
		_, err := w.call(agent(), "two", `{}`)
		done <- err
	}()
	w.decide(w.request().ID, true)
	if err := <-done; err != nil || w.asked() != 1 {
		t.Errorf("%v, asked %d times", err, w.asked())
	}
}

// TestSessionOfAForm: the tab of an approved page form may make the call that
// was approved, and no other; after the run, none at all.
func TestSessionOfAForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *worldOptions) {
		o.shipped = map[string]string{"app_wipe.ts": `import { defineRecipe } from "fazt";
export default defineRecipe({
  name: "app_wipe", title: "Empty an app", effect: "destructive", scopes: ["apps:write"], at: "/apps",
  input: { type: "object" },
  async ui({ page, input }) { await page.getByRole("button", { name: "Empty " + input.app }).click(); return { done: true }; },
});`}
	})
	w.app("shop")
	w.app("blog")
	session := make(chan *op.Principal, 1)
	w.tabs.answer = func(ctx context.Context, c tabCall) (any, error) {
		if c.Method != "act" {
			return nil, nil
		}
		session <- c.Principal
		if _, err := w.registry.Call(ctx, op.Request{Operation: "app_wipe", Principal: c.Principal, Input: []byte(`{"app":"shop"}`), App: "shop"}); err != nil {
			t.Errorf("the approved call: %v", err)
		}
		ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		defer cancel()
		_, err := w.registry.Call(ctx, op.Request{Operation: "app_wipe", Principal: c.Principal, Input: []byte(`{"app":"blog"}`), App: "blog"})
		if codeOf(err) != op.CodeApprovalRequired {
			t.Errorf("another app: %v", err)
		}
		return nil, nil
	}
	done := make(chan error, 1)
	go func() {
		_, err := w.call(agent(), "app_wipe", `{"app":"shop"}`, func(r *op.Request) { r.Mode = op.ModeUI })
		done <- err
	}()
	w.decide(w.request().ID, true)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	p := <-session
	if _, err := w.registry.Call(t.Context(), op.Request{Operation: "app_wipe", Principal: p, Input: []byte(`{"app":"shop"}`), App: "shop"}); codeOf(err) != op.CodeForbidden {
		t.Errorf("after the run: %v", err)
	}
}
