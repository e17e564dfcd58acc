// Text of the page: how it is compared, and how it is printed so that it can
// only be read as data.

import { composedChildren } from "./dom";
import { isElement, isInput } from "./kinds";
import { isRegexForm, regexOf } from "./wire";
import { setOf } from "./sets";

/** Whitespace as people see it; soft hyphens and zero-width spaces are none. */
export function normalize(text: string): string {
  return /[^\S ]|  |^ | $|[\u200b\u00ad]/.test(text) ? text.replace(/[\u200b\u00ad]/g, "").replace(/\s+/g, " ").trim() : text;
}

export type Match = (text: string) => boolean;

/** Playwright's rule: a string matches as a case-insensitive substring, exactly
 * when `exact`; a regular expression is searched. */
export function matcherOf(wanted: unknown, exact: boolean): Match {
  if (isRegexForm(wanted)) {
    const regex = regexOf(wanted);
    return (text) => regex.test(normalize(text));
  }
  const plain = normalize(String(wanted ?? ""));
  if (exact) return (text) => normalize(text) === plain;
  const lower = plain.toLowerCase();
  return (text) => normalize(text).toLowerCase().includes(lower);
}

const SILENT = setOf("SCRIPT NOSCRIPT STYLE TEMPLATE HEAD TITLE");

export function isSilent(el: Element): boolean {
  return SILENT.has(el.tagName);
}

/** All text of an element in composed order, as `getByText` and `hasText` see it. */
export function textOf(node: Node, cache?: Map<Node, string>): string {
  const known = cache?.get(node);
  if (known !== undefined) return known;
  let text = "";
  if (node.nodeType === 3) text = node.nodeValue ?? "";
  else if (isElement(node) && !isSilent(node)) {
    text = buttonText(node) ?? composedChildren(node).map((child) => textOf(child, cache)).join("");
  }
  cache?.set(node, text);
  return text;
}

/** The label of an input that is a button: its value is what people read. */
function buttonText(el: Element): string | undefined {
  return isInput(el, "button", "submit", "reset") ? el.value : undefined;
}

// Controls, bidirectional overrides, zero-width and tag characters: text that a
// person cannot see must not reach an agent as if it were visible.
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/gu;

function escaped(text: string): string {
  return text.replace(UNSEEN, (char) => "\\u{" + char.codePointAt(0)!.toString(16) + "}");
}

export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const end = /[\ud800-\udbff]/.test(text[limit - 2] ?? "") ? limit - 2 : limit - 1;
  return text.slice(0, end).trimEnd() + "…";
}

/** The longest name and the longest run of text that a line shows. */
export const NAME_CHARS = 80;
export const TEXT_CHARS = 160;

/** A name as a line shows it, and as a target takes it. */
export function quoted(text: string, limit = NAME_CHARS): string {
  return '"' + escaped(cut(text, limit).replace(/["\\]/g, "\\$&")) + '"';
}

/** Running text of the page between its marks, which it cannot close itself. */
export function marked(text: string, limit = TEXT_CHARS): string {
  return "«" + escaped(cut(text, limit)).replace(/[«»]/g, (c) => (c === "«" ? "‹" : "›")) + "»";
}

/** A word of a row or a column, bare where it cannot be mistaken for syntax. */
export function bare(text: string, limit = NAME_CHARS): string {
  const short = cut(text, limit);
  if (/^[A-Za-z0-9][A-Za-z0-9 ]*$/.test(short)) return short;
  return /^(?:-\d|[\p{L}\p{N}$€£¥(_@/*])[^|"«»\\…\n]*$/u.test(short) && escaped(short) === short && !/ [+~-] |each:/.test(short) ? short : quoted(short);
}
