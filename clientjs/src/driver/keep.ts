// What a look computed of an element stays true until the element or what lies
// in it changes. Only looks use this memory: what is to be acted on is always
// computed anew.

import { memo } from "./cache";

const all: { clear(): void; drop(node: Node): void }[] = [];
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
  let kept = new WeakMap<K, V>();
  const store = { clear: () => void (kept = new WeakMap()), drop: (node: Node) => void kept.delete(node as K) };
  all.push(store);
  const once = memo(compute);
  return (key) => {
    if (!looking) return once(key);
    const known = kept.get(key);
    if (known !== undefined) return known;
    const value = compute(key);
    kept.set(key, value);
    return value;
  };
}

/** Forgets what was kept of one node. */
export function forget(node: Node): void {
  for (const store of all) store.drop(node);
}

export function forgetAll(): void {
  for (const store of all) store.clear();
}
