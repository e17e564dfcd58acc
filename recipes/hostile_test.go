package recipes_test

import (
	"strings"
	"testing"
	"time"

	"fazt/recipes"
)

// TestHostileCode runs what would hurt a process that ran it in itself. Each
// ends in its one code, and the pool goes on as if nothing had been.
func TestHostileCode(t *testing.T) {
	t.Parallel()
	pool := newPool(t)
	limits := recipes.Limits{
		CPUBetweenHostCalls: time.Second,
		Wall:                2 * time.Minute, // on a busy machine a second of work takes long
		HostCalls:           100,
		ConsoleBytes:        10_000,
	}
	for _, test := range []struct {
		name, code string
		want       recipes.Code
	}{
		{"loop", `for (;;);`, recipes.CodeDeadline},
		{"loop in catch", `for (;;) try { for (;;); } catch {} finally { for (;;); }`, recipes.CodeDeadline},
		{"loop after await", `await 0; for (;;);`, recipes.CodeDeadline},
		{"microtasks", `for (;;) await 0;`, recipes.CodeDeadline},
		{"generator", `const g = (function* () { for (;;) yield 1 })(); for (const x of g);`, recipes.CodeDeadline},
		{"regex", `return /(a+)+$/.test("a".repeat(40) + "!")`, recipes.CodeDeadline},
		{"indexOf", `return Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)`, recipes.CodeDeadline},
		{"includes", `return Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1)`, recipes.CodeDeadline},
		{"join", `return Array.prototype.join.call({ length: 2 ** 53 - 1 }, "")`, recipes.CodeDeadline},
		{"sort", `return Array.prototype.sort.call({ length: 2 ** 53 - 1 })`, recipes.CodeDeadline},
		{"raw", `return String.raw({ raw: { length: 2 ** 53 - 1 } })`, recipes.CodeDeadline},
		{"string search", `const s = "a".repeat(4e6); return s.indexOf("a".repeat(2e6) + "b")`, recipes.CodeDeadline},
		{"bigint text", `return String(2n ** 1_000_000n).length`, recipes.CodeDeadline},
		{"timers", `const again = () => setTimeout(again, 0); again(); await new Promise(() => {})`, recipes.CodeTooManyCalls},
		{"host flood", `for (;;) fazt.kv.get({})`, recipes.CodeTooManyCalls},
		{"host flood caught", `for (;;) try { fazt.kv.get({}) } catch {}`, recipes.CodeTooManyCalls},
		{"host flood awaited", `for (;;) await fazt.kv.get({})`, recipes.CodeTooManyCalls},
		{"promise flood", `const all = []; for (;;) all.push(new Promise(() => {}))`, recipes.CodeMemory},
		{"array", `const a = []; for (;;) a.push([a.length])`, recipes.CodeMemory},
		{"strings", `let s = "x"; for (;;) s += s + "y"`, recipes.CodeScript},
		{"buffers", `const a = []; for (;;) a.push(new Uint8Array(1e6))`, recipes.CodeMemory},
		{"memory after await", `const a = []; for (;;) { a.push("y".repeat(1e5) + a.length); await 0 }`, recipes.CodeMemory},
		{"large arguments", `await fazt.kv.set({ value: "x".repeat(2e6) })`, recipes.CodeArgsTooLarge},
		{"many large arguments", `for (;;) fazt.kv.set({ value: "x".repeat(9e5) })`, recipes.CodeArgsTooLarge},
		{"large output", `return "x".repeat(2e6)`, recipes.CodeOutputTooLarge},
		{"bigint output", `return 1n`, recipes.CodeScript},
		{"cyclic output", `const a = {}; a.a = a; return a`, recipes.CodeScript},
		{"toJSON loop", `return { toJSON() { for (;;); } }`, recipes.CodeDeadline},
		{"proxy output", `return new Proxy([], { get: (t, k) => k === "length" ? 2 ** 53 - 1 : 0 })`, recipes.CodeDeadline},
		{"recursion", `const f = () => f() + 1; return f()`, recipes.CodeScript},
		{"deep json", `return JSON.parse("[".repeat(1e6) + "]".repeat(1e6))`, recipes.CodeScript},
		{"throw null", `throw null`, recipes.CodeScript},
		{"throw undefined", `throw undefined`, recipes.CodeScript},
		{"throw number", `throw 1`, recipes.CodeScript},
		{"throw proxy", `throw new Proxy({}, { get() { throw new Proxy({}, { get() { throw 1 } }) } })`, recipes.CodeScript},
		{"throw getters", `throw { get message() { for (;;); } }`, recipes.CodeDeadline},
		{"throw long", `throw new Error("x".repeat(1e6))`, recipes.CodeScript},
		{"reject", `await Promise.reject({ toString() { throw 1 }, toJSON() { throw 2 } })`, recipes.CodeScript},
		{"never", `await new Promise(() => {})`, recipes.CodeDeadlock},
		{"atomics", `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)`, recipes.CodeScript},
		{"import", `const m = "std"; return await import(m)`, recipes.CodeScript},
		{"import file", `const m = "/etc/passwd"; return await import(m)`, recipes.CodeScript},
		{"no require", `const r = require; return r("fs")`, recipes.CodeScript},
		{"no process", `return process.env`, recipes.CodeScript},
		{"function", `return new Function("return fazt")()`, recipes.CodeScript},
		{"global fazt", `return (0, eval)("__host('done', 'ok', '1')")`, recipes.CodeScript},
		{"broken JSON", `JSON.stringify = JSON.parse = () => { throw 1 }; throw new Error("still told")`, recipes.CodeScript},
		{"broken Promise", `Promise.prototype.then = Promise.resolve = () => { throw 1 }; await fazt.kv.get({}); throw new Error("still told")`, recipes.CodeScript},
		{"broken prototypes", `for (const o of [Map, Array, Object, String, Function, Error, WeakSet]) for (const k of Object.getOwnPropertyNames(o.prototype)) try { o.prototype[k] = () => { throw 1 } } catch {} throw new Error("still told")`, recipes.CodeScript},
		{"toJSON everywhere", `Object.prototype.toJSON = () => 7; throw new Error("still told")`, recipes.CodeScript},
		{"setters everywhere", `for (const k of ["message", "stack", "thrown", "0", "1"]) Object.defineProperty(Object.prototype, k, { set() { throw 1 } }); throw new Error("still told")`, recipes.CodeScript},
		{"no globals", `for (const k of Object.getOwnPropertyNames(globalThis)) try { delete globalThis[k] } catch {} await fazt.kv.get({}); throw { message: "still told" }`, recipes.CodeScript},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			limits := limits
			if test.want == recipes.CodeMemory {
				// Filling the heap is work too, and must not be cut off before.
				limits.CPUBetweenHostCalls, limits.Wall = 30*time.Second, 2*time.Minute
			}
			host := &recorder{}
			failed := runFailure(t, pool, test.code, withLimits(limits), withHost(host.host))
			if failed.Code != test.want {
				t.Errorf("got %s (%s), want %s", failed.Code, failed.Message, test.want)
			}
			if strings.Contains(test.code, "still told") && !strings.Contains(failed.Message, "still told") {
				t.Errorf("the author is not told his own message but %q", failed.Message)
			}
			if len(failed.Message) > 10_000 {
				t.Errorf("a message of %d bytes", len(failed.Message))
			}
			if got := mustRun(t, pool, `return 42`); got != "42" {
				t.Errorf("the next run answers %s", got)
			}
		})
	}
}
