// The frame around the rooms: navigation, title, and what is said aloud.

import { h, fill, type Child } from "./dom";
import { sentence, showProblem } from "./errors";
import { statusLine } from "./status";

export type Place = { path: string; label: string; scope: string };

export const places: readonly Place[] = [
  { path: "/apps", label: "Apps", scope: "apps:read" },
  { path: "/analytics", label: "Analytics", scope: "events:read" },
  { path: "/recipes", label: "Recipes", scope: "recipes:read" },
  { path: "/runs", label: "Runs", scope: "runs:read" },
  { path: "/agents", label: "Agents", scope: "tabs:read" },
  { path: "/approvals", label: "Approvals", scope: "approvals:read" },
  { path: "/tokens", label: "Tokens", scope: "tokens:read" },
  { path: "/secrets", label: "Secrets", scope: "secrets:read" },
  { path: "/capacity", label: "Capacity", scope: "system:read" },
  { path: "/system", label: "System", scope: "system:read" },
];

/** Shows an error in the place of a room or a part of one. */
export function showError(main: Element, error: unknown): void {
  const alert = h("p", { role: "alert", class: "alert" });
  const { hint } = showProblem(alert, error);
  const title = main.id === "room" ? h("div", { class: "heading" }, h("h1", null, document.title.replace(/ · fazt$/, ""))) : null;
  fill(main, title, alert, hint ? h("p", { class: "hint" }, sentence(hint)) : null);
}

export type Shell = {
  /** Empties the room's place and returns it. */
  open(title: string, params: Record<string, string>): HTMLElement;
  /** Shows a number beside a place, none for 0. */
  badge(path: string, count: number): void;
  /** The place of the button that stops all agents, and of what is said while
   * they are. */
  stop: HTMLElement;
  banner: HTMLElement;
};

export function newShell(name: string, holds: (scope: string) => boolean): Shell {
  const main = h("main", { id: "room", tabindex: "-1" });
  const stop = h("span", { class: "stop" });
  const banner = h("div", { class: "stopped", role: "alert", hidden: true });
  const badges = new Map<string, HTMLElement>();
  let opened = false;
  const links = places
    .filter((place) => holds(place.scope))
    .map((place) => {
      const badge = h("span", { class: "badge", hidden: true });
      badges.set(place.path, badge);
      return h("a", { href: place.path, "data-key": place.path.slice(1) }, place.label, badge);
    });
  fill(
    document.body,
    h("a", { class: "skip", href: "#room" }, "Skip to the content"),
    h(
      "header",
      null,
      h("a", { class: "brand", href: "/apps" }, "fazt"),
      h("nav", { "aria-label": "Main" }, links),
      h("div", { class: "who" }, stop, h("span", null, name), h("form", { method: "post", action: "/sign-out" }, h("button", { type: "submit", class: "plain" }, "Sign out"))),
    ),
    banner,
    main,
    statusLine,
  );
  return {
    stop,
    banner,
    open(title, params) {
      const here = "/" + (location.pathname.split("/")[1] ?? "");
      for (const link of links) {
        if (link.getAttribute("href") === here || (here === "/" && link.getAttribute("href") === "/apps")) {
          link.setAttribute("aria-current", "page");
          link.scrollIntoView({ block: "nearest", inline: "center" });
        } else link.removeAttribute("aria-current");
      }
      const heading = title.replace(/\{(\w+)\}/g, (_, key: string) => params[key] ?? "");
      document.title = `${heading} · fazt`;
      fill(main);
      // In a new room the reading begins anew; the first one begins at the top.
      if (opened) main.focus({ preventScroll: true });
      if (opened) scrollTo(0, 0);
      opened = true;
      return main;
    },
    badge(path, count) {
      const badge = badges.get(path);
      if (!badge) return;
      badge.textContent = String(count);
      badge.title = `${count} waiting`;
      badge.hidden = count === 0;
    },
  };
}

/** The head of a room: its name, what it is about, and its actions. */
export function heading(title: string, about: Child, ...actions: Node[]): HTMLElement {
  return h("div", { class: "heading" }, h("div", null, h("h1", null, title), about ? h("p", { class: "about" }, about) : null), h("div", { class: "actions" }, actions));
}

/** A table with its head; a column without a name is that of the actions. */
export function table(label: string, columns: string[], body: HTMLElement): HTMLElement {
  const head = columns.map((name) => h("th", { scope: "col" }, name || h("span", { class: "hidden" }, "Actions")));
  return h("table", { "aria-label": label }, h("thead", null, h("tr", null, head)), body);
}

/** What a list shows when it is empty: what it would hold, and the next step. */
export function empty(text: string, ...next: Node[]): HTMLElement {
  return h("div", { class: "empty" }, h("p", null, text), next);
}
