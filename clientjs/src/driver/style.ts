// Computed styles, read once an element a computation.

import { memo } from "./cache";
import { isElement } from "./dom";

/** The computed style; its properties are read lazily and stay current. */
export const styleOf = memo((el: Element): CSSStyleDeclaration | null =>
  el.ownerDocument.defaultView?.getComputedStyle(el) ?? null);

export type Pseudo = "::before" | "::after" | "::marker";

/**
 * Whether text with this display is part of the line around it, and not set
 * apart from its neighbours (AccName 1.2, 2F.i).
 */
export const isInline = (display: string): boolean =>
  display === "inline" || display === "contents" || display === "none" || display.startsWith("ruby") || display === "math";

/** The generated text of a pseudo-element and whether it is part of the line around it. */
export function pseudoText(el: Element, pseudo: Pseudo): { text: string; inline: boolean } {
  const style = el.ownerDocument.defaultView?.getComputedStyle(el, pseudo);
  const content = style?.content ?? "none";
  if (!style || content === "none" || content === "normal" || style.display === "none" || style.visibility !== "visible") {
    return { text: "", inline: true };
  }
  return { text: contentText(content, el, pseudo), inline: isInline(style.display) };
}

/**
 * The text of a content property: its strings and quotes, or its alternative
 * text, which stands behind a slash (CSS Content 3, section 1.2; AccName 1.2,
 * 2F.ii). Counters and images add nothing: a script cannot read the former.
 */
export function contentText(content: string, el: Element, pseudo: Pseudo): string {
  const tokens = contentTokens(content);
  const slash = tokens.indexOf("/");
  const used = slash < 0 ? tokens : tokens.slice(slash + 1);
  return used.map((token) => tokenText(token, el, pseudo)).join("");
}

function tokenText(token: string, el: Element, pseudo: Pseudo): string {
  if (token[0] === '"' || token[0] === "'") return unescapeCSS(token.slice(1, -1));
  if (token.startsWith("attr(")) return el.getAttribute(token.slice(5, -1).split(",")[0]?.trim() ?? "") ?? "";
  if (token === "open-quote" || token === "close-quote") return quote(el, token === "open-quote", pseudo);
  return "";
}

/** Splits a content value into strings, functions, words and the slash. */
function contentTokens(content: string): string[] {
  return content.match(/"(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*'|[-\w]+\((?:"(?:\\[\s\S]|[^"\\])*"|[^()]|\([^()]*\))*\)|\/|[^\s/"']+/g) ?? [];
}

const unescapeCSS = (text: string): string =>
  text.replace(/\\(?:([0-9a-fA-F]{1,6})\s?|\n|([\s\S]))/g, (_, hex: string | undefined, char: string | undefined) =>
    hex !== undefined ? String.fromCodePoint(Math.min(parseInt(hex, 16) || 0xfffd, 0x10ffff)) : (char ?? ""));

/** The quotation mark for the element's depth of quotes; auto follows English. */
function quote(el: Element, open: boolean, pseudo: Pseudo): string {
  const quotes = styleOf(el)?.quotes ?? "auto";
  if (quotes === "none") return "";
  const marks = quotes === "auto" ? ["“", "”", "‘", "’"] : contentTokens(quotes).map((token) => tokenText(token, el, pseudo));
  let level = 0;
  for (let at = el.parentElement; isElement(at); at = at.parentElement) if (at.localName === "q") level++;
  const pair = Math.min(level * 2, Math.max(marks.length - 2, 0));
  return marks[pair + (open ? 0 : 1)] ?? "";
}

/** A text as it is shown in el: text-transform is part of what a person reads. */
export function transformed(text: string, el: Element): string {
  const transform = styleOf(el)?.textTransform ?? "none";
  if (transform.includes("uppercase")) return text.toUpperCase();
  if (transform.includes("lowercase")) return text.toLowerCase();
  if (transform.includes("capitalize")) return text.replace(/(^|[^\p{L}\p{N}\p{M}'’])(\p{L})/gu, (_, before: string, letter: string) => before + letter.toUpperCase());
  return text;
}
