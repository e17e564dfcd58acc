// Waiting inside a page. A hidden tab runs no animation frames and about one
// timer a second, so there a frame is a turn of a MessageChannel, and waits end
// early whenever the document changes.

/** One turn of the event loop that background throttling does not delay. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
}

/** The longest that a visible page is trusted to come with a frame: one that is
 * covered or off screen may stop its frames without becoming hidden. */
const FRAME_CAP_MS = 100;

/** The next animation frame, or a turn where there are none. */
export function frame(): Promise<void> {
  if (document.hidden) return turn();
  return new Promise((resolve) => {
    let request = 0;
    const done = () => {
      clearTimeout(timer);
      cancelAnimationFrame(request);
      document.removeEventListener("visibilitychange", done);
      resolve();
    };
    const timer = setTimeout(done, FRAME_CAP_MS);
    request = requestAnimationFrame(done);
    document.addEventListener("visibilitychange", done);
  });
}

/** Resolves when the document changes, and after `ms` at the latest. */
export function changeOr(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const observer = new MutationObserver(() => done());
    const events = ["input", "change", "transitionend", "animationend", "load", "focusin", "visibilitychange"];
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      observer.disconnect();
      for (const name of events) document.removeEventListener(name, done, true);
      resolve();
    }
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    for (const name of events) document.addEventListener(name, done, true);
  });
}

export type Deadline = { left(): number; passed(): boolean; overrun(): number; ms: number };

/** A deadline `ms` from now; a step that computes long does not extend it. */
export function deadline(ms: number): Deadline {
  const end = performance.now() + ms;
  return { ms, left: () => Math.max(0, end - performance.now()), passed: () => performance.now() >= end, overrun: () => performance.now() - end };
}

/** Pauses between tries: short at first, since most waits are short. */
const PAUSES = [0, 16, 33, 50, 100, 100, 250];

/** Tries until it answers or throws something that will not pass by itself.
 * After the deadline the last failure is thrown as it was. */
export async function retry<T>(until: Deadline, attempt: () => T | Promise<T>, passes: (error: unknown) => boolean): Promise<T> {
  for (let count = 0; ; count++) {
    try {
      return await attempt();
    } catch (error) {
      if (!passes(error) || until.passed()) throw error;
    }
    const pause = PAUSES[Math.min(count, PAUSES.length - 1)] ?? 250;
    await (pause === 0 ? frame() : changeOr(Math.min(pause, until.left() + 1)));
    // A page that changes without end must not keep the loop spinning.
    if (count > 6) await frame();
  }
}
