// Searching a page: the lines that hold the words, each with the way to act on it.

import { refOf } from "./refs";
import { printRow } from "./rows";
import { bytes, eachText, leafText, rowText, sharedOffers, type Plan } from "./layout";
import { bare, marked, normalize } from "./words";
import type { Item, Leaf, Row, Rows } from "./items";

type Hit = { rank: number; show: () => string; context?: { id: Element; show: () => string } };

/** How well a text fits: 0 as a whole, 1 word for word, 2 as a part; else none. */
function rankOf(texts: string[], query: string): number | undefined {
  const lower = texts.map((text) => text.toLowerCase());
  if (lower.some((text) => text === query)) return 0;
  const all = lower.join(" ");
  const words = query.split(" ");
  const tokens = new Set(all.split(/[^\p{L}\p{N}]+/u));
  if (lower.some((text) => text.includes(query)) && query.split(/[^\p{L}\p{N}]+/u).every((word) => tokens.has(word))) return 1;
  if (words.every((word) => tokens.has(word))) return 2;
  if (lower.some((text) => text.includes(query))) return 3;
  return words.every((word) => all.includes(word)) ? 4 : undefined;
}

function leafHit(item: Leaf, query: string, plan: Plan): Hit | undefined {
  const rank = rankOf([item.name, `${item.word} ${item.name}`, item.state.trim()], query);
  return rank === undefined ? undefined : { rank, show: () => leafText(item, refOf(item.el, plan.peers)) };
}

/** The line above found rows: which collection, and what each row offers. */
function context(item: Rows, ref: string, each: string): string {
  const name = item.name === "" ? "" : ` ${bare(item.name)}`;
  return `${item.word}${name} ${ref}${each === "" ? "" : ` | ${each}`}`;
}

/** A row is found by what it says, and by one of its controls together with it. */
function rowHits(item: Rows, query: string, plan: Plan): Hit[] {
  const shared = sharedOffers(item.rows);
  const ref = () => refOf(item.el, plan.peers);
  const around = { id: item.el, show: () => context(item, ref(), eachText(shared)) };
  const hits: Hit[] = [];
  for (const row of item.rows) {
    const key = row.el.getAttribute("data-key") ?? row.el.id;
    const names = row.offers.map((offer) => offer.name);
    const rank = rankOf([...(key ? [key, `#${key}`] : []), ...row.cells], query) ?? withControl(row, names, query);
    if (rank !== undefined) hits.push({ rank, context: around, show: () => `${ref()}${printRow(ref(), item.el, row.el)} ${rowText(row, shared)}` });
  }
  return hits;
}

function withControl(row: Row, names: string[], query: string): number | undefined {
  const control = row.offers.find((offer) => offer.name !== "" && query.includes(offer.name.toLowerCase()));
  if (!control) return names.length > 0 && rankOf(names, query) !== undefined ? 5 : undefined;
  const rest = normalize(query.replace(control.name.toLowerCase(), " ").replace(/\b(btn|button|link|row|in)\b|["#/]/g, " "));
  return rest === "" ? 5 : rankOf(row.cells, rest);
}

function collect(items: Item[], query: string, plan: Plan, out: Hit[]): void {
  for (const item of items) {
    switch (item.kind) {
      case "text": {
        const rank = rankOf([item.text], query);
        if (rank !== undefined) out.push({ rank, show: () => marked(item.text) });
        break;
      }
      case "run":
        collect(item.of, query, plan, out);
        break;
      case "rows":
        out.push(...rowHits(item, query, plan));
        collect(item.children, query, plan, out);
        break;
      default: {
        const hit = leafHit(item, query, plan);
        if (hit) out.push(hit);
        collect(item.children, query, plan, out);
      }
    }
  }
}

/** The lines for `query`: only those that fit best, as one who searches for
 * "Gizmo 1" does not want Gizmo 10 to 19. */
export function search(query: string, items: Item[], budget: number, plan: Plan): string[] {
  const wanted = normalize(query).toLowerCase();
  const hits: Hit[] = [];
  collect(items, wanted, plan, hits);
  const best = Math.min(...hits.map((hit) => hit.rank));
  const shown = hits.filter((hit) => hit.rank === best);
  if (shown.length === 0) return [`nothing here says ${JSON.stringify(normalize(query))}`];
  const out: string[] = [];
  const told = new Set<Element>();
  let left = budget;
  let count = 0;
  for (const hit of shown) {
    const lines = hit.context && !told.has(hit.context.id) ? [hit.context.show(), hit.show()] : [hit.show()];
    const size = lines.reduce((sum, text) => sum + bytes(text) + 1, 0);
    if (left - size < 30 && out.length > 0) {
      out.push(`… ${shown.length - count} more, find with more words`);
      return out;
    }
    if (hit.context) told.add(hit.context.id);
    left -= size;
    count++;
    out.push(...lines);
  }
  const others = hits.length - shown.length;
  if (others > 0) out.push(`… ${others} more that fit less`);
  return out;
}
