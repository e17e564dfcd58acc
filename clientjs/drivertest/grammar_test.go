package drivertest_test

import (
	"testing"

	"fazt/clientjs/browsertest"
)

// grammarProbe prints random targets and steps and reads them back. Whatever was
// printed must mean the same when read.
const grammarProbe = `
import { parseTarget, printTarget } from "./src/driver/grammar";
import { parseStep, printStep } from "./src/driver/steps";
import { ROLE_WORDS } from "./src/driver/shortroles";
function random(seed: number) {
	return () => ((seed = (seed * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff);
}
function fuzz(seed: number, count: number): string {
	const r = random(seed);
	const int = (n: number) => Math.floor(r() * n) % n;
	const pick = <T,>(list: T[]): T => list[int(list.length)]!;
	const chars = [..."abcXYZ 019_-.:/#>=~\"\\\\'|«»\n\t\u0001\u2028äß日😀"];
	const string = () => Array.from({ length: int(9) }, () => pick(chars)).join("") + pick(["", "", " in ", " > ", " = ", "$secret:X"]);
	const roles = [...ROLE_WORDS];
	const segment = () => r() < 0.5
		? (r() < 0.5 ? { key: string() + "k", whole: true } : { key: pick(["51", "a.b:c-d", "_1"]), whole: false })
		: { item: string(), ...(r() < 0.4 ? { role: pick(roles) } : {}), ...(r() < 0.3 ? { nth: 1 + int(9) } : {}) };
	const part = () => {
		switch (int(4)) {
			case 0: return { ref: pick(["b1", "t12", "e3"]), path: Array.from({ length: int(3) }, segment) };
			case 1: return { kind: pick(["text", "label", "placeholder", "testid", "css", "alt", "title"]), value: string() };
			case 2: return { role: pick(roles) };
		}
		return { role: pick(roles), name: string() };
	};
	const target = () => Array.from({ length: 1 + int(3) }, part);
	const check = () => {
		switch (int(4)) {
			case 0: return { is: pick(["visible", "hidden", "enabled", "checked", "empty"]) };
			case 1: return { is: pick(["text", "exactly", "value", "name"]), text: string() + "x" };
			case 2: return { is: "count", count: int(1000) };
		}
		return { is: "attr", attribute: pick(["data-x", "href"]), text: string() + "x" };
	};
	const step = () => {
		switch (int(7)) {
			case 0: return { verb: pick(["click", "dblclick", "check", "hover", "scroll"]), target: target() };
			case 1: return { verb: pick(["fill", "select", "upload"]), target: target(), value: string() };
			case 2: return { verb: "drag", target: target(), to: target() };
			case 3: return { verb: "press", keys: pick(["Enter", "Control+A", "a"]), ...(r() < 0.5 ? { target: target() } : {}) };
			case 4: return { verb: "expect", page: pick(["url", "title"]), not: r() < 0.5, text: string() + "x" };
			case 5: return r() < 0.5 ? { verb: "wait", ms: int(9999) } : { verb: "wait", target: target(), gone: r() < 0.5 };
		}
		return { verb: "expect", target: target(), not: r() < 0.5, check: check() };
	};
	const same = (a: unknown, b: unknown): boolean => {
		if (typeof a !== "object" || a === null) return Object.is(a, b);
		const keys = Object.keys(a);
		return typeof b === "object" && b !== null && keys.length === Object.keys(b).length && keys.every((k) => same((a as any)[k], (b as any)[k]));
	};
	for (let i = 0; i < count; i++) {
		for (const [make, print, parse] of [[target, printTarget, parseTarget], [step, printStep, parseStep]] as any[]) {
			const wanted = make();
			const text = print(wanted);
			let got: unknown;
			try { got = parse(text); } catch (e) { return text + " → " + e; }
			if (!same(wanted, got)) return JSON.stringify(wanted) + " → " + text + " → " + JSON.stringify(got);
		}
	}
	// Any text at all is read or refused, never a crash of another kind.
	for (let i = 0; i < count; i++) {
		const text = Array.from({ length: int(14) }, () => pick([...chars, "button ", "t1#", " in ", "fill ", "expect ", " = ", "not "])).join("");
		for (const parse of [parseTarget, parseStep]) {
			try { parse(text); } catch (e) { if (!/^bad_/.test((e as any).code)) return JSON.stringify(text) + " → " + e; }
		}
	}
	return "";
}
(globalThis as any).grammar = { fuzz, parseTarget, parseStep };
`

func TestGrammarPrintsWhatItReads(t *testing.T) {
	t.Parallel()
	page := chromium.Open(t).Page(t, `<p>`)
	page.Inject(t, browsertest.Main, build(t, "grammar", grammarProbe))
	for _, seed := range []string{"1", "77", "4242"} {
		var wrong string
		page.Eval(t, "grammar.fuzz("+seed+", 3000)", &wrong)
		if wrong != "" {
			t.Errorf("seed %s: %s", seed, wrong)
		}
	}
}

func TestGrammarReads(t *testing.T) {
	t.Parallel()
	page := chromium.Open(t).Page(t, `<p>`)
	page.Inject(t, browsertest.Main, build(t, "grammar", grammarProbe))
	for text, want := range map[string]string{
		`b1`:                                   `[{"ref":"b1","path":[]}]`,
		`h1 "Title"`:                           `[{"role":"h1","name":"Title"}]`,
		`button "Save" in dialog "New item"`:   `[{"role":"dialog","name":"New item"},{"role":"button","name":"Save"}]`,
		`row "Gizmo" > button "Edit" in table`: `[{"role":"table"},{"role":"row","name":"Gizmo"},{"role":"button","name":"Edit"}]`,
		`t1#51/Edit`:                           `[{"ref":"t1","path":[{"key":"51","whole":false},{"item":"Edit"}]}]`,
		`t1#"a/b"/"Add to cart"~2`:             `[{"ref":"t1","path":[{"key":"a/b","whole":true},{"item":"Add to cart","nth":2}]}]`,
		`css "ul > li"`:                        `[{"kind":"css","value":"ul > li"}]`,
	} {
		var got string
		page.Eval(t, "JSON.stringify(grammar.parseTarget("+quote(t, text)+"))", &got)
		if got != want {
			t.Errorf("%s reads as %s, want %s", text, got, want)
		}
	}
	for text, want := range map[string]string{
		`fill field "A = B" = x = "y" in z `: `{"verb":"fill","target":[{"role":"field","name":"A = B"}],"value":"x = \"y\" in z "}`,
		`fill b1 = `:                         `{"verb":"fill","target":[{"ref":"b1","path":[]}],"value":""}`,
		`press Enter in field "Q"`:           `{"verb":"press","keys":"Enter","target":[{"role":"field","name":"Q"}]}`,
		`expect title "Home" visible`:        `{"verb":"expect","target":[{"kind":"title","value":"Home"}],"not":false,"check":{"is":"visible"}}`,
		`expect title not Home`:              `{"verb":"expect","page":"title","not":true,"text":"Home"}`,
		`expect row "x" not visible`:         `{"verb":"expect","target":[{"role":"row","name":"x"}],"not":true,"check":{"is":"visible"}}`,
		`wait dialog gone`:                   `{"verb":"wait","target":[{"role":"dialog"}],"gone":true}`,
	} {
		var got string
		page.Eval(t, "JSON.stringify(grammar.parseStep("+quote(t, text)+"))", &got)
		if got != want {
			t.Errorf("%s reads as %s, want %s", text, got, want)
		}
	}
}
