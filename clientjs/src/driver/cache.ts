// Caches of one computation over a DOM that does not change meanwhile. They are
// begun and ended by withCache and never outlive it: a cache that watched the
// document for changes would cost more than it saves, and one that did not would
// lie.
//
// What is known of a node is noted on the node itself, under a symbol of ours: a
// WeakMap of ten thousand nodes costs a collection of garbage more than a look.

/** What is known of a node, by the slots of the functions that computed it; the
 * first tells the time for which it is true. */
type Notes = unknown[];
type Noted = { [place: symbol]: Notes | undefined };

let slots = 1;

/** A place in each node's notes, for one function. */
export const slotOf = (): number => slots++;

/** The notes of a node under a symbol, empty where they were of another time. */
export function notesOf(node: Node, place: symbol, time: number): Notes {
  let notes = (node as unknown as Noted)[place];
  if (notes === undefined) {
    notes = new Array<unknown>(slots);
    // A node that a page has frozen takes none, and is computed each time.
    Reflect.set(node, place, notes);
  } else if (notes[0] === time) return notes;
  else notes.fill(undefined);
  notes[0] = time;
  return notes;
}

/** Whether there may be something to forget. */
export function dropNotes(node: Node, place: symbol): void {
  const notes = (node as unknown as Noted)[place];
  if (notes !== undefined) notes[0] = 0;
}

export const ONCE = Symbol();
/** The number of the computation under way. */
export let run = 1;
let depth = 0;

/** Begins a computation, or a part of one; `leave` ends it. */
export function enter(): void {
  if (depth++ === 0) run++;
}

export function leave(): void {
  depth--;
}

/** Runs f with the caches on; the end of the outermost call ends what they hold. */
export function withCache<T>(f: () => T): T {
  enter();
  try {
    return f();
  } finally {
    leave();
  }
}

/** Returns compute, remembered by its node while a withCache is under way. */
export function memo<K extends Node, V>(compute: (key: K) => V): (key: K) => V {
  const slot = slotOf();
  return (key) => {
    if (depth === 0) return compute(key);
    let notes = (key as unknown as Noted)[ONCE];
    if (notes === undefined || notes[0] !== run) notes = notesOf(key, ONCE, run);
    const known = notes[slot];
    return known === undefined ? ((notes[slot] = compute(key)) as V) : (known as V);
  };
}
