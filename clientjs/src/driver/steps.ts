// The steps of `tab_do`: one action or expectation a line.
//
//   step   = ( "click" | "dblclick" | "check" | "uncheck" | "hover" | "focus" | "blur" | "clear" | "scroll" ) target
//          | "fill" target " = " value          value: all that follows, literally; or $secret:NAME
//          | "select" target " = " option       options of a multiple select: JSON array or a | b
//          | "upload" target " = " source
//          | "drag" target " to " target
//          | "press" keys [ " in " target ]
//          | "goto" address | "reload"
//          | "expect" ( "url" | "title" ) [ "not" ] text
//          | "expect" target [ "not" ] check
//          | "wait" ( milliseconds "ms" | target [ "gone" ] )
//   check  = "visible" | "hidden" | "enabled" | "disabled" | "checked" | "editable" | "empty" | "focused" | "attached"
//          | ( "text" | "exactly" | "value" | "name" ) text | "count" number | "attr" word "=" text
//   text   = a string in quotes, or all that follows

import { fail } from "./errors";
import { printString, printTarget, readString, readTarget, skip, type Cursor, type Target } from "./grammar";
import { setOf } from "./sets";

export type Check =
  | { is: "visible" | "hidden" | "enabled" | "disabled" | "checked" | "editable" | "empty" | "focused" | "attached" }
  | { is: "text" | "exactly" | "value" | "name"; text: string }
  | { is: "count"; count: number }
  | { is: "attr"; attribute: string; text: string };

export type StepLine =
  | { verb: "click" | "dblclick" | "check" | "uncheck" | "hover" | "focus" | "blur" | "clear" | "scroll"; target: Target }
  | { verb: "fill" | "select" | "upload"; target: Target; value: string }
  | { verb: "drag"; target: Target; to: Target }
  | { verb: "press"; keys: string; target?: Target }
  | { verb: "goto"; url: string }
  | { verb: "reload" }
  | { verb: "expect"; page: "url" | "title"; not: boolean; text: string }
  | { verb: "expect"; target: Target; not: boolean; check: Check }
  | { verb: "wait"; ms: number }
  | { verb: "wait"; target: Target; gone: boolean };

const PLAIN = setOf("click dblclick check uncheck hover focus blur clear scroll");
const VALUED = setOf("fill select upload");
const STATES = setOf("visible hidden enabled disabled checked editable empty focused attached");
const TEXTS = setOf("text exactly value name");

const VERBS =
  "click T · dblclick T · fill T = VALUE · select T = OPTION · check T · uncheck T · press KEYS [in T] · upload T = app:path · " +
  "drag T to T · hover T · goto URL · expect T [not] visible · expect T text X · wait T [gone]";

function badStep(c: Cursor, what: string): never {
  return fail("bad_step", `${what} in ${JSON.stringify(c.text)}`, `steps: ${VERBS}`);
}

function word(c: Cursor): string {
  skip(c);
  const found = /^\S+/.exec(c.text.slice(c.at))?.[0] ?? "";
  c.at += found.length;
  return found;
}

/** Takes `token` with the space around it; false where something else stands. */
function ahead(c: Cursor, token: RegExp): boolean {
  const found = token.exec(c.text.slice(c.at))?.[0];
  if (found === undefined) return false;
  c.at += found.length;
  return true;
}

function end(c: Cursor): void {
  skip(c);
  if (c.at < c.text.length) badStep(c, `unexpected ${JSON.stringify(c.text.slice(c.at))}`);
}

/** A string in quotes that ends the line, or the rest of the line as it is. */
function text(c: Cursor): string {
  skip(c);
  const start = c.at;
  if (c.text[c.at] === '"') {
    const value = readString(c)!;
    if (c.text.slice(c.at).trim() === "") {
      c.at = c.text.length;
      return value;
    }
    c.at = start;
  }
  const rest = c.text.slice(c.at).trim();
  if (rest === "") badStep(c, "a text is missing");
  c.at = c.text.length;
  return rest;
}

function number(c: Cursor): number {
  const found = word(c);
  if (!/^\d{1,7}$/.test(found)) badStep(c, "a number is missing");
  return Number(found);
}

