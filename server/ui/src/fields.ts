// What people type, as inputs of operations. Empty fields are left out.

import { RawJSON } from "fazt/client";

import { InputError } from "./errors";

/** JSON text, sent as it stands. */
export function json(text: string, field: string): RawJSON {
  try {
    return new RawJSON(text);
  } catch (error) {
    throw new InputError("invalid_json", field, `this is not JSON: ${(error as Error).message}`, 'text needs quotes, as in "hello"');
  }
}

/** A whole number, or nothing when the field is empty. The text goes as it is,
 * since versions and numbers can be larger than JavaScript's are exact. */
export function whole(text: string, field: string): RawJSON | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  if (!/^-?(0|[1-9]\d*)$/.test(trimmed)) throw new InputError("invalid_input", field, `"${trimmed}" is not a whole number`, "leave it empty for none");
  return new RawJSON(trimmed);
}

/** A key: as it is, or a JSON string where a line of text could not hold it. */
export function key(text: string, field: string): string {
  if (!text.startsWith('"')) return text;
  const value: unknown = JSON.parse(json(text, field).text);
  if (typeof value !== "string") throw new InputError("invalid_input", field, "a key is text", "a key that begins with a quote is written as a JSON string");
  return value;
}

/** A key as the field of a form shows it. */
export function keyText(name: string): string {
  const plain = name === name.trim() && !name.startsWith('"') && !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(name);
  return plain ? name : JSON.stringify(name);
}

/** Text, or nothing when the field is empty. */
export function text(value: string): string | undefined {
  return value === "" ? undefined : value;
}

/** Lines of text, without empty ones. */
export function lines(value: string): string[] {
  return value.split("\n").map((line) => line.trim()).filter(Boolean);
}

/** Holds what was typed to the name that it must repeat. */
export function repeated(typed: string, name: string): string {
  if (typed !== name) throw new InputError("confirmation_required", "confirm", `this is not "${name}"`, `type ${name} to confirm`);
  return typed;
}

/** An input without the members that are left out. */
export function given<T extends object>(input: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> };
}
