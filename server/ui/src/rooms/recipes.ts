// The catalogue of recipes: one's own first, then the tasks that are shipped,
// and how operations are carried out in the page, folded away.

import { h, rows } from "../dom";
import { problemOf } from "../errors";
import { plural } from "../format";
import { watch } from "../live";
import { path, type Visit } from "../router";
import { empty, heading, table } from "../shell";
import { say } from "../status";
import type { Client, Recipe } from "../session";
import { editorPath } from "./recipe-editor";
import { runForm } from "./recipe-run";

/** A part of the catalogue, by what belongs to it. */
type Part = { element: HTMLElement; show(items: Recipe[], words: string): void };

export async function recipes({ fazt, main, signal }: Visit): Promise<void> {
  const query = h("input", { type: "search", placeholder: "Words in name, title or source", "aria-label": "Search recipes", oninput: () => void load().catch((error: unknown) => say(problemOf(error).detail)) });
  const none = empty("No recipe holds all of these words.");
  const own = newOwn(fazt);
  const tasks = newTasks(fazt);
  const forms = newForms(fazt);

  async function load(): Promise<void> {
    const words = query.value.trim();
    const { items } = await fazt.recipe.list(words ? { query: words } : {});
    if (words !== query.value.trim()) return; // more was typed meanwhile
    own.show(items.filter((one) => one.state !== "shipped"), words);
    tasks.show(items.filter((one) => one.state === "shipped" && !one.page_form), words);
    forms.show(items.filter((one) => one.state === "shipped" && one.page_form), words);
    none.hidden = words === "" || items.length > 0;
  }
  await watch("recipes", load, signal);
  main.append(
    heading("Recipes", "Procedures that run in the live page or through the API, with the same check afterwards.", h("a", { class: "button primary", href: editorPath() }, "New recipe")),
    h("div", { class: "toolbar" }, query),
    none,
    own.element,
    tasks.element,
    forms.element,
  );
}

const columns = ["Name", "Title", "State", "By", "Runs", "Ended well", ""];

function newOwn(fazt: Client): Part {
  const body = h("tbody");
  const grid = table("Recipes", columns, body);
  const nothing = empty("No recipes of your own yet. A recipe is a procedure in TypeScript: write one here, or let an agent save what it has found out.", h("a", { class: "button", href: editorPath() }, "Write the first one"));
  return {
    element: h("section", { "aria-label": "Own recipes" }, nothing, grid),
    show(items, words) {
      rows(body, items, (one) => one.name, (one) => row(fazt, one));
      grid.hidden = items.length === 0;
      nothing.hidden = items.length > 0 || words !== "";
    },
  };
}

function newTasks(fazt: Client): Part {
  const body = h("tbody");
  const element = h("section", { "aria-label": "Shipped tasks" }, h("h2", { class: "next" }, "Shipped tasks"), table("Shipped tasks", ["Name", "Title", "Runs", "Ended well", ""], body));
  return {
    element,
    show(items) {
      rows(body, items, (one) => one.name, (one) => taskRow(fazt, one));
      element.hidden = items.length === 0;
    },
  };
}

/** The page forms, with a count and a search of their own. A search of all
 * recipes that hits only here opens them. */
function newForms(fazt: Client): Part {
  const body = h("tbody");
  const count = h("span", { class: "count" });
  const narrow = h("input", { type: "search", placeholder: "Name or title", "aria-label": "Search page forms", oninput: draw });
  const grid = table("Page forms", ["Name", "Title", "Effect", "Ended well", ""], body);
  const element = h(
    "details",
    { class: "fold" },
    h("summary", null, h("h2", null, "Page forms"), " ", count),
    h("p", { class: "hint" }, "How operations are carried out in this page when an agent asks for them there."),
    h("div", { class: "toolbar" }, narrow),
    grid,
  );
  let all: Recipe[] = [];
  function draw(): void {
    const words = narrow.value.trim().toLowerCase().split(/\s+/);
    const found = all.filter((one) => words.every((word) => `${one.name} ${one.title}`.toLowerCase().includes(word)));
    count.textContent = found.length === all.length ? plural(all.length, "form") : `${found.length} of ${plural(all.length, "form")}`;
    rows(body, found, (one) => one.name, (one) => formRow(fazt, one));
    grid.hidden = found.length === 0;
  }
  return {
    element,
    show(items, words) {
      all = items;
      draw();
      element.hidden = items.length === 0;
      if (words !== "") element.open = true;
    },
  };
}

/** How many of the newest runs ended well, "" before the first. */
function success(recipe: Recipe): string {
  return recipe.runs_ended ? `${recipe.runs_ok ?? 0} of ${recipe.runs_ended}` : "";
}

function runCell(fazt: Client, { name }: Recipe): HTMLElement {
  return h("td", { class: "row-actions" }, h("button", { "aria-label": `Run ${name}`, onclick: () => void runForm(fazt, name) }, "Run"));
}

function nameCell({ name }: Recipe): HTMLElement {
  return h("th", { scope: "row" }, h("a", { href: path`/recipes/${name}` }, name));
}

function modesOf(recipe: Recipe): string {
  return recipe.modes.map((mode) => (mode === "ui" ? "page" : "API")).join(", ") + (recipe.has_check ? "" : " · no check");
}

function row(fazt: Client, recipe: Recipe): HTMLElement {
  return h(
    "tr",
    null,
    nameCell(recipe),
    h("td", null, recipe.title),
    h("td", null, h("span", { class: "state", "data-state": recipe.state }, recipe.state)),
    h("td", null, recipe.author),
    h("td", null, modesOf(recipe)),
    h("td", null, success(recipe)),
    runCell(fazt, recipe),
  );
}

function taskRow(fazt: Client, recipe: Recipe): HTMLElement {
  return h("tr", null, nameCell(recipe), h("td", null, recipe.title), h("td", null, modesOf(recipe)), h("td", null, success(recipe)), runCell(fazt, recipe));
}

function formRow(fazt: Client, recipe: Recipe): HTMLElement {
  return h("tr", null, nameCell(recipe), h("td", null, recipe.title), h("td", null, recipe.effect), h("td", null, success(recipe)), runCell(fazt, recipe));
}
