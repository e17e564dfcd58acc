// The parts of one app, as a second navigation.

import { h } from "../dom";
import { path } from "../router";

const parts = [{ name: "keys", label: "Keys", suffix: "" }] as const;

export type Part = (typeof parts)[number]["name"];

export function appTabs(app: string, current: Part): HTMLElement {
  return h(
    "nav",
    { class: "tabs", "aria-label": `Parts of ${app}` },
    parts.map((part) => h("a", { href: path`/apps/${app}` + part.suffix, "aria-current": part.name === current ? "page" : undefined }, part.label)),
  );
}
