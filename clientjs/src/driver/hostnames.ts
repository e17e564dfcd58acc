// The names and descriptions that HTML and SVG give by their own means: step 2E
// of AccName 1.2, after HTML-AAM 1.0, section 4.1, and SVG-AAM 1.0, section 8.

import { memo } from "./cache";
import { attr, isHTML, isSVG, isTag, references, rootOf } from "./dom";
import { svgTitle } from "./htmlroles";
import { resolvedRole } from "./roles";
import { normalise, referenced, type Traversal } from "./names";

/** The name by the host language, without content and tooltip; "" when it has none. */
export function ownName(el: Element, t: Traversal): string {
  if (isSVG(el)) return svgTitle(el)?.textContent ?? "";
  if (!isHTML(el)) return "";
  const labels = isLabelable(el) ? labelText(el, t) : "";
  return labels || (byTag[el.localName]?.(el, t) ?? "") || placeholderOfRole(el);
}

/** An ARIA field without a name is known by what it asks for (WAI-ARIA 1.2, aria-placeholder). */
const placeholderOfRole = (el: Element): string =>
  isTag(el, "input", "textarea") || !["textbox", "searchbox"].includes(resolvedRole(el)) ? "" : attr(el, "title") || attr(el, "aria-placeholder");

const byTag: Record<string, (el: Element, t: Traversal) => string> = {
  abbr: (el, t) => (t.place === "root" ? attr(el, "title") : ""),
  area: (el) => attr(el, "alt"),
  fieldset: (el, t) => textOfChild(el, "legend", t),
  html: (el) => el.ownerDocument.title,
  img: (el) => el.getAttribute("alt") ?? "",
  input: (el) => inputName(el as HTMLInputElement),
  optgroup: (el) => attr(el, "label"),
  option: (el) => attr(el, "label"),
  table: (el, t) => textOfChild(el, "caption", t) || attr(el, "title") || attr(el, "summary"),
  textarea: (el) => attr(el, "title") || placeholderOf(el),
};

/** The elements that a label can name (HTML, "labelable elements"). */
const isLabelable = (el: Element): boolean =>
  isTag(el, "button", "meter", "output", "progress", "select", "textarea") || (isTag(el, "input") && (el as HTMLInputElement).type !== "hidden");

/**
 * The labels of each control of a tree. Asking a control for its labels walks the
 * whole tree, which a page of many buttons pays for each.
 */
export const labelsIn = memo((root: Node): Map<Element, HTMLLabelElement[]> => {
  const labels = new Map<Element, HTMLLabelElement[]>();
  if (!("querySelectorAll" in root)) return labels;
  for (const label of (root as ParentNode).querySelectorAll("label")) {
    const { control } = label;
    if (control !== null) labels.set(control, [...(labels.get(control) ?? []), label]);
  }
  return labels;
});

function labelText(el: Element, t: Traversal): string {
  // In another's label or reference, a control counts by what it is, not by its label.
  if (t.place === "descendant") return "";
  const labels = labelsIn(rootOf(el)).get(el) ?? [];
  return labels.length === 0 ? "" : normalise(labels.map((label) => referenced(label, t)).join(" "));
}

function inputName(el: HTMLInputElement): string {
  switch (el.type) {
    case "button":
      return attr(el, "value");
    case "submit":
      return el.getAttribute("value") ?? "Submit";
    case "reset":
      return el.getAttribute("value") ?? "Reset";
    case "image":
      return el.getAttribute("alt") ?? (attr(el, "value") || attr(el, "title") || "Submit");
    case "file":
      return el.multiple ? "Choose Files" : "Choose File";
  }
  return attr(el, "title") || (takesPlaceholder.test(el.type) ? placeholderOf(el) : "");
}

const takesPlaceholder = /^(?:email|number|password|search|tel|text|url)$/;

const placeholderOf = (el: Element): string => attr(el, "placeholder") || attr(el, "aria-placeholder");

const textOfChild = (el: Element, name: string, t: Traversal): string => {
  const child = [...el.children].find((candidate) => isTag(candidate, name));
  return child === undefined ? "" : normalise(referenced(child, t));
};

const isAriaNamed = (el: Element): boolean => attr(el, "aria-label") !== "" || references(el, "aria-labelledby").length > 0;

const isNamedBefore = (el: HTMLInputElement): boolean => isAriaNamed(el) || (el.labels?.length ?? 0) > 0;

/** The description by the host language, without the tooltip (HTML-AAM, 4.1). */
export function ownDescription(el: Element, text: (el: Element) => string): string {
  if (isSVG(el)) {
    const desc = [...el.children].find((child) => isSVG(child) && child.localName === "desc");
    return desc?.textContent || ((isAriaNamed(el) && svgTitle(el)?.textContent) || "");
  }
  if (isTag(el, "ruby")) return [...el.children].filter((child) => isTag(child, "rt")).map(text).join(" ");
  if (isTag(el, "table")) {
    // The caption describes a table that is named otherwise.
    const caption = (el as HTMLTableElement).caption;
    return caption !== null && isAriaNamed(el) ? text(caption) : "";
  }
  if (isTag(el, "input") && ["button", "submit", "reset"].includes((el as HTMLInputElement).type) && isNamedBefore(el as HTMLInputElement)) {
    return attr(el, "value");
  }
  return "";
}
