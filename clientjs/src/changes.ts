// Following an app's changes: server-sent events that go on after a lost
// connection from the last id, so no change is missed or told twice.

import type { OperationSpec } from "fazt:operations";

import { FaztError, problemOf } from "./errors";
import { type SentEvent, sentEvents } from "./events";
import { type Connection, type Input, send, sendForJSON, sleep } from "./transport";

export type ChangesOptions = {
  app: string;
  since?: string | number;
  kinds?: string[];
  prefix?: string;
  values?: boolean;
  signal?: AbortSignal;
};

export type Change = {
  cursor: string;
  at: number;
  kind: string;
  op: string;
  name?: string;
  key?: string;
  id?: string;
  version: number;
  principal?: string;
  value?: unknown;
};

const SPEC: OperationSpec = { method: "GET", path: "/api/apps/{app}/changes", repeat: true, stream: true };

const PAGE: OperationSpec = { method: "GET", path: "/api/apps/{app}/changes", repeat: true };

/** Waits between attempts to connect again, the last one kept. Each is varied by
 * half, so that readers who were cut off together do not come back together. */
const BACKOFF_MS = [250, 500, 1_000, 2_000, 5_000, 10_000];

/** The server says something every 15 s; after three of these the line is dead. */
const SILENCE_MS = 45_000;

/** Yields changes until the signal, or an error that connecting again cannot mend. */
export async function* changes(to: Connection, options: ChangesOptions): AsyncGenerator<Change, void, undefined> {
  const { signal, ...input } = options;
  let since = input.since;
  for (let failures = 0; !signal?.aborted; failures++) {
    try {
      // A connection lost before its first event must know where it began.
      since ??= await present(to, input, signal);
      for await (const event of connected(to, { ...input, since }, signal)) {
        failures = 0;
        if (event.id !== "") since = event.id;
        const change = changeOf(event);
        if (change) yield change;
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (!isPassing(error)) throw error;
    }
    const wait = BACKOFF_MS[Math.min(failures, BACKOFF_MS.length - 1)]!;
    await sleep(wait * (0.5 + Math.random()), signal).catch(() => undefined);
  }
}

/** The cursor of now. */
async function present(to: Connection, input: Input, signal: AbortSignal | undefined): Promise<string> {
  const query = { app: input.app, kinds: input.kinds, prefix: input.prefix, limit: 1 };
  const page = await sendForJSON(to, PAGE, query, signal ? { signal } : {});
  return (page as { next_cursor: string }).next_cursor;
}

/** One connection. Its end is the end of the iterator; a silent one is aborted. */
async function* connected(to: Connection, input: Input, signal: AbortSignal | undefined): AsyncGenerator<SentEvent> {
  const silence = new AbortController();
  const either = signal ? AbortSignal.any([signal, silence.signal]) : silence.signal;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(new FaztError({ code: "unreachable", detail: "the stream fell silent" })), SILENCE_MS);
  };
  heard();
  try {
    const response = await send(to, SPEC, input, { signal: either });
    if (response.body) yield* sentEvents(response.body.pipeThrough(tap(heard)));
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

function tap(heard: () => void): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({
    transform(chunk, controller) {
      heard();
      controller.enqueue(chunk);
    },
  });
}

function changeOf(event: SentEvent): Change | undefined {
  if (event.data === "") return undefined;
  const data: unknown = JSON.parse(event.data);
  const problem = event.type === "error" ? problemOf(data, 0) : undefined;
  if (problem) throw problem;
  return data as Change;
}

/** Errors after which the same request may well succeed. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof FaztError)) return error instanceof TypeError || (error instanceof DOMException && error.name !== "SyntaxError");
  return ["unreachable", "overloaded", "storage_failed", "deadline"].includes(error.code) || error.status === 502 || error.status === 504;
}
