// Computed styles, read once an element a computation.

import { memo } from "./cache";
import { isElement, isTag, rootOf } from "./dom";
import { page } from "./plain";

/** The computed style; its properties are read lazily and stay current. */
export const styleOf = memo((el: Element): CSSStyleDeclaration | null =>
  el.ownerDocument.defaultView?.getComputedStyle(el) ?? null);

export type Pseudo = "::before" | "::after" | "::marker";

/**
 * How an element's text lies to its neighbours' (AccName 1.2, 2F.i): joined is
 * part of their line; boxed stands apart where there is any; apart always does,
 * and breaks the line of what it lies in; a word stands apart from its siblings.
 */
export type Flow = "joined" | "boxed" | "apart" | "word";

export function flowOf(display: string): Flow {
  if (display === "inline" || display === "none" || display.startsWith("ruby")) return "joined";
  return display === "contents" || display.startsWith("inline-") || display === "table-cell" ? "boxed" : "apart";
}

/** Text with the space around it that its flow asks for. */
export const spaced = (text: string, flow: Flow): string =>
  flow === "joined" || (flow === "boxed" && text === "") ? text : ` ${text} `;

/** Puts the texts of siblings together; words get space only between them. */
export function joinSiblings(parts: { text: string; flow: Flow }[]): string {
  let out = "";
  let parted = false;
  for (const { text, flow } of parts) {
    const isWord = flow === "word";
    if ((parted || isWord) && out !== "" && (text !== "" || isWord)) out += " ";
    if (text !== "" || isWord) parted = isWord;
    out += isWord ? text : spaced(text, flow);
  }
  return out;
}

/**
 * Whether a style sheet of a tree can generate text at all. Two computed styles
 * for each element are the dearest part of a name, and most pages need none.
 */
const generates = memo((root: Node): boolean => sheetsOf(root).some((sheet) => usesOf(sheet).generate));

/** Whether anything in a tree can be inert by itself. Where nothing can, an
 * element is as inert as its parent, and its style need not be read for that. */
export const makesInert = memo((root: Node): boolean =>
  (root as ParentNode).querySelector("[inert],[style*=interactivity]") !== null || sheetsOf(root).some((sheet) => usesOf(sheet).inert));

function sheetsOf(root: Node): CSSStyleSheet[] {
  const { styleSheets = [], adoptedStyleSheets = [] } = root as Document | ShadowRoot;
  return [...styleSheets, ...adoptedStyleSheets].filter((sheet) => !sheet.disabled);
}

type Uses = { generate: boolean; inert: boolean; /** Anything that makes text other than it is written. */ text: boolean; has: boolean; /** The selectors that give the cursor of a link; "" for what is no selector. */ pointer: string[]; rules: number };
const known = new WeakMap<CSSStyleSheet, Uses>();

/** What the style sheets of a tree make use of. Other numbers of rules tell that
 * they are not as they were; a rule that a script edits in place is not noticed.
 * Where one has :has(), any change may restyle what lies anywhere. */
export const usesIn = (root: Node): Uses[] => sheetsOf(root).map(usesOf);

/** What a style sheet makes use of. It is read again when it has other rules. */
function usesOf(sheet: CSSStyleSheet): Uses {
  let uses = known.get(sheet);
  try {
    const rules = sheet.cssRules;
    if (uses?.rules === rules.length) return uses;
    uses = { generate: false, inert: false, text: false, has: false, pointer: [], rules: rules.length };
    readRules(rules, uses);
  } catch {
    uses = { generate: true, inert: true, text: true, has: true, pointer: [""], rules: -1 }; // of another origin: it cannot be read
  }
  known.set(sheet, uses);
  return uses;
}

function readRules(rules: CSSRuleList, uses: Uses, nested = false): void {
  for (const rule of rules) {
    const { selectorText = "", style, cssRules, styleSheet } = rule as CSSStyleRule & CSSImportRule;
    if (style?.content && /:(?:before|after|marker)/.test(selectorText)) uses.generate = uses.text = true;
    if (selectorText.includes(":has(")) uses.has = true;
    if ((style as { interactivity?: string } | undefined)?.interactivity) uses.inert = true;
    if (style?.cursor) uses.pointer.push(nested ? "" : selectorText);
    if (style?.textTransform || style?.contentVisibility) uses.text = true;
    // What lies in a rule or a scope has a selector that means nothing alone.
    if (cssRules ?? styleSheet) readRules(cssRules ?? styleSheet!.cssRules, uses, nested || selectorText !== "" || "start" in rule);
  }
}

/** The generated text of a pseudo-element, spaced. */
export function pseudoText(el: Element, pseudo: Pseudo): string {
  if (page.literal || (!generates(rootOf(el)) && el.localName !== "q")) return "";
  const style = el.ownerDocument.defaultView?.getComputedStyle(el, pseudo);
  const content = style?.content ?? "none";
  if (!style || content === "none" || content === "normal" || style.display === "none" || style.visibility !== "visible") return "";
  const tokens = contentTokens(content);
  return spaced(tokensText(tokens, el, pseudo), tokens.includes("/") ? "boxed" : flowOf(style.display));
}

/**
 * The text of a content property: its strings and quotes, or its alternative
 * text, which stands behind a slash (CSS Content 3, section 1.2; AccName 1.2,
 * 2F.ii). Counters and images add nothing: a script cannot read the former.
 */
function tokensText(tokens: string[], el: Element, pseudo: Pseudo): string {
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

// CSS Content 3, section 2.4.1: auto follows the language. English is for those not here.
const marksByLanguage: Record<string, string[]> = { de: ["„", "“", "‚", "‘"], fr: ["«", "»", "«", "»"] };

const marksOf = (el: Element): string[] =>
  marksByLanguage[(el.closest("[lang]")?.getAttribute("lang") ?? "").toLowerCase().split("-")[0] ?? ""] ?? ["“", "”", "‘", "’"];

/** The quotation mark for the element's depth of quotes. */
function quote(el: Element, open: boolean, pseudo: Pseudo): string {
  const quotes = styleOf(el)?.quotes ?? "auto";
  if (quotes === "none") return "";
  const marks = quotes === "auto" ? marksOf(el) : contentTokens(quotes).map((token) => tokenText(token, el, pseudo));
  let level = 0;
  for (let at = el.parentElement; isElement(at); at = at.parentElement) if (at.localName === "q") level++;
  const pair = Math.min(level * 2, Math.max(marks.length - 2, 0));
  return marks[pair + (open ? 0 : 1)] ?? "";
}

/** A text as it is shown in el: text-transform is part of what a person reads. */
export function transformed(text: string, el: Element): string {
  if (page.literal || isTag(el, "option")) return text; // a list of the browser's own shows it
  const transform = styleOf(el)?.textTransform ?? "none";
  if (transform.includes("uppercase")) return text.toUpperCase();
  if (transform.includes("lowercase")) return text.toLowerCase();
  if (transform.includes("capitalize")) return text.replace(/(^|[^\p{L}\p{N}\p{M}'’])(\p{L})/gu, (_, before: string, letter: string) => before + letter.toUpperCase());
  return text;
}
