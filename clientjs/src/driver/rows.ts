// Collections and their rows: which elements are rows, what a row is called, what
// it says, what it offers, and how `t1#51/Edit` finds its way.

import { memo } from "./cache";
import { chunksOf } from "./chunks";
import { isControl, labelOf, wordOf } from "./controls";
import { composedChildren, onlyText } from "./dom";
import { fail } from "./errors";
import type { Segment } from "./grammar";
import { printSegment } from "./grammar";
import { keep } from "./keep";
import { isElement, elementsBelow } from "./kinds";
import { page } from "./plain";
import { roleOf } from "./roles";
import { longRole } from "./shortroles";
import { normalize, quoted } from "./words";
import { isHidden } from "./visible";
import { setOf } from "./sets";

const ROW_ROLES = setOf("row listitem article");
const CELLS = setOf("cell gridcell rowheader columnheader");

export function isRowLike(el: Element): boolean {
  return ROW_ROLES.has(roleOf(el));
}

export function isCell(el: Element): boolean {
  return CELLS.has(roleOf(el));
}

export function isTable(el: Element): boolean {
  return /^(table|grid|treegrid)$/.test(roleOf(el));
}

/** A control's text belongs to its name, except that a link also says something. */
const said = (el: Element): string | null | undefined => {
  if (!isControl(el)) return undefined;
  return roleOf(el) === "link" ? labelOf(el) : null;
};

/** The cells of a table's row; empty for other rows. */
export const cellElements = keep((row: Element): Element[] => {
  if (roleOf(row) !== "row") return [];
  return composedChildren(row).filter((node): node is Element => isElement(node) && isCell(node) && !isHidden(node));
});

export const cellText = keep((cell: Element): string => {
  const text = page.literal ? onlyText(cell) : undefined;
  return text === undefined ? chunksOf(cell, said).join(" ") : normalize(text);
});

/** What a row says, cell by cell, without its controls and their values. */
export const cellsOf = keep((row: Element): string[] => {
  const cells = cellElements(row);
  return cells.length > 0 ? cells.map(cellText).filter((text) => text !== "") : chunksOf(row, said);
});

/** What can be acted on inside a row, in order. */
export const offersOf = keep((row: Element): Element[] => elementsBelow(row).filter((el) => isControl(el) && !isHidden(el)));

const isHeader = keep((row: Element): boolean => {
  const cells = cellElements(row);
  return cells.length > 0 && cells.every((cell) => roleOf(cell) === "columnheader");
});

/** All rows of a table, or of a part of it, that can be seen. */
const allRows = keep((el: Element): Element[] => {
  const rows: Element[] = [];
  for (const child of composedChildren(el)) {
    if (!isElement(child) || isTable(child) || isHidden(child)) continue;
    if (roleOf(child) === "row") rows.push(child);
    else rows.push(...allRows(child));
  }
  return rows;
});

/** The rows of a table without its headings, or the most numerous kind of
 * children of another container. */
export const rowsOf = keep((el: Element): Element[] => {
  if (isTable(el)) return allRows(el).filter((row) => !isHeader(row));
  const groups = new Map<string, Element[]>();
  for (const child of composedChildren(el)) {
    if (!isElement(child) || isHidden(child)) continue;
    const kind = `${child.localName} ${roleOf(child)}`;
    groups.set(kind, [...(groups.get(kind) ?? []), child]);
  }
  let largest: Element[] = [];
  for (const group of groups.values()) if (group.length > largest.length) largest = group;
  return largest;
});

export const headerRows = (table: Element): Element[] => allRows(table).filter(isHeader);

const numbers = new WeakMap<Element, { id: number; says: string }>();
let lastNumber = 0;

/** The name of a row that nothing else tells apart: a number that belongs to the
 * node as long as it says the same, and to no other. */
function numberOf(row: Element): string {
  const says = cellsOf(row).join("|");
  let known = numbers.get(row);
  if (!known || known.says !== says) {
    known = { id: ++lastNumber, says };
    numbers.set(row, known);
  }
  return `_${known.id}`;
}

