// Caches of one computation over a DOM that does not change meanwhile. They are
// begun and ended by withCache and never outlive it: a cache that watched the
// document for changes would cost more than it saves, and one that did not would
// lie.

type Known = { get(key: object): unknown[] | undefined; set(key: object, record: unknown[]): unknown; delete(key: object): boolean };

/** What is known of each object, by the slots of the functions that computed it:
 * one record an object costs far less, in time and in garbage, than one map a
 * function. */
export class Records {
  readonly #make: () => Known;
  #known: Known;
  // Most questions are about the object of the last one.
  #last: object | undefined;
  #record: unknown[] = [];
  #slots = 0;
  constructor(make: () => Known) {
    this.#make = make;
    this.#known = make();
  }
  /** A place in each record, for one function. */
  slot(): number {
    return this.#slots++;
  }
  of(key: object): unknown[] {
    if (key === this.#last) return this.#record;
    let record = this.#known.get(key);
    if (record === undefined) this.#known.set(key, (record = new Array<unknown>(this.#slots)));
    this.#last = key;
    return (this.#record = record);
  }
  drop(key: object): void {
    if (key === this.#last) this.#last = undefined;
    this.#known.delete(key);
  }
  clear(): void {
    this.#last = undefined;
    this.#known = this.#make();
  }
}

/** What the computation under way knows. */
export const records = new Records(() => new Map());
let depth = 0;

/** Runs f with the caches on; the outermost call empties them when it ends. */
export function withCache<T>(f: () => T): T {
  depth++;
  try {
    return f();
  } finally {
    if (--depth === 0) records.clear();
  }
}

/** Returns compute, remembered by its key while a withCache is under way. */
export function memo<K extends object, V>(compute: (key: K) => V): (key: K) => V {
  const slot = records.slot();
  return (key) => {
    if (depth === 0) return compute(key);
    const record = records.of(key);
    const known = record[slot];
    return known === undefined ? ((record[slot] = compute(key)) as V) : (known as V);
  };
}
