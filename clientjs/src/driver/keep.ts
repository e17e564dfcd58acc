// What a look computed of an element stays true until the element or what lies
// in it changes. Only looks use this memory: what is to be acted on is always
// computed anew.

import { memo, Records } from "./cache";

const kept = new Records(() => new WeakMap());
let looking = false;

/** Runs a look, during which kept values are used. model.ts refreshes them before. */
export function whileLooking<T>(f: () => T): T {
  looking = true;
  try {
    return f();
  } finally {
    looking = false;
  }
}

/** Returns compute, remembered by element: during looks until something in the
 * element changes, else within one computation. */
export function keep<K extends Node, V>(compute: (key: K) => V): (key: K) => V {
  const slot = kept.slot();
  const once = memo(compute);
  return (key) => {
    if (!looking) return once(key);
    const record = kept.of(key);
    const known = record[slot];
    return known === undefined ? ((record[slot] = compute(key)) as V) : (known as V);
  };
}

/** Forgets what was kept of one node. */
export const forget = (node: Node): void => kept.drop(node);

export const forgetAll = (): void => kept.clear();
