// The trees that a page is read by.
//
// The flat tree is what is laid out: open shadow roots replace their host's
// children, slots hold what is assigned to them (CSS Scoping 1, section 3.5).
// The composed tree is the flat tree with aria-owns applied (WAI-ARIA 1.2,
// section 6.6.4): it is the tree that assistive technology and looks see. Closed
// shadow roots cannot be seen from a script and count as empty.

import { memo } from "./cache";
import { keep } from "./keep";
import { page } from "./plain";
import { setOf } from "./sets";

const HTML = "http://www.w3.org/1999/xhtml";
const SVG = "http://www.w3.org/2000/svg";
const MATHML = "http://www.w3.org/1998/Math/MathML";

/** Whether el is an HTML element. Never by instanceof: the nodes of a frame belong
 * to another realm, whose classes are not ours. */
export const isHTML = (el: Element): el is HTMLElement => el.namespaceURI === HTML;
export const isSVG = (el: Element): boolean => el.namespaceURI === SVG;
export const isMathML = (el: Element): boolean => el.namespaceURI === MATHML;

export const isElement = (node: Node | null | undefined): node is Element => node?.nodeType === 1;
export const isText = (node: Node | null): node is Text => node?.nodeType === 3;

/** Whether el is the HTML element of one of the names. */
export const isTag = (el: Element | null, ...names: string[]): el is HTMLElement =>
  el !== null && names.includes(el.localName) && el.namespaceURI === HTML;

/** The parent in the flat tree, or the host for a node that no slot shows. */
export function flatParent(node: Node): Element | null {
  const parent = node.parentElement;
  if (page.flat) return parent;
  if (parent === null) return (node.parentNode as ShadowRoot | null)?.host ?? null;
  return parent.shadowRoot === null ? parent : ((node as Element | Text).assignedSlot ?? parent);
}

/** The root of the tree that a node is in. */
export const rootOf = (node: Node): Node => (page.flat ? document : knownRoot(node));
const knownRoot = memo((node: Node): Node => node.getRootNode());

/** Whether a node is a child of a shadow host that no slot shows. */
export function isUnslotted(node: Node): boolean {
  if (page.flat) return false;
  const parent = node.parentNode;
  return isElement(parent) && parent.shadowRoot !== null && (node as Element | Text).assignedSlot === null;
}

/** The children in the flat tree. */
export function flatChildren(node: Node): Node[] {
  let from = node;
  if (!page.flat && isElement(node)) {
    if (node.shadowRoot) from = node.shadowRoot;
    else if (isTag(node, "slot")) {
      const assigned = (node as HTMLSlotElement).assignedNodes();
      if (assigned.length > 0) return assigned;
    }
  }
  const children: Node[] = [];
  for (let child = from.firstChild; child !== null; child = child.nextSibling) children.push(child);
  return children;
}

/** The element that an id names in the tree of el (a shadow root has its own). */
export function elementById(el: Element, id: string): Element | null {
  const root = el.getRootNode() as Document | ShadowRoot | Element;
  if ("getElementById" in root) return root.getElementById(id);
  return root.querySelector(`[id=${CSS.escape(id)}]`); // a tree that is in no document
}

type ElementReferences = {
  ariaLabelledByElements?: readonly Element[] | null;
  ariaDescribedByElements?: readonly Element[] | null;
  ariaOwnsElements?: readonly Element[] | null;
  ariaErrorMessageElements?: readonly Element[] | null;
};

const reflected: Record<string, keyof ElementReferences> = {
  "aria-labelledby": "ariaLabelledByElements",
  "aria-labeledby": "ariaLabelledByElements",
  "aria-describedby": "ariaDescribedByElements",
  "aria-owns": "ariaOwnsElements",
  "aria-errormessage": "ariaErrorMessageElements",
};

/**
 * The elements that an attribute of ids refers to, in its order; ids that name
 * nothing are skipped. References that a script set as elements count too (ARIA
 * in HTML, "ARIA mixin": the content attribute is then empty).
 */
