// The catalogue of recipes, and one recipe: its form, its versions, its source.

import { h, rows, fill } from "../dom";
import { openForm, type Field } from "../dialog";
import { given, json, repeated, text } from "../fields";
import { ago, moment } from "../format";
import { watch } from "../live";
import { go, path, type Visit } from "../router";
import { empty, heading, table } from "../shell";
import { done } from "../status";
import type { Client, Recipe, RecipeDetail } from "../session";

export async function recipes({ fazt, main, signal }: Visit): Promise<void> {
  const list = h("tbody");
  const none = empty("");
  const grid = table("Recipes", ["Name", "Title", "State", "By", "Runs", "Ended well", ""], list);
  const query = h("input", { type: "search", placeholder: "Words in name, title or source", "aria-label": "Search recipes", oninput: () => void load() });
  const nothing = "No recipes yet. A recipe is a procedure in JavaScript: agents save one when they have found out how something is done.";

  async function load(): Promise<void> {
    const words = query.value.trim();
    const { items } = await fazt.recipe.list(words ? { query: words } : {});
    if (words !== query.value.trim()) return; // more was typed meanwhile
    fill(none, h("p", null, words ? "No recipe holds all of these words." : nothing));
    rows(list, items, (recipe) => recipe.name, (recipe) => row(fazt, recipe));
    none.hidden = items.length > 0;
    grid.hidden = !none.hidden;
  }
  await watch("recipes", load, signal);
  main.append(
    heading("Recipes", "Procedures that run in the live page or through the API, with the same check afterwards.", h("button", { class: "primary", onclick: () => void write(fazt) }, "New recipe")),
    h("div", { class: "toolbar" }, query),
    none,
    grid,
  );
}

/** How many of the newest runs ended well, "" before the first. */
function success(recipe: Recipe): string {
  return recipe.runs_ended ? `${recipe.runs_ok ?? 0} of ${recipe.runs_ended}` : "";
}

function row(fazt: Client, recipe: Recipe): HTMLElement {
  const modes = recipe.modes.map((mode) => (mode === "ui" ? "page" : "API")).join(", ");
  return h(
    "tr",
    null,
    h("th", { scope: "row" }, h("a", { href: path`/recipes/${recipe.name}` }, recipe.name)),
    h("td", null, recipe.title),
    h("td", null, h("span", { class: "state", "data-state": recipe.state }, recipe.state)),
    h("td", null, recipe.author),
    h("td", null, modes + (recipe.has_check ? "" : " · no check")),
    h("td", null, success(recipe)),
    h("td", { class: "row-actions" }, h("button", { onclick: () => void runForm(fazt, recipe.name) }, "Run")),
  );
}

/** One recipe. */
export async function recipe({ fazt, main, params, signal }: Visit): Promise<void> {
  const name = params.name ?? "";
  const place = h("div");
  main.append(place);

  async function load(): Promise<void> {
    const detail: RecipeDetail = await fazt.recipe.get({ name });
    fill(
      place,
      heading(
        name,
        detail.recipe.title,
        h("button", { class: "primary", onclick: () => void runForm(fazt, name) }, "Run"),
        h("button", { onclick: () => void write(fazt, detail) }, "Edit"),
        detail.recipe.state === "shipped" ? h("span", { class: "state" }, "shipped") : h("button", { class: "danger", onclick: () => void remove(fazt, name) }, "Delete"),
      ),
      h("section", { class: "panel", "aria-label": "About" }, facts(detail.recipe)),
      detail.versions.length > 0 ? [h("h2", null, "Versions"), versions(fazt, detail)] : null,
      h("h2", { class: "next" }, "Source"),
      h("pre", { tabindex: "0" }, detail.source),
    );
  }
  await watch("recipes", load, signal);
}

