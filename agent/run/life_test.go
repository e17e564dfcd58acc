package run_test

import (
	"context"
	"testing"
	"time"

	"fazt/agent/run"
	"fazt/recipes"
	"fazt/server/op"
	"fazt/storage"
)

const forever = `await new Promise(() => setTimeout(() => {}, 1e9));`

// waitState waits until a run shows a state or a step.
func (w *world) until(id string, reached func(run.Record) bool) run.Record {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		record, err := w.get(owner(), id, 0)
		if err != nil {
			w.t.Fatal(err)
		}
		if reached(record) {
			return record
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			w.t.Fatalf("never reached: %+v", record)
		}
	}
}

func TestRunsSurviveTheirCaller(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.app("shop")
	w.mustSave(owner(), recipe("slow", "write", []string{"kv:write"}, `await new Promise((r) => setTimeout(r, 300)); `+write), true)
	record, err := w.start(agent(), run.Start{Entry: w.find(agent(), "slow"), Input: []byte(`{}`)}, 0)
	if err != nil || record.State != run.Running || len(record.ID) > 12 {
		t.Fatalf("%+v, %v", record, err)
	}
	record, err = w.get(agent(), record.ID, time.Minute)
	if err != nil || record.State != run.OK || record.Check != run.CheckNone || record.EndedAt < record.StartedAt {
		t.Errorf("%+v, %v", record, err)
	}
	if w.kv("shop", "k") != "1" {
		t.Error("the run did not do its work")
	}
	// A caller whose context ends leaves the run alone too.
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = w.registry.Call(ctx, op.Request{Operation: "slow", Principal: agent(), Input: []byte(`{}`)})
	if codeOf(err) != op.CodeDeadline || !has(err.Error(), "goes on") {
		t.Errorf("%v", err)
	}
	w.until(w.last().ID, func(r run.Record) bool { return r.State == run.OK })
}

func TestCancel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.app("shop")
	w.mustSave(owner(), recipe("job", "write", []string{"kv:write"}, write[7:]+forever), true)
	record, err := w.start(agent(), run.Start{Entry: w.find(agent(), "job"), Input: []byte(`{}`)}, 0)
	if err != nil {
		t.Fatal(err)
	}
	w.until(record.ID, func(r run.Record) bool { return len(r.Steps) == 1 && r.Steps[0].State == "ok" })
	err = w.within(agent(), "run_cancel", func(ctx context.Context) (err error) {
		record, err = w.runner.Cancel(ctx, agent(), record.ID)
		return err
	})
	if err != nil || record.State != run.Cancelled || !has(record.Error.Detail, "cancelled by robot") {
		t.Errorf("%+v, %v", record, err)
	}
	stored, err := w.get(agent(), record.ID, 0)
	if err != nil || stored.State != run.Cancelled || len(stored.Steps) != 1 {
		t.Errorf("%+v, %v", stored, err)
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *worldOptions) { o.limits = recipes.Limits{Wall: 300 * time.Millisecond} })
	w.mustSave(owner(), recipe("job", "read", nil, forever), true)
	_, err := w.call(agent(), "job", `{}`)
	if codeOf(err) != op.CodeDeadline {
		t.Errorf("%v", err)
	}
	if record := w.last(); record.State != run.TimedOut || record.Error.Code != "deadline" {
		t.Errorf("%+v", record)
	}
}

// TestFailure: the answer names the code of what failed, the author's line and
// what was done.
func TestFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.app("shop")
	w.mustSave(owner(), recipe("job", "write", []string{"kv:write"},
		"await fazt.kv.set({ app: \"shop\", key: \"a\", value: 1 });\n    await fazt.kv.set({ app: \"none\", key: \"b\", value: 2 });"), true)
	_, err := w.call(agent(), "job", `{}`)
	if codeOf(err) != "app_not_found" || !has(err.Error(), "job.ts:6:", "done 1 · failed 2", "run r_") {
		t.Errorf("%v", err)
	}
	record := w.last()
	if record.State != run.Failed || record.Error.Code != "app_not_found" || record.Steps[1].State != "failed" ||
		!has(record.Error.Frame, "none") || record.Error.Hint == "" {
		t.Errorf("%+v", record)
	}
	w.mustSave(owner(), recipe("checked", "read", nil, `return 1;`, `async check({ expect, output }) { expect(output).toBe(2); },`), true)
	_, err = w.call(agent(), "checked", `{}`)
	if codeOf(err) != "expectation_failed" || !has(err.Error(), "check failed", "expected 1 toBe 2") {
		t.Errorf("%v", err)
	}
	if record := w.last(); record.Check != run.CheckFailed || record.State != run.Failed {
		t.Errorf("%+v", record)
	}
	w.mustSave(owner(), recipe("shaped", "read", nil, `return { a: "x" };`, `output: { type: "object", properties: { a: { type: "number" } } },`), true)
	if _, err = w.call(agent(), "shaped", `{}`); codeOf(err) != op.CodeSchemaViolation {
		t.Errorf("%v", err)
	}
}

func TestInputs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.app("shop")
	w.mustSave(owner(), setGreeting, true)
	for input, field := range map[string]string{
		`{"app":"shop"}`:                     "text",
		`{"app":"shop","text":1}`:            "text",
		`{"app":"shop","text":"a","more":1}`: "more",
	} {
		_, err := w.call(agent(), "greeting_set", input)
		var e *op.Error
		if codeOf(err) != op.CodeInvalidInput {
			t.Errorf("%s: %v", input, err)
		} else if e = op.AsError(err); e.Field != field {
			t.Errorf("%s: field %q", input, e.Field)
		}
	}
	page, _, err := w.runner.List(t.Context(), owner(), run.Query{})
	if err != nil || len(page) != 0 {
		t.Errorf("%d runs of calls that were refused, %v", len(page), err)
	}
}

