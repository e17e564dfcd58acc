package recipes_test

import (
	"testing"
)

func TestValues(t *testing.T) {
	t.Parallel()
	pool := newPool(t)
	for _, test := range []struct{ name, code, want string }{
		{"nothing", ``, `null`},
		{"number", `return 1 + 1`, `2`},
		{"promise", `return await Promise.all([1, Promise.resolve(2)])`, `[1,2]`},
		{"arrow", `export default async () => "x"`, `"x"`},
		{"types", `const a: number = 1; type T = string; return { a } satisfies object`, `{"a":1}`},
		{"own names", `const page = 1, input = 2; return page + input`, `3`},
		{"text", `return "\u0000 é 😀 <&> \u2028"`, "\"\\u0000 é 😀 <&> \u2028\""},
		{"lone surrogate", `return "\ud800"`, "\"\ufffd\""},
		{"timer", `return await new Promise(r => setTimeout(r, 5, "late"))`, `"late"`},
		{"cleared timer", `const t = setTimeout(() => { throw 1 }, 1); clearTimeout(t); return 1`, `1`},
		{"clone", `const a = {d: new Date(0), m: new Map([[1, {x: [1]}]])}; const b = structuredClone(a); b.m.get(1).x.push(2); return [a.m.get(1).x, b.m.get(1).x, b.d]`, `[[1],[1,2],"1970-01-01T00:00:00.000Z"]`},
		{"uuid", `return /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID())`, `true`},
		{"random", `const a = crypto.getRandomValues(new Uint32Array(8)); return new Set(a).size > 4`, `true`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := mustRun(t, pool, test.code); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
