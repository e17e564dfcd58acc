// The parts of one app, as a second navigation.

import { h } from "../dom";
import { path } from "../router";

const parts = {
  keys: { label: "Keys", suffix: "" },
  collections: { label: "Collections", suffix: "/collections" },
  files: { label: "Files", suffix: "/files" },
  changes: { label: "Changes", suffix: "/changes" },
  analytics: { label: "Analytics", suffix: "/analytics" },
  undo: { label: "Undo", suffix: "/undo" },
} as const;

export type Part = keyof typeof parts;

export function appTabs(app: string, current: Part): HTMLElement {
  return h(
    "nav",
    { class: "tabs", "aria-label": `Parts of ${app}` },
    Object.entries(parts).map(([part, { label, suffix }]) => h("a", { href: path`/apps/${app}` + suffix, "aria-current": part === current ? "page" : undefined }, label)),
  );
}
