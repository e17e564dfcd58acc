// What kind of control an element is, and where it is.

import { isElement, isHTML, isTag } from "./dom";
import { page } from "./plain";
import { setOf } from "./sets";

export { isElement, isHTML, isTag } from "./dom";

export function isInput(el: Element, ...types: string[]): el is HTMLInputElement {
  return isTag(el, "input") && (types.length === 0 || types.includes((el as HTMLInputElement).type));
}

export function isSelect(el: Element): el is HTMLSelectElement {
  return isTag(el, "select");
}

export function isTextarea(el: Element): el is HTMLTextAreaElement {
  return isTag(el, "textarea");
}

export function isFrame(el: Element): el is HTMLIFrameElement {
  return isTag(el, "iframe", "frame");
}

/** Inputs that hold text with a caret, which typing changes letter by letter. */
const TEXT_TYPES = setOf("text search email url tel password number");

export function isTextField(el: Element): el is HTMLInputElement | HTMLTextAreaElement {
  return isTextarea(el) || (isInput(el) && TEXT_TYPES.has(el.type));
}

/** Inputs whose value a native picker sets as a whole. */
export const PICKER_TYPES = ["date", "time", "datetime-local", "month", "week", "color", "range"];

export function isPickerField(el: Element): el is HTMLInputElement {
  return isInput(el, ...PICKER_TYPES);
}

export function isEditableHost(el: Element): el is HTMLElement {
  return !page.open && isHTML(el) && el.isContentEditable;
}

/** The outermost element of the editable area that `el` lies in. */
export function editingHost(el: HTMLElement): HTMLElement {
  let host = el;
  for (let up = host.parentElement; up?.isContentEditable; up = up.parentElement) host = up;
  return host;
}

export function isCheckable(el: Element): el is HTMLInputElement {
  return isInput(el, "checkbox", "radio");
}

/** The control that a label is for. */
export function labelled(el: Element): Element {
  const label = isTag(el, "label") ? (el as HTMLLabelElement) : null;
  return label?.control ?? el;
}

export function labelsOf(el: Element): HTMLLabelElement[] {
  const labels = (el as HTMLInputElement).labels;
  return labels ? Array.from(labels) : [];
}

export function viewOf(node: Node): Window & typeof globalThis {
  return (node.ownerDocument?.defaultView ?? window) as Window & typeof globalThis;
}

/** Every element below `root` in tree order, open shadow trees before the light
 * children of their host. */
export function elementsBelow(root: Node, out: Element[] = []): Element[] {
  const document = root.nodeType === 9 ? (root as Document) : root.ownerDocument!;
  const walker = document.createTreeWalker(root, 1);
  if (isElement(root) && root.shadowRoot) elementsBelow(root.shadowRoot, out);
  for (let node = walker.nextNode() as Element | null; node; node = walker.nextNode() as Element | null) {
    out.push(node);
    if (node.shadowRoot) elementsBelow(node.shadowRoot, out);
  }
  return out;
}

/** Whether `inner` is `outer` or lies below it, through shadow roots and slots. */
export function holds(outer: Node, inner: Node | null): boolean {
  for (let node: Node | null = inner; node; ) {
    if (node === outer) return true;
    if (isElement(node) && node.assignedSlot) {
      if (holds(outer, node.assignedSlot)) return true;
    }
    node = node.parentNode ?? (node as ShadowRoot).host ?? null;
  }
  return false;
}

/** The element that has the focus, inside shadow roots too. */
export function activeOf(document: Document): Element | null {
  let el = document.activeElement;
  while (el?.shadowRoot?.activeElement) el = el.shadowRoot.activeElement;
  return el;
}

/** Where typing goes. */
export function focusedIn(document: Document): HTMLElement {
  return (activeOf(document) ?? document.body) as HTMLElement;
}
