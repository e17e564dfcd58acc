// The only door out of the sandbox. The Go side registers one function under
// this name; it is taken here and removed from the global object before any
// author's code runs. Only strings and numbers cross.
//
// A call answers later through `settle`, so calls overlap: Promise.all over
// several of them is several calls in flight.

import { ErrorOf, PromiseOf, define, parse, stringify, table } from "./safe";

type Bridge = (kind: string, ...args: (string | number | undefined)[]) => string | null;

const realm = globalThis as unknown as { __host?: Bridge };
const bridge = realm.__host!;
delete realm.__host;

export const send: Bridge = bridge;

type Waiting = { resolve: (value: unknown) => void; reject: (error: unknown) => void; error: Error };

/** What the host says of a failed call. */
type Failure = { code?: string; message?: string; hint?: string; detail?: string; field?: string };

const waiting = table<Waiting>();
let lastId = 0;

/** Starts a host call; the promise settles when the host answers. */
export function call(name: string, payload: unknown): Promise<unknown> {
  const text = stringify(payload);
  const id = ++lastId;
  // Made here and not in settle, so that its stack shows the author's line.
  const error = new ErrorOf("");
  let resolve!: Waiting["resolve"];
  let reject!: Waiting["reject"];
  const promise = new PromiseOf((onOk, onError) => {
    resolve = onOk;
    reject = onError;
  });
  waiting.set(id, { resolve, reject, error });
  // Outside the executor, which would turn the interrupt of a limit into a
  // rejection and let the author's loop go on.
  send("call", id, name, text);
  return promise;
}

/** Called by the host when the call `id` has ended. */
export function settle(id: number, ok: boolean, text: string): void {
  const entry = waiting.take(id);
  if (entry === undefined) return;
  if (ok) {
    entry.resolve(text === "" ? undefined : parse(text));
    return;
  }
  const failure = parse(text) as Failure;
  define(entry.error, "message", failure.message ?? "the call failed");
  define(entry.error, "code", failure.code);
  define(entry.error, "hint", failure.hint);
  define(entry.error, "detail", failure.detail ?? failure.message);
  define(entry.error, "field", failure.field);
  entry.reject(entry.error);
}

type Timer = { callback: (...args: unknown[]) => void; args: unknown[] };

const timers = table<Timer>();

/** Called by the host when the timer `id` is due. */
export function fire(id: number): void {
  const timer = timers.take(id);
  if (timer === undefined) return;
  // In a job of its own: a throw here must not look like one of the prelude.
  void new PromiseOf<void>((resolve) => {
    resolve();
    timer.callback(...timer.args);
  });
}

export function setTimer(callback: unknown, delay: unknown, ...args: unknown[]): number {
  if (typeof callback !== "function") throw new TypeError("setTimeout needs a function");
  const id = ++lastId;
  timers.set(id, { callback: callback as Timer["callback"], args });
  const ms = Number(delay);
  send("timer", id, ms > 0 ? ms : 0);
  return id;
}

export function clearTimer(id: unknown): void {
  if (typeof id !== "number") return;
  if (timers.take(id) !== undefined) send("clear", id);
}