function facts(recipe: Recipe): HTMLElement {
  return h(
    "dl",
    null,
    h("dt", null, "Effect"),
    h("dd", null, recipe.effect),
    h("dt", null, "Scopes"),
    h("dd", { class: "code" }, recipe.scopes.join(", ") || "none"),
    h("dt", null, "Runs"),
    h("dd", null, recipe.modes.map((mode) => (mode === "ui" ? "in a live page" : "through the API")).join(", ")),
    h("dt", null, "Check"),
    h("dd", null, recipe.has_check ? "after every run" : "none: a run is believed"),
  );
}

function versions(fazt: Client, detail: RecipeDetail): HTMLElement {
  const { name } = detail.recipe;
  const body = h("tbody");
  const grid = table("Versions", ["Version", "By", "Saved", "State", ""], body);
  const held = detail.versions.some((version) => version.pinned);
  const current = detail.versions.find((version) => version.enabled);
  rows(body, detail.versions, (version) => version.hash, (version) => {
    const older = current !== undefined && version.saved_at < current.saved_at;
    const state = version.pinned ? "pinned" : version.enabled ? "enabled" : "draft";
    return h(
      "tr",
      null,
      h("th", { scope: "row", class: "code" }, version.hash.slice(0, 12)),
      h("td", null, version.author),
      h("td", { class: "when", title: moment(version.saved_at) }, ago(version.saved_at)),
      h("td", null, h("span", { class: "state", "data-state": state }, state)),
      h(
        "td",
        { class: "row-actions" },
        version.enabled || held ? null : h("button", { onclick: () => void enable(fazt, name, version.hash, older ? "Roll back" : "Enable") }, older ? "Roll back" : "Enable"),
        held ? null : h("button", { onclick: () => void pin(fazt, name, version.hash) }, "Pin"),
        version.pinned ? h("button", { onclick: () => void unpin(fazt, name) }, "Unpin") : null,
      ),
    );
  });
  return grid;
}

/** Shows what would change for everyone, and changes it. */
async function enable(fazt: Client, name: string, hash: string, word: string): Promise<void> {
  const { from_hash, diff } = await fazt.recipe.diff({ name, to: hash });
  await openForm({
    title: `${word} version`,
    wide: true,
    intro: [h("p", null, "From now on everyone who may run ", h("strong", null, name), from_hash ? " runs this version. It differs so from the one they run now:" : " runs this version."), from_hash ? difference(diff) : null],
    fields: [],
    submit: word,
    inPerson: true,
    async act() {
      done("recipe_enable", await fazt.text("recipe_enable", { name, hash }), `Enabled ${name}`);
    },
  });
}

/** A unified difference, its lines told apart by more than their colour. */
function difference(diff: string): HTMLElement {
  const kinds: Record<string, string> = { "+": "added", "-": "removed", "@": "place" };
  return h("pre", { class: "diff", tabindex: "0", "aria-label": "Difference" }, diff ? diff.split("\n").map((line) => h("span", { class: kinds[line.charAt(0)] ?? "" }, `${line}\n`)) : "The sources are the same.");
}

async function pin(fazt: Client, name: string, hash: string): Promise<void> {
  await openForm({
    title: "Pin version",
    intro: h("p", null, "Everyone runs this version of ", h("strong", null, name), " until it is unpinned. What is saved meanwhile does not run."),
    fields: [],
    submit: "Pin",
    inPerson: true,
    async act() {
      done("recipe_pin", await fazt.text("recipe_pin", { name, hash }), `Pinned ${name}`);
    },
  });
}

async function unpin(fazt: Client, name: string): Promise<void> {
  await openForm({
    title: "Unpin",
    intro: h("p", null, "The version of ", h("strong", null, name), " stays enabled; newer ones can be enabled again."),
    fields: [],
    submit: "Unpin",
    inPerson: true,
    async act() {
      done("recipe_pin", await fazt.text("recipe_pin", { name, pinned: false }), `Unpinned ${name}`);
    },
  });
}

function remove(fazt: Client, name: string): Promise<boolean> {
  return openForm({
    title: "Delete recipe",
    intro: h("p", null, "This deletes ", h("strong", null, name), " with its versions. Its runs stay."),
    fields: [{ name: "confirm", label: "Type the name to confirm" }],
    submit: "Delete",
    danger: true,
    async act(values) {
      const confirm = repeated(values.text("confirm"), name);
      done("recipe_delete", await fazt.text("recipe_delete", { name }, { confirm }), `Deleted recipe ${name}`);
    },
    after: () => go("/recipes"),
  });
}

