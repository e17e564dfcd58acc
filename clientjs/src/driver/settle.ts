// After an action: until what it started has ended. Not a fixed time: no request
// that began with the action still open and one quiet frame, capped.

import { changeOr, deadline, frame, turn } from "./clock";
import { changeCount, openRequests } from "./watch";
import type { Host } from "./wire";

/** A page that never comes to rest is not waited for longer than this. */
const CAP_MS = 2_000;
/** A page that only redraws without end (a clock, a spinner) gets this long. */
const RESTLESS_MS = 150;

export type Before = { requests: number; changes: number };

export async function before(host: Host): Promise<Before> {
  return { requests: await openRequests(host), changes: changeCount() };
}

/** A document that loads without end is looked at after this long. */
const ARRIVE_MS = 5_000;

/** Waits until the document has loaded and what it asked for has come. */
export async function arrive(host: Host): Promise<void> {
  const until = deadline(ARRIVE_MS);
  while (document.readyState !== "complete" && !until.passed()) await changeOr(20);
  await settle({ requests: 0, changes: changeCount() }, host, false);
}

/** Waits for what began since `was`. `light` actions, such as typing, are only
 * given the turns that handlers and frameworks take to react. */
export async function settle(was: Before, host: Host, light: boolean): Promise<void> {
  await turn();
  await turn();
  const until = deadline(CAP_MS);
  const restless = deadline(RESTLESS_MS);
  while (!until.passed()) {
    const requests = await openRequests(host);
    if (requests > was.requests) {
      await changeOr(20);
      continue;
    }
    if (light) return;
    const seen = changeCount();
    await frame();
    const same = changeCount() === seen;
    if (same && (await openRequests(host)) <= was.requests) return;
    if (!same && restless.passed()) return;
  }
}
