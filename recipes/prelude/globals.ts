// What authors expect of any JavaScript host and the engine does not have:
// console, timers, structuredClone, crypto.

import { show } from "./describe";
import { clearTimer, send, setTimer } from "./host";

const LINE_CHARS = 4_000;

function logger(level: string) {
  return (...args: unknown[]): void => {
    let line = "";
    for (let i = 0; i < args.length && line.length < LINE_CHARS; i++) {
      line += (i === 0 ? "" : " ") + show(args[i], LINE_CHARS);
    }
    send("log", level, line);
  };
}

function cloneError(what: string): Error {
  return Object.assign(new Error(`${what} cannot be cloned`), { name: "DataCloneError" });
}

/** HTML's structured clone for the types that exist here. */
function clone(value: unknown, seen: Map<object, unknown>): unknown {
  if (typeof value === "function" || typeof value === "symbol") throw cloneError(`a ${typeof value}`);
  if (typeof value !== "object" || value === null) return value;
  if (seen.has(value)) return seen.get(value);
  const keep = <T>(copy: T): T => (seen.set(value as object, copy), copy);
  if (value instanceof Date) return keep(new Date(value.getTime()));
  if (value instanceof RegExp) return keep(new RegExp(value.source, value.flags));
  if (value instanceof ArrayBuffer) return keep(value.slice(0));
  if (ArrayBuffer.isView(value)) return keep(cloneView(value, seen));
  if (value instanceof Map) {
    const copy = keep(new Map());
    for (const [key, item] of value) copy.set(clone(key, seen), clone(item, seen));
    return copy;
  }
  if (value instanceof Set) {
    const copy = keep(new Set());
    for (const item of value) copy.add(clone(item, seen));
    return copy;
  }
  if (value instanceof Error) return keep(Object.assign(new Error(value.message), { name: value.name }));
  if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet) throw cloneError("this object");
  const copy = keep((Array.isArray(value) ? new Array(value.length) : {}) as Record<string, unknown>);
  for (const key of Object.keys(value)) copy[key] = clone((value as Record<string, unknown>)[key], seen);
  return copy;
}

function cloneView(view: ArrayBufferView, seen: Map<object, unknown>): unknown {
  const buffer = clone(view.buffer, seen) as ArrayBuffer;
  const Type = view.constructor as new (buffer: ArrayBuffer, offset: number, length?: number) => unknown;
  if (view instanceof DataView) return new Type(buffer, view.byteOffset, view.byteLength);
  return new Type(buffer, view.byteOffset, (view as Uint8Array).length);
}

/** Web Crypto's bound on one call of getRandomValues. */
const RANDOM_BYTES = 65_536;

function randomBytes(count: number): Uint8Array {
  const hex = send("random", count) ?? "";
  const bytes = new Uint8Array(count);
  for (let i = 0; i < count; i++) bytes[i] = parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

function getRandomValues<T extends ArrayBufferView>(target: T): T {
  if (!ArrayBuffer.isView(target)) throw new TypeError("getRandomValues needs a typed array");
  if (target.byteLength > RANDOM_BYTES) throw new RangeError(`getRandomValues fills at most ${RANDOM_BYTES} bytes`);
  new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(randomBytes(target.byteLength));
  return target;
}

/** RFC 9562 version 4. */
function randomUUID(): string {
  const bytes = randomBytes(16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  let out = "";
  for (let i = 0; i < 16; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) out += "-";
    out += (bytes[i]! + 256).toString(16).slice(1);
  }
  return out;
}

export function installGlobals(): void {
  const values: Record<string, unknown> = {
    console: {
      log: logger("log"),
      info: logger("info"),
      warn: logger("warn"),
      error: logger("error"),
      debug: logger("debug"),
    },
    setTimeout: setTimer,
    clearTimeout: clearTimer,
    structuredClone: (value: unknown) => clone(value, new Map()),
    crypto: { randomUUID, getRandomValues },
  };
  for (const name of Object.keys(values)) {
    Object.defineProperty(globalThis, name, {
      value: values[name],
      writable: true,
      configurable: true,
      enumerable: false,
    });
  }
}
