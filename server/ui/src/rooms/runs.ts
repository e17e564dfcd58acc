// Runs of recipes, newest first.

import { h, rows } from "../dom";
import { ago, duration, moment } from "../format";
import { watch } from "../live";
import { path, type Visit } from "../router";
import { empty, heading, table } from "../shell";
import type { Run } from "../session";

export async function runs({ fazt, main, signal }: Visit): Promise<void> {
  const list = h("tbody");
  const none = empty("Nothing has run yet. Run a recipe, or let an agent run one: each step appears here as it happens.", h("a", { class: "button", href: "/recipes" }, "Go to the recipes"));
  const grid = table("Runs", ["Run", "Recipe", "State", "Mode", "For", "Started", "Took"], list);

  async function load(): Promise<void> {
    const { items } = await fazt.run.list({ limit: 100 });
    rows(list, items, (run) => run.id, runRow);
    none.hidden = items.length > 0;
    grid.hidden = !none.hidden;
  }
  await watch("runs", load, signal);
  main.append(heading("Runs", "What recipes have done, newest first."), none, grid);
}

/** A run as a row of a table. */
export function runRow(run: Run): HTMLElement {
  return h(
    "tr",
    null,
    h("th", { scope: "row" }, h("a", { href: path`/runs/${run.id}` }, run.id)),
    h("td", null, run.recipe),
    h("td", null, state(run.state)),
    h("td", null, run.mode === "ui" ? "page" : run.mode === "undo" ? "undo" : "API"),
    h("td", null, run.by),
    h("td", { class: "when", title: moment(run.started_at) }, ago(run.started_at)),
    h("td", { class: "number when" }, took(run)),
  );
}

/** A state as people read it. */
export function state(name: string): HTMLElement {
  return h("span", { class: "state", "data-state": name }, name.replace("_", " "));
}

/** How long a run took, "" while it goes on. */
export function took(run: Run): string {
  return run.ended_at ? duration(new Date(run.ended_at).getTime() - new Date(run.started_at).getTime()) : "";
}
