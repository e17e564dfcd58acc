// A file on its way to the server, in parts that go on where the line broke.
// The protocol is that of upload addresses: PUT with Content-Range, GET for how
// much has arrived (server/uploads.go).

import { given } from "./fields";
import { problemOf } from "./errors";
import type { Client } from "./session";

/** What fits one part is sent as one call. */
export const partBytes = 4 << 20;

/** Waits before a broken line is tried again, the last one kept. */
const waits = [500, 1000, 2000, 5000, 10_000];

export type Transfer = {
  app: string;
  key: string;
  file: File;
  /** The path of an upload address that holds a part of the file already. */
  address?: string | undefined;
  signal: AbortSignal;
  /** Hears of the address, by which a later transfer can go on. */
  opened(address: string): void;
  /** Hears how much has arrived, and whether the line is broken now. */
  progress(received: number, broken: boolean): void;
};

/** Stores a file and answers the JSON text of blob_put. */
export async function transfer(fazt: Client, t: Transfer): Promise<string> {
  if (t.file.size <= partBytes) return whole(fazt, t);
  let from = t.address === undefined ? undefined : await arrived(t.address, t.signal);
  if (from === undefined) {
    const address = await addressFor(fazt, t);
    if (address === undefined) return whole(fazt, t);
    from = 0;
    t.address = address;
    t.opened(address);
  }
  return inParts(t, t.address ?? "", from);
}

/** One call with all the bytes. */
async function whole(fazt: Client, t: Transfer): Promise<string> {
  t.progress(0, false);
  return fazt.text("blob_put", { app: t.app, key: t.key }, { bytes: t.file, signal: t.signal });
}

/** The path of a new upload address; none for a page that is driven, which must
 * not give one out. */
async function addressFor(fazt: Client, t: Transfer): Promise<string | undefined> {
  try {
    const { url } = await fazt.blob.upload(given({ app: t.app, key: t.key, type: t.file.type || undefined }), { signal: t.signal });
    return new URL(url).pathname; // the server's own name for itself may be another
  } catch (error) {
    if (problemOf(error).code === "forbidden") return undefined;
    throw error;
  }
}

async function inParts(t: Transfer, address: string, from: number): Promise<string> {
  let received = from;
  for (let failures = 0; ; ) {
    t.progress(received, failures > 0);
    try {
      const answer = await part(t, address, received);
      if (answer.stored !== undefined) return answer.stored;
      received = answer.received;
      failures = 0;
    } catch (error) {
      if (t.signal.aborted || !(error instanceof BrokenLine)) throw error;
      t.progress(received, true);
      await pause(waits[Math.min(failures++, waits.length - 1)] ?? 0, t.signal);
      received = (await arrived(address, t.signal).catch(passing)) ?? received;
    }
  }
}

/** The line broke, or the server is busy: the same part may well pass later. */
class BrokenLine extends Error {}

/** Passes over a line that is still broken. */
function passing(error: unknown): undefined {
  if (!(error instanceof BrokenLine)) throw error;
  return undefined;
}

/** Sends one part: either the file is stored then, or so much has arrived. */
async function part(t: Transfer, address: string, from: number): Promise<{ stored?: string; received: number }> {
  const end = Math.min(from + partBytes, t.file.size);
  const response = await request(address, {
    method: "PUT",
    headers: { "Content-Range": `bytes ${from}-${end - 1}/${t.file.size}`, "Content-Type": "application/octet-stream" },
    body: t.file.slice(from, end),
    signal: t.signal,
  });
  const text = await response.text();
  if (response.status === 202) return { received: (JSON.parse(text) as { received: number }).received };
  if (response.ok) return { stored: text, received: t.file.size };
  throw refusal(response, text);
}

/** How much of a file an address holds; undefined when the address is over. */
async function arrived(address: string, signal: AbortSignal): Promise<number | undefined> {
  const response = await request(address, { signal });
  const text = await response.text();
  if (response.ok) return (JSON.parse(text) as { received: number }).received;
  if (response.status === 404) return undefined;
  throw refusal(response, text);
}

async function request(address: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, { ...init, cache: "no-store", credentials: "omit" });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new BrokenLine();
  }
}

/** What the server refused. in_progress: it has not noticed the broken line yet;
 * bad_range: a part arrived whose answer did not. */
function refusal(response: Response, text: string): Error {
  const problem = text.startsWith("{") ? (JSON.parse(text) as { code?: string; detail?: string }) : {};
  if (["in_progress", "bad_range", "overloaded", "storage_failed"].includes(problem.code ?? "") || [502, 504].includes(response.status)) return new BrokenLine();
  return Object.assign(new Error(problem.detail ?? `the server answered ${response.status}`), problem);
}

/** Waits, but no longer than until the machine is on line again. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      clearTimeout(timer);
      removeEventListener("online", over);
      signal.removeEventListener("abort", over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    addEventListener("online", over);
    signal.addEventListener("abort", over);
  });
}
