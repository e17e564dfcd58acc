// A form made from a JSON Schema: a field for each member of an object, JSON
// where a member has members of its own. The server holds the input to the whole
// schema; what is checked here is what can be said in the field at fault.

import { RawJSON } from "fazt/client";

import type { Field, Values } from "./dialog";
import { InputError } from "./errors";
import { json } from "./fields";
import { elements, objectOf, pretty } from "./jsontext";

export type Schema = {
  type?: string | string[];
  title?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
};

export type SchemaForm = {
  fields: Field[];
  /** The input as it was filled in. An InputError names the field at fault. */
  read(values: Values): RawJSON;
};

/** The one field of an input whose members nobody has named. */
const whole = " input";

/** Makes the form. was is the text of an input to begin with, an object. */
export function schemaForm(schema: Schema, was = "{}"): SchemaForm {
  const members = Object.entries(schema.properties ?? {});
  const before = objectOf(was);
  if (members.length === 0) {
    return {
      fields: before.size > 0 || schema.type !== "object" ? [{ name: whole, label: "Input (JSON)", kind: "long", value: pretty(was) }] : [],
      read: (values) => (before.size > 0 || schema.type !== "object" ? json(values.text(whole), whole) : new RawJSON("{}")),
    };
  }
  const needed = new Set(schema.required);
  return {
    fields: members.map(([name, member]) => fieldOf(name, member, needed.has(name), before.get(name))),
    read(values) {
      const parts = members.map(([name, member]) => [name, textOf(name, member, needed.has(name), values)] as const).filter(([, text]) => text !== undefined);
      return new RawJSON(`{${parts.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(",")}}`);
    },
  };
}

type Kind = "enum" | "boolean" | "string" | "number" | "json";

function kindOf(schema: Schema): Kind {
  if (schema.enum || "const" in schema) return "enum";
  const types = [schema.type ?? []].flat().filter((type) => type !== "null");
  const [type] = types;
  if (types.length !== 1) return types.every((one) => one === "number" || one === "integer") && types.length > 0 ? "number" : "json";
  if (type === "boolean" || type === "string") return type;
  return type === "number" || type === "integer" ? "number" : "json";
}

function fieldOf(name: string, schema: Schema, required: boolean, was: string | undefined): Field {
  const standing = was ?? (schema.default === undefined ? undefined : JSON.stringify(schema.default));
  const kind = kindOf(schema);
  const hint = [required ? "Required." : "", schema.description ?? "", kind === "json" ? jsonHint(schema) : bounds(schema)].filter(Boolean).join(" ");
  const base = { name, label: (schema.title ?? name) + (kind === "json" ? " (JSON)" : ""), ...(hint ? { hint } : {}) };
  const none = { value: "", label: "—" };
  switch (kind) {
    case "enum":
      return { ...base, kind: "select", value: standing ?? "", options: [...(required && standing !== undefined ? [] : [none]), ...choices(schema)] };
    case "boolean":
      if (required || standing !== undefined) return { ...base, kind: "checkbox", checked: standing === "true" };
      return { ...base, kind: "select", value: "", options: [none, { value: "true", label: "yes" }, { value: "false", label: "no" }] };
    case "string":
      return { ...base, ...((schema.maxLength ?? 0) > 500 ? { kind: "long" as const, rows: 4 } : {}), value: standing?.startsWith('"') ? (JSON.parse(standing) as string) : "" };
    case "number":
      return { ...base, kind: "number", value: standing ?? "" };
  }
  return { ...base, kind: "long", rows: 5, value: standing === undefined ? "" : pretty(standing) };
}

function choices(schema: Schema): { value: string; label: string }[] {
  return (schema.enum ?? [schema.const]).map((value) => ({ value: JSON.stringify(value), label: typeof value === "string" ? value : JSON.stringify(value) }));
}

function bounds({ minimum, maximum }: Schema): string {
  if (minimum !== undefined && maximum !== undefined) return `From ${minimum} to ${maximum}.`;
  return minimum !== undefined ? `At least ${minimum}.` : maximum !== undefined ? `At most ${maximum}.` : "";
}

