// The model of a look: a page as a tree of items. Built bottom-up and kept for
// each element, so that a look after a change builds only what lies around it.

import { Chunks, runsOn } from "./chunks";
import { isControl, labelOf, wordOf } from "./controls";
import { composedChildren, isBare, onlyText } from "./dom";
import { keep } from "./keep";
import { isEditableHost, isElement, isFrame, isTag, isInput, isSelect } from "./kinds";
import { page } from "./plain";
import { roleOf } from "./roles";
import { cellsOf, headerRows, isTable, rowsOf, strippedName, wordsOf } from "./rows";
import { stateText } from "./suffix";
import { pseudoText } from "./style";
import { isSilent, normalize } from "./words";
import { isHidden } from "./visible";
import { setOf } from "./sets";

export type Offer = { el: Element; word: string; name: string; /** Without the words of its row. */ short: string; state: string };
export type Row = {
  el: Element; cells: string[]; offers: Offer[];
  /** What layout.ts made of it: its offers by word and name, and its text beside what all rows offer. */
  byName?: Map<string, { offer: Offer; name: string; all: Offer[] }>; text?: string; beside?: string;
};

export type Item =
  | { kind: "leaf" | "group" | "frame"; el: Element; word: string; name: string; state: string; children: Item[] }
  | { kind: "text"; el: Element; text: string }
  | { kind: "run"; el: Element; word: string; of: Leaf[] }
  | { kind: "rows"; el: Element; word: string; name: string; columns: string[]; rows: Row[]; children: Item[] };

export type Leaf = Extract<Item, { kind: "leaf" | "group" | "frame" }>;
export type Rows = Extract<Item, { kind: "rows" }>;

const GROUPS = setOf("dialog alertdialog main navigation region form complementary group tabpanel tablist menu menubar toolbar listbox tree " +
  "application article feed figure radiogroup banner contentinfo search alert status log");
/** Groups that say nothing without a name. */
const ONLY_NAMED = setOf("region form group application article figure radiogroup");

/** Elements whose items depend on elements elsewhere, such as by aria-labelledby. */
export const distant = new Set<Element>();

/** Trees that a change of the document's own tree would not report. */
export const inner = new Set<Node>();

/** Attributes by which an element takes its name or content from others. */
export const DISTANT = ["aria-labelledby", "aria-describedby", "aria-errormessage", "aria-owns"];

type Part = { el: Element | null; items: Item[] };

