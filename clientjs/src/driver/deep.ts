// Scripts can nest elements deeper than the engine's stack is.

import { enter, leave, notesOf, ONCE, run, slotOf } from "./cache";
import { flatParent } from "./dom";
import { keep, keptOf } from "./keep";
import { resolvedRole } from "./roles";
import { hidden } from "./visible";

// Rules that look at parents recur no deeper than this before what is above is
// known; the HTML parser itself stops at 512.
const usualDepth = 200;

/** Content deeper than this below an element is no part of its name or text. */
export const maxDepth = 400;

const level = slotOf();

/** How deep an element lies, where that is known. */
const levelOf = (el: Element): number | undefined => notesOf(el, ONCE, run)[level] as number | undefined;

/**
 * Computes what is above el from the top down where that is deep, so that rules
 * that follow parents find it in the cache. Call it within withCache.
 */
export function prepare(el: Element): void {
  if (levelOf(el) !== undefined) return;
  const above: Element[] = [];
  let up: Element | null = el;
  while (up !== null && levelOf(up) === undefined) {
    above.push(up);
    up = flatParent(up);
  }
  let depth = up === null ? 0 : levelOf(up)!;
  for (const one of above.reverse()) {
    notesOf(one, ONCE, run)[level] = ++depth;
    if (depth % usualDepth !== 0) continue;
    hidden(one);
    resolvedRole(one);
  }
}

/** Returns compute as a question of its own, answered within the caches; a look
 * keeps the answer until something in the element changes. */
export const question = <V>(compute: (el: Element) => V): ((el: Element) => V) => questions(compute)[0];

/** A question, and the same for use within a computation. */
export type Questions<V> = [ask: (el: Element) => V, within: (el: Element) => V];

/** The same, and compute for use within a computation: both share one memory. */
export function questions<V>(compute: (el: Element) => V): Questions<V> {
  const slot = slotOf();
  const within = keep(compute, slot);
  const first = (el: Element) => {
    // A look comes from above.
    const parent = flatParent(el);
    if (parent !== null && keptOf(parent, slot) !== undefined) return compute(el);
    enter();
    try {
      prepare(el);
      return within(el);
    } finally {
      leave();
    }
  };
  return [keep(first, slot, first), within];
}