function readCheck(c: Cursor): Check {
  const name = word(c);
  if (STATES.has(name)) return { is: name } as Check;
  if (TEXTS.has(name)) return { is: name, text: text(c) } as Check;
  if (name === "count") return { is: "count", count: number(c) };
  if (name === "attr") {
    const attribute = /^\s*([^\s=]+)\s*=\s*/.exec(c.text.slice(c.at));
    if (attribute === null) return badStep(c, "attr needs NAME = TEXT");
    c.at += attribute[0].length;
    return { is: "attr", attribute: attribute[1]!, text: text(c) };
  }
  return badStep(c, `no check ${JSON.stringify(name)}`);
}

function readExpect(c: Cursor): StepLine {
  skip(c);
  const page = /^(url|title)\s+/.exec(c.text.slice(c.at));
  // `title "…"` is also a target; it is one where a check follows the string.
  if (page !== null && !/^title\s+"(?:[^"\\]|\\.)*"\s+\S/.test(c.text.slice(c.at))) {
    c.at += page[0].length;
    return { verb: "expect", page: page[1] as "url" | "title", not: ahead(c, /^not\s+/), text: text(c) };
  }
  const target = readTarget(c);
  const not = ahead(c, /^\s+not\b/);
  return { verb: "expect", target, not, check: readCheck(c) };
}

function readPress(c: Cursor): StepLine {
  const keys = word(c);
  if (keys === "") return badStep(c, "press needs keys, such as Enter or Control+A");
  return ahead(c, /^\s+in\s+/) ? { verb: "press", keys, target: readTarget(c) } : { verb: "press", keys };
}

function readWait(c: Cursor): StepLine {
  const ms = /^\s*(\d{1,5})\s*ms\s*$/.exec(c.text.slice(c.at));
  if (ms !== null) {
    c.at = c.text.length;
    return { verb: "wait", ms: Number(ms[1]) };
  }
  return { verb: "wait", target: readTarget(c), gone: ahead(c, /^\s+gone\b/) };
}

function readRest(c: Cursor, verb: string): StepLine {
  if (PLAIN.has(verb)) return { verb, target: readTarget(c) } as StepLine;
  if (VALUED.has(verb)) {
    const target = readTarget(c);
    if (!ahead(c, /^\s*=(?: |$)/)) return badStep(c, `${verb} needs " = " and a value`);
    const value = c.text.slice(c.at);
    c.at = c.text.length;
    return { verb, target, value } as StepLine;
  }
  switch (verb) {
    case "drag": {
      const target = readTarget(c);
      if (!ahead(c, /^\s+to\s+/)) return badStep(c, "drag needs T to T");
      return { verb: "drag", target, to: readTarget(c) };
    }
    case "press":
      return readPress(c);
    case "goto":
      return { verb: "goto", url: text(c) };
    case "reload":
      return { verb: "reload" };
    case "expect":
      return readExpect(c);
    case "wait":
      return readWait(c);
  }
  return badStep(c, verb === "" ? "an empty step" : `no step ${JSON.stringify(verb)}`);
}

export function parseStep(line: string): StepLine {
  const c = { text: line, at: 0 };
  const step = readRest(c, word(c));
  end(c);
  return step;
}

function printCheck(check: Check): string {
  if (check.is === "count") return `count ${check.count}`;
  if (check.is === "attr") return `attr ${check.attribute} = ${printString(check.text)}`;
  return "text" in check ? `${check.is} ${printString(check.text)}` : check.is;
}

export function printStep(step: StepLine): string {
  switch (step.verb) {
    case "fill":
    case "select":
    case "upload":
      return `${step.verb} ${printTarget(step.target)} = ${step.value}`;
    case "drag":
      return `drag ${printTarget(step.target)} to ${printTarget(step.to)}`;
    case "press":
      return `press ${step.keys}` + (step.target ? ` in ${printTarget(step.target)}` : "");
    case "goto":
      return `goto ${step.url}`;
    case "reload":
      return "reload";
    case "wait":
      return "ms" in step ? `wait ${step.ms}ms` : `wait ${printTarget(step.target)}${step.gone ? " gone" : ""}`;
    case "expect": {
      const not = step.not ? "not " : "";
      if ("page" in step) return `expect ${step.page} ${not}${printString(step.text)}`;
      return `expect ${printTarget(step.target)} ${not}${printCheck(step.check)}`;
    }
  }
  return `${step.verb} ${printTarget(step.target)}`;
}
