// The newest changes of an app: a feed is read forwards, so this begins a little
// before its end, and further back until there are enough.

import type { Change } from "fazt/client";

import { problemOf } from "../errors";
import type { Client } from "../session";

type Kind = "kv" | "doc" | "collection" | "blob" | "site";
type Asked = { app: string; kinds?: Kind[]; prefix?: string };

/** The first step back, in versions; each further one is longer. */
const step = 256n;

/** The newest changes in the order of their commits, and the cursor behind them.
 * cut says that older ones are not kept any more. */
export async function recent(fazt: Client, asked: Asked, count: number, signal: AbortSignal): Promise<{ items: Change[]; next: string; cut: boolean }> {
  const { next_cursor: end } = await fazt.change.list(asked, { signal });
  const now = BigInt(end.split(".")[0] ?? "0");
  for (let back = step; ; back *= 8n) {
    const since = back < now ? `${now - back}.0` : "0.0";
    const page = await from(fazt, asked, since, signal);
    if (!page) {
      const all = await from(fazt, asked, "0.0", signal); // the app is younger than that, or some are gone
      return all ? { ...tail(all, count, end), cut: false } : { ...tail(await kept(fazt, asked, back, now, signal), count, end), cut: true };
    }
    if (page.length >= count || since === "0.0") return { ...tail(page, count, end), cut: false };
  }
}

function tail(items: Change[], count: number, end: string): { items: Change[]; next: string } {
  return { items: items.slice(-count), next: items.at(-1)?.cursor ?? end };
}

/** The widest stretch that is kept, to within a half. */
async function kept(fazt: Client, asked: Asked, back: bigint, now: bigint, signal: AbortSignal): Promise<Change[]> {
  for (let shorter = back / 2n; shorter > 0n; shorter /= 2n) {
    const page = shorter < now ? await from(fazt, asked, `${now - shorter}.0`, signal) : undefined;
    if (page) return page;
  }
  return [];
}

/** All from a cursor on; undefined when it is older than what is kept. */
async function from(fazt: Client, asked: Asked, since: string, signal: AbortSignal): Promise<Change[] | undefined> {
  const items: Change[] = [];
  try {
    for (let at = since; ; ) {
      const page = await fazt.change.list({ ...asked, since: at, limit: 1000 }, { signal });
      items.push(...(page.items as Change[]));
      if (page.items.length === 0) return items; // a page that is not full need not be the last
      at = page.next_cursor;
    }
  } catch (error) {
    if (problemOf(error).code === "compacted") return undefined;
    throw error;
  }
}
