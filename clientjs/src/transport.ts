// How a call travels: path, query, body, headers, one retry. It knows operations
// only by their specs.

import type { CallOptions, OperationSpec } from "fazt:operations";

import { FaztError, errorOf } from "./errors";
import { blockedByBrowser, mixedContent } from "./loopback";

export type Input = Record<string, unknown>;

/** A member of an input that is sent as the JSON text it is: JavaScript's
 * numbers and objects would change the text of large numbers and the order of
 * members that look like numbers. */
export class RawJSON {
  readonly text: string;
  constructor(text: string) {
    JSON.parse(text); // throws on what is no JSON
    this.text = text;
  }
}

/** Where calls go and as whom. */
export type Connection = {
  /** Without a slash at its end. */
  url: string;
  /** Undefined: the session of the page's own origin. */
  token: string | undefined;
};

/** The longest Retry-After that is waited for without asking the caller. */
const LONGEST_WAIT_MS = 10_000;

/** The whole answer of a call, once it is a success. */
export async function send(to: Connection, spec: OperationSpec, input: Input, options: CallOptions): Promise<Response> {
  const request = requestOf(to, spec, input, options);
  const response = await attempt(request);
  if (response.ok) return response;
  const wait = retryAfter(response);
  // A stream can be sent once.
  const repeatable = !(options.bytes instanceof ReadableStream) && (spec.repeat === true || options.idempotencyKey !== undefined);
  if (response.status !== 503 || wait === undefined || wait > LONGEST_WAIT_MS || !repeatable) throw await errorOf(response);
  await response.body?.cancel();
  await sleep(wait, options.signal);
  const second = await attempt(request);
  if (!second.ok) throw await errorOf(second);
  return second;
}

/** The answer of a call as its JSON. */
export async function sendForJSON(to: Connection, spec: OperationSpec, input: Input, options: CallOptions): Promise<unknown> {
  const response = await send(to, spec, input, options);
  const body = await response.text();
  try {
    return body === "" ? undefined : JSON.parse(body);
  } catch (cause) {
    throw new FaztError({
      code: "not_fazt",
      status: response.status,
      detail: "the server's answer is not JSON",
      hint: "see whether the address is that of a fazt server",
      cause,
    });
  }
}

type Outgoing = { url: string; init: RequestInit };

function requestOf(to: Connection, spec: OperationSpec, input: Input, options: CallOptions): Outgoing {
  const rest: Input = { ...input };
  const query: string[] = [];
  const path = fillPath(spec.path, rest, query);
  const headers = headersOf(to, options);
  const init: RequestInit = { method: spec.method, headers, cache: "no-store", redirect: "manual" };
  // A token and a cookie must never travel together, nor a cookie to another origin.
  init.credentials = to.token === undefined && ownOrigin(to.url) ? "same-origin" : "omit";
  if (options.signal) init.signal = options.signal;
  if (spec.takes !== undefined) {
    const text = rest[spec.takes];
    delete rest[spec.takes];
    const bytes = options.bytes ?? (text === undefined || text === null ? undefined : String(text));
    // A Blob says its own type; for the rest the server goes by name and content.
    if (!(bytes instanceof Blob && bytes.type !== "")) headers["Content-Type"] = "application/octet-stream";
    if (bytes !== undefined) init.body = bytes as BodyInit;
    if (bytes instanceof ReadableStream) Object.assign(init, { duplex: "half" }); // a stream is sent before the answer comes
    for (const [name, value] of Object.entries(rest)) addQuery(query, name, value);
  } else if (spec.body) {
    headers["Content-Type"] = "application/json";
    init.body = encodeObject(rest);
  } else {
    for (const [name, value] of Object.entries(rest)) addQuery(query, name, value);
  }
  if (spec.stream) headers["Accept"] = "text/event-stream";
  return { url: to.url + path + (query.length > 0 ? "?" + query.join("&") : ""), init };
}

function headersOf(to: Connection, options: CallOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  if (to.token !== undefined) headers["Authorization"] = "Bearer " + to.token;
  if (options.idempotencyKey !== undefined) headers["Idempotency-Key"] = byteString(options.idempotencyKey);
  if (options.dryRun) headers["Fazt-Dry-Run"] = "true";
  if (options.confirm !== undefined) headers["Fazt-Confirm"] = byteString(options.confirm);
  return headers;
}

