// What a sample of documents says about them: used by the recipes that make a
// collection or a page of one.

export type Doc = Record<string, unknown>;

/** One field as a sample shows it. */
export type Field = {
  name: string;
  type: "string" | "number" | "integer" | "boolean" | "object" | "array" | "null";
  /** Every document has a value in it. */
  always: boolean;
  /** No two documents have the same value in it. */
  unique: boolean;
  /** Its texts are addresses, dates or long. */
  format: "" | "email" | "date" | "url" | "long";
};

function typeOf(value: unknown): Field["type"] {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value as "string" | "boolean" | "object";
}

/** The type that holds values of both, undefined where none does. */
function both(a: Field["type"], b: Field["type"]): Field["type"] | undefined {
  if (a === b || b === "null") return a;
  if (a === "null") return b;
  const numbers = ["integer", "number"];
  return numbers.includes(a) && numbers.includes(b) ? "number" : undefined;
}

const FORMATS: [Field["format"], RegExp][] = [
  ["email", /^[^@\s]+@[^@\s]+\.[^@\s]+$/],
  ["date", /^\d{4}-\d{2}-\d{2}/],
  ["url", /^https?:\/\//],
];

function formatOf(values: unknown[]): Field["format"] {
  const texts = values.filter((value): value is string => typeof value === "string");
  if (texts.length === 0) return "";
  for (const [format, pattern] of FORMATS) if (texts.every((text) => pattern.test(text))) return format;
  return texts.some((text) => text.length > 80) ? "long" : "";
}

/** The fields of documents in the order in which they first come, without id.
 * A field whose values have no common type is left out of what is known. */
export function fieldsOf(docs: Doc[]): Field[] {
  const names = [...new Set(docs.flatMap((doc) => Object.keys(doc)))].filter((name) => name !== "id");
  const fields: Field[] = [];
  for (const name of names) {
    const values = docs.map((doc) => doc[name]);
    let type: Field["type"] | undefined = "null";
    for (const value of values) type = type && both(type, typeOf(value));
    if (type === undefined) continue;
    const present = values.filter((value) => value !== null && value !== undefined);
    fields.push({
      name,
      type,
      always: present.length === docs.length,
      unique: present.length > 1 && new Set(present.map((value) => JSON.stringify(value))).size === docs.length,
      format: formatOf(present),
    });
  }
  return fields;
}

/** A field's name as people read it. */
export function label(name: string): string {
  const words = name.replace(/[_-]+/g, " ").replace(/([a-z])([A-Z])/g, "$1 $2").trim();
  return words === "" ? name : words[0]!.toUpperCase() + words.slice(1);
}
