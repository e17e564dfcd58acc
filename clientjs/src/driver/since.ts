// What changed since an earlier look: lines that begin with `+`, `~` or `-`.

import { refOf } from "./refs";
import { printRow } from "./rows";
import { bytes, leafText, rowText, rowsHead, sharedOffers, type Plan } from "./layout";
import { marked, quoted } from "./words";
import type { Item, Leaf, Rows } from "./items";

/** One line of a page: what it says, and how to write it down. */
type Entry = { id: string; text: string; el?: Element; row?: boolean; show: (plan: Plan) => string };

export type Snapshot = { rev: number; entries: Map<string, Entry> };
export type Snapshots = { rev: number; last: Snapshot | undefined; kept: Snapshot[]; /** The page behind an open modal, as it was last seen. */ behind: Map<string, Entry> };

/** Revisions that a `since` can still name. */
const KEPT = 12;

export function newMemory(): Snapshots {
  return { rev: 0, last: undefined, kept: [], behind: new Map() };
}

const ID = Symbol();
let lastId = 0;

function idOf(el: Element & { [ID]?: number }): number {
  return (el[ID] ??= ++lastId);
}

function add(into: Map<string, Entry>, entry: Entry): void {
  // Two texts of one element, or one control shown twice.
  let { id } = entry;
  for (let n = 2; into.has(id); n++) id = `${entry.id}~${n}`;
  into.set(id, { ...entry, id });
}

function collect(items: Item[], into: Map<string, Entry>): void {
  for (const item of items) {
    if (item.kind === "group" && item.children.length === 1 && item.children[0]!.kind === "text") {
      const text = `${leafText(item, "")}: ${marked(item.children[0]!.text)}`;
      add(into, { id: `el ${idOf(item.el)}`, text, show: () => text });
      continue;
    }
    switch (item.kind) {
      case "text":
        add(into, { id: `text ${idOf(item.el)}`, text: marked(item.text), el: item.el, show: () => marked(item.text) });
        break;
      case "run":
        for (const one of item.of) addLeaf(one, into);
        break;
      case "rows":
        collectRows(item, into);
        break;
      default:
        addLeaf(item, into);
        collect(item.children, into);
    }
  }
}

function addLeaf(item: Leaf, into: Map<string, Entry>): void {
  const plain = /^(h\d|image|img|main|nav|banner|footer|aside|search|region|form|alert|status|log|group)$/.test(item.word);
  if (plain && item.name === "" && item.state === "" && item.kind === "group") return;
  add(into, {
    id: `el ${idOf(item.el)}`,
    text: leafText(item, ""),
    el: item.el,
    show: (plan) => leafText(item, plain ? "" : refOf(item.el, plan.peers)),
  });
}

function collectRows(item: Rows, into: Map<string, Entry>): void {
  const shared = sharedOffers(item.rows);
  const ref = (plan: Plan) => refOf(item.el, plan.peers);
  const head = rowsHead(item, "", shared).replace(/ (rows|items)=\d+/, "");
  add(into, { id: `rows ${idOf(item.el)}`, text: head, show: (plan) => rowsHead(item, ref(plan), shared) });
  collect(item.children, into);
  for (const row of item.rows) {
    const text = rowText(row, shared);
    add(into, { id: `row ${idOf(row.el)}`, text, el: row.el, row: true, show: (plan) => `${ref(plan)}${printRow(ref(plan), item.el, row.el)} ${text}` });
  }
}

function equal(a: Map<string, Entry>, b: Map<string, Entry>): boolean {
  if (a.size !== b.size) return false;
  for (const [id, entry] of a) if (b.get(id)?.text !== entry.text) return false;
  return true;
}

/** Writes down what the page says now, under a new revision if it is something
 * else than before. */
export function snapshot(items: Item[], modal: boolean, memory: Snapshots): Snapshot {
  // What a modal hides is still there: it is compared again when the modal closes.
  const entries = new Map<string, Entry>(modal ? memory.behind : []);
  entries.delete("page");
  add(entries, { id: "page", text: `${location.pathname}${location.search} ${document.title}`, show: () => `page ${quoted(document.title)}` });
  const shown = new Map<string, Entry>();
  collect(items, shown);
  for (const [id, entry] of shown) entries.set(id, entry);
  if (!modal) memory.behind = shown;
  if (memory.last && equal(memory.last.entries, entries)) return memory.last;
  const now = { rev: ++memory.rev, entries };
  memory.last = now;
  memory.kept.push(now);
  if (memory.kept.length > KEPT) memory.kept.shift();
  return now;
}

type Change = { sign: "+" | "~" | "-"; entry: Entry };

function changes(was: Snapshot, now: Snapshot): Change[] {
  const gone = new Map<string, Entry[]>();
  for (const [id, entry] of was.entries) {
    if (!now.entries.has(id)) gone.set(entry.text, [...(gone.get(entry.text) ?? []), entry]);
  }
  const out: Change[] = [];
  for (const [id, entry] of now.entries) {
    const before = was.entries.get(id);
    if (before ? before.text === entry.text : gone.get(entry.text)?.pop()) continue;
    out.push({ sign: before ? "~" : "+", entry });
  }
  for (const list of gone.values()) for (const entry of list) out.push({ sign: "-", entry });
  return out;
}

/** What a person would call the effect of what was done since: a new row before
 * a new heading or text, and what was there before in other words last. */
export function effectSince(since: number | string, now: Snapshot, memory: Snapshots, epoch: string): Element | undefined {
  const [asked, of] = String(since).split("@");
  const same = of === undefined || of === epoch;
  const was = same ? memory.kept.find((one) => one.rev === Number(asked)) : undefined;
  const list: Change[] = was ? changes(was, now) : [...now.entries.values()].map((entry) => ({ sign: "+", entry }));
  const best = (fits: (change: Change) => boolean) => list.find((change) => change.entry.el?.isConnected && fits(change))?.entry.el;
  if (!was) return best(({ entry }) => /^h1 /.test(entry.text));
  return (
    best(({ sign, entry }) => sign === "+" && entry.row === true) ??
    best(({ sign, entry }) => sign === "~" && entry.row === true) ??
    best(({ sign, entry }) => sign === "+" && /^h\d /.test(entry.text)) ??
    best(({ sign, entry }) => sign !== "-" && /^(text |«|status|alert)/.test(entry.text))
  );
}

/** The lines of the difference, or undefined where the revision is not known any
 * more: then only a whole look is the truth. */
export function difference(since: number | string, now: Snapshot, memory: Snapshots, epoch: string, budget: number, plan: Plan): string[] | undefined {
  const [asked, of] = String(since).split("@");
  if (of !== undefined && of !== epoch) return undefined;
  const was = memory.kept.find((one) => one.rev === Number(asked));
  if (!was) return undefined;
  const list = changes(was, now);
  if (list.length === 0) return ["no change"];
  const out: string[] = [];
  let left = budget;
  for (const { sign, entry } of list) {
    const text = `${sign} ${sign === "-" ? entry.text : entry.show(plan)}`;
    left -= bytes(text) + 1;
    if (left < 40 && out.length > 0) {
      out.push(`… ${list.length - out.length} more changes, look`);
      break;
    }
    out.push(text);
  }
  return out;
}
