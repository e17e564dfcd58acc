// Keeps the items of a look current: what a change of the page touches is
// forgotten, all else is taken as it was.

import { DISTANT, distant, inner } from "./items";
import { forget, forgetAll } from "./keep";
import { flatParent } from "./dom";
import { elementsBelow, isElement, isTag } from "./kinds";
import { plainness, type Plain } from "./plain";
import { usesIn } from "./style";
import { flush, watch } from "./watch";
import { setOf } from "./sets";

/** Everything may look different after these, without a change of the document. */
const RESTYLING = ["transitionend", "transitionrun", "animationstart", "animationend", "toggle", "resize", "load", "fullscreenchange"];
/** Attributes that change how what stands beside an element is shown. */
const STYLING = setOf("class style hidden open inert aria-hidden popover");

/** The document and the open shadow trees in it. */
const roots = new Set<Document | ShadowRoot>(typeof document === "undefined" ? [] : [document]);

let all = true;
/** The style sheets as they were, which a script changes without a record. */
let rules = "";
/** Whether a label, or what other elements refer to, may say something else. */
let renamed = false;
let referred = new Set<string>();
let dirty = new Set<Node>();
/** What the page does without, as long as no change of it can tell otherwise. */
let plain: Plain | undefined;

function dirtyUp(node: Node): void {
  for (let up: Element | null = isElement(node) ? node : flatParent(node); up; up = flatParent(up)) {
    forget(up);
    const frame = up.parentNode?.nodeType === 9 ? up.ownerDocument.defaultView?.frameElement : null;
    if (frame) dirtyUp(frame);
  }
}

function dirtyBelow(node: Node): void {
  if (!isElement(node)) return;
  forget(node);
  for (const child of Array.from((node.shadowRoot ?? node).querySelectorAll("*"))) forget(child);
}

function onRecords(records: MutationRecord[]): void {
  for (const record of records) {
    if (!renamed && isNaming(record)) renamed = true;
    if (record.type === "attributes" ? record.attributeName !== "class" : [...record.addedNodes].some(isElement)) plain = undefined;
    if (isStyling(record)) all = true;
    else dirty.add(record.target);
    for (const node of record.addedNodes) addRoots(node);
    if (record.type === "attributes" && STYLING.has(record.attributeName ?? "")) dirtyBelow(record.target);
  }
}

function addRoots(node: Node): void {
  if (isElement(node)) for (const el of [node, ...elementsBelow(node)]) if (el.shadowRoot) roots.add(el.shadowRoot);
}

/** The elements of the page that match, open shadow trees included. */
export function everywhere(css: string): Element[] {
  return [...roots].flatMap((root) => [...root.querySelectorAll(css)]);
}

function isNaming(record: MutationRecord): boolean {
  if (/^(id|for|aria-(labelledby|describedby|owns|errormessage))$/.test(record.attributeName ?? "")) return true;
  for (let up: Element | null = isElement(record.target) ? record.target : record.target.parentElement; up; up = up.parentElement) {
    if (up.localName === "label" || (up.id !== "" && referred.has(up.id))) return true;
  }
  const holds = (node: Node) => isElement(node) && (node.matches("label") || node.querySelector("label") !== null || (referred.size > 0 && (node.id !== "" || node.querySelector("[id]") !== null)));
  return [...record.addedNodes, ...record.removedNodes].some(holds);
}

function isStyling(record: MutationRecord): boolean {
  const touches = (node: Node) => isElement(node) && isTag(node, "style", "link");
  return touches(record.target) || touches(record.target.parentNode as Node) || Array.from(record.addedNodes).some(touches) || Array.from(record.removedNodes).some(touches);
}

let started = false;

/** Begins to follow the document; a look does it by itself. */
export function start(): void {
  if (started) return;
  started = true;
  watch(document, onRecords);
  const restyled = () => void (all = true);
  for (const type of RESTYLING) document.addEventListener(type, restyled, { capture: true, passive: true });
  window.addEventListener("resize", restyled, { passive: true });
  for (const type of ["input", "change", "focusin", "focusout"]) {
    document.addEventListener(type, (event) => void dirty.add(event.composedPath()[0] as Node), { capture: true, passive: true });
  }
}

/** Forgets what is no longer true, and says what the page does without. */
export function refresh(): Plain {
  start();
  flush();
  for (const root of roots) if (!root.isConnected) roots.delete(root);
  const uses = [...roots].flatMap(usesIn);
  const now = uses.map((one) => one.rules).join();
  if (now !== rules || (dirty.size > 0 && uses.some((one) => one.has))) all = true;
  rules = now;
  if (all) {
    forgetAll();
    addRoots(document.documentElement);
    plain = undefined;
  } else for (const node of dirty) dirtyUp(node);
  for (const el of distant) {
    if (!el.isConnected) distant.delete(el);
    else if (renamed) dirtyUp(el);
  }
  plain ??= plainness(roots.size === 1 && document.querySelector("iframe,frame") === null, {
    inert: uses.some((one) => one.inert), text: uses.some((one) => one.text), pointer: uses.flatMap((one) => one.pointer),
  });
  all = false;
  renamed = false;
  dirty = new Set();
  return plain;
}

/** Follows the shadow trees and frames that the last look went through. */
export function follow(): void {
  for (const root of inner) {
    watch(root, onRecords);
    if (root.nodeType === 11) roots.add(root as ShadowRoot);
  }
  inner.clear();
  referred = new Set([...distant].flatMap((el) => DISTANT.flatMap((name) => el.getAttribute(name)?.split(/\s+/) ?? [])));
}