/** What a container's children make: items by child, running text between them. */
class Parts {
  readonly list: Part[] = [];
  #chunks = new Chunks();
  #owner: Element;
  constructor(owner: Element) {
    this.#owner = owner;
  }
  say(text: string): void {
    this.#chunks.add(text);
  }
  flush(): void {
    this.#chunks.break();
    for (const text of this.#chunks.list.splice(0)) this.list.push({ el: null, items: said(this.#owner, text) });
  }
  push(el: Element, items: Item[]): void {
    this.flush();
    if (items.length > 0) this.list.push({ el, items });
  }
}

/** The items inside an element. */
export const itemsIn = keep((el: Element): Item[] => {
  const text = page.literal ? onlyText(el) : undefined;
  if (text !== undefined) return said(el, normalize(text));
  const parts = new Parts(el);
  inside(el, parts);
  parts.flush();
  return runs(collapse(el, parts.list));
});

const said = (el: Element, text: string): Item[] => (text === "" ? [] : [{ kind: "text", el, text }]);

function inside(el: Element, parts: Parts): void {
  if (el.shadowRoot) inner.add(el.shadowRoot);
  parts.say(pseudoText(el, "::before"));
  for (const child of composedChildren(el)) {
    if (child.nodeType === 3) parts.say(child.nodeValue ?? "");
    else if (isElement(child)) visit(child, parts);
  }
  parts.say(pseudoText(el, "::after"));
}

function visit(el: Element, parts: Parts): void {
  if (isSilent(el) || isHidden(el)) return;
  if (runsOn(el) && !isControl(el) && !isNoted(el)) {
    // A label's words are the name of its field, which says them itself.
    if (isTag(el, "label") && (el as HTMLLabelElement).control) return parts.push(el, onlyControls(itemsIn(el)));
    return inside(el, parts);
  }
  parts.push(el, itemsOf(el));
}

function isNoted(el: Element): boolean {
  const role = roleOf(el);
  return GROUPS.has(role) || role === "image" || role === "img" || role === "heading" || role === "progressbar" || role === "meter";
}

const onlyControls = (items: Item[]): Item[] =>
  items.flatMap((item) => (item.kind === "text" ? [] : item.kind === "group" ? onlyControls(item.children) : [item]));

function leaf(el: Element, kind: Leaf["kind"], children: Item[], name = labelOf(el)): Leaf {
  if (isTag(el, "input", "select", "textarea") || (!isBare(el) && DISTANT.some((name) => el.hasAttribute(name)))) distant.add(el);
  const word = roleOf(el) === "heading" ? `h${headingLevel(el)}` : wordOf(el);
  return { kind, el, word, name: normalize(name), state: stateText(el), children };
}

function headingLevel(el: Element): number {
  const given = Number(el.getAttribute("aria-level"));
  return given >= 1 && given <= 6 ? given : Number(/^h([1-6])$/.exec(el.localName)?.[1] ?? 2);
}

/** The items that one element makes. */
function itemsOf(el: Element): Item[] {
  const role = roleOf(el);
  if (!page.flat && isFrame(el)) return [leaf(el, "frame", frameItems(el), labelOf(el) || el.title)];
  if (isControl(el)) return [leaf(el, "leaf", hasNoInside(el) ? [] : onlyControls(itemsIn(el)))];
  if (role === "heading") return [leaf(el, "leaf", onlyControls(itemsIn(el)))];
  if (role === "image" || role === "img" || role === "meter" || role === "progressbar") return labelOf(el) === "" && role.startsWith("im") ? [] : [leaf(el, "leaf", [])];
  if (isTable(el)) return [tableItem(el)];
  if (isTag(el, "label") && (el as HTMLLabelElement).control) return onlyControls(itemsIn(el));
  if (isNaming(el)) return onlyControls(itemsIn(el));
  const children = itemsIn(el);
  if (!GROUPS.has(role)) return children;
  const name = labelOf(el);
  if (children.length === 0 && name === "") return [];
  return ONLY_NAMED.has(role) && name === "" ? children : [leaf(el, "group", children, name)];
}

/** Captions and legends are the name of what they belong to. */
function isNaming(el: Element): boolean {
  return isTag(el, "caption", "legend") && el.parentElement !== null && labelOf(el.parentElement) !== "";
}

function hasNoInside(el: Element): boolean {
  return isInput(el) || isSelect(el) || isTag(el, "textarea") || isEditableHost(el);
}

function frameItems(frame: HTMLIFrameElement): Item[] {
  const body = frame.contentDocument?.body;
  if (frame.contentDocument) inner.add(frame.contentDocument);
  return body ? itemsIn(body) : [];
}

function offer({ el, word, name, state }: Leaf, words: string[]): Offer {
  return { el, word, name, short: strippedName(name, words), state };
}

/** All controls among items, in order, those inside others too. */
export function leavesOf(items: Item[]): Leaf[] {
  return items.flatMap((item): Leaf[] => {
    switch (item.kind) {
      case "text":
        return [];
      case "run":
        return item.of;
      case "rows":
        return [...leavesOf(item.children), ...item.rows.flatMap((row) => leavesOf(itemsIn(row.el)))];
      case "leaf":
        return [...(isControl(item.el) ? [item] : []), ...leavesOf(item.children)];
    }
    return leavesOf(item.children);
  });
}

const rowItem = keep((el: Element): Row => {
  const leaves = leavesOf(itemsIn(el));
  const words = leaves.length === 0 ? [] : wordsOf(el);
  return { el, cells: cellsOf(el), offers: leaves.map((one) => offer(one, words)) };
});

function tableItem(el: Element): Rows {
  const headers = headerRows(el);
  const children = headers.flatMap((row) => onlyControls(itemsIn(row)));
  const rows = rowsOf(el).map(rowItem);
  return { kind: "rows", el, word: wordOf(el), name: labelOf(el), columns: columnsOf(headers, rows), rows, children };
}

/** The columns that say something: one of buttons only is told by what they are. */
function columnsOf(headers: Element[], rows: Row[]): string[] {
  const widest = rows.reduce((most, row) => Math.max(most, row.cells.length), 0);
  const columns = headers.flatMap((row) => cellsOf(row));
  const controls = rows.length > 0 && rows.every((row) => row.offers.length > 0);
  return controls && headers.length === 1 && columns.length === widest + 1 ? columns.slice(0, -1) : columns;
}

/** From this many alike siblings on, what they have in common is said once. */
export const ALIKE = 4;

const LIST_TAGS = setOf("li article");

/** Whether siblings of this kind are items of a collection. */
function isItem(part: Part): boolean {
  const { el, items } = part;
  if (!el || items.length === 0) return false;
  if (items.length === 1 && items[0]!.kind !== "text" && items[0]!.el === el) return false;
  const controls = onlyControls(items);
  if (LIST_TAGS.has(el.localName) || roleOf(el) === "listitem") return !(controls.length === items.length && items.length === 1);
  const said = items.some((item) => item.kind === "text" || (item.kind === "leaf" && /^h\d$/.test(item.word)));
  const fields = controls.filter((item) => item.kind === "leaf" && !/^(btn|link|chk)$/.test(item.word));
  return said && controls.length > 0 && (fields.length === 0 || controls.length > 1);
}

const kindOf = (part: Part): string => (part.el ? `${part.el.localName} ${roleOf(part.el)}` : "");

/** Replaces four or more alike siblings by one collection. */
function collapse(owner: Element, parts: Part[]): Item[] {
  if (parts.length === 1) return parts[0]!.items;
  if (parts.length < ALIKE) return parts.flatMap((part) => part.items);
  const out: Item[] = [];
  let best: [number, number] | undefined;
  for (let from = 0; from < parts.length; ) {
    let to = from + 1;
    if (isItem(parts[from]!)) while (to < parts.length && isItem(parts[to]!) && kindOf(parts[to]!) === kindOf(parts[from]!)) to++;
    if (to - from >= ALIKE && (!best || to - from > best[1] - best[0])) best = [from, to];
    from = to;
  }
  // Paths name rows by their container, so it may have only one collection, and
  // that must be what rowsOf finds again.
  if (best && !sameRows(owner, parts.slice(...best))) best = undefined;
  parts.forEach((part, i) => {
    if (!best || i < best[0] || i >= best[1]) out.push(...part.items);
    else if (i === best[0]) out.push(listItem(owner, parts.slice(...best).map((one) => one.el!)));
  });
  return out;
}

function sameRows(owner: Element, parts: Part[]): boolean {
  const rows = new Set(rowsOf(owner));
  return parts.every((part) => rows.has(part.el!));
}

function listItem(owner: Element, rows: Element[]): Rows {
  const name = roleOf(owner) === "list" ? normalize(labelOf(owner)) : "";
  return { kind: "rows", el: owner, word: "list", name, columns: [], rows: rows.map(rowItem), children: [] };
}

const RUN_WORDS = setOf("link btn tab mi michk miradio opt radio treeitem");

/** Joins four or more simple controls of one kind to a line. */
function runs(items: Item[]): Item[] {
  if (items.length < ALIKE) return items;
  const out: Item[] = [];
  for (let from = 0; from < items.length; ) {
    const first = items[from]!;
    let to = from + 1;
    if (isSimple(first)) while (to < items.length && isSimple(items[to]!) && (items[to] as Leaf).word === first.word) to++;
    if (to - from >= ALIKE && isSimple(first)) out.push({ kind: "run", el: first.el.parentElement ?? first.el, word: first.word, of: items.slice(from, to) as Leaf[] });
    else out.push(...items.slice(from, to));
    from = to;
  }
  return out;
}

function isSimple(item: Item): item is Leaf {
  return item.kind === "leaf" && item.children.length === 0 && RUN_WORDS.has(item.word);
}
