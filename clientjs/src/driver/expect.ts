// Expectations: retried here until they hold or the deadline has passed, and then
// a message that says what was there.

import { resolve } from "./act";
import { deadline, retry, type Deadline } from "./clock";
import { chainText } from "./describe";
import { nameOf } from "./names";
import { EngineError, fail } from "./errors";
import { activeOf, isTag, isSelect, labelled } from "./kinds";
import { query } from "./locate";
import { isChecked, isEditable, valueOf } from "./read";
import { statesOf } from "./states";
import { oneOf } from "./target";
import { cut, normalize, quoted, textOf } from "./words";
import { isVisible } from "./visible";
import { withCache } from "./cache";
import { isRegexForm, regexOf, type ExpectParams, type Step } from "./wire";
import { asleep } from "./asleep";

/** What a matcher saw: whether it holds, and the state in words. */
type Seen = { holds: boolean; actual: string };

type Matcher = (el: Element, args: unknown[]) => Seen;

const state = (holds: boolean, yes: string, no: string): Seen => ({ holds, actual: holds ? yes : no });

function same(actual: string, wanted: unknown, how: "whole" | "part", fold = false): boolean {
  if (isRegexForm(wanted)) return regexOf(wanted).test(actual);
  const a = fold ? actual.toLowerCase() : actual;
  const w = fold ? String(wanted).toLowerCase() : String(wanted);
  return how === "whole" ? a === w : a.includes(w);
}

function textSeen(el: Element, args: unknown[], how: "whole" | "part"): Seen {
  const actual = normalize(textOf(el));
  const fold = (args[1] as { ignoreCase?: boolean } | undefined)?.ignoreCase === true;
  const wanted = isRegexForm(args[0]) ? args[0] : normalize(String(args[0] ?? ""));
  return { holds: same(actual, wanted, how, fold), actual: quoted(actual, 120) };
}

function isEmpty(el: Element): boolean {
  const field = labelled(el);
  if (isTag(field, "input", "textarea") || isSelect(field)) return (field as HTMLInputElement).value === "";
  return normalize(textOf(el)) === "";
}

const ELEMENT: Record<string, Matcher> = {
  toBeEnabled: (el) => state(!statesOf(el).disabled, "enabled", "disabled"),
  toBeDisabled: (el) => state(statesOf(el).disabled === true, "disabled", "enabled"),
  toBeChecked: (el, args) => {
    const wanted = (args[0] as { checked?: boolean } | undefined)?.checked !== false;
    const on = isChecked(el);
    return { holds: on === wanted, actual: on ? "checked" : "unchecked" };
  },
  toBeEditable: (el) => state(isEditable(el), "editable", "not editable"),
  toBeEmpty: (el) => state(isEmpty(el), "empty", "not empty"),
  toBeFocused: (el) => state(activeOf(el.ownerDocument) === el, "focused", "not focused"),
  toBeAttached: () => state(true, "attached", "not attached"),
  toHaveText: (el, args) => textSeen(el, args, "whole"),
  toContainText: (el, args) => textSeen(el, args, "part"),
  toHaveValue: (el, args) => {
    const actual = valueOf(el);
    return { holds: same(actual, args[0], "whole"), actual: quoted(actual, 120) };
  },
  toHaveAccessibleName: (el, args) => {
    const actual = nameOf(el);
    return { holds: same(actual, args[0], "whole"), actual: quoted(actual) };
  },
  toHaveAttribute: (el, args) => {
    const actual = el.getAttribute(String(args[0]));
    if (args[1] === undefined || args[1] === null) return state(actual !== null, "set", "not set");
    return { holds: actual !== null && same(actual, args[1], "whole"), actual: actual === null ? "not set" : quoted(actual, 120) };
  },
};

/** Matchers that an absent element satisfies or not, without being an error. */
function presence(steps: Step[], matcher: string): Seen | undefined {
  const found = query(steps);
  if (found.length > 1) oneOf(steps); // the error of several
  const el = found[0];
  if (matcher === "toBeAttached") return state(el !== undefined, "attached", "nothing matches");
  const want = ["toBeHidden", "toBeVisible"].indexOf(matcher);
  if (want < 0) return undefined;
  const visible = el !== undefined && isVisible(el);
  return { holds: visible === want > 0, actual: !el ? "nothing matches" : visible ? "visible" : "hidden" };
}

/** Lists of texts: one for each element, in order (toHaveText), or in order with
 * others between (toContainText). */
