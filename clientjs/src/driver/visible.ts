// Two questions that are often confused: is an element in the accessibility
// tree (isHidden), and does a person see a box of it (isVisible).

import { memo, withCache } from "./cache";
import { maxDepth, prepare, questions, type Questions } from "./deep";
import { attr, closestFlat, composedParent, flatChildren, flatParent, isElement, isHTML, isSVG, isTag, isText, isUnslotted, rootOf } from "./dom";
import { page } from "./plain";
import { makesInert, styleOf } from "./style";
import { setOf } from "./sets";

/**
 * Whether el is kept out of the accessibility tree (WAI-ARIA 1.2, section 7.1):
 * not rendered, visibility not visible, aria-hidden, or inert, itself or by an
 * ancestor. Of all these only visibility can be undone by a descendant.
 */
export const [isHidden, hidden]: Questions<boolean> = questions((el) =>
  !(isSeen(el) || (isRendered(el) && isPainted(el))) || (!page.calm && (isInert(el) || isAriaHidden(el))));

const painted = { visibilityProperty: true };

/** Whether el has a box that is painted, which the browser says at once. */
const isSeen = (el: Element): boolean => el.checkVisibility(painted) && !isSVG(el);

/** Whether text directly in el is in the accessibility tree, were el itself in. */
export const showsText = (el: Element, text: Text): boolean =>
  !isUnslotted(text) && !skipsContent(el, text) && !isReplaced(el);

const isPainted = (el: Element): boolean => {
  const visibility = styleOf(el)?.visibility;
  return visibility === undefined || visibility === "visible";
};

/** Inert by the attribute or by CSS, which the computed style has both, or behind a modal dialog. */
const isInert = (el: Element): boolean => hasInertness(el) || isBehindModal(el);

const hasInertness = memo((el: Element): boolean => {
  const parent = flatParent(el);
  // A host and what a slot takes in are styled by a second tree.
  const byItself = makesInert(rootOf(el)) || el.shadowRoot !== null || (parent !== null && rootOf(parent) !== rootOf(el));
  if (!byItself) return parent !== null && hasInertness(parent);
  const interactivity = (styleOf(el) as { interactivity?: string } | null)?.interactivity;
  return interactivity === undefined ? inertByAttribute(el) : interactivity === "inert";
});

/**
 * Whether a modal dialog blocks el (HTML, "blocked by a modal dialog"). What the
 * dialog lies in is not hidden itself: the way to the dialog leads through it.
 */
function isBehindModal(el: Element): boolean {
  const modal = topModal(el.ownerDocument);
  return modal !== null && !isWithin(el, modal) && !isWithin(modal, el);
}

const isWithin = (el: Element, outer: Element): boolean => {
  for (let at: Element | null = el; at !== null; at = flatParent(at)) if (at === outer) return true;
  return false;
};

/**
 * The dialog that blocks the document. The order of the top layer cannot be
 * read: of several it is the innermost, the one with the focus, or the last.
 */
const topModal = memo((document: Document): Element | null => {
  const modals = [...document.querySelectorAll("dialog:modal")];
  const inner = modals.filter((dialog) => !modals.some((other) => other !== dialog && isWithin(other, dialog)));
  return inner.find((dialog) => dialog.matches(":focus-within")) ?? inner.at(-1) ?? null;
});

const inertByAttribute = memo((el: Element): boolean => {
  if (el.hasAttribute("inert")) return true;
  const parent = flatParent(el);
  return parent !== null && inertByAttribute(parent);
});

/**
 * aria-hidden=true on el or a composed ancestor. It is not obeyed on the root or
 * the body, nor where the focus is inside: assistive technology would lose the
 * person's place (WAI-ARIA 1.3, aria-hidden).
 */
const isAriaHidden = memo((el: Element): boolean => {
  if (el.hasAttribute("aria-hidden") && attr(el, "aria-hidden").toLowerCase() === "true" && !isTag(el, "html", "body") && !holdsFocus(el)) return true;
  const parent = composedParent(el);
  return parent !== null && isAriaHidden(parent);
});

