// Helpers that recipes import as "fazt/lib".

type Coded = { code?: unknown } | null | undefined;

/** Whether an error says that something is not there. */
export function isMissing(error: unknown): boolean {
  return /_not_found$/.test(String((error as Coded)?.code));
}

/** What a read answers, or undefined where it is not there. */
export async function existing<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

type Page<Item> = { items: Item[]; next_cursor: string | null };

/** All items of a list, page by page: all((cursor) => fazt.kv.list({ app, cursor })). */
export async function all<Item>(list: (cursor?: string) => Promise<Page<Item>>, most = 10_000): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page = await list(cursor);
    items.push(...page.items);
    if (items.length > most) throw new Error(`the list has over ${most} items`);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return items;
}
