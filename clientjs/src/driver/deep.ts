// Scripts can nest elements deeper than the engine's stack is.

import { records, withCache } from "./cache";
import { flatParent } from "./dom";
import { keep } from "./keep";
import { resolvedRole } from "./roles";
import { hidden } from "./visible";

// Rules that look at parents recur no deeper than this before what is above is
// known; the HTML parser itself stops at 512.
const usualDepth = 200;

/** Content deeper than this below an element is no part of its name or text. */
export const maxDepth = 400;

const level = records.slot();

/** How deep an element lies, where that is known. */
const levelOf = (el: Element): number | undefined => records.of(el)[level] as number | undefined;

/**
 * Computes what is above el from the top down where that is deep, so that rules
 * that follow parents find it in the cache. Call it within withCache.
 */
export function prepare(el: Element): void {
  const above: Element[] = [];
  let up: Element | null = el;
  while (up !== null && levelOf(up) === undefined) {
    above.push(up);
    up = flatParent(up);
  }
  let depth = up === null ? 0 : levelOf(up)!;
  for (const one of above.reverse()) {
    records.of(one)[level] = ++depth;
    if (depth % usualDepth !== 0) continue;
    hidden(one);
    resolvedRole(one);
  }
}

/** Returns compute as a question of its own, answered within the caches; a look
 * keeps the answer until something in the element changes. */
export function question<V>(compute: (el: Element) => V): (el: Element) => V {
  const ask = (el: Element) => withCache(() => {
    prepare(el);
    return compute(el);
  });
  return keep(ask);
}
