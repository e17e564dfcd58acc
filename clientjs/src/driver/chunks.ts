// The running text of an element, in the pieces that people see apart.

import { composedChildren } from "./dom";
import { isElement } from "./kinds";
import { pseudoText, styleOf } from "./style";
import { isSilent, normalize } from "./words";
import { isHidden } from "./visible";

const INLINE = new Set(
  "a abbr b bdi bdo cite code data del dfn em i ins kbd label mark q s samp small span strong sub sup time u var font slot".split(" "),
);

/** Whether an element's text runs on with its neighbours'. Only elements that
 * are inline by nature are asked for their style, since most are not. */
export function runsOn(el: Element): boolean {
  if (!INLINE.has(el.localName)) return false;
  const display = styleOf(el)?.display ?? "inline";
  return display === "inline" || display === "contents";
}

/** Collects pieces of text; a break ends one. */
export class Chunks {
  readonly list: string[] = [];
  #open = "";
  add(text: string): void {
    this.#open += text;
  }
  break(): void {
    const text = normalize(this.#open);
    this.#open = "";
    if (text !== "") this.list.push(text);
  }
}

/** More pieces than this say no more about what an element is. */
const MOST_CHUNKS = 24;

/** Gathers the text below a node; `leaf` decides what counts as one piece or not
 * at all: a string is its text, null leaves it out, undefined goes inside. */
export function gather(node: Node, chunks: Chunks, leaf: (el: Element) => string | null | undefined): void {
  if (chunks.list.length >= MOST_CHUNKS) return;
  if (node.nodeType === 3) return chunks.add(node.nodeValue ?? "");
  if (!isElement(node) || isSilent(node) || isHidden(node)) return;
  const text = leaf(node);
  if (text === null) return chunks.break();
  const inline = runsOn(node);
  if (!inline) chunks.break();
  if (text !== undefined) chunks.add(text);
  else inside(node, chunks, leaf);
  if (!inline) chunks.break();
}

function inside(el: Element, chunks: Chunks, leaf: (el: Element) => string | null | undefined): void {
  chunks.add(pseudoText(el, "::before"));
  for (const child of composedChildren(el)) gather(child, chunks, leaf);
  chunks.add(pseudoText(el, "::after"));
}

/** The pieces of text inside an element. */
export function chunksOf(el: Element, leaf: (el: Element) => string | null | undefined): string[] {
  const chunks = new Chunks();
  inside(el, chunks, leaf);
  chunks.break();
  return chunks.list;
}
