// What a look computed of an element stays true until the element or what lies
// in it changes. Only looks use this memory: what is to be acted on is always
// computed anew.

import { dropNotes, memo, notesOf, slotOf } from "./cache";
import { claim, type Plain } from "./plain";

const KEPT = Symbol();
let time = 1;
let looking = false;

/** Runs a look, during which kept values are used, on a page that model.ts found
 * to do without these. */
export function whileLooking<T>(plain: Plain, f: () => T): T {
  looking = true;
  claim(plain);
  try {
    return f();
  } finally {
    looking = false;
    claim();
  }
}

/** Returns compute, remembered by element: during looks until something in the
 * element changes, else by `once`, which is within one computation. */
export function keep<K extends Node, V>(compute: (key: K) => V, slot = slotOf(), once = memo(compute)): (key: K) => V {
  return (key) => {
    if (!looking) return once(key);
    let notes = (key as unknown as { [place: symbol]: unknown[] | undefined })[KEPT];
    if (notes === undefined || notes[0] !== time) notes = notesOf(key, KEPT, time);
    const known = notes[slot];
    return known === undefined ? ((notes[slot] = compute(key)) as V) : (known as V);
  };
}

/** What a look under way has kept of a node in a slot. */
export function keptOf(node: Node, slot: number): unknown {
  const notes = looking ? (node as unknown as { [place: symbol]: unknown[] | undefined })[KEPT] : undefined;
  return notes !== undefined && notes[0] === time ? notes[slot] : undefined;
}

/** Forgets what was kept of one node. */
export const forget = (node: Node): void => dropNotes(node, KEPT);

export const forgetAll = (): void => void time++;
