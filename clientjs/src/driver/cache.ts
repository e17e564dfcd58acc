// Caches of one computation over a DOM that does not change meanwhile. They are
// begun and ended by withCache and never outlive it: a cache that watched the
// document for changes would cost more than it saves, and one that did not would
// lie.

const stores: Map<unknown, unknown>[] = [];
let depth = 0;

/** Runs f with the caches on; the outermost call empties them when it ends. */
export function withCache<T>(f: () => T): T {
  depth++;
  try {
    return f();
  } finally {
    if (--depth === 0) for (const store of stores) store.clear();
  }
}

/** Returns compute, remembered by its key while a withCache is under way. */
export function memo<K, V>(compute: (key: K) => V): (key: K) => V {
  const store = new Map<K, V>();
  stores.push(store as Map<unknown, unknown>);
  return (key) => {
    if (depth === 0) return compute(key);
    const known = store.get(key);
    if (known !== undefined || store.has(key)) return known as V;
    const value = compute(key);
    store.set(key, value);
    return value;
  };
}