function holdsFocus(el: Element): boolean {
  let focused = el.ownerDocument.activeElement;
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  for (; focused !== null && !isTag(focused, "body"); focused = flatParent(focused)) if (focused === el) return true;
  return false;
}

/** Whether el or, for display:contents, its content takes part in layout. */
export const isRendered = memo((el: Element): boolean => {
  if (isSVG(el) && isNeverRenderedSVG(el)) return false;
  if (el.checkVisibility()) return true;
  if (!el.isConnected) return false;
  const display = styleOf(el)?.display;
  if (isTag(el, "area")) return areaImage(el) !== null;
  if (display === "none") return false;
  const parent = flatParent(el);
  if (parent === null) return el.localName === "html";
  if (isUnslotted(el) || skipsContent(parent, el)) return false;
  // Without a box all the same: display:contents, the options of a closed
  // select, and what stands in for a canvas (HTML-AAM, "canvas").
  const boxless = display === "contents" || isTag(el, "option", "optgroup", "legend", "hr") || closestFlat(el, (up) => isTag(up, "canvas", "select")) !== null;
  return boxless && isRendered(parent);
});

/** The rendered image whose map an area belongs to. */
export function areaImage(area: Element): Element | null {
  const map = area.closest("map");
  const name = map?.getAttribute("name") || map?.id;
  if (!name) return null;
  const root = area.getRootNode() as ParentNode;
  const image = root.querySelector(`img[usemap="#${CSS.escape(name)}"], object[usemap="#${CSS.escape(name)}"]`);
  if (image === null || !isRendered(image)) return null;
  // In place of a picture that is not there stands its alternative text.
  return isTag(image, "img") && (image as HTMLImageElement).complete && (image as HTMLImageElement).naturalWidth === 0 ? null : image;
}

const neverRenderedSVG = setOf("defs symbol clipPath mask marker pattern linearGradient radialGradient filter metadata title desc script style");

const isNeverRenderedSVG = memo((el: Element): boolean => {
  if (neverRenderedSVG.has(el.localName)) return true;
  const parent = flatParent(el);
  return parent !== null && isSVG(parent) && isNeverRenderedSVG(parent);
});

/** Whether el lays out no content, or not this child of it. */
function skipsContent(el: Element, child: Node): boolean {
  if (isTag(el, "details") && !(el as HTMLDetailsElement).open) return child !== firstSummary(el);
  return !page.literal && styleOf(el)?.contentVisibility === "hidden";
}

/** The child of a details element that opens and closes it. */
export const firstSummary = (details: Element): Element | null =>
  [...details.children].find((child) => isTag(child, "summary")) ?? null;

/** Elements that show something else in place of their children. */
export const isReplaced = (el: Element): boolean =>
  isHTML(el) && /^(?:audio|embed|iframe|img|input|meter|progress|select|textarea|video)$/.test(el.localName);

/**
 * Whether a person can see a box of el: a non-empty bounding box and visibility
 * visible. Opacity, clipping and the viewport do not count. An element with
 * display:contents is visible when a child or a text of it is.
 */
export const isVisible = (el: Element): boolean =>
  withCache(() => {
    prepare(el);
    return hasVisibleBox(el);
  });

function hasVisibleBox(el: Element, depth = 0): boolean {
  const style = styleOf(el);
  if (!style || !el.isConnected || depth > maxDepth) return false;
  if (style.display === "contents") {
    return isRendered(el) && flatChildren(el).some((child) => (isElement(child) ? hasVisibleBox(child, depth + 1) : isText(child) && textHasBox(child)));
  }
  if (!el.checkVisibility() || style.visibility !== "visible") return false;
  const box = el.getBoundingClientRect();
  return box.width > 0 && box.height > 0;
}

function textHasBox(text: Text): boolean {
  const range = text.ownerDocument.createRange();
  range.selectNode(text);
  const box = range.getBoundingClientRect();
  return box.width > 0 && box.height > 0;
}
