// The typed client: `fazt.kv.set(input, options)` for every operation in the
// table, and recipes by name.

import { type CallOptions, type OperationSpec, type Operations, type StreamEvent, operations } from "fazt:operations";

import { type Change, type ChangesOptions, changes } from "./changes";
import { FaztError, problemOf } from "./errors";
import type { Page } from "./driver/api";
import { sentEvents } from "./events";
import { driverHere } from "./page";
import { type Connection, type Input, send, sendForJSON } from "./transport";

export type RecipeOptions = CallOptions & { mode?: "api" | "ui"; tab?: string };

export type Recipes = Record<string, (input?: object, options?: RecipeOptions) => Promise<unknown>>;

export type Client = Operations & {
  /** Any operation by its name, such as "kv_set". */
  op(name: string, input?: object, options?: CallOptions): Promise<unknown>;
  /** Any operation by its name, answered as the JSON text that the server sent. */
  text(name: string, input?: object, options?: CallOptions): Promise<string>;
  recipes: Recipes;
  changes(options: ChangesOptions): AsyncGenerator<Change, void, undefined>;
  /** The page that the module runs in, to look at and act in. */
  readonly page: Page;
};

type Call = (input?: object, options?: CallOptions) => unknown;

export function clientOf(to: Connection): Client {
  return {
    ...operationTree(to),
    op: async (name: string, input?: object, options?: CallOptions) => callOf(to, specOf(name))(input, options),
    text: async (name: string, input: object = {}, options: CallOptions = {}) => (await send(to, specOf(name), input as Input, options)).text(),
    recipes: recipesOf(to),
    changes: (options: ChangesOptions) => changes(to, options),
    get page() {
      return driverHere().page;
    },
  } as Client;
}

/** One object a noun with a function a verb; a noun alone is a function. */
function operationTree(to: Connection): Record<string, unknown> {
  const tree: Record<string, Record<string, Call> | Call> = {};
  for (const [name, spec] of Object.entries(operations)) {
    const [noun = "", ...verb] = name.split("_");
    const call = callOf(to, spec);
    if (verb.length === 0) tree[noun] = Object.assign(call, tree[noun]);
    else tree[noun] = Object.assign(tree[noun] ?? {}, { [camel(verb)]: call });
  }
  return tree;
}

function camel(words: string[]): string {
  return words.map((word, i) => (i === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1))).join("");
}

function specOf(name: string): OperationSpec {
  const spec = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (spec) return spec;
  throw new FaztError({ code: "operation_not_found", detail: `no operation "${name}"`, hint: "GET /api/operations?query=WORDS finds them" });
}

function callOf(to: Connection, spec: OperationSpec): Call {
  if (spec.stream) return (input = {}, options = {}) => streamed(to, spec, input as Input, options);
  if (spec.bytes) return (input = {}, options = {}) => send(to, spec, input as Input, options);
  return (input = {}, options = {}) => sendForJSON(to, spec, input as Input, options);
}

async function* streamed(to: Connection, spec: OperationSpec, input: Input, options: CallOptions): AsyncGenerator<StreamEvent> {
  const response = await send(to, spec, input, options);
  if (!response.body) return;
  for await (const event of sentEvents(response.body)) {
    if (event.data !== "") yield { id: event.id, type: event.type, data: JSON.parse(event.data) };
  }
}

/** `then` must not be a recipe: a promise that resolves to this would call it. */
function recipesOf(to: Connection): Recipes {
  return new Proxy({} as Recipes, {
    get(_, name) {
      if (typeof name !== "string" || name === "then" || name === "toJSON") return undefined;
      return (input: object = {}, options: RecipeOptions = {}) => runRecipe(to, name, input, options);
    },
    set: () => false,
  });
}

const RUN: OperationSpec = { method: "POST", path: "/api/recipes/{name}/run", body: true };
const RUN_STATE: OperationSpec = { method: "GET", path: "/api/runs/{run}", repeat: true };

/** Seconds that one request waits for a run to end. */
const WAIT_S = 20;

type Run = { id: string; state: string; output?: unknown; error?: unknown };

/** Answers the recipe's output once its run has ended well. */
async function runRecipe(to: Connection, name: string, input: object, options: RecipeOptions): Promise<unknown> {
  const { mode, tab, ...call } = options;
  let run = (await sendForJSON(to, RUN, { name, input, mode, tab, wait_s: WAIT_S }, call)) as Run;
  const later: CallOptions = call.signal ? { signal: call.signal } : {};
  while (run.state === "running" || run.state === "waiting_approval") {
    run = (await sendForJSON(to, RUN_STATE, { run: run.id, wait_s: WAIT_S }, later)) as Run;
  }
  if (run.state === "ok") return run.output;
  throw failedRun(name, run);
}

function failedRun(name: string, run: Run): FaztError {
  const said = problemOf(run.error, 0);
  return new FaztError({
    code: said?.code ?? "run_" + run.state,
    detail: said?.detail ?? `the run ${run.id} of ${name} ended as ${run.state}`,
    hint: said?.hint ?? `fazt.run.get({ run: "${run.id}" }) shows its steps`,
    cause: run,
  });
}
