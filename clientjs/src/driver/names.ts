// Accessible names and descriptions: Accessible Name and Description Computation
// 1.2 (AccName), whose steps 2A to 2I are named beside the code.

import { factsOf } from "./ariaroles";
import { withCache } from "./cache";
import { attr, composedChildren, isElement, isTag, isText, references } from "./dom";
import { ownDescription, ownName } from "./hostnames";
import { resolvedRole } from "./roles";
import { isInline, pseudoText, styleOf, transformed } from "./style";
import { controlValue } from "./values";
import { hidden, showsText } from "./visible";

/** What one computation carries along. */
export type Traversal = {
  /** Every element met: one set a computation, so that no cycle is followed. */
  visited: Set<Element>;
  /** Whether the node is the one asked for, one referred to, or one below either. */
  place: "root" | "referenced" | "descendant";
  /** Within an aria-labelledby or aria-describedby: another is not followed (2B). */
  inReference: boolean;
  /** Below a referenced element that is itself hidden: hidden nodes count (2A). */
  inHidden: boolean;
};

/** A text and whether it is part of the line around it. */
type Alternative = { text: string; inline: boolean };

const nothing: Alternative = { text: "", inline: true };

const begin = (): Traversal => ({ visited: new Set(), place: "root", inReference: false, inHidden: false });

/** The accessible name, with each run of white space as one space. */
export function nameOf(el: Element): string {
  return withCache(() => normalise(alternative(el, begin()).text));
}

/**
 * The accessible description: aria-describedby, aria-description, what the host
 * language gives, or the title where it is not the name (AccName 1.2, 4.3.3).
 */
export function descriptionOf(el: Element): string {
  return withCache(() => {
    const t = begin();
    t.visited.add(el);
    const text = normalise(joined(references(el, "aria-describedby"), t)) || normalise(attr(el, "aria-description")) ||
      normalise(ownDescription(el, (other) => referenced(other, begin())));
    if (text !== "") return text;
    const title = normalise(attr(el, "title"));
    return title === nameOf(el) ? "" : title;
  });
}

export const normalise = (text: string): string => text.replace(/[\s\u00a0]+/g, " ").trim();

/** The text alternatives of elements that an ARIA attribute refers to, a space between. */
const joined = (targets: Element[], t: Traversal): string =>
  targets.map((target) => referenced(target, { ...t, inReference: true })).join(" ");

/** The text alternative of an element that is referred to; a hidden one opens what is hidden in it. */
export const referenced = (el: Element, t: Traversal): string =>
  alternative(el, { ...t, place: "referenced", inHidden: t.inHidden || hidden(el) }).text;

/** AccName 1.2, step 2, for one element. */
function alternative(el: Element, t: Traversal): Alternative {
  // 2A. Hidden, and not part of something hidden that was referred to.
  if (t.place !== "root" && !t.inHidden && hidden(el)) return nothing;
  if (t.visited.has(el)) return nothing;
  t.visited.add(el);
  const given = authored(el, t);
  if (given !== "") return { text: given, inline: false };
  const role = resolvedRole(el);
  // 2F and 2H. The content.
  if (takesContent(role, t)) {
    const text = contentText(el, t);
    if (normalise(text) !== "") return { text, inline: isInline(styleOf(el)?.display ?? "inline") };
  }
  // 2I. The tooltip; it names no running text.
  return factsOf(role).nameFrom === "prohibited" ? nothing : { text: attr(el, "title"), inline: false };
}

/** Steps 2B to 2E: what the author or the host language says in place of the content. */
function authored(el: Element, t: Traversal): string {
  // 2B. aria-labelledby, unless one led here.
  if (!t.inReference) {
    const text = normalise(joined(references(el, "aria-labelledby"), t));
    if (text !== "") return text;
  }
  const role = resolvedRole(el);
  // 2C. A control within the label of another gives its value.
  if (t.place === "descendant") {
    const value = controlValue(el, role);
    if (value !== undefined) return value;
  }
  // 2D. aria-label.
  // 2E. What the host language gives, unless the author took the meaning away.
  return attr(el, "aria-label") || (role === "none" ? "" : ownName(el, t));
}

/** Whether the role is named by content, or lets its content name what refers to it or lies around it. */
function takesContent(role: string, t: Traversal): boolean {
  if (t.place === "referenced" || factsOf(role).nameFrom === "content") return true;
  return t.place === "descendant" && factsOf(role).inNames;
}

/** The text of el's content with what CSS adds (2F.i, 2F.ii). */
export function contentText(el: Element, t: Traversal): string {
  const below: Traversal = { ...t, place: "descendant" };
  let text = spaced(pseudoText(el, "::before"));
  for (const child of composedChildren(el)) {
    if (isText(child)) {
      // 2G. A text node.
      if (t.inHidden || showsText(el, child)) text += transformed(child.data, el);
    } else if (isTag(child as Element, "br")) {
      text += " ";
    } else if (isElement(child)) {
      text += spaced(alternative(child, below));
    }
  }
  return text + spaced(pseudoText(el, "::after"));
}

/** Sets text apart from its neighbours unless it is part of their line. */
const spaced = (a: Alternative): string => (a.inline || a.text === "" ? a.text : ` ${a.text} `);
