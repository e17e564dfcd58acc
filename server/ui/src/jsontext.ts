// The page of kv_list with each value as the JSON text that is stored: parsed
// and printed again, large numbers and the order of members would change.

/** A key as a list shows it. */
export type Listed = { key: string; value: string; version: string; expires_at: number | undefined };

/** Reads {items:[{key,value,version,expires_at}],next_cursor}, valid JSON. */
export function members(text: string): { items: Listed[]; next: string | undefined } {
  const page = objectOf(text);
  const items = elements(page.get("items") ?? "[]").map((item): Listed => {
    const entry = objectOf(item);
    const expires = JSON.parse(entry.get("expires_at") ?? "null") as number | null;
    return {
      key: JSON.parse(entry.get("key") ?? '""') as string,
      value: entry.get("value") ?? "null",
      version: entry.get("version") ?? "0",
      expires_at: expires ?? undefined,
    };
  });
  return { items, next: (JSON.parse(page.get("next_cursor") ?? "null") as string | null) ?? undefined };
}

/** The members of an object as texts. */
function objectOf(text: string): Map<string, string> {
  const members = new Map<string, string>();
  for (const part of parts(text)) {
    const colon = endOf(part, 0, ":");
    members.set(JSON.parse(part.slice(0, colon)) as string, part.slice(colon + 1).trim());
  }
  return members;
}

function elements(text: string): string[] {
  return parts(text).map((part) => part.trim());
}

/** What stands between the outer brackets, at the commas of that level. */
function parts(text: string): string[] {
  const inside = text.trim().slice(1, -1);
  const found: string[] = [];
  for (let start = 0; start < inside.length; ) {
    const end = endOf(inside, start, ",");
    if (inside.slice(start, end).trim() !== "") found.push(inside.slice(start, end));
    start = end + 1;
  }
  return found;
}

/** The place of the next mark outside of strings and brackets, or the end. */
function endOf(text: string, from: number, mark: string): number {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    const c = text[i];
    if (c === '"') i = endOfString(text, i);
    else if (c === "{" || c === "[") depth++;
    else if (c === "}" || c === "]") depth--;
    else if (c === mark && depth === 0) return i;
  }
  return text.length;
}

function endOfString(text: string, quote: number): number {
  for (let i = quote + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === '"') return i;
  }
  return text.length;
}
