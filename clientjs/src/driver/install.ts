// The driver's entry for a transport. It leaves one frozen entry, `__fazt`, and a
// second injection into the same document leaves the first one's engine, and with
// it its refs, alone.
//
// The transport speaks JSON-RPC by text. Where it made the binding __fazt_send it
// calls __fazt_receive with what it sends, and the driver's own requests (host.*)
// go the other way; __fazt_dispatch carries out one call without a message.

import { newEngine, type Engine } from "./engine";
import { EngineError, failureOf, type Code } from "./errors";
import { announce } from "./notify";
import type { Host } from "./wire";

type Message = { id?: unknown; method?: string; params?: unknown; result?: unknown; error?: { message: string; data?: { code: Code; hint?: string } } };

type Scope = {
  __fazt?: unknown;
  /** What a transport in the same world offers, instead of a binding. */
  __fazt_host?: Host;
  /** The CDP binding: takes one string. */
  __fazt_send?: (message: string) => void;
  __fazt_receive?: (message: string) => void;
  __fazt_dispatch?: (call: { method: string; params?: unknown }) => Promise<unknown>;
};

const scope = globalThis as unknown as Scope;

const asked = new Map<unknown, { resolve: (value: unknown) => void; reject: (error: unknown) => void }>();
let lastId = 0;

function say(message: Message): void {
  scope.__fazt_send?.(JSON.stringify({ jsonrpc: "2.0", ...message }));
}

/** A request to the transport. */
function ask(method: string, params: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const id = ++lastId;
    asked.set(id, { resolve, reject });
    say({ id, method, params });
  });
}

function hostOf(): Host {
  const notify = (method: string, params: Record<string, unknown>) => say({ method, params });
  if (scope.__fazt_host || !scope.__fazt_send) return { notify, ...scope.__fazt_host };
  return {
    notify,
    input: async (kind, params) => void (await ask("host.input", { kind, params })),
    pending: async () => Number(await ask("host.pending", {})),
    frame: (index, method, params) => ask("host.frame", { index, method, params }),
  };
}

async function answer(engine: Engine, { id = null, method = "", params }: Message): Promise<object> {
  try {
    return { jsonrpc: "2.0", id, result: (await engine.dispatch(method, params)) ?? {} };
  } catch (error) {
    const { message, ...data } = failureOf(error);
    return { jsonrpc: "2.0", id, error: { code: -32000, message, data } };
  }
}

function receive(engine: Engine, text: string): void {
  const message = JSON.parse(text) as Message;
  if (message.method !== undefined) {
    if (message.id !== undefined) void answer(engine, message).then((done) => scope.__fazt_send?.(JSON.stringify(done)));
    return;
  }
  const waiting = asked.get(message.id);
  asked.delete(message.id);
  const { error } = message;
  if (error) waiting?.reject(new EngineError(error.data?.code ?? "trusted_required", error.message, error.data?.hint));
  else waiting?.resolve(message.result);
}

function define(name: keyof Scope, value: unknown): void {
  Object.defineProperty(scope, name, { value });
}

/** Installs the driver; `own` is what it has beside what the transport offers. */
export function install(own: Host = {}): void {
  if (scope.__fazt !== undefined) return;
  const host = announce({ ...own, ...hostOf() });
  const engine = newEngine(host);
  const dispatch = async (text: string) => JSON.stringify(await answer(engine, JSON.parse(text) as Message));
  define("__fazt", Object.freeze({ dispatch, epoch: engine.epoch }));
  define("__fazt_receive", (text: string) => receive(engine, text));
  define("__fazt_dispatch", (call: { method: string; params?: unknown }) => engine.dispatch(call.method, call.params));
  if (window === window.top) host.notify?.("nav", { url: location.href, title: document.title, epoch: engine.epoch });
}
