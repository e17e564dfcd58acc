// What the person in front does with the page: a click or typing, which pauses
// an agent, and input that is not saved, which keeps one out.

export type Person = {
  /** Runs what acts for an agent: its input is not the person's. */
  acting<T>(act: () => Promise<T>): Promise<T>;
  /** Whether something that the person typed is not saved. */
  unsaved(): boolean;
  stop(): void;
};

type Report = { input(kind: string): void; unsaved(unsaved: boolean): void };

/** At most one report of input in this time: the hub's countdown is far longer. */
const REPORT_EVERY_MS = 500;

/** Keys that use a page; modifiers, scrolling and moving the focus do not. */
const USES = /^(.|Enter|Backspace|Delete|Escape|Paste|Cut)$/u;

export function watchPerson(report: Report, isOurs: (event: Event) => boolean): Person {
  const typed = new Set<Element>();
  const ends = new AbortController();
  let acts = 0;
  let reported = -REPORT_EVERY_MS;
  let said = false;

  /** By the person: the browser vouches for it, and no call of an agent runs.
   * (What an agent types is trusted too, where the browser itself inserts it.) */
  const byPerson = (event: Event) => event.isTrusted && acts === 0 && !isOurs(event);

  const used = (kind: string) => {
    if (performance.now() - reported < REPORT_EVERY_MS) return;
    reported = performance.now();
    report.input(kind);
  };
  const tell = () => {
    const now = unsaved();
    if (now === said) return;
    said = now;
    report.unsaved(now);
  };
  function unsaved(): boolean {
    for (const el of typed) if (!isUnsaved(el)) typed.delete(el);
    return typed.size > 0;
  }
  const listen = (type: string, fn: (event: Event) => void) =>
    window.addEventListener(type, fn, { capture: true, passive: true, signal: ends.signal });

  // While an agent's call runs, a person's pointer still counts: in a page of a
  // person's, an agent's own clicks are never trusted.
  listen("pointerdown", (event) => {
    if (event.isTrusted && !isOurs(event)) used("click");
  });
  listen("keydown", (event) => {
    const { key, ctrlKey, metaKey } = event as KeyboardEvent;
    if (event.isTrusted && !isOurs(event) && USES.test(key) && !(ctrlKey || metaKey)) used("keys");
  });
  listen("input", (event) => {
    const el = event.composedPath()[0];
    if (!byPerson(event) || !(el instanceof Element) || el.matches("[type=search], [role=searchbox]")) return;
    typed.add(el);
    tell();
  });
  for (const type of ["submit", "reset"]) {
    listen(type, (event) => {
      for (const el of typed) if ((event.target as Element).contains(el)) typed.delete(el);
      tell();
    });
  }
  // A dialog that closes takes its fields with it, without any event of theirs.
  const timer = setInterval(tell, 1000);

  return {
    async acting(act) {
      acts++;
      try {
        return await act();
      } finally {
        acts--;
      }
    },
    unsaved,
    stop() {
      clearInterval(timer);
      ends.abort();
    },
  };
}

function isUnsaved(el: Element): boolean {
  if (!el.isConnected) return false;
  if (el instanceof HTMLInputElement) {
    return el.type === "checkbox" || el.type === "radio" ? el.checked !== el.defaultChecked : el.value !== el.defaultValue;
  }
  if (el instanceof HTMLTextAreaElement) return el.value !== el.defaultValue;
  return true;
}
