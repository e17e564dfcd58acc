// What the page tells by itself: that it was hidden, that it goes away, and that
// a person used it.

import type { Host } from "./wire";

/** Input of the transport's own may arrive this long after it was asked for. */
const OWN_INPUT_MS = 300;

/** Announces on `host`; the returned host marks its own input, so that it is not
 * taken for a person's. */
export function announce(host: Host): Host {
  let own = 0;
  let ownUntil = 0;
  document.addEventListener("visibilitychange", () => host.notify?.("hidden", { hidden: document.hidden }));
  window.addEventListener("pagehide", () => host.notify?.("closing", {}));
  // Modifiers, scrolling and focus are no use of the page.
  const used = (kind: string) => (event: Event) => {
    if (!event.isTrusted || own > 0 || performance.now() < ownUntil) return;
    host.notify?.("userInput", { kind });
  };
  window.addEventListener("pointerdown", used("click"), { capture: true, passive: true });
  window.addEventListener("keydown", (event) => {
    if (event.key.length === 1 || /^(Enter|Backspace|Delete|Tab|Escape)$/.test(event.key)) used("keys")(event);
  }, { capture: true, passive: true });
  const { input } = host;
  if (!input) return host;
  return {
    ...host,
    input: async (kind, params) => {
      own++;
      try {
        await input(kind, params);
      } finally {
        own--;
        ownUntil = performance.now() + OWN_INPUT_MS;
      }
    },
  };
}
