// Carries out one line of the step grammar.

import { EXPECT_MS, expectation } from "./expect";
import { fail } from "./errors";
import type { StepLine, Check } from "./steps";
import { parseStep } from "./steps";
import { stepsOf } from "./target";
import { deadlineOf, mutate, type Call } from "./act";
import { changeOr } from "./clock";
import { isRedacted } from "./redact";
import { resolve } from "./act";
import { labelled } from "./kinds";
import { quoted } from "./words";
import { didAct, didExpect, type Did } from "./trace";
import type { ExpectParams, Host, Secrets, Step, StepParams } from "./wire";

type Done = { value?: unknown; note?: string; did?: Did };

const ACTIONS: Record<string, string> = { scroll: "scrollIntoViewIfNeeded", select: "selectOption", upload: "setInputFiles" };

const MATCHERS: Record<string, string> = {
  text: "toContainText",
  exactly: "toHaveText",
  value: "toHaveValue",
  name: "toHaveAccessibleName",
  count: "toHaveCount",
  attr: "toHaveAttribute",
};

/** The matcher of a check: a state is `visible` here and toBeVisible there. */
function matcherOf({ is }: Check): string {
  return MATCHERS[is] ?? `toBe${is[0]!.toUpperCase()}${is.slice(1)}`;
}

function checkArgs(check: Check): unknown[] {
  if ("count" in check) return [check.count];
  if ("attribute" in check) return [check.attribute, check.text];
  return "text" in check ? [check.text] : [];
}

/** The value that a fill types: a secret where it names one. */
export function valueOf(value: string, p: Secrets): { value: string; secret: string } {
  const name = /^\$secret:(\S+)$/.exec(value)?.[1];
  if (name === undefined) return { value, secret: "" };
  const secret = p.secrets?.[name];
  // The page may have gone elsewhere since the server looked, and a frame may be
  // of another origin than the page.
  if (p.origin !== location.origin || secret === undefined) return fail("bad_step", `the secret ${name} was not given to this page`, "a person stores it for this origin");
  return { value: secret, secret: value };
}

/** Several options of a multiple select: a JSON array, or alternatives by `|`. */
function options(value: string): string | string[] {
  if (value.startsWith("[")) {
    try {
      const list: unknown = JSON.parse(value);
      if (Array.isArray(list)) return list.map(String);
    } catch {
      // An option may begin with a bracket.
    }
  }
  return value.includes(" | ") ? value.split(" | ") : value;
}

async function expectStep(step: Extract<StepLine, { verb: "expect" }>, ms: number): Promise<Done> {
  const p: ExpectParams =
    "page" in step
      ? { target: "page", locator: [], matcher: step.page === "url" ? "toContainURL" : "toContainTitle", args: [step.text], not: step.not, timeout_ms: ms }
      : { target: "locator", locator: stepsOf(step.target), matcher: matcherOf(step.check), args: checkArgs(step.check), not: step.not, timeout_ms: ms };
  await expectation(p);
  const did = didExpect(p.target === "page", p.locator, p.matcher, p.args ?? [], p.not === true);
  return did ? { did } : {};
}

/** `acted` hears of each effect before it, with what it is. */
export type Run = { p: StepParams; host: Host; acted: (el: Element | null, did?: Did) => void };

function call(run: Run, steps: Step[], args: unknown[], secret = ""): Call {
  return { steps, args, until: deadlineOf(run.p.timeout_ms), host: run.host, acted: run.acted, secret: secret !== "" };
}

/** What is done is said before the effect: afterwards the element may be gone,
 * and the document too. */
async function act(run: Run, verb: string, steps: Step[], args: unknown[], secret = ""): Promise<Done> {
  const action = ACTIONS[verb] ?? verb;
  let did: Did | undefined;
  const acted: Call["acted"] = (el) => {
    did = didAct(action, steps, args, secret, el);
    run.acted(el, did);
  };
  const done = await mutate(action, { ...call(run, steps, args, secret), acted });
  if (!done) return fail("bad_step", `no action ${verb}`);
  return { ...done, did: did ?? didAct(action, steps, args, secret, null) }; // a box that was checked already
}

/** A field that made something else of what was typed says so. */
async function fillStep(run: Run, steps: Step[], text: string): Promise<Done> {
  const { value, secret } = valueOf(text, run.p);
  const { did } = await act(run, "fill", steps, [value], secret);
  try {
    const field = labelled(resolve(steps)) as HTMLInputElement;
    if (!secret && !isRedacted(field) && typeof field.value === "string" && field.value !== value && field.localName !== "select") return { note: `the field holds ${quoted(field.value)}`, did: did! };
  } catch {
    // The page took the field away, as a search that opens a result does.
  }
  return { did: did! };
}

function goto(run: Run, url: string): Done {
  const to = new URL(url, location.href);
  if (!/^https?:$/.test(to.protocol)) fail("bad_step", `${url} is no web address`);
  run.acted(null);
  location.assign(to.href);
  return { note: `going to ${to.pathname}` };
}

async function waitStep(run: Run, step: Extract<StepLine, { verb: "wait" }>): Promise<Done> {
  if ("ms" in step) {
    const until = performance.now() + step.ms;
    while (performance.now() < until) await changeOr(until - performance.now());
    return {};
  }
  await mutate("waitFor", call(run, stepsOf(step.target), [{ state: step.gone ? "hidden" : "visible" }]));
  return {};
}

export async function runStep(run: Run): Promise<Done> {
  const step = parseStep(run.p.step);
  switch (step.verb) {
    case "expect":
      return expectStep(step, run.p.timeout_ms ?? EXPECT_MS);
    case "wait":
      return waitStep(run, step);
    case "goto":
      return goto(run, step.url);
    case "reload":
      run.acted(null);
      location.reload();
      return { note: "reloading" };
    case "press":
      return act(run, "press", step.target ? stepsOf(step.target) : [], [step.keys]);
    case "fill":
      return fillStep(run, stepsOf(step.target), step.value);
    case "select":
      return act(run, "select", stepsOf(step.target), [options(step.value)]);
    case "upload":
      if (!run.p.files) fail("bad_step", "the file was not given to this page", "upload T = app:path");
      return act(run, "upload", stepsOf(step.target), [run.p.files]);
    case "drag":
      return act(run, "dragTo", stepsOf(step.target), [{ locator: stepsOf(step.to) }]);
  }
  return act(run, step.verb, stepsOf(step.target), []);
}