function listSeen(steps: Step[], matcher: string, wanted: unknown[]): Seen {
  const texts = query(steps).map((el) => normalize(textOf(el)));
  const actual = `[${texts.slice(0, 8).map((text) => quoted(text, 40)).join(", ")}${texts.length > 8 ? ", …" : ""}]`;
  const fits = (text: string, one: unknown, how: "whole" | "part") => same(text, isRegexForm(one) ? one : normalize(String(one)), how);
  if (matcher === "toHaveText") return { holds: texts.length === wanted.length && wanted.every((one, i) => fits(texts[i]!, one, "whole")), actual };
  let at = 0;
  for (const text of texts) if (at < wanted.length && fits(text, wanted[at], "part")) at++;
  return { holds: at === wanted.length, actual };
}

function seen(p: ExpectParams): Seen {
  const args = p.args ?? [];
  if (p.target === "page") return pageSeen(p.matcher, args);
  if (p.matcher === "toHaveCount") {
    const count = query(p.locator).length;
    return { holds: count === Number(args[0]), actual: String(count) };
  }
  if (Array.isArray(args[0]) && /^to(Have|Contain)Text$/.test(p.matcher)) return listSeen(p.locator, p.matcher, args[0]);
  const there = presence(p.locator, p.matcher);
  if (there) return there;
  const matcher = ELEMENT[p.matcher];
  if (!matcher) return fail("bad_step", `no expectation ${p.matcher}`, `there are ${[...Object.keys(ELEMENT), "toBeVisible", "toBeHidden", "toHaveCount"].join(", ")}`);
  return matcher(resolve(p.locator), args);
}

/** Playwright's addresses: whole, relative to this page's, or with `*` and `**`. */
export function urlFits(actual: string, wanted: unknown): boolean {
  if (isRegexForm(wanted)) return regexOf(wanted).test(actual);
  const text = String(wanted);
  if (text.includes("*")) {
    const pattern = text.replace(/[.+^${}()|[\]\\?]/g, "\\$&").replace(/\*\*|\*/g, (stars) => (stars === "**" ? ".*" : "[^/]*"));
    const anchored = /^[a-z]+:|^\*/.test(text) ? pattern : location.origin.replace(/[.]/g, "\\.") + pattern;
    return new RegExp(`^${anchored}$`).test(actual);
  }
  try {
    return new URL(text, location.href).href === new URL(actual).href;
  } catch {
    return text === actual;
  }
}

function pageSeen(matcher: string, args: unknown[]): Seen {
  if (matcher === "toHaveURL") return { holds: urlFits(location.href, args[0]), actual: location.href };
  if (matcher === "toHaveTitle") {
    const title = normalize(document.title);
    return { holds: same(title, isRegexForm(args[0]) ? args[0] : normalize(String(args[0])), "whole"), actual: quoted(title) };
  }
  if (matcher === "toContainURL") return { holds: location.href.includes(String(args[0])), actual: location.href };
  if (matcher === "toContainTitle") return { holds: document.title.includes(String(args[0])), actual: quoted(document.title) };
  return fail("bad_step", `no expectation ${matcher} of a page`, "there are toHaveURL and toHaveTitle");
}

function wantedText(p: ExpectParams): string {
  const args = (p.args ?? []).filter((arg) => arg !== null && arg !== undefined);
  const shown = args.map((arg) => (isRegexForm(arg) ? `/${arg.regex}/${arg.flags}` : cut(JSON.stringify(arg), 120)));
  return `${p.not ? "not " : ""}${p.matcher}${shown.length > 0 ? ` ${shown.join(", ")}` : ""}`;
}

/** Never waits for what time will not change. */
const passes = (error: unknown) => error instanceof EngineError && error.code !== "bad_step" && error.code !== "bad_target";

export const EXPECT_MS = 5_000;

export async function expectation(p: ExpectParams): Promise<void> {
  const ms = p.timeout_ms ?? p.options?.timeout ?? EXPECT_MS;
  const until: Deadline = deadline(ms);
  const attempt = () =>
    withCache(() => {
      const now = seen(p);
      if (now.holds !== (p.not === true)) return;
      const what = p.target === "page" ? "the page" : chainText(p.locator);
      fail("expectation_failed", `expected ${what} ${wantedText(p)}, but it is ${now.actual} after ${ms} ms`, "look");
    });
  await retry(until, attempt, passes).catch((error: unknown) => {
    throw asleep(explained(error, p), until);
  });
}

/** That an element is missing says more when the expectation is named. */
function explained(error: unknown, p: ExpectParams): unknown {
  if (!(error instanceof EngineError) || (error.code !== "no_match" && error.code !== "gone")) return error;
  if (p.not && p.matcher === "toBeAttached") return error;
  return new EngineError("expectation_failed", `expected ${chainText(p.locator)} ${wantedText(p)}: ${error.message}`, error.hint);
}

