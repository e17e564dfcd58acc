package recipes_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fazt/recipes"
)

// TestHostCalls: how what an author writes reaches the host.
func TestHostCalls(t *testing.T) {
	t.Parallel()
	pool := newPool(t)
	for _, test := range []struct{ name, code, call, args string }{
		{"operation", `await fazt.kv.set({ key: "a" })`, "op", `{"name":"kv_set","input":{"key":"a"}}`},
		{"options", `await fazt.kv.set({}, { confirm: "x" })`, "op", `{"name":"kv_set","input":{},"options":{"confirm":"x"}}`},
		{"camel case", `await fazt.doc.findAndUpdate({})`, "op", `{"name":"doc_find_and_update","input":{}}`},
		{"by name", `await fazt.op("kv_set")`, "op", `{"name":"kv_set","input":{}}`},
		{"recipe", `await fazt.recipes.app_starter({ id: 1 })`, "recipe", `{"name":"app_starter","input":{"id":1}}`},
		{"goto", `await page.goto("/apps")`, "page", `{"locator":[],"action":"goto","args":["/apps"]}`},
		{"chain", `await page.getByRole("row", { name: /^a/i }).getByText("x").first().click({ timeout: 5 })`, "page",
			`{"locator":[{"by":"role","name":{"regex":"^a","flags":"i"},"role":"row"},{"by":"text","text":"x"},{"by":"nth","index":0}],"action":"click","args":[{"timeout":5}]}`},
		{"filter", `await page.locator("li").filter({ has: page.getByText("b"), hasText: "c" }).count()`, "page",
			`{"locator":[{"by":"css","css":"li"},{"by":"filter","has":[{"by":"text","text":"b"}],"hasText":"c"}],"action":"count","args":[]}`},
		{"drag", `await page.getByTestId("a").dragTo(page.getByTestId("b"))`, "page",
			`{"locator":[{"by":"testid","id":"a"}],"action":"dragTo","args":[{"locator":[{"by":"testid","id":"b"}]}]}`},
		{"expect", `await expect(page.getByLabel("Id")).not.toHaveValue("x", { timeout: 9 })`, "expect",
			`{"target":"locator","locator":[{"by":"label","text":"Id"}],"matcher":"toHaveValue","args":["x"],"not":true,"options":{"timeout":9}}`},
		{"expect page", `await expect(page).toHaveURL(/apps$/)`, "expect",
			`{"target":"page","locator":[],"matcher":"toHaveURL","args":[{"regex":"apps$","flags":""}],"not":false}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			host := &recorder{}
			mustRun(t, pool, test.code, withHost(host.host))
			calls := host.seen()
			if len(calls) != 1 || calls[0].Name != test.call || calls[0].Args != test.args {
				t.Errorf("got %+v, want %s %s", calls, test.call, test.args)
			}
		})
	}
}

// TestMissingPageFunctions: what people reach for says what to use instead.
func TestMissingPageFunctions(t *testing.T) {
	t.Parallel()
	pool := newPool(t)
	failed := runFailure(t, pool, "await page.waitForTimeout(100)")
	if failed.Host == nil || failed.Host.Code != "unsupported" || !strings.Contains(failed.Hint, "wait for what you need") {
		t.Errorf("%+v", failed)
	}
}

// TestCallsOverlap: calls that are not awaited one by one are in flight
// together, up to the bound, and settle in the order in which they end.
func TestCallsOverlap(t *testing.T) {
	t.Parallel()
	pool := newPool(t)
	var flying, most atomic.Int32
	gate := make(chan struct{})
	host := func(_ context.Context, _ string, args json.RawMessage) (json.RawMessage, error) {
		n := flying.Add(1)
		defer flying.Add(-1)
		most.Store(max(most.Load(), n))
		if n == 4 {
			close(gate)
		}
		select {
		case <-gate:
		case <-time.After(time.Minute):
			return nil, errors.New("the other calls never came")
		}
		return args, nil
	}
	code := `const all = await Promise.all([1,2,3,4,5,6].map((n) => fazt.op("a", { n }))); return all.map((a) => a.input.n)`
	got := mustRun(t, pool, code, withHost(host), withLimits(recipes.Limits{CallsInFlight: 4}))
	if got != "[1,2,3,4,5,6]" || most.Load() != 4 {
		t.Errorf("answer %s, %d at once", got, most.Load())
	}
}

// TestHostErrors: the code sees what the host says, and an error that it does
// not handle is the run's.
func TestHostErrors(t *testing.T) {
	t.Parallel()
	pool := newPool(t)
	host := func(_ context.Context, _ string, args json.RawMessage) (json.RawMessage, error) {
		if strings.Contains(string(args), "plain") {
			return nil, errors.New("the disk is gone")
		}
		return nil, &recipes.HostError{Code: "version_mismatch", Message: "it is at 7", Hint: "read it again", Field: "if_version"}
	}
	got := mustRun(t, pool, `try { await fazt.kv.set({}) } catch (e) { return [e instanceof Error, e.code, e.message, e.hint, e.field] }`, withHost(host))
	if got != `[true,"version_mismatch","it is at 7","read it again","if_version"]` {
		t.Errorf("caught %s", got)
	}
	failed := runFailure(t, pool, "const a = 1;\n  await fazt.kv.set({ a });", withHost(host))
	if failed.Code != recipes.CodeScript || failed.Host == nil || failed.Host.Code != "version_mismatch" || failed.Hint != "read it again" || failed.Line != 2 {
		t.Errorf("%+v at %s", failed, failed.Position)
	}
	failed = runFailure(t, pool, `await fazt.op("plain")`, withHost(host))
	if failed.Host == nil || failed.Host.Code != "internal" || failed.Message != "the disk is gone" {
		t.Errorf("%+v", failed)
	}
	failed = runFailure(t, pool, `fazt.kv.set({}); return 1`, withHost(host))
	if failed.Host == nil || !strings.Contains(failed.Message, "not awaited") || !strings.Contains(failed.Hint, "await") {
		t.Errorf("%+v", failed)
	}
}

// TestNotAwaited: a call that nobody awaits is carried out before Run returns.
func TestNotAwaited(t *testing.T) {
	t.Parallel()
	pool := newPool(t)
	var done atomic.Bool
	host := func(context.Context, string, json.RawMessage) (json.RawMessage, error) {
		done.Store(true)
		return nil, nil
	}
	if got := mustRun(t, pool, `fazt.kv.set({}); return 1`, withHost(host)); got != "1" || !done.Load() {
		t.Errorf("answer %s, carried out: %v", got, done.Load())
	}
}

// TestAnswers: what the host answers is what the code gets.
func TestAnswers(t *testing.T) {
	t.Parallel()
	pool := newPool(t)
	for answer, want := range map[string]string{
		``: `"undefined"`, `null`: `"object"`, `0`: `"number"`, `"\u2028"`: `"string"`, `{"__proto__":1}`: `"object"`, `[1,2]`: `"object"`,
	} {
		host := func(context.Context, string, json.RawMessage) (json.RawMessage, error) {
			return json.RawMessage(answer), nil
		}
		if got := mustRun(t, pool, `return typeof await fazt.op("a")`, withHost(host)); got != want {
			t.Errorf("%s: %s, want %s", answer, got, want)
		}
	}
	host := func(context.Context, string, json.RawMessage) (json.RawMessage, error) {
		return json.RawMessage(`{`), nil
	}
	if failed := runFailure(t, pool, `await fazt.op("a")`, withHost(host)); !strings.Contains(failed.Message, "no JSON") {
		t.Errorf("%+v", failed)
	}
}

func TestArgs(t *testing.T) {
	t.Parallel()
	pool := newPool(t)
	withArgs := func(args string) func(*recipes.RunRequest) {
		return func(r *recipes.RunRequest) { r.Args = json.RawMessage(args) }
	}
	if got := mustRun(t, pool, `return [input.a, typeof fazt, typeof page, typeof expect]`, withArgs(`{"input":{"a":[1]}}`)); got != `[[1],"function","object","function"]` && got != `[[1],"object","object","function"]` {
		t.Errorf("answer %s", got)
	}
	large := fmt.Sprintf(`{"input":%q}`, strings.Repeat("x", 2<<20))
	if failed := runFailure(t, pool, `return 1`, withArgs(large)); failed.Code != recipes.CodeArgsTooLarge {
		t.Errorf("%+v", failed)
	}
	if failed := runFailure(t, pool, `return 1`, withArgs(`[1]`)); failed.Code != recipes.CodeScript {
		t.Errorf("%+v", failed)
	}
}

// TestEntries: a recipe's functions get what they are for, and nothing else.
func TestEntries(t *testing.T) {
	t.Parallel()
	pool := newPool(t)
	names := `Object.keys(context).sort().join()`
	compiled, err := pool.Compile(t.Context(), recipes.Source{Code: source(`name: "a", title: "A", effect: "read",
  async ui(context) { return ` + names + ` }, async api(context) { return ` + names + ` }, async check(context) { return ` + names + ` },`)})
	if err != nil {
		t.Fatal(err)
	}
	for entry, want := range map[string]string{
		recipes.EntryUI: `"input,page"`, recipes.EntryAPI: `"fazt,input"`, recipes.EntryCheck: `"expect,fazt,input,page"`,
	} {
		result, err := pool.Run(t.Context(), recipes.RunRequest{Compiled: compiled, Entry: entry, Args: json.RawMessage(`{"input":1}`), Host: noHost})
		if err != nil || string(result.Value) != want {
			t.Errorf("%s: %+v, %v", entry, result, err)
		}
	}
	_, err = pool.Run(t.Context(), recipes.RunRequest{Compiled: compiled, Entry: recipes.EntryUndo, Host: noHost})
	var failed *recipes.RunError
	if !errors.As(err, &failed) || !strings.Contains(failed.Message, "has no undo()") || !strings.Contains(failed.Hint, "api, check, ui") {
		t.Errorf("%v", err)
	}
}

func TestConsole(t *testing.T) {
	t.Parallel()
	pool := newPool(t)
	var live []string
	keep := func(r *recipes.RunRequest) {
		r.OnConsole = func(line recipes.ConsoleLine) { live = append(live, line.Level+" "+line.Text) }
	}
	mustRun(t, pool, `console.log("a", 1, { b: [2] }, null, undefined, 3n); console.warn(new Error("e")); await 0;
		const loop = {}; loop.loop = loop; console.error(loop); console.debug(() => 1);`, keep)
	want := []string{`log a 1 {"b":[2]} null undefined 3n`, "warn Error: e", "error [object]", "debug [function anonymous]"}
	if !slices.Equal(live, want) {
		t.Errorf("got %q", live)
	}
	result, err := runCode(t, pool, `for (let i = 0; i < 1000; i++) console.log("line " + i)`, withLimits(recipes.Limits{ConsoleBytes: 500}))
	if err != nil {
		t.Fatal(err)
	}
	last := result.Console[len(result.Console)-1]
	if len(result.Console) > 30 || !strings.Contains(last.Text, "limit of 500 bytes") {
		t.Errorf("%d lines, the last %q", len(result.Console), last.Text)
	}
	if failed := runFailure(t, pool, `console.log("before"); throw new Error("x")`); len(failed.Console) != 1 {
		t.Errorf("a failure keeps %v", failed.Console)
	}
}

// TestPositions: errors name the author's own line and column.
func TestPositions(t *testing.T) {
	t.Parallel()
	pool := newPool(t)
	failed := runFailure(t, pool, "type T = string;\nfunction inner(): T {\n  throw new TypeError('deep');\n}\nconst outer = () => inner();\nouter();")
	if failed.Line != 3 || failed.Message != "TypeError: deep" || !strings.Contains(failed.Frame, ">    3 |   throw new TypeError") {
		t.Errorf("%+v\n%s", failed.Position, failed.Frame)
	}
	var lines []int
	for _, frame := range failed.Stack {
		lines = append(lines, frame.Line)
	}
	if !slices.Equal(lines, []int{3, 5, 6}) || failed.Stack[0].Function != "inner" {
		t.Errorf("stack %+v", failed.Stack)
	}
}
