// The text that a person reads in an element.

import { maxDepth, question } from "./deep";
import { flatChildren, isElement, isTag, isText } from "./dom";
import { normalise } from "./names";
import { flowOf, pseudoText, spaced, styleOf, transformed } from "./style";
import { hidden, isReplaced, showsText } from "./visible";

/**
 * The rendered text of el and all in it, hidden parts left out and what CSS
 * generates before and after included, each run of white space as one space. The
 * names of pictures and the values of fields are no text.
 */
export const ownText = question((el) => normalise(textIn(el, 0)));

/** The text directly in el: its own text nodes and what CSS generates, without its children's. */
export const directText = question((el) => normalise(generated(el, flatChildren(el).filter(isText).map((text) => shown(el, text)).join(" "))));

function textIn(el: Element, depth: number): string {
  if (hidden(el) || isReplaced(el) || depth > maxDepth) return "";
  return generated(el, flatChildren(el).map((child) => (isText(child) ? shown(el, child) : isElement(child) ? childText(child, depth + 1) : "")).join(""));
}

const shown = (el: Element, text: Text): string => (showsText(el, text) ? transformed(text.data, el) : "");

function childText(child: Element, depth: number): string {
  return isTag(child, "br") ? " " : spaced(textIn(child, depth), isTag(child, "slot") ? "joined" : flowOf(styleOf(child)?.display ?? "inline"));
}

const generated = (el: Element, text: string): string => pseudoText(el, "::before") + text + pseudoText(el, "::after");
