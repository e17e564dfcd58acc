// Items as lines within a budget: small parts whole, large ones cut, and what is
// left out always counted, with the way to see it.

import { refOf, type Peers } from "./refs";
import { printRow } from "./rows";
import { bare, marked, quoted } from "./words";
import type { Item, Leaf, Row, Rows } from "./items";
import { setOf } from "./sets";

/** A line with those below it. `head` is only called for lines that are shown,
 * since it may give out a ref. */
export type Line = { head: () => string; size: number; total: number; kids: Line[]; el?: Element; /** Lines below that are only counted. */ uncounted: number };

const INDENT = 2;
/** Bytes that a ref takes in a line, for planning. */
const REF_BYTES = 4;
/** And the line that counts what is left out. */
const MORE_BYTES = 28;

const encoder = new TextEncoder();
export const bytes = (text: string): number => (/^[\x00-\x7f]*$/.test(text) ? text.length : encoder.encode(text).length);

export type Plan = { peers: Peers; /** Rows shown of each collection, before the budget. */ rows: number };

function line(text: string, kids: Line[], rest: Partial<Line> = {}): Line {
  const size = bytes(text) + (rest.head ? REF_BYTES : 0) + 1;
  const uncounted = rest.uncounted ?? 0;
  let total = size + (uncounted > 0 ? MORE_BYTES : 0);
  for (const kid of kids) total += kid.total + INDENT;
  return { head: () => text, size, total, kids, uncounted, ...rest };
}

const GLUED = (text: string) => (text === "" ? "" : " " + text);

/** `btn "New item" b1 disabled`, or a container as `nav Main`. */
export function leafText(item: Leaf, ref: string): string {
  const name = item.name === "" ? "" : item.kind === "group" ? bare(item.name) : quoted(item.name);
  return item.word + GLUED(name) + GLUED(ref) + item.state;
}

/** A name of a run or a row, without quotes where it needs none. */
const short = (name: string): string => (name.includes(",") || name.includes(";") ? quoted(name) : bare(name));

function runText(of: Leaf[]): string {
  return of.map((one) => short(one.name) + (one.state === " current" ? "*" : one.state)).join(" | ");
}

/** A landmark that holds only links and the like is one line. */
function inlineRun(item: Leaf): string | undefined {
  const only = item.children[0];
  if (item.kind !== "group" || item.children.length === 0) return undefined;
  if (item.children.length === 1 && only?.kind === "run" && (only.word === "link" || only.word === "tab")) return runText(only.of);
  const links = item.children.filter((one): one is Leaf => one.kind === "leaf" && one.word === "link" && one.children.length === 0);
  return item.word === "nav" && links.length === item.children.length ? runText(links) : undefined;
}

export function linesOf(items: Item[], plan: Plan): Line[] {
  return items.map((item) => lineOf(item, plan));
}

const NAMED_ALONE = setOf("main nav banner footer aside search region form alert status log");

function lineOf(item: Item, plan: Plan): Line {
  switch (item.kind) {
    case "text":
      return line(marked(item.text), []);
    case "run":
      return line(`${item.word}: ${runText(item.of)}`, [], { el: item.el });
    case "rows":
      return rowsLine(item, plan);
  }
  const inline = inlineRun(item);
  if (inline !== undefined) return line(`${leafText(item, "")}: ${inline}`, [], { el: item.el });
  const only = item.children[0];
  if (item.kind === "group" && item.children.length === 1 && only?.kind === "text") return line(`${leafText(item, "")}: ${marked(only.text)}`, [], { el: item.el });
  const bareGroup = item.kind === "group" && NAMED_ALONE.has(item.word);
  const text = leafText(item, "");
  const rest: Partial<Line> = { el: item.el };
  if (!bareGroup && !/^h\d$/.test(item.word) && item.word !== "image" && item.word !== "img") rest.head = () => leafText(item, refOf(item.el, plan.peers));
  return line(text, linesOf(item.children, plan), rest);
}

// Collections.

export type Shared = { word: string; name: string; count: number };

/** From this share of the rows on, an offer is said once for all of them. */
const MOST_ROWS = 0.6;

/** The offers of a row by word and short name, with how often each is there. */
function offersIn(row: Row): NonNullable<Row["byName"]> {
  if (row.byName) return row.byName;
  const found: Row["byName"] = (row.byName = new Map());
  for (const offer of row.offers) {
    const name = offer.short;
    const id = `${offer.word} ${name}`;
    const known = found.get(id);
    if (known) known.all.push(offer);
    else found.set(id, { offer, name, all: [offer] });
  }
  return found;
}

/** What most rows offer. */
export function sharedOffers(rows: Row[]): Map<string, Shared> {
  const counts = new Map<string, Shared & { rows: number }>();
  for (const row of rows) {
    for (const [id, { offer, name, all }] of offersIn(row)) {
      const known = counts.get(id) ?? { word: offer.word, name, count: all.length, rows: 0 };
      known.rows++;
      known.count = Math.min(known.count, all.length);
      counts.set(id, known);
    }
  }
  for (const [id, { rows: n }] of counts) if (n < rows.length * MOST_ROWS) counts.delete(id);
  return counts;
}

const eachTexts = new WeakMap<Map<string, Shared>, string>();

export function eachText(shared: Map<string, Shared>): string {
  let text = eachTexts.get(shared);
  if (text === undefined) eachTexts.set(shared, (text = tellEach(shared)));
  return text;
}

