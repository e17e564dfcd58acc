// Runs of recipes: all of them, and one to watch step by step.

import { h, rows, fill } from "../dom";
import { openForm } from "../dialog";
import { ago, duration, moment, short } from "../format";
import { watch } from "../live";
import { path, type Visit } from "../router";
import { empty, heading, table } from "../shell";
import { done } from "../status";
import type { Client, Run } from "../session";
import { undoPath } from "./undo";

export async function runs({ fazt, main, signal }: Visit): Promise<void> {
  const list = h("tbody");
  const none = empty("Nothing has run yet.");
  const grid = table("Runs", ["Run", "Recipe", "State", "Mode", "For", "Started", "Took"], list);

  async function load(): Promise<void> {
    const { items } = await fazt.run.list({ limit: 100 });
    rows(list, items, (run) => run.id, row);
    none.hidden = items.length > 0;
    grid.hidden = !none.hidden;
  }
  await watch("runs", load, signal);
  main.append(heading("Runs", "What recipes have done, newest first."), none, grid);
}

function row(run: Run): HTMLElement {
  return h(
    "tr",
    null,
    h("th", { scope: "row" }, h("a", { href: path`/runs/${run.id}` }, run.id)),
    h("td", null, run.recipe),
    h("td", null, state(run.state)),
    h("td", null, run.mode === "ui" ? "page" : "API"),
    h("td", null, run.by),
    h("td", { class: "when", title: moment(run.started_at) }, ago(run.started_at)),
    h("td", { class: "number when" }, took(run)),
  );
}

function state(name: string): HTMLElement {
  return h("span", { class: "state", "data-state": name }, name.replace("_", " "));
}

function took(run: Run): string {
  return run.ended_at ? duration(new Date(run.ended_at).getTime() - new Date(run.started_at).getTime()) : "";
}

/** One run. */
export async function run({ fazt, main, params, signal }: Visit): Promise<void> {
  const id = params.run ?? "";
  const head = h("div");
  const steps = h("ol", { class: "steps" });
  const result = h("div");
  main.append(head, h("section", { class: "panel", "aria-label": "Steps", "aria-live": "polite" }, steps), result);

  async function load(): Promise<void> {
    const now: Run = await fazt.run.get({ run: id });
    const open = !now.ended_at;
    fill(
      head,
      heading(
        `${now.recipe}`,
        `${now.id} · ${now.mode === "ui" ? "in the page" : "through the API"} · for ${now.by} · ${ago(now.started_at)} ${took(now)}`,
        state(now.state),
        ...(open ? [h("button", { class: "danger", onclick: () => void cancel(fazt, id) }, "Cancel")] : undoLink(now)),
      ),
    );
    rows(steps, now.steps ?? [], (step) => String(step.n), (step) =>
      h("li", null, h("span", { class: "number" }, step.n), h("span", { class: "code" }, step.what), h("span", null, state(step.state), " ", step.state === "running" ? "" : duration(step.ms)), step.note ? h("span", { class: "note" }, step.note) : null),
    );
    fill(
      result,
      now.error ? h("section", { class: "panel", "aria-label": "Error" }, h("h2", null, "Why it failed"), h("p", null, now.error.detail), now.error.hint ? h("p", { class: "hint" }, now.error.hint) : null, now.error.at ? h("p", { class: "code" }, now.error.at) : null) : null,
      h("section", { class: "panel", "aria-label": "Data" }, h("dl", null, h("dt", null, "Input"), h("dd", { class: "code" }, short(now.input, 2000)), now.output === undefined || now.output === null ? null : [h("dt", null, "Output"), h("dd", { class: "code" }, short(now.output, 2000))], now.check ? [h("dt", null, "Check"), h("dd", null, now.check)] : null)),
    );
  }
  await watch("runs", load, signal);
}

/** Where what the run wrote can be taken back, if it was in one app. */
function undoLink(now: Run): Node[] {
  const { app } = (now.input ?? {}) as { app?: unknown };
  return typeof app === "string" ? [h("a", { class: "button", href: undoPath(app, { run: now.id }) }, "Undo")] : [];
}

function cancel(fazt: Client, id: string): Promise<boolean> {
  return openForm({
    title: "Cancel run",
    fields: [],
    submit: "Cancel the run",
    danger: true,
    async act() {
      done("run_cancel", await fazt.text("run_cancel", { run: id }), `Cancelled ${id}`);
    },
  });
}
