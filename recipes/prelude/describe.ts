// Turns whatever was thrown or logged into bounded text. The value is the
// author's: its getters and toString may throw or lie, never break the report.

import { StringOf, isArray, slice, stringify } from "./safe";

const MESSAGE_CHARS = 4_000;
const STACK_CHARS = 8_000;

export type Description = {
  thrown: "error" | "value" | "null";
  name?: string | undefined;
  message: string;
  stack?: string | undefined;
  code?: string | undefined;
  hint?: string | undefined;
  detail?: string | undefined;
  field?: string | undefined;
};

function cut(text: string, limit: number): string {
  return text.length > limit ? slice(text, 0, limit) + "…" : text;
}

function read(source: object, key: string, limit: number): string | undefined {
  try {
    const value = (source as Record<string, unknown>)[key];
    return typeof value === "string" ? cut(value, limit) : undefined;
  } catch {
    return undefined;
  }
}

/** The value as a person would want to see it in a log line. */
export function show(value: unknown, limit = MESSAGE_CHARS): string {
  try {
    switch (typeof value) {
      case "string":
        return cut(value, limit);
      case "bigint":
        return cut(StringOf(value) + "n", limit);
      case "function":
        return "[function " + (value.name || "anonymous") + "]";
      case "object": {
        if (value === null) return "null";
        const message = value instanceof Error ? read(value, "message", limit) : undefined;
        if (message !== undefined) return cut(StringOf(read(value, "name", 100) ?? "Error") + ": " + message, limit);
        return cut(stringify(value) ?? StringOf(value), limit);
      }
      default:
        return StringOf(value);
    }
  } catch {
    return isArray(value) ? "[array]" : "[" + typeof value + "]";
  }
}

/** What the host needs to report a thrown value. */
export function describe(thrown: unknown): Description {
  if (thrown === null) return { thrown: "null", message: "null" };
  if (typeof thrown !== "object") return { thrown: "value", message: show(thrown) };
  const message = read(thrown, "message", MESSAGE_CHARS);
  const stack = read(thrown, "stack", STACK_CHARS);
  if (message === undefined && stack === undefined) return { thrown: "value", message: show(thrown) };
  return {
    thrown: "error",
    name: read(thrown, "name", 100),
    message: message ?? "",
    stack,
    code: read(thrown, "code", 100),
    hint: read(thrown, "hint", MESSAGE_CHARS),
    detail: read(thrown, "detail", MESSAGE_CHARS),
    field: read(thrown, "field", 500),
  };
}