function tellEach(shared: Map<string, Shared>): string {
  const byWord = new Map<string, string[]>();
  for (const { word, name, count } of shared.values()) {
    const text = short(name) + (count > 1 ? ` ×${count}` : "");
    byWord.set(word, [...(byWord.get(word) ?? []), name === "" ? text.replace('""', "").trim() : text]);
  }
  const parts = [...byWord].map(([word, names]) => `${word}${GLUED(names.filter(Boolean).join(", "))}`);
  return parts.length === 0 ? "" : `each: ${parts.join("; ")}`;
}

/** What a row has beyond the others, lacks, or whose state must be seen. */
function rowExtras(row: Row, shared: Map<string, Shared>): string[] {
  const out: string[] = [];
  const own = offersIn(row);
  for (const [id, { word, name }] of shared) if (!own.has(id)) out.push(`- ${word}${GLUED(name === "" ? "" : quoted(name))}`);
  for (const [id, { offer, name, all }] of own) {
    const known = shared.get(id);
    if (!known) for (const one of all) out.push(`+ ${one.word}${GLUED(name === "" ? "" : quoted(name))}${one.state}`);
    else {
      if (all.length > known.count) out.push(`+ ${all.length - known.count} ${offer.word}${GLUED(name === "" ? "" : quoted(name))}`);
      for (const one of all) if (one.state !== "") out.push((name === "" ? offer.word : short(name)) + one.state);
    }
  }
  return out;
}

export function rowText(row: Row, shared: Map<string, Shared>): string {
  const each = eachText(shared);
  if (row.text !== undefined && row.beside === each) return row.text;
  row.beside = each;
  return (row.text = [...row.cells.map(short), ...rowExtras(row, shared)].join(" | "));
}

export function rowsHead(item: Rows, ref: string, shared: Map<string, Shared>): string {
  const unit = item.word === "list" ? "items" : "rows";
  const head = `${item.word}${GLUED(item.name === "" ? "" : bare(item.name))}${GLUED(ref)} ${unit}=${item.rows.length}`;
  return [head, ...item.columns.map((column) => short(column)), eachText(shared)].filter(Boolean).join(" | ");
}

/** A key that the row's first cell says already is not said twice. */
function rowLine(row: Row, item: Rows, ref: () => string, shared: Map<string, Shared>): Line {
  const text = rowText(row, shared);
  const head = () => {
    const key = printRow(ref(), item.el, row.el);
    const first = short(row.cells[0] ?? "");
    if (row.cells[0] !== undefined && key === `#${JSON.stringify(row.cells[0])}`) return `#${text.startsWith('"') ? text : JSON.stringify(row.cells[0]) + text.slice(first.length)}`;
    return `${key} ${text}`.trimEnd();
  };
  return line(`#${text}`, [], { head, el: row.el });
}

function rowsLine(item: Rows, plan: Plan): Line {
  const shared = sharedOffers(item.rows);
  const ref = () => refOf(item.el, plan.peers);
  // A few rows more than the preview are shown rather than counted.
  const most = item.rows.length <= plan.rows + 2 ? item.rows.length : plan.rows;
  const rows = item.rows.slice(0, most).map((row) => rowLine(row, item, ref, shared));
  // The controls of headings, such as those that sort, come before the rows.
  const kids = [...linesOf(item.children, plan), ...rows];
  return line(rowsHead(item, "", shared), kids, { head: () => rowsHead(item, ref(), shared), el: item.el, uncounted: item.rows.length - most });
}

// Budget.

/** The least that is worth showing of one of several parts. */
const LEAST_BYTES = 24;

function more(count: number, owner: Line | undefined, plan: Plan): string {
  const where = owner?.el ? `, look in=${refOf(owner.el, plan.peers)}` : ", look with a larger budget";
  return `… ${count} more${where}`;
}

/** The largest share that each part may take so that all fit: small ones are
 * shown whole and leave the rest to the others. */
function shareOf(sizes: number[], budget: number): number {
  const sorted = [...sizes].sort((a, b) => a - b);
  let left = budget;
  for (let i = 0; i < sorted.length; i++) {
    const share = left / (sorted.length - i);
    if (sorted[i]! > share) return share;
    left -= sorted[i]!;
  }
  return Infinity;
}

/** Prints lines within `budget` bytes, at least one line. */
export function print(kids: Line[], budget: number, depth: number, plan: Plan, owner?: Line): string[] {
  const out: string[] = [];
  const indent = " ".repeat(depth * INDENT);
  const sizes = kids.map((kid) => kid.total + depth * INDENT);
  const uncounted = owner?.uncounted ?? 0;
  let shown = kids.length;
  let share = shareOf(sizes, budget - (uncounted > 0 ? MORE_BYTES : 0));
  if (share < LEAST_BYTES * 2 && shown > 1) {
    shown = 0;
    for (let sum = MORE_BYTES; shown < kids.length; shown++) {
      sum += Math.min(sizes[shown]!, LEAST_BYTES * 4);
      if (sum > budget && shown > 0) break;
    }
    share = shareOf(sizes.slice(0, shown), budget - MORE_BYTES);
  }
  for (let i = 0; i < shown; i++) {
    const kid = kids[i]!;
    out.push(indent + kid.head());
    if (kid.kids.length > 0) out.push(...print(kid.kids, sizes[i]! <= share ? Infinity : share - kid.size - depth * INDENT, depth + 1, plan, kid));
  }
  const left = kids.length - shown + uncounted;
  if (left > 0) out.push(indent + more(left, owner, plan));
  return out;
}
