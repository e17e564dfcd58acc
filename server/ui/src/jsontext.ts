// JSON as the text that is stored: parsed and printed again, large numbers and
// the order of members would change.

/** A key as a list shows it. */
export type Listed = { key: string; value: string; version: string; expires_at: number | undefined };

/** Reads the page of kv_list, {items:[{key,value,version,expires_at}],next_cursor}, valid JSON. */
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
export function objectOf(text: string): Map<string, string> {
  const members = new Map<string, string>();
  for (const part of parts(text)) {
    const colon = endOf(part, 0, ":");
    members.set(JSON.parse(part.slice(0, colon)) as string, part.slice(colon + 1).trim());
  }
  return members;
}

/** The elements of an array as texts. */
export function elements(text: string): string[] {
  return parts(text).map((part) => part.trim());
}

/** A short list or object stays on one line. */
const oneLine = 64;

/** The text over several lines, its numbers as they are. */
export function pretty(text: string, indent = ""): string {
  const open = text.trim()[0] ?? "";
  if (open !== "{" && open !== "[") return text.trim();
  const inner = indent + "  ";
  const items = open === "{" ? [...objectOf(text)].map(([name, value]) => `${JSON.stringify(name)}: ${pretty(value, inner)}`) : elements(text).map((value) => pretty(value, inner));
  const close = open === "{" ? "}" : "]";
  const line = open + items.join(", ") + close;
  const flat = line.length <= oneLine && !line.includes("\n") && (indent !== "" || items.length === 0);
  return flat ? line : `${open}\n${items.map((item) => inner + item).join(",\n")}\n${indent}${close}`;
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
