// A long-hidden tab may be frozen by the browser: its timers do not run, and what
// a wait did not find says nothing about the page.

import type { Deadline } from "./clock";
import { EngineError } from "./errors";

/** A wait that overran its deadline by this much was not run in time. */
const OVERRUN_MS = 3_000;

export function asleep(error: unknown, until: Deadline): unknown {
  if (!document.hidden || until.overrun() < OVERRUN_MS) return error;
  const was = error instanceof Error ? error.message : String(error);
  return new EngineError("asleep", "the tab is asleep: it is hidden and the browser stopped it", "bring the tab to the front, or work in one that fazt opened", was);
}