// TestStop: the end of the program ends its runs, and writes that down.
func TestStop(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *worldOptions) { o.open = true })
	w.mustSave(owner(), recipe("job", "read", nil, forever), true)
	record, err := w.start(agent(), run.Start{Entry: w.find(agent(), "job"), Input: []byte(`{}`)}, 0)
	if err != nil {
		t.Fatal(err)
	}
	w.close()
	again := newWorld(t, func(o *worldOptions) { o.path = w.path })
	got, err := again.get(agent(), record.ID, 0)
	if err != nil || got.State != run.Cancelled || !has(got.Error.Detail, "server was stopped") {
		t.Errorf("%+v, %v", got, err)
	}
	// The recipe is there after the restart, too.
	if _, ok := again.registry.Lookup("job"); !ok {
		t.Error("a restart forgot the recipe")
	}
}

// TestCrash: what a crash cut off is settled by its check, and never run again.
func TestCrash(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *worldOptions) { o.open = true })
	w.app("shop")
	kv := []string{"kv:read", "kv:write"}
	check := `async check({ fazt, input, expect }) { expect((await fazt.kv.get({ app: "shop", key: "k" })).value).toBe(input.n); },`
	w.mustSave(owner(), recipe("with", "write", kv, write, check), true)
	w.mustSave(owner(), recipe("without", "write", kv, write), true)
	w.mustCall(owner(), "kv_set", `{"app":"shop","key":"k","value":7}`)
	crashed := func(id, recipe, input string) {
		t.Helper()
		_, err := w.db.Write(context.Background(), &storage.Batch{Mutations: []storage.Mutation{storage.RunStart{Run: storage.Run{
			ID: id, Recipe: recipe, Hash: w.find(owner(), recipe).Hash, Mode: "api", State: "running", Principal: "robot",
			PrincipalName: "robot", Input: []byte(input), Steps: []byte(`[{"n":1,"what":"kv_set","state":"running","ms":0}]`),
			Rights: []byte(`{"kind":"agent","scopes":["kv:read","kv:write"]}`),
		}}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	crashed("r_done", "with", `{"n":7}`)
	crashed("r_undone", "with", `{"n":8}`)
	crashed("r_nobody", "without", `{}`)
	w.close()
	again := newWorld(t, func(o *worldOptions) { o.path = w.path })
	settled := func(r run.Record) bool { return r.Check != "" }
	if r := again.until("r_done", settled); r.State != run.OK || r.Check != run.CheckOK {
		t.Errorf("its check passes: %+v", r)
	}
	if r := again.until("r_undone", settled); r.State != run.Failed || r.Check != run.CheckFailed || !has(r.Error.Detail, "server ended", "expected 7 toBe 8") {
		t.Errorf("its check fails: %+v", r)
	}
	if r := again.until("r_nobody", settled); r.State != run.Unknown || r.Steps[0].State != "unknown" {
		t.Errorf("without a check: %+v", r)
	}
	if got := again.kv("shop", "k"); got != "7" {
		t.Errorf("a run was carried out again: %s", got)
	}
}

// TestSecretsAreNotKept: a token's secret reaches the caller and no record.
func TestSecretsAreNotKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.app("shop")
	const secret = "fazt_abhmg7s4r4zis5re6ka6gp6xjxar6bab2cweedi"
	w.mustSave(owner(), recipe("maker", "write", []string{"kv:write"},
		`console.log("`+secret+`"); await fazt.kv.set({ app: "shop", key: "k", value: "`+secret+`" }); return { secret: "`+secret+`" };`), true)
	if out := w.mustCall(agent(), "maker", `{}`); !has(out, secret) {
		t.Errorf("the caller got %s", out)
	}
	if kept := mustJSON(w.last()); has(kept, secret) || !has(kept, "fazt_…") {
		t.Errorf("kept: %s", kept)
	}
}

func TestIdempotency(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.app("shop")
	w.mustSave(owner(), recipe("count", "write", []string{"kv:read", "kv:write"},
		`let n = 0; try { n = (await fazt.kv.get({ app: "shop", key: "n" })).value } catch (e) { if (e.code !== "key_not_found") throw e }
		 if (input.fail) throw new Error("no"); await fazt.kv.set({ app: "shop", key: "n", value: n + 1 }); return n + 1;`), true)
	key := func(key string) func(*op.Request) {
		return func(r *op.Request) { r.Envelope.IdempotencyKey = key }
	}
	for range 3 {
		if got := w.mustCall(agent(), "count", `{}`, key("a")); got != "1" {
			t.Errorf("with one key: %s", got)
		}
	}
	if got := w.mustCall(agent(), "count", `{}`, key("b")); got != "2" {
		t.Errorf("with another: %s", got)
	}
	if _, err := w.call(agent(), "count", `{"x":1}`, key("a")); codeOf(err) != op.CodeIdempotencyMismatch {
		t.Errorf("another input: %v", err)
	}
	for range 2 { // what failed may be tried again
		if _, err := w.call(agent(), "count", `{"fail":true}`, key("c")); codeOf(err) != op.CodeRunFailed {
			t.Errorf("%v", err)
		}
	}
}
