// What is never shown: passwords, one-time codes, what the page's author marked
// as private, and every field that a secret was typed into.

import { isRedacted as isMarked } from "./values";

const secret = new WeakSet<Element>();

export function setRedacted(el: Element): void {
  secret.add(el);
}

export function isRedacted(el: Element): boolean {
  return secret.has(el) || isMarked(el);
}
