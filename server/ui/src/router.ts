// Rooms have addresses. A link within the page changes the room without a
// reload; back and forward work as anywhere.

import { InputError } from "./errors";
import type { Client } from "./session";

/** What a room gets. The signal ends when the room is left. */
export type Visit = {
  fazt: Client;
  main: HTMLElement;
  params: Record<string, string>;
  query: URLSearchParams;
  signal: AbortSignal;
};

export type Room = (visit: Visit) => void | Promise<void>;

type Route = { pattern: string[]; title: string; room: Room };

export type Router = {
  add(path: string, title: string, room: Room): void;
  start(): void;
  /** Shows the current address anew. */
  refresh(): void;
};

/** What a room with something unsaved asks before it is left: whether to go. */
type Guard = () => Promise<boolean>;

let guard: { asks: Guard; at: string } | undefined;

/** Holds the room until its guard says go, or the signal ends. */
export function hold(asks: Guard, signal: AbortSignal): void {
  const mine = (guard = { asks, at: location.href });
  signal.addEventListener("abort", () => {
    if (guard === mine) guard = undefined;
  });
}

/** Lets the room be left without a question. */
export function release(): void {
  guard = undefined;
}

/** Goes to another address of the page. */
export function go(path: string): void {
  if (guard) return void ask(guard, path);
  history.pushState(null, "", path);
  dispatchEvent(new PopStateEvent("popstate"));
}

async function ask(held: NonNullable<typeof guard>, path: string): Promise<void> {
  if (!(await held.asks()) || guard !== held) return;
  guard = undefined;
  go(path);
}

/** Whether back or forward has to wait for the guard, which is asked then. */
function heldBack(): boolean {
  if (!guard) return false;
  const wanted = location.href;
  history.pushState(null, "", guard.at);
  void ask(guard, wanted);
  return true;
}

/** The address of a path with parameters, each encoded as one segment. */
export function path(strings: TemplateStringsArray, ...values: string[]): string {
  return strings.reduce((out, text, i) => out + text + (i < values.length ? encodeURIComponent(values[i] ?? "") : ""), "");
}

export function newRouter(open: (title: string, params: Record<string, string>) => HTMLElement, fazt: Client, failed: (main: HTMLElement, error: unknown) => void): Router {
  const routes: Route[] = [];
  let leave = new AbortController();

  function match(address: string): { route: Route; params: Record<string, string> } | undefined {
    const parts = address.split("/").filter(Boolean);
    for (const route of routes) {
      if (route.pattern.length !== parts.length) continue;
      const params: Record<string, string> = {};
      const fits = route.pattern.every((piece, i) => {
        const part = decode(parts[i] ?? "");
        if (!piece.startsWith("{")) return piece === part;
        params[piece.slice(1, -1)] = part;
        return true;
      });
      if (fits) return { route, params };
    }
    return undefined;
  }

  async function show(): Promise<void> {
    leave.abort();
    leave = new AbortController();
    const { signal } = leave;
    const found = match(location.pathname);
    const main = open(found?.route.title ?? "Nothing here", found?.params ?? {});
    if (!found) {
      failed(main, new InputError("not_found", "", "there is no room at this address", "go on from the navigation"));
      return;
    }
    try {
      await found.route.room({ fazt, main, params: found.params, query: new URLSearchParams(location.search), signal });
    } catch (error) {
      if (!signal.aborted) failed(main, error);
    }
  }

  function follow(event: MouseEvent): void {
    const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement);
    if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (link.origin !== location.origin || link.target || link.hasAttribute("download") || link.dataset.outside !== undefined) return;
    event.preventDefault();
    if (link.href !== location.href) go(link.href);
  }

  return {
    add: (address, title, room) => void routes.push({ pattern: address.split("/").filter(Boolean), title, room }),
    start: () => {
      addEventListener("popstate", () => void (heldBack() || show()));
      document.addEventListener("click", follow);
      void show();
    },
    refresh: () => void show(),
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