export function references(el: Element, attribute: string): Element[] {
  const text = el.getAttribute(attribute);
  if (text === null) return [];
  const ids = text.split(/\s+/).filter(Boolean);
  if (ids.length > 0) return ids.map((id) => elementById(el, id)).filter((target) => target !== null);
  const property = reflected[attribute];
  return property === undefined ? [] : [...((el as Element & ElementReferences)[property] ?? [])];
}

type Ownership = { owner: Map<Element, Element>; owned: Map<Element, Element[]> };

/**
 * The valid aria-owns of one tree. An element has one owner, the first in tree
 * order that names it, and no element owns itself or one that it lies in.
 */
const ownershipIn = memo((root: Node): Ownership => {
  const result: Ownership = { owner: new Map(), owned: new Map() };
  for (const el of (root as ParentNode).querySelectorAll("[aria-owns]")) {
    if (!canOwn(el)) continue;
    const taken = references(el, "aria-owns").filter((target) => mayBeOwned(target, el, result.owner));
    for (const target of taken) result.owner.set(target, el);
    if (taken.length > 0) result.owned.set(el, taken);
  }
  return result;
});

/** Elements whose own content is not a tree of nodes cannot take others in. */
const canOwn = (el: Element): boolean =>
  !isTag(el, "input", "textarea", "select", "option", "img", "br", "hr", "progress", "meter", "iframe", "video", "audio", "object");

function mayBeOwned(target: Element, by: Element, owner: Map<Element, Element>): boolean {
  if (owner.has(target) || isTag(target, "html", "body")) return false;
  const seen = new Set<Element>();
  for (let at: Element | null = by; at !== null && !seen.has(at); at = owner.get(at) ?? flatParent(at)) {
    if (at === target) return false;
    seen.add(at);
  }
  return true;
}

const none: Ownership = { owner: new Map(), owned: new Map() };

function ownership(node: Node): Ownership {
  const root = rootOf(node);
  return root.nodeType === 1 ? none : ownershipIn(root);
}

/** The children in the composed tree: the element's own, then those it owns. */
export const composedChildren = memo((node: Node): Node[] => {
  const children = flatChildren(node);
  if (page.calm) return children;
  const { owner, owned } = ownership(node);
  if (owner.size === 0) {
    // Slotted nodes belong to another tree than their slot.
    return isTag(node as Element, "slot") ? children.filter((child) => !ownerOf(child)) : children;
  }
  const kept = children.filter((child) => !isElement(child) || !ownerOf(child));
  return isElement(node) ? [...kept, ...(owned.get(node) ?? [])] : kept;
});

const ownerOf = (node: Node): Element | undefined =>
  isElement(node) ? ownership(node).owner.get(node) : undefined;

/** The parent in the composed tree; null for the document's root. */
export const composedParent = (node: Node): Element | null => (page.calm ? node.parentElement : parentByOwner(node));
const parentByOwner = memo((node: Node): Element | null => ownerOf(node) ?? flatParent(node));

/** All that is in an element, where that is one text or nothing. */
export function onlyText(el: Element): string | undefined {
  const child = el.firstChild;
  if (child === null) return "";
  return child.nodeType === 3 && child.nextSibling === null ? child.nodeValue! : undefined;
}

const BARE = setOf("class id style href type value name for colspan rowspan width height src");

/** Whether no attribute of el has a say in what it is, is called and can do. Its
 * address, type and value are asked for where they matter. */
export const isBare = keep((el: Element): boolean =>
  !el.hasAttributes() || el.getAttributeNames().every((name) => BARE.has(name) || (name.startsWith("data-") && name !== "data-private")));

/** The nearest composed ancestor for which test holds. */
export function closestComposed(node: Node, test: (el: Element) => boolean): Element | null {
  for (let el = composedParent(node); el !== null; el = composedParent(el)) if (test(el)) return el;
  return null;
}

/** The nearest flat ancestor for which test holds. */
export function closestFlat(node: Node, test: (el: Element) => boolean): Element | null {
  for (let el = flatParent(node); el !== null; el = flatParent(el)) if (test(el)) return el;
  return null;
}

/** An attribute without surrounding space; "" when it is not there. */
export const attr = (el: Element, name: string): string => el.getAttribute(name)?.trim() ?? "";
