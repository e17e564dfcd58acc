// Refs: short ids that keep their meaning. A ref is bound to an element's logical
// key; on use the element must still have that key, or the only one that has it
// now takes its place. Numbers are never reused in a document, and nothing is
// ever done to an element whose key has changed.

import { labelOf, refLetter, wordOf } from "./controls";
import { fail } from "./errors";
import { itemOf, plainKey, twinKey, withPlainKey, contentKey, type Key } from "./keys";
import { quoted } from "./words";

type Bound = {
  ref: string;
  node: WeakRef<Element>;
  word: string;
  name: string;
  /** The plain key; undefined where only the node itself tells. */
  plain?: string;
  /** The whole key: with what the item around says, where the plain key has twins. */
  key?: string;
  document: WeakRef<Document>;
};

const byRef = new Map<string, Bound>();
const byNode = new WeakMap<Element, Bound>();
const byKey = new Map<string, Bound>();
const counters: Record<string, number> = {};
let rebinds: string[] = [];

/** What was rebound since the last call, for the answer of an action. */
export function takeRebinds(): string[] {
  const taken = rebinds;
  rebinds = [];
  return taken;
}

/** Elements by plain key, gathered once for many refs. */
export type Peers = (el: Element, plain: string) => Element[];

const searchPeers: Peers = (el, plain) => withPlainKey(plain, el.ownerDocument, wordOf(el));

function keysOf(el: Element, peers: Peers): { plain?: string; key?: string } {
  const plain = plainKey(el);
  if (!plain) return {};
  const twins = peers(el, plain.text);
  const whole: Key = twins.length > 1 ? twinKey(el, plain, twins) : plain;
  return { plain: plain.text, key: whole.text };
}

/** Whether the element still has the key that it was bound with. */
function holdsKey(bound: Bound, el: Element): boolean {
  if (!el.isConnected) return false;
  if (bound.plain === undefined) return plainKey(el) === undefined && wordOf(el) === bound.word;
  if (plainKey(el)?.text !== bound.plain) return false;
  if (bound.key === bound.plain) return true;
  // A twin is recognised by what its item says, whether or not twins remain.
  const said = bound.key!.slice(bound.plain.length + 1);
  const item = itemOf(el, withPlainKey(bound.plain, el.ownerDocument, bound.word));
  return item !== null && (contentKey(item) === said || saidNearby(el, said));
}

/** With its twins gone, the item of an element reaches up to the whole page: look
 * for the one container on the way that says what the item said. */
function saidNearby(el: Element, said: string): boolean {
  for (let up: Element | null = el.parentElement, steps = 0; up && steps < 8; up = up.parentElement, steps++) {
    if (contentKey(up) === said) return true;
  }
  return false;
}

function take(ref: string, el: Element, keys: { plain?: string; key?: string }): Bound {
  const bound: Bound = { ref, node: new WeakRef(el), word: wordOf(el), name: labelOf(el), document: new WeakRef(el.ownerDocument), ...keys };
  byRef.set(ref, bound);
  byNode.set(el, bound);
  if (keys.key !== undefined && !isLive(byKey.get(keys.key))) byKey.set(keys.key, bound);
  return bound;
}

function isLive(bound: Bound | undefined): boolean {
  const el = bound?.node.deref();
  return el !== undefined && el.isConnected && byNode.get(el) === bound;
}

/** The ref of an element, new where it has none with its present key. */
export function refOf(el: Element, peers: Peers = searchPeers): string {
  const known = byNode.get(el);
  if (known && known.key === known.plain && holdsKey(known, el)) return known.ref;
  const keys = keysOf(el, peers);
  if (known && (known.key === keys.key || holdsKey(known, el))) return known.ref;
  if (known && byKey.get(known.key ?? "") === known) byNode.delete(el);
  const lost = keys.key === undefined ? undefined : byKey.get(keys.key);
  if (lost && !isLive(lost)) return take(lost.ref, el, keys).ref;
  const letter = refLetter(wordOf(el));
  const count = (counters[letter] ?? 0) + 1;
  counters[letter] = count;
  return take(letter + count, el, keys).ref;
}

/** The ref that an element has already, if its key has not changed. */
export function knownRef(el: Element): string | undefined {
  const bound = byNode.get(el);
  return bound && holdsKey(bound, el) ? bound.ref : undefined;
}

function was(bound: Bound): string {
  return bound.name === "" ? bound.word : `${bound.word} ${quoted(bound.name)}`;
}

function matches(bound: Bound): Element[] {
  const root = bound.document.deref();
  if (bound.plain === undefined || !root) return [];
  return withPlainKey(bound.plain, root, bound.word).filter((el) => holdsKey(bound, el));
}

/** The element that a ref means now. */
export function resolveRef(ref: string): Element {
  const bound = byRef.get(ref);
  if (!bound) return fail("gone", `no ref ${ref} in this document`, "look again: refs belong to one document");
  const el = bound.node.deref();
  if (el && holdsKey(bound, el)) return el;
  const now = matches(bound);
  if (now.length === 1) {
    take(ref, now[0]!, bound.plain === undefined ? {} : { plain: bound.plain, key: bound.key! });
    rebinds.push(ref);
    return now[0]!;
  }
  if (now.length > 1) {
    const list = now.slice(0, 5).map((one) => `${refOf(one)} ${was(bound)}`).join(", ");
    return fail("ambiguous", `${ref} was ${was(bound)}, and ${now.length} elements are that now: ${list}`, "use one of these refs");
  }
  const changed = el?.isConnected ? `; in its place is ${wordOf(el)} ${quoted(labelOf(el))}` : "";
  return fail("gone", `${ref} was ${was(bound)} and is gone${changed}`, "look again");
}
