// A look: the page as an agent reads it.

import { withCache } from "./cache";
import { durable } from "./durable";
import { labelOf, wordOf } from "./controls";
import { fail } from "./errors";
import { parseTarget } from "./grammar";
import { search } from "./find";
import { isTag } from "./kinds";
import { whileLooking } from "./keep";
import { bytes, leafText, linesOf, print, type Plan } from "./layout";
import { itemsIn, leavesOf, type Item } from "./items";
import { everywhere, follow, refresh } from "./model";
import { difference, effectSince, snapshot, type Snapshots } from "./since";
import { plainKey } from "./keys";
import { rowOfRef, printRow } from "./rows";
import { refOf, type Peers } from "./refs";
import { oneOf, stepsOf } from "./target";
import { isVisible } from "./visible";
import { bare, cut, quoted } from "./words";
import { roleOf } from "./roles";
import type { LookParams, LookResult } from "./wire";

/** Tokens of a look, counted as two bytes each, since tables run at that rate. */
export const DEFAULT_BUDGET = 600;
const BYTES_PER_TOKEN = 2;
/** Rows of a collection that a look shows before it is asked for more. */
const PREVIEW_ROWS = 5;

/** The topmost open modal: while it is open, nothing else can be used. */
function modalOf(): Element | null {
  const open = everywhere("dialog:modal,[aria-modal=true]").filter((el) => (isTag(el, "dialog") || /^(alert)?dialog$/.test(roleOf(el))) && isVisible(el));
  return open.at(-1) ?? null;
}

function rootItems(): { items: Item[]; modal: boolean } {
  const modal = modalOf();
  if (!modal) return { items: document.body ? itemsIn(document.body) : [], modal: false };
  const item: Item = { kind: "group", el: modal, word: wordOf(modal), name: labelOf(modal), state: " modal", children: itemsIn(modal) };
  return { items: [item], modal: true };
}

/** Elements by plain key, for refs of many at once: those of the same word and
 * name are gathered once. */
function peersIn(items: Item[]): Peers {
  let index: Map<string, Element[]> | undefined;
  const sorted = () => {
    const all = new Map<string, Element[]>();
    for (const { word, name, el } of leavesOf(items)) {
      const id = `${word} ${name}`;
      const same = all.get(id);
      if (same) same.push(el);
      else all.set(id, [el]);
    }
    return all;
  };
  return (el, plain) => {
    index ??= sorted();
    const same = index.get(`${wordOf(el)} ${labelOf(el)}`) ?? [el];
    return same.length < 2 ? same : same.filter((one) => plainKey(one)?.text === plain);
  };
}

/** The path and title in the first line. */
export function header(rev: number): string {
  const path = cut(location.pathname + location.search, 120);
  return `rev ${rev} ${/^[\x21-\x7e]+$/.test(path) ? path : quoted(path)} ${quoted(document.title)}`;
}

function whole(items: Item[], budget: number, plan: Plan): string[] {
  return print(linesOf(items, plan), budget, 0, plan);
}

/** A part of the page: what a target names, or one row with all it offers. */
function part(target: string, budget: number, plan: Plan): string[] {
  const steps = stepsOf(parseTarget(target));
  const el = oneOf(steps);
  const row = rowOfRef(target, el);
  if (row) return rowLines(row.ref, row.collection, el, plan);
  const full: Plan = { ...plan, rows: Infinity };
  const own = itemFor(el);
  return print(linesOf(own, full), budget, 0, full);
}

function itemFor(el: Element): Item[] {
  const around = el.parentElement ? itemsIn(el.parentElement) : [];
  const same = findItem(around, el);
  return same ? [same] : itemsIn(el);
}

export function findItem(items: Item[], el: Element): Item | undefined {
  for (const item of items) {
    if (item.kind !== "text" && item.kind !== "run" && item.el === el) return item;
    const below = "children" in item ? findItem(item.children, el) : undefined;
    if (below) return below;
  }
  return undefined;
}

/** One row and its controls, each with the path that names it. */
function rowLines(ref: string, collection: Element, el: Element, plan: Plan): string[] {
  const key = printRow(ref, collection, el);
  const inner = itemsIn(el);
  const rows = findItem(itemFor(collection), collection);
  const row = rows?.kind === "rows" ? rows.rows.find((one) => one.el === el) : undefined;
  const cells = row ? row.cells.map((cell) => bare(cell)).join(" | ") : "";
  return [`${ref}${key} ${cells}`, ...(row ? row.offers.map((one) => `  ${leafText({ kind: "leaf", children: [], ...one }, refOf(one.el, plan.peers))}`) : print(linesOf(inner, plan), 2_000, 1, plan))];
}

export type Memory = Snapshots;

/** Carries out a look. `rev` rises whenever the page says something else. */
export function look(p: LookParams, memory: Memory, epoch: string): LookResult {
  const plain = refresh();
  return withCache(() => whileLooking(plain, () => {
    const tokens = p.budget ?? DEFAULT_BUDGET;
    if (!(tokens >= 20 && tokens <= 1_000_000)) fail("bad_target", "budget is a number of tokens from 20 on", "leave it out for 600");
    const budget = tokens * BYTES_PER_TOKEN;
    const { items, modal } = rootItems();
    const plan: Plan = { peers: peersIn(items), rows: tokens <= DEFAULT_BUDGET ? PREVIEW_ROWS : Infinity };
    follow();
    const now = snapshot(items, modal, memory);
    const first = header(now.rev);
    const rest = budget - bytes(first);
    let lines: string[];
    if (p.find !== undefined && p.find !== "") lines = search(p.find, items, rest, plan);
    else if (p.in !== undefined && p.in !== "") lines = part(p.in, rest, plan);
    else if (p.since !== undefined && p.since !== null) lines = difference(p.since, now, memory, epoch, rest, plan) ?? whole(items, rest, plan);
    else lines = whole(items, rest, plan);
    const el = p.effect === true && p.since !== undefined ? effectSince(p.since, now, memory, epoch) : undefined;
    const effect = el && durable(el);
    return { text: [first, ...lines].join("\n"), rev: now.rev, url: location.href, title: document.title, epoch, effect };
  }));
}