/** A header's text as its UTF-8 bytes, which is how fetch takes what is not Latin-1. */
function byteString(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
}

export function ownOrigin(url: string): boolean {
  return typeof location !== "undefined" && new URL(url).origin === location.origin;
}

const PLACEHOLDER = /\/\{([a-z_]+)(?:\.\.\.)?\}/g;

/** Takes the path's fields out of `rest`. Each is one encoded segment; "." and
 * "..", which URL parsers take for steps even when encoded, go to the query. */
function fillPath(path: string, rest: Input, query: string[]): string {
  return path.replace(PLACEHOLDER, (_, name: string) => {
    const value = rest[name];
    delete rest[name];
    if (value === undefined || value === null || value === "") {
      throw new FaztError({ code: "invalid_input", detail: `${name} is missing or empty`, field: name, hint: `give ${name} a value` });
    }
    const text = String(value);
    if (text === "." || text === "..") {
      addQuery(query, name, text);
      return "";
    }
    return "/" + encodeText(name, text);
  });
}

/** Percent-encodes; a lone surrogate has no UTF-8 and is refused, not replaced. */
function encodeText(name: string, text: string): string {
  try {
    return encodeURIComponent(text);
  } catch (cause) {
    throw new FaztError({ code: "invalid_input", detail: `${name} is not valid Unicode`, field: name, hint: "leave out the lone surrogate", cause });
  }
}

/** Absent where it is null: a query has no null. */
function addQuery(query: string[], name: string, value: unknown): void {
  if (value === undefined || value === null) return;
  query.push(`${encodeURIComponent(name)}=${encodeText(name, queryText(value))}`);
}

/** Plain lists have commas between their items; anything else is its JSON. */
function queryText(value: unknown): string {
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value) && value.every(isPlainItem)) return value.join(",");
  return encode(value);
}

function isPlainItem(item: unknown): boolean {
  if (typeof item === "string") return item !== "" && !item.includes(",") && !item.startsWith("[");
  return typeof item === "number" || typeof item === "boolean";
}

function encodeObject(input: Input): string {
  const members: string[] = [];
  for (const [name, value] of Object.entries(input)) {
    const text: string | undefined = encode(value); // of a function there is none
    if (text !== undefined) members.push(`${JSON.stringify(name)}:${text}`);
  }
  return `{${members.join(",")}}`;
}

function encode(value: unknown): string {
  if (value instanceof RawJSON) return value.text;
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new FaztError({ code: "invalid_input", detail: `the input has no JSON form: ${String(cause)}`, hint: "send plain data", cause });
  }
}

async function attempt({ url, init }: Outgoing): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (cause) {
    init.signal?.throwIfAborted();
    throw await unreachable(url, cause);
  }
  if (response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400)) {
    throw new FaztError({
      code: "redirected",
      status: response.status,
      detail: `${new URL(url).origin} answers with a redirect, which a call does not follow`,
      hint: "connect to the address it redirects to",
    });
  }
  return response;
}

async function unreachable(url: string, cause: unknown): Promise<FaztError> {
  const origin = new URL(url).origin;
  if (await blockedByBrowser(url)) {
    return new FaztError({
      code: "local_network_blocked",
      detail: `the browser does not let this page reach ${origin}, which is on this machine or its network`,
      hint: "allow local network access for this site in the browser's prompt or site settings, or open the page from the fazt server itself",
      cause,
    });
  }
  if (mixedContent(url)) {
    return new FaztError({ code: "mixed_content", detail: `an https page cannot call ${origin}`, hint: "serve fazt over https", cause });
  }
  return new FaztError({
    code: "unreachable",
    detail: `no answer from ${origin}`,
    hint: "see whether the server runs; from another origin, it must be listed: fazt origin add " + originHere(),
    cause,
  });
}

function originHere(): string {
  return typeof location === "undefined" ? "URL" : location.origin;
}

/** Milliseconds that Retry-After asks for: seconds or a date (RFC 9110, 10.2.3). */
function retryAfter(response: Response): number | undefined {
  const value = response.headers.get("Retry-After");
  if (value === null) return undefined;
  const seconds = Number(value);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(ms, 0) : undefined;
}

/** Waits; rejects with the signal's reason when that comes first. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
