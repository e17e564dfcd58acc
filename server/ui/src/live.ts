// Rooms that stay true: they load, and load again when the hub says that what
// they show has changed.

import type { Attachment } from "fazt/client";

import { problemOf } from "./errors";
import type { Client } from "./session";
import { say } from "./status";

let hub: Attachment | undefined;

/** Joins the hub: this page becomes a tab that an agent can be let into. */
export function join(fazt: Client): void {
  hub = fazt.attach();
}

/** The id of this page as a tab, once it has joined. */
export function thisTab(): string | undefined {
  return hub?.tab();
}

type Load = () => Promise<void>;

/** Loads now and after every change of an app, or of what is in no app. */
export function follow(app: string, load: Load, signal: AbortSignal): Promise<void> {
  return watch("changes", load, signal, app);
}

/** Loads now and whenever something is published under the topic. */
export async function watch(topic: string, load: Load, signal: AbortSignal, app?: string): Promise<void> {
  const first = { loaded: false };
  const again = repeat(load, signal, first);
  const stop = hub?.subscribe(topic, app === undefined ? {} : { app }, again);
  signal.addEventListener("abort", () => stop?.());
  await load(); // after the subscription, so that nothing falls between
  first.loaded = true;
}

/** Loads now and then every so often, while the page is looked at. */
export async function every(ms: number, load: Load, signal: AbortSignal): Promise<void> {
  const again = repeat(load, signal, { loaded: true });
  const timer = setInterval(() => {
    if (!document.hidden) again();
  }, ms);
  signal.addEventListener("abort", () => clearInterval(timer));
  await load();
}

/** One load at a time; however often it is asked meanwhile, one more follows.
 * What the first load fails of is shown in the room, so it is not said too. */
function repeat(load: Load, signal: AbortSignal, first: { loaded: boolean }): () => void {
  let running = false;
  let asked = false;
  return () => {
    asked = true;
    if (running) return;
    running = true;
    void (async () => {
      while (asked && !signal.aborted) {
        asked = false;
        try {
          await load();
        } catch (error) {
          if (!signal.aborted && first.loaded) say(problemOf(error).detail);
        }
      }
      running = false;
    })();
  };
}