export type RowKey = { key: string; /** Whether an attribute gives it, so that it outlives changes of the text. */ marked: boolean };

/** What may name a row, best first: what its author marked, else what it says. */
const KEYS: ((row: Element) => string)[] = [
  (row) => row.getAttribute("data-key") ?? "",
  (row) => row.id,
  (row) => row.getAttribute("data-testid") ?? "",
  // A bare number in the first place is more often a position than a name.
  (row) => cellsOf(row).find((text) => !/^[\d.#]+$/.test(text)) ?? cellsOf(row)[0] ?? normalize(offersOf(row).map(labelOf).join(" ")),
];
const MARKS = 3;

/** The keys of the rows of one collection, each one's own. */
export const rowKeys = memo((el: Element): Map<Element, RowKey> => {
  const out = new Map<Element, RowKey>();
  let left = rowsOf(el);
  for (let i = 0; i < KEYS.length && left.length > 0; i++) {
    const keys = left.map(KEYS[i]!);
    const counts = new Map<string, number>();
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
    left.forEach((row, n) => {
      const key = keys[n]!;
      if (key !== "" && counts.get(key) === 1) out.set(row, { key, marked: i < MARKS });
    });
    left = left.filter((row) => !out.has(row));
  }
  for (const row of left) out.set(row, { key: numberOf(row), marked: true });
  return out;
});

/** The texts of a row that a name in it may repeat, the longest first: its cells,
 * and what stands in elements of their own within a cell. */
export const wordsOf = keep((row: Element): string[] => {
  const words = new Set(cellsOf(row));
  const walk = (el: Element): void => {
    const inner = page.calm && el.firstElementChild === null ? [] : composedChildren(el).filter(isElement);
    // The text of a control is its own name.
    for (const child of inner) if (!isControl(child)) walk(child);
    if (inner.length === 0) words.add(normalize(el.textContent ?? ""));
  };
  walk(row);
  words.delete("");
  return [...words].sort((a, b) => b.length - a.length);
});

/** A name without the words of its own row: "Edit Gizmo 99" is "Edit". */
export function strippedName(name: string, words: string[]): string {
  let short = name;
  for (const text of words) {
    if (text.length > 1 || /^\d$/.test(text)) short = withoutWords(short, text);
  }
  return /^\w+$/.test(short) ? short : short.replace(/\s+/g, " ").replace(/^[\s"'“”‘’:,;()[\]–—-]+|[\s"'“”‘’:,;()[\]–—-]+$/g, "");
}

function withoutWords(name: string, words: string): string {
  const at = name.indexOf(words);
  if (at < 0) return name;
  const whole = !/[\p{L}\p{N}]/u.test(name[at - 1] ?? "") && !/[\p{L}\p{N}]/u.test(name[at + words.length] ?? "");
  return whole ? name.slice(0, at) + " " + name.slice(at + words.length) : name;
}

// What was printed keeps its meaning: a prefix belongs to the key that it was
// printed for, and a row that only its text names must still say the same.

type Printed = { key: string; says?: string };
const printed = new Map<string, Map<string, Printed>>();
const prefixes = new Map<string, Map<string, string>>();

function tableOf<V>(all: Map<string, Map<string, V>>, ref: string): Map<string, V> {
  const known = all.get(ref) ?? new Map<string, V>();
  all.set(ref, known);
  return known;
}

const PLAIN_KEY = /^[A-Za-z0-9_.:-]+$/;

/** The shortest prefix of each key that no other key of the list begins with. */
export function shortestPrefixes(keys: string[]): Map<string, string> {
  const sorted = [...keys].sort();
  const shared = (a: string | undefined, b: string): number => {
    let n = 0;
    while (a !== undefined && n < a.length && n < b.length && a[n] === b[n]) n++;
    return n;
  };
  return new Map(
    sorted.map((key, i) => [key, key.slice(0, Math.max(shared(sorted[i - 1], key), shared(sorted[i + 1], key)) + 1)]),
  );
}

/** How a look writes a row of the collection `ref`, such as `#51`. */
export function printRow(ref: string, el: Element, row: Element): string {
  const { key, marked } = rowKeys(el).get(row) ?? { key: numberOf(row), marked: true };
  const taken = tableOf(printed, ref);
  const known = tableOf(prefixes, ref);
  const says = marked ? {} : { says: cellsOf(row).join("|") };
  let prefix = known.get(key);
  if (prefix === undefined) {
    prefix = PLAIN_KEY.test(key) ? (prefixesOf(el).get(key) ?? key) : key;
    while (prefix.length < key.length && taken.has(prefix) && taken.get(prefix)!.key !== key) prefix = key.slice(0, prefix.length + 1);
    if (!PLAIN_KEY.test(key) || (taken.has(prefix) && taken.get(prefix)!.key !== key)) return tellWhole(taken, key, says);
    known.set(key, prefix);
  }
  taken.set(prefix, { key, ...says });
  return "#" + prefix;
}

/** The whole key as a string, which needs no memory of prefixes. */
function tellWhole(taken: Map<string, Printed>, key: string, says: { says?: string }): string {
  taken.set(JSON.stringify(key), { key, ...says });
  return printSegment({ key, whole: true });
}

const prefixesOf = memo((el: Element): Map<string, string> => shortestPrefixes([...rowKeys(el).values()].map((one) => one.key)));

function rowOf(el: Element, ref: string, key: string, whole: boolean): Element {
  const taken = tableOf(printed, ref);
  const said = taken.get(whole ? JSON.stringify(key) : key);
  const keys = [...rowKeys(el)];
  const wanted = said?.key ?? key;
  let found = keys.filter(([, one]) => one.key === wanted);
  if (found.length === 0 && !said && !whole) found = keys.filter(([, one]) => one.key.startsWith(key));
  if (found.length > 1) {
    const list = found.slice(0, 5).map(([row]) => printRow(ref, el, row)).join(", ");
    return fail("ambiguous", `${found.length} rows of ${ref} begin with #${key}: ${list}`, "give more of the key");
  }
  const row = found[0]?.[0];
  if (!row) return fail(said ? "gone" : "no_match", `${ref} has no row #${key}${said ? " any more" : ""}`, `look in=${ref}, or find the row by its text`);
  if (said?.says !== undefined && said.says !== cellsOf(row).join("|")) {
    return fail("gone", `row #${key} of ${ref} no longer says what it said: now ${quoted(cellsOf(row).join(" | "))}`, "look again");
  }
  return row;
}

function offersFitting(row: Element, item: string, role: string | undefined): Element[] {
  const cells = wordsOf(row);
  const offers = offersOf(row).filter((el) => role === undefined || wordOf(el) === role || roleOf(el) === longRole(role));
  const tests: ((el: Element, name: string) => boolean)[] = [
    (_, name) => name === item,
    (_, name) => strippedName(name, cells) === item,
    (el) => role === undefined && wordOf(el) === item,
    (_, name) => item !== "" && name.toLowerCase().includes(item.toLowerCase()),
  ];
  for (const test of tests) {
    const found = offers.filter((el) => test(el, labelOf(el)));
    if (found.length > 0) return found;
  }
  return [];
}

/** Follows `#key` and `/item` from the element that a ref means. */
export function resolvePath(start: Element, ref: string, path: Segment[]): Element[] {
  let found = [start];
  for (const segment of path) {
    const el = found[0];
    if (!el || found.length > 1) return found;
    if ("key" in segment) found = [rowOf(el, ref, segment.key, segment.whole)];
    else {
      const fitting = offersFitting(el, segment.item, segment.role);
      found = segment.nth === undefined ? fitting : fitting.slice(segment.nth - 1, segment.nth);
    }
  }
  return found;
}

/** If a target's text names a row by path, the collection that it belongs to. */
export function rowOfRef(target: string, row: Element): { ref: string; collection: Element } | undefined {
  const ref = /^\s*([a-z]{1,2}\d+)#[^/]*$/.exec(target)?.[1];
  if (ref === undefined) return undefined;
  for (let up: Element | null = row.parentElement; up; up = up.parentElement) {
    if (rowKeys(up).has(row)) return { ref, collection: up };
  }
  return undefined;
}
