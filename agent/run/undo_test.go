package run_test

import (
	"context"
	"testing"
	"time"

	"fazt/agent/run"
	"fazt/server/op"
	"fazt/storage"
)

const undoable = `import { defineRecipe } from "fazt";
export default defineRecipe({
  name: "key_add", title: "Add a key", effect: "write", scopes: ["kv:write", "kv:read"],
  input: { type: "object", properties: { n: { type: "number" } }, required: ["n"], additionalProperties: false },
  async api({ fazt, input }) { await fazt.kv.set({ app: "shop", key: "k", value: input.n }); return { was: input.n }; },
  async undo({ fazt, input, output }) { await fazt.kv.set({ app: "shop", key: "k", value: -output.was }); },
});`

// TestUndo: a run that ended well is undone by its recipe's own undo, which
// knows what it was called with and what it answered, as a run of its own.
func TestUndo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.app("shop")
	w.mustSave(owner(), undoable, true)
	done, err := w.start(agent(), run.Start{Entry: w.find(agent(), "key_add"), Input: []byte(`{"n":7}`)}, time.Minute)
	if err != nil || done.State != run.OK {
		t.Fatalf("%+v, %v", done, err)
	}
	undone, err := w.undo(agent(), done.ID)
	if err != nil || undone.State != run.OK || undone.Mode != "undo" || undone.ID == done.ID || w.kv("shop", "k") != "-7" {
		t.Fatalf("%+v, %v, k is %s", undone, err, w.kv("shop", "k"))
	}
	for who, p := range map[string]*op.Principal{"another agent": principal("other", op.KindAgent, op.AgentScopes()...)} {
		if _, err := w.undo(p, done.ID); codeOf(err) != "run_not_found" {
			t.Errorf("%s: %v", who, err)
		}
	}
	if _, err := w.undo(agent(), undone.ID); codeOf(err) != op.CodeConflict {
		t.Errorf("an undo was undone: %v", err)
	}
	w.mustSave(owner(), recipe("plain", "write", []string{"kv:write"}, write), true)
	plain, err := w.start(agent(), run.Start{Entry: w.find(agent(), "plain"), Input: []byte(`{}`)}, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.undo(agent(), plain.ID); codeOf(err) != op.CodeInvalidInput || !has(err.Error(), "no undo") {
		t.Errorf("%v", err)
	}
}

// TestCrashGivesKeysBack: the idempotency key of a call that a crash cut off can
// be used again, while one that ended keeps its result.
func TestCrashGivesKeysBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *worldOptions) { o.open = true })
	key := storage.Idempotency{Principal: "tok_a", Operation: "key_add", Key: "cut-off", Begin: true}
	if _, err := w.db.Write(t.Context(), &storage.Batch{Idempotency: &key, Mutations: []storage.Mutation{
		storage.RunStart{Run: storage.Run{ID: "r_cut", Recipe: "none", Hash: "0", Mode: "api", State: "running", Principal: "tok_a", PrincipalName: "a", Input: []byte(`{}`)}},
	}}); err != nil {
		t.Fatal(err)
	}
	w.close()
	again := newWorld(t, func(o *worldOptions) { o.path = w.path })
	if _, found, err := again.db.Idempotent(t.Context(), "tok_a", "key_add", "cut-off"); found || err != nil {
		t.Errorf("the key is still taken: %t, %v", found, err)
	}
}

func (w *world) undo(p *op.Principal, id string) (record run.Record, err error) {
	return record, w.within(p, "recipe_run", func(ctx context.Context) error {
		record, err = w.runner.Undo(ctx, id, time.Minute)
		return err
	})
}
