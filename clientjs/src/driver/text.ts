// The text that a person reads in an element.

import { withCache } from "./cache";
import { flatChildren, isElement, isTag, isText } from "./dom";
import { normalise } from "./names";
import { isInline, pseudoText, styleOf, transformed } from "./style";
import { hidden, isReplaced, showsText } from "./visible";

/**
 * The rendered text of el and all in it, hidden parts left out and what CSS
 * generates before and after included, each run of white space as one space. The
 * names of pictures and the values of fields are no text.
 */
export function ownText(el: Element): string {
  return withCache(() => normalise(textIn(el)));
}

/** The text directly in el: its own text nodes and what CSS generates, without its children's. */
export function directText(el: Element): string {
  return withCache(() => normalise(generated(el, flatChildren(el).filter(isText).map((text) => shown(el, text)).join(" "))));
}

function textIn(el: Element): string {
  if (hidden(el) || isReplaced(el)) return "";
  return generated(el, flatChildren(el).map((child) => (isText(child) ? shown(el, child) : isElement(child) ? childText(child) : "")).join(""));
}

const shown = (el: Element, text: Text): string => (showsText(el, text) ? transformed(text.data, el) : "");

function childText(child: Element): string {
  if (isTag(child, "br")) return " ";
  const text = textIn(child);
  return isInline(styleOf(child)?.display ?? "inline") ? text : ` ${text} `;
}

function generated(el: Element, text: string): string {
  const before = pseudoText(el, "::before");
  const after = pseudoText(el, "::after");
  return (before.inline ? before.text : ` ${before.text} `) + text + (after.inline ? after.text : ` ${after.text} `);
}