const template = `import { defineRecipe } from "fazt";

export default defineRecipe({
  name: "greet",
  title: "Store a greeting",
  effect: "write",
  scopes: ["kv:write"],
  input: {
    type: "object",
    properties: { app: { type: "string" }, text: { type: "string" } },
    required: ["app", "text"],
    additionalProperties: false,
  },
  async api({ fazt, input }) {
    return await fazt.kv.set({ app: input.app, key: "greeting", value: input.text });
  },
});
`;

const enabling = [
  { value: "", label: "As usual: at once when a person saves it" },
  { value: "true", label: "At once" },
  { value: "false", label: "Not yet: a draft" },
];

function yesNo(chosen: string): boolean | undefined {
  return chosen === "" ? undefined : chosen === "true";
}

function write(fazt: Client, detail?: RecipeDetail): Promise<boolean> {
  let name = "";
  return openForm({
    title: detail ? `Edit ${detail.recipe.name}` : "New recipe",
    fields: [
      { name: "source", label: "Source", kind: "long", rows: 18, value: detail?.source ?? template },
      { name: "name", label: "Name", hint: "Empty: the one in the source, which must be the same." },
      { name: "title", label: "Title", hint: "Empty: the one in the source." },
      { name: "enable", label: "For everyone", kind: "select", value: "", options: enabling },
    ],
    wide: true,
    submit: "Save",
    async act(values) {
      const output = await fazt.text("recipe_save", given({ source: values.text("source"), name: text(values.text("name")), title: text(values.text("title")), enable: yesNo(values.text("enable")) }));
      name = (JSON.parse(output) as { name: string }).name;
      done("recipe_save", output, `Saved recipe ${name}`);
    },
    after: () => go(path`/recipes/${name}`),
  });
}

type Schema = { properties?: Record<string, { type?: string; title?: string; description?: string; default?: unknown; enum?: unknown[] }>; required?: string[] };

/** The form of a recipe's input, made from its schema. */
async function runForm(fazt: Client, name: string): Promise<void> {
  const detail: RecipeDetail = await fazt.recipe.get({ name });
  const schema = detail.input as Schema;
  const types = schema.properties ?? {};
  const fields = Object.entries(types).map(([key, type]): Field => {
    const base = { name: key, label: type.title ?? key, ...(type.description ? { hint: type.description } : {}) };
    if (type.enum) return { ...base, kind: "select", options: type.enum.map((value) => ({ value: String(value), label: String(value) })) };
    if (type.type === "boolean") return { ...base, kind: "checkbox", checked: type.default === true };
    if (type.type === "string") return { ...base, value: type.default === undefined ? "" : String(type.default) };
    return { ...base, kind: type.type === "number" || type.type === "integer" ? "number" : "long", value: type.default === undefined ? "" : JSON.stringify(type.default) };
  });
  const { page_form, modes: known } = detail.recipe;
  const modes = (page_form ? ["ui"] : known).map((mode) => ({ value: mode, label: mode === "ui" ? "In a live page" : "Through the API" }));
  let run = "";
  await openForm({
    title: `Run ${name}`,
    fields: [...fields, { name: " mode", label: "How", kind: "select", value: modes.at(-1)?.value ?? "", options: modes }],
    submit: "Run",
    async act(values) {
      const input: Record<string, unknown> = {};
      for (const [key, type] of Object.entries(types)) {
        if (type.type === "boolean") input[key] = values.checked(key);
        else if (values.text(key) !== "") input[key] = type.type === "string" ? values.text(key) : JSON.parse(json(values.text(key), key).text);
      }
      const started = await fazt.recipe.run({ name, input, mode: values.text(" mode") === "ui" ? "ui" : "api", wait_s: 0 });
      run = started.id;
    },
    after: () => go(path`/runs/${run}`),
  });
}
