// One run, as it goes: its steps, what came of it, and what can be done about it.

import { fill, h, rows } from "../dom";
import { openForm } from "../dialog";
import { problemOf, sentence } from "../errors";
import { ago, duration } from "../format";
import { objectOf, pretty } from "../jsontext";
import { watch } from "../live";
import { go, path, type Visit } from "../router";
import { heading } from "../shell";
import { done } from "../status";
import type { Client, Recipe, Run } from "../session";
import { editorPath } from "./recipe-editor";
import { runForm } from "./recipe-run";
import { state, took } from "./runs";
import { undoPath } from "./undo";

/** A run with the texts of its input and output, whose numbers stay as they are. */
type Seen = { run: Run; input: string; output: string | undefined };

export async function run({ fazt, main, params, signal }: Visit): Promise<void> {
  const id = params.run ?? "";
  const head = h("div");
  const wrong = h("div");
  const steps = h("ol", { class: "steps" });
  const none = h("p", { class: "hint" }, "No step yet.");
  const result = h("div");
  let recipe: Recipe | undefined;
  let asked = false;
  main.append(head, wrong, h("section", { class: "panel", "aria-label": "Steps", "aria-live": "polite" }, h("h2", null, "Steps"), none, steps), result);

  async function load(): Promise<void> {
    const text = await fazt.text("run_get", { run: id });
    const members = objectOf(text);
    const seen: Seen = { run: JSON.parse(text) as Run, input: members.get("input") ?? "{}", output: members.get("output") };
    if (!asked) recipe = await recipeOf(fazt, seen.run.recipe);
    asked = true;
    fill(head, headOf(fazt, seen, recipe));
    rows(steps, seen.run.steps, (step) => String(step.n), stepRow);
    none.hidden = seen.run.steps.length > 0;
    fill(wrong, seen.run.error ? failure(seen.run, seen.run.error, recipe) : null);
    fill(result, data(seen));
  }
  await watch("runs", load, signal);
}

/** The recipe of a run; none for a piece of code, or one that is gone. */
async function recipeOf(fazt: Client, name: string): Promise<Recipe | undefined> {
  try {
    return (await fazt.recipe.get({ name })).recipe;
  } catch (error) {
    if (["recipe_not_found", "forbidden"].includes(problemOf(error).code)) return undefined;
    throw error;
  }
}

function headOf(fazt: Client, { run: now, input }: Seen, recipe: Recipe | undefined): HTMLElement {
  const { id, mode } = now;
  const how = mode === "ui" ? `in the page${now.tab ? ` ${now.tab}` : ""}` : mode === "undo" ? "undoing another run" : "through the API";
  const name = recipe ? h("a", { href: path`/recipes/${recipe.name}` }, recipe.title) : now.recipe;
  const actions = now.ended_at
    ? [
        recipe && mode !== "undo" ? h("button", { class: "primary", onclick: () => void runForm(fazt, now.recipe, input, mode) }, "Run again") : "",
        recipe?.has_undo && now.state === "ok" && mode !== "undo" ? h("button", { onclick: () => void undoRun(fazt, id) }, "Undo run") : "",
        undoLink(input, id) ?? "",
      ]
    : [h("button", { class: "danger", onclick: () => void cancel(fazt, id) }, "Cancel")];
  const about = [name, ` · ${id} · ${how} · for ${now.by} · ${ago(now.started_at)} ${took(now)}`];
  return heading(now.recipe, about, state(now.state), ...actions.filter((one): one is HTMLElement => one !== ""));
}

function stepRow(step: Run["steps"][number]): HTMLElement {
  return h(
    "li",
    { "data-state": step.state },
    h("span", { class: "number" }, step.n),
    h("span", { class: "code" }, step.what),
    h("span", null, state(step.state), " ", step.state === "running" ? "" : duration(step.ms)),
    step.note ? h("span", { class: "note" }, step.note) : null,
  );
}

const place = /:(\d+):(\d+)$/;

/** What failed, why, and what to do next. */
function failure(now: Run, error: NonNullable<Run["error"]>, recipe: Recipe | undefined): HTMLElement {
  const at = place.exec(error.at ?? "");
  const failed = now.steps.findLast((step) => step.state !== "ok");
  const fix = at && recipe && recipe.state !== "shipped" ? h("a", { href: `${editorPath(recipe.name)}?line=${at[1]}&column=${at[2]}` }, error.at) : error.at;
  return h(
    "section",
    { class: "panel failure", "aria-label": "Error" },
    h("h2", null, now.state === "cancelled" ? "It was cut off" : "It failed"),
    h(
      "dl",
      null,
      failed ? [h("dt", null, "What"), h("dd", null, `Step ${failed.n}: `, h("code", null, failed.what))] : null,
      h("dt", null, "Why"),
      h("dd", null, sentence(error.detail), " ", h("span", { class: "hint" }, error.code)),
      error.at ? [h("dt", null, "Where"), h("dd", { class: "code" }, fix)] : null,
      error.hint ? [h("dt", null, "Next"), h("dd", null, sentence(error.hint))] : null,
    ),
    error.frame ? h("pre", { tabindex: "0", "aria-label": "The lines around it" }, error.frame) : null,
  );
}

function data({ run: now, input, output }: Seen): HTMLElement {
  const part = (title: string, text: string): HTMLElement[] => [h("h2", null, title), h("pre", { tabindex: "0", "aria-label": title }, text)];
  const logged = (now.console ?? []).map((line) => `${line.level}: ${line.text}`).join("\n");
  return h(
    "section",
    { class: "panel data", "aria-label": "Data" },
    now.check ? h("p", null, "Check: ", state(now.check === "none" ? "no check" : now.check)) : null,
    part("Input", pretty(input)),
    output === undefined || output === "null" ? null : part("Output", pretty(output)),
    logged ? part("Console", logged) : null,
  );
}

/** Where what the run wrote can be taken back, if it was in one app. */
function undoLink(input: string, id: string): HTMLElement | undefined {
  const app: unknown = JSON.parse(objectOf(input).get("app") ?? "null");
  return typeof app === "string" ? h("a", { class: "button", href: undoPath(app, { run: id }) }, "Undo its writes") : undefined;
}

function cancel(fazt: Client, id: string): Promise<boolean> {
  return openForm({
    title: "Cancel run",
    intro: h("p", null, "What it has done stands; nothing more is done."),
    fields: [],
    submit: "Cancel the run",
    danger: true,
    async act() {
      done("run_cancel", await fazt.text("run_cancel", { run: id }), `Cancelled ${id}`);
    },
  });
}

function undoRun(fazt: Client, id: string): Promise<boolean> {
  let undoing = "";
  return openForm({
    title: "Undo run",
    intro: h("p", null, "The recipe's own undo runs, by the version that ran then and with what that answered. It is a run of its own."),
    fields: [],
    submit: "Undo",
    danger: true,
    async act() {
      const output = await fazt.text("run_undo", { run: id, wait_s: 0 });
      undoing = (JSON.parse(output) as Run).id;
      done("run_undo", output, `Run ${undoing} undoes ${id}`);
    },
    after: () => go(path`/runs/${undoing}`),
  });
}
