// Scripts can nest elements deeper than the engine's stack is.

import { flatParent } from "./dom";
import { resolvedRole } from "./roles";
import { hidden } from "./visible";

// Rules that look at parents recur no deeper than this before what is above is
// known; the HTML parser itself stops at 512.
const usualDepth = 200;

/** Content deeper than this below an element is no part of its name or text. */
export const maxDepth = 400;

/**
 * Computes what is above el from the top down where that is deep, so that rules
 * that follow parents find it in the cache. Call it within withCache.
 */
export function prepare(el: Element): void {
  const above: Element[] = [];
  for (let up = flatParent(el); up !== null; up = flatParent(up)) above.push(up);
  if (above.length <= usualDepth) return;
  for (const up of above.reverse()) {
    hidden(up);
    resolvedRole(up);
  }
}
