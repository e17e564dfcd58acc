// Runs in every sandbox before the author's code, once for each VM. The host
// keeps three of these functions and calls them by value: it never evaluates
// text in a realm where the author's code has run.

import { describe } from "./describe";
import { expect } from "./expect";
import { fazt } from "./fazt";
import { installGlobals } from "./globals";
import { fire, send, settle } from "./host";
import { page } from "./page";
import { ownKeys, parse, stringify } from "./safe";

export { fire, settle };

type Recipe = Record<string, unknown>;
type Module = { default?: unknown } | undefined; // undefined without any export
type Library = { defineRecipe: typeof defineRecipe; expect: typeof expect };
type Factory = (library: Library) => Module;

const defined = new WeakSet<object>();
const isDefined = WeakSet.prototype.has.bind(defined);

function defineRecipe(recipe: unknown): unknown {
  if (typeof recipe !== "object" || recipe === null || Array.isArray(recipe)) {
    throw new TypeError("defineRecipe needs an object: defineRecipe({ name, title, effect, … })");
  }
  defined.add(recipe);
  return recipe;
}

const library: Library = { defineRecipe, expect };

/** What each entry finds in its argument, beside the members of `args`. */
function context(entry: string, args: object): object {
  switch (entry) {
    case "ui":
      return { page, ...args };
    case "api":
    case "undo":
      return { fazt, ...args };
    default:
      return { fazt, page, expect, ...args };
  }
}

/** Not as JSON: the engine's stringify fails under setters on Object.prototype. */
function report(status: "error" | "unserialisable", error: unknown): void {
  const d = describe(error);
  send("thrown", status, d.thrown, d.name, d.message, d.stack, d.code, d.hint, d.detail, d.field);
}

/** Runs one entry of the module; the end is reported, never returned. */
export async function start(factory: Factory, entry: string, args: string): Promise<void> {
  try {
    const exported = factory(library)?.default;
    const holder = entry === "default" ? { default: exported } : (exported as Recipe);
    const method = (holder as Record<string, unknown>)[entry];
    if (typeof method !== "function") throw new TypeError(`the default export has no ${entry}()`);
    const value = await (holder as Record<string, (context: object) => unknown>)[entry]!(context(entry, parse(args)));
    finish(value);
  } catch (error) {
    report("error", error);
  }
}

function finish(value: unknown): void {
  let text: string;
  try {
    text = stringify(value) ?? "null";
  } catch (error) {
    report("unserialisable", error);
    return;
  }
  send("done", text);
}

/** Answers the recipe's members as JSON, functions among them as `true`. */
export function inspect(factory: Factory): void {
  try {
    const recipe = factory(library)?.default;
    if (recipe === undefined) return void send("thrown", "error", "no_default");
    if (typeof recipe !== "object" || recipe === null || !isDefined(recipe)) {
      return void send("thrown", "error", "not_defined");
    }
    const out: Recipe = {};
    for (const key of ownKeys(recipe)) {
      const value = (recipe as Recipe)[key];
      out[key] = typeof value === "function" ? { function: true } : { value };
    }
    send("done", stringify(out, noFunctions));
  } catch (error) {
    report("error", error);
  }
}

function noFunctions(key: string, value: unknown): unknown {
  if (typeof value === "function" || typeof value === "bigint") {
    throw new TypeError(`${key} is a ${typeof value}: only ui, api, check and undo may be functions, all else is JSON`);
  }
  return value;
}

/** Whether the module of a code run exports a function. */
export function probe(factory: Factory): void {
  try {
    send("done", typeof factory(library)?.default === "function" ? "true" : "false");
  } catch (error) {
    report("error", error);
  }
}

installGlobals();
