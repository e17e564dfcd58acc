// What the page wrote to its console, which errors it had and what it requested,
// since the last look at them. Bounded, and only where the engine runs in the
// page's own world; elsewhere the transport keeps the same.

import { cut, marked } from "./words";

const MOST_ENTRIES = 200;
const ENTRY_CHARS = 300;

type Entry = { what: "console" | "errors" | "network"; text: string };
export type Recorded = (what: "console" | "errors" | "network", budget?: number) => string;

function shown(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

/** Begins to record, and returns what reads and empties the record. */
export function recorded(): Recorded {
  let entries: Entry[] = [];
  let dropped = 0;
  const add = (what: Entry["what"], text: string) => {
    entries.push({ what, text: cut(text, ENTRY_CHARS) });
    if (entries.length > MOST_ENTRIES) {
      entries.shift();
      dropped++;
    }
  };
  recordConsole(add);
  window.addEventListener("error", (event) => add("errors", event.message || `cannot load ${(event.target as HTMLImageElement | null)?.src ?? "a resource"}`), true);
  window.addEventListener("unhandledrejection", (event) => add("errors", `unhandled rejection: ${shown(event.reason)}`));
  recordNetwork(add);
  return (what, budget = 600) => {
    const mine = entries.filter((one) => one.what === what || (what === "console" && one.what === "errors"));
    entries = entries.filter((one) => !mine.includes(one));
    const lines: string[] = dropped > 0 ? [`… ${dropped} earlier left out`] : [];
    dropped = 0;
    let left = budget * 2;
    for (const one of mine.reverse()) {
      const line = one.what === "network" ? one.text : `${one.what === "errors" ? "error " : ""}${marked(one.text, ENTRY_CHARS)}`;
      if ((left -= line.length + 1) < 0) break;
      lines.unshift(line);
    }
    return lines.length > 0 ? lines.join("\n") : `nothing new in ${what}`;
  };
}

function recordConsole(add: (what: "console", text: string) => void): void {
  for (const level of ["log", "info", "warn", "error", "debug"] as const) {
    const write = console[level];
    console[level] = (...args: unknown[]) => {
      add("console", `${level}: ${args.map(shown).join(" ")}`);
      write.apply(console, args);
    };
  }
}

function recordNetwork(add: (what: "network", text: string) => void): void {
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as PerformanceResourceTiming[]) {
      const url = new URL(entry.name, location.href);
      const path = url.origin === location.origin ? url.pathname + url.search : url.href;
      const status = entry.responseStatus ? ` ${entry.responseStatus}` : "";
      add("network", `${entry.initiatorType}${status} ${cut(path, 160)} ${Math.round(entry.duration)} ms`);
    }
  });
  observer.observe({ type: "resource", buffered: false });
}
