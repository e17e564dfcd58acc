// A unified difference as an element.

import { h } from "./dom";

const kinds: Record<string, string> = { "+": "added", "-": "removed", "@": "place" };

/** A unified difference, its lines told apart by more than their colour. */
export function difference(diff: string): HTMLElement {
  const lines = diff ? diff.split("\n").map((line) => h("span", { class: kinds[line.charAt(0)] ?? "" }, `${line}\n`)) : "The sources are the same.";
  return h("pre", { class: "diff", tabindex: "0", "aria-label": "Difference" }, lines);
}
