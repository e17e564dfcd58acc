// Documents as their JSON text, and what a table shows of them.

import { elements, objectOf } from "./jsontext";

/** A document as a list shows it. */
export type Listed = { id: string; doc: string; version: string };

/** Reads the page of doc_find, {items:[{doc,version}],next_cursor}. */
export function documents(text: string): { items: Listed[]; next: string | undefined } {
  const page = objectOf(text);
  const items = elements(page.get("items") ?? "[]").map(documentOf);
  return { items, next: (JSON.parse(page.get("next_cursor") ?? "null") as string | null) ?? undefined };
}

/** Reads {doc,version}, as doc_get answers it. */
export function documentOf(text: string): Listed {
  const item = objectOf(text);
  const doc = item.get("doc") ?? "{}";
  return { id: JSON.parse(objectOf(doc).get("id") ?? '""') as string, doc, version: item.get("version") ?? "0" };
}

/** Which fields have a column, at most so many: those that most documents have,
 * plain values before lists and objects, in the order they appear in. */
export function columnsOf(docs: readonly Listed[], most: number): string[] {
  const seen = new Map<string, number>();
  for (const { doc } of docs) {
    for (const [name, value] of objectOf(doc)) {
      if (name === "id") continue;
      const worth = value.length > 200 || /^[[{]/.test(value) ? 0.4 : 1;
      seen.set(name, (seen.get(name) ?? 0) + worth);
    }
  }
  const best = [...seen].sort((a, b) => b[1] - a[1]).slice(0, most);
  return [...seen.keys()].filter((name) => best.some(([kept]) => kept === name));
}

/** In which members an object differs from what it was, each in one line. */
export function differences(before: string, after: string, under = ""): string[] {
  const old = objectOf(before);
  const now = objectOf(after);
  const names = new Set([...old.keys(), ...now.keys()]);
  return [...names].flatMap((name) => {
    const [was, is] = [old.get(name), now.get(name)];
    if (was === is) return [];
    if (was?.startsWith("{") && is?.startsWith("{")) return differences(was, is, `${under}${name}.`);
    if (was === undefined) return [`${under}${name}: added, ${cut(is)}`];
    if (is === undefined) return [`${under}${name}: removed, was ${cut(was)}`];
    return [`${under}${name}: ${cut(was)} → ${cut(is)}`];
  });
}

/** A text cut to a length. */
export function cut(text = "", length = 80): string {
  return text.length > length ? text.slice(0, length - 1) + "…" : text;
}
