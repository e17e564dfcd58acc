// The logical key of an element: what makes it the same thing after the page has
// drawn itself anew. In this order: data-key, test id, id; else role and name
// within the nearest keyed ancestor; else the node alone.

import { labelOf, wordOf } from "./controls";
import { flatParent } from "./dom";
import { elementsBelow } from "./kinds";
import { cellsOf, isRowLike } from "./rows";
import { isHidden } from "./visible";

/** Set scopes and what an item says apart, being in no name that normalize made. */
export const WITHIN = "\u0001";
export const SAYS = "\u0002";

export type Key = { text: string; scope: Element | null };

/** Ids that a framework numbers anew at each start or rendering say nothing. */
export const GENERATED = /^:?r[\da-z]*:$|^«|^(radix|react-aria|headlessui|mui|ember|mat|cdk|ng|v|__|input|field|el|id)[-_:]*\d+([-_:]|$)|\d{6,}|[\da-f]{8}-[\da-f]{4}/i;

function attributeKey(el: Element): string | undefined {
  const key = el.getAttribute("data-key");
  if (key) return `key=${key}`;
  const test = el.getAttribute("data-testid");
  if (test) return `test=${test}`;
  return el.id && !GENERATED.test(el.id) ? `id=${el.id}` : undefined;
}

/** The nearest ancestor with a key of its own, rows counting by what they say. */
export function keyedAncestor(el: Element): Element | null {
  for (let up = flatParent(el); up; up = flatParent(up)) {
    if (attributeKey(up) !== undefined || isRowLike(up)) return up;
  }
  return null;
}

/** What stands in an element, as the identity of a row without a key. */
export function contentKey(el: Element): string {
  return `says=${cellsOf(el).join("|")}`;
}

/** The key of a container, in which those of its ancestors are included. */
export function scopeText(el: Element | null): string {
  if (!el) return "";
  const own = attributeKey(el) ?? contentKey(el);
  return own.startsWith("id=") ? own : `${scopeText(keyedAncestor(el))}${WITHIN}${own}`;
}

/** The key by attribute, or by role and name; undefined where there is neither. */
export function plainKey(el: Element): Key | undefined {
  const own = attributeKey(el);
  if (own?.startsWith("id=")) return { text: own, scope: null };
  const scope = keyedAncestor(el);
  if (own !== undefined) return { text: `${scopeText(scope)}${WITHIN}${own}`, scope };
  if (isRowLike(el)) return { text: `${scopeText(scope)}${WITHIN}${contentKey(el)}`, scope };
  const name = labelOf(el);
  return name === "" ? undefined : { text: `${scopeText(scope)}${WITHIN}${wordOf(el)} ${name}`, scope };
}

/** The largest container of `el` that holds none of its twins: an item of a list
 * whose author marked nothing. What it says tells the twins apart. */
export function itemOf(el: Element, twins: Element[]): Element | null {
  let item: Element | null = null;
  for (let up = flatParent(el); up; up = flatParent(up)) {
    if (twins.some((twin) => twin !== el && up!.contains(twin))) break;
    item = up;
  }
  return item;
}

/** The key of one among several with the same plain key. */
export function twinKey(el: Element, plain: Key, twins: Element[]): Key {
  const item = itemOf(el, twins);
  return item ? { text: `${plain.text}${SAYS}${contentKey(item)}`, scope: item } : plain;
}

/** Elements that have this plain key now. */
export function withPlainKey(text: string, root: Node, word: string): Element[] {
  const last = text.slice(text.lastIndexOf(WITHIN) + 1);
  const attribute = /^(key|test|id)=/.exec(last)?.[1];
  const all = elementsBelow(root).filter((el) => {
    if (attribute === "id") return el.id !== "" && `id=${el.id}` === text;
    if (attribute !== undefined) return el.hasAttribute(attribute === "key" ? "data-key" : "data-testid");
    return wordOf(el) === word;
  });
  return all.filter((el) => plainKey(el)?.text === text && !isHidden(el));
}
