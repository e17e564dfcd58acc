// What a step did, in the words of a recipe: the server keeps it, and writes
// recipes out of it. Where the element is said by role and name, it is found in
// another document too.

import { durable, plainly } from "./durable";
import { labelled } from "./kinds";
import { query } from "./locate";
import { isRedacted } from "./redact";
import { resolve } from "./act";
import type { FileForm, Step } from "./wire";
import { setOf } from "./sets";

/** One action or expectation. `at` is where the page was before it; `secret`
 * says that what was typed is left out, or only the name of a stored secret. */
export type Did = {
  at: string;
  action?: string;
  matcher?: string;
  not?: boolean;
  page?: boolean;
  locator: Step[];
  args?: unknown[];
  secret?: boolean;
  /** Why no recipe can repeat it. */
  lost?: string;
};

const VALUED = setOf("fill pressSequentially press");

/** What an action on `el` (or, before it, on what the steps mean) is. */
export function didAct(action: string, steps: Step[], args: unknown[], secret: string, el: Element | null): Did {
  const at = location.href;
  if (steps.length === 0) return { at, action, locator: [], args };
  const target = elementOf(steps) ?? el;
  const found = target ? durable(target) : plainly(steps);
  if (!found) return { at, action, locator: [], lost: "its target has neither a name nor a place" };
  if (secret !== "") return { at, action, locator: found, secret: true, args: [secret] };
  if (VALUED.has(action) && target !== null && isRedacted(labelled(target))) return { at, action, locator: found, secret: true };
  if (action === "setInputFiles") return { at, action, locator: found, ...sources(args[0]) };
  return { at, action, locator: found, args: args.map(argument) };
}

/** Stored files are named again; the bytes of others are nowhere else. */
function sources(files: unknown): Partial<Did> {
  const from = ([files ?? []].flat() as FileForm[]).map((file) => file.from);
  return from.includes(undefined) ? { lost: "it is not stored" } : { args: [from.length === 1 ? from[0] : from] };
}

function elementOf(steps: Step[]): Element | null {
  try {
    return resolve(steps);
  } catch {
    return null;
  }
}

/** The target of a drag is said like the thing that is dragged. */
function argument(value: unknown): unknown {
  const steps = (value as { locator?: Step[] } | null)?.locator;
  if (!steps) return value;
  const el = elementOf(steps);
  return { locator: (el && durable(el)) ?? plainly(steps) ?? steps };
}

/** What an expectation that held is; undefined where it holds a ref to nothing. */
export function didExpect(page: boolean, steps: Step[], matcher: string, args: unknown[], not: boolean): Did | undefined {
  const at = location.href;
  if (page) return { at, matcher, not, page, locator: [], args };
  const found = query(steps);
  const locator = (found.length === 1 ? durable(found[0]!) : undefined) ?? plainly(steps);
  return locator && { at, matcher, not, locator, args };
}