/** What a value with members looks like. */
function jsonHint(schema: Schema): string {
  if (schema.properties) return `An object with ${Object.keys(schema.properties).slice(0, 8).join(", ")}.`;
  const type = [schema.type ?? []].flat()[0];
  return type === "array" ? "A list, as in [1, 2]." : type === "object" ? 'An object, as in {"a": 1}.' : "";
}

function label(name: string, schema: Schema): string {
  return `“${schema.title ?? name}”`;
}

/** A member's JSON text, undefined where it was left out. */
function textOf(name: string, schema: Schema, needed: boolean, values: Values): string | undefined {
  const refuse = (detail: string, hint = ""): never => {
    throw new InputError("invalid_input", name, detail, hint);
  };
  const kind = kindOf(schema);
  const text = values.text(name); // of a checkbox "true" or "false"
  if (kind === "string") {
    if (text === "" && !needed) return undefined;
    if (schema.minLength !== undefined && text.length < schema.minLength) refuse(text === "" ? `${label(name, schema)} is required` : `${label(name, schema)} has at least ${schema.minLength} characters`);
    if (schema.pattern !== undefined && !matches(schema.pattern, text)) refuse(`${label(name, schema)}: "${text}" does not match ${schema.pattern}`);
    return JSON.stringify(text);
  }
  if (text.trim() === "") return needed ? refuse(`${label(name, schema)} is required`) : undefined;
  if (kind === "number") return numberText(text.trim(), schema, refuse, label(name, schema));
  const value = kind === "json" ? json(text, name).text : text;
  if (kind === "json") fits(value, schema, refuse, schema.title ?? name);
  return value;
}

type Refuse = (detail: string, hint?: string) => never;

function numberText(text: string, schema: Schema, refuse: Refuse, name: string): string {
  if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(text)) refuse(`${name}: "${text}" is not a number`, "leave it empty for none");
  if ([schema.type].flat().includes("integer") && !Number.isInteger(Number(text))) refuse(`${name}: "${text}" is not a whole number`);
  if (Number(text) < (schema.minimum ?? -Infinity)) refuse(`${name} is at least ${schema.minimum}`);
  if (Number(text) > (schema.maximum ?? Infinity)) refuse(`${name} is at most ${schema.maximum}`);
  return text;
}

/** Holds a value with members to what its schema says of them. */
function fits(text: string, schema: Schema, refuse: Refuse, at: string): void {
  const place = `“${at}”: `;
  const types = [schema.type ?? []].flat();
  if (types.length > 0 && !types.includes(typeOf(text)) && !(types.includes("number") && typeOf(text) === "integer")) refuse(`${place}this is ${word(typeOf(text))}, not ${types.map(word).join(" or ")}`);
  if (schema.enum && !schema.enum.some((value) => JSON.stringify(value) === text.trim())) refuse(`${place}one of ${schema.enum.map((value) => JSON.stringify(value)).join(", ")}`);
  if (typeOf(text) === "object") {
    const members = objectOf(text);
    for (const name of schema.required ?? []) if (!members.has(name)) refuse(`${place}it needs ${name}`);
    for (const [name, member] of members) fits(member, schema.properties?.[name] ?? {}, refuse, `${at}.${name}`);
  }
  const { items } = schema;
  if (items && typeOf(text) === "array") elements(text).forEach((element, i) => fits(element, items, refuse, `${at}[${i}]`));
}

function typeOf(text: string): string {
  const value: unknown = JSON.parse(text);
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "number" && Number.isInteger(value) ? "integer" : typeof value;
}

const words: Record<string, string> = { object: "an object", array: "a list", string: "text", number: "a number", integer: "a whole number", boolean: "true or false", null: "null" };

function word(type: string): string {
  return words[type] ?? type;
}

/** Whether a text matches; a pattern that is another dialect's is the server's to judge. */
function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, "u").test(text);
  } catch {
    return true;
  }
}
