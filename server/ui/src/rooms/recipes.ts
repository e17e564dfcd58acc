// The catalogue of recipes, and one recipe: its form, its versions, its source.

import { h, rows, fill } from "../dom";
import { openForm, type Field } from "../dialog";
import { json } from "../fields";
import { ago, moment } from "../format";
import { watch } from "../live";
import { go, path, type Visit } from "../router";
import { empty, heading, table } from "../shell";
import { done } from "../status";
import type { Client, Recipe, RecipeDetail } from "../session";

export async function recipes({ fazt, main, signal }: Visit): Promise<void> {
  const list = h("tbody");
  const none = empty("No recipes yet. A recipe is a procedure in JavaScript: agents save one when they have found out how something is done.");
  const grid = table("Recipes", ["Name", "Title", "State", "By", "Runs", ""], list);

  async function load(): Promise<void> {
    const { items } = await fazt.recipe.list({});
    rows(list, items, (recipe) => recipe.name, (recipe) => row(fazt, recipe));
    none.hidden = items.length > 0;
    grid.hidden = !none.hidden;
  }
  await watch("recipes", load, signal);
  main.append(
    heading("Recipes", "Procedures that run in the live page or through the API, with the same check afterwards.", h("button", { class: "primary", onclick: () => void write(fazt) }, "New recipe")),
    none,
    grid,
  );
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
  const body = h("tbody");
  rows(body, detail.versions, (version) => version.hash, (version) =>
    h(
      "tr",
      null,
      h("th", { scope: "row", class: "code" }, version.hash.slice(0, 12)),
      h("td", null, version.author),
      h("td", { title: moment(version.saved_at) }, ago(version.saved_at)),
      h("td", null, h("span", { class: "state", "data-state": version.enabled ? "enabled" : "draft" }, version.enabled ? "enabled" : "draft")),
      h("td", { class: "row-actions" }, version.enabled ? null : h("button", { onclick: () => void enable(fazt, detail.recipe.name, version.hash) }, "Enable")),
    ),
  );
  return table("Versions", ["Version", "By", "Saved", "State", ""], body);
}

async function enable(fazt: Client, name: string, hash: string): Promise<void> {
  await openForm({
    title: "Enable version",
    intro: h("p", null, "From now on everyone who may run ", h("strong", null, name), " runs this version."),
    fields: [],
    submit: "Enable",
    inPerson: true,
    async act() {
      done("recipe_enable", await fazt.text("recipe_enable", { name, hash }), `Enabled ${name}`);
    },
  });
}

function remove(fazt: Client, name: string): Promise<boolean> {
  return openForm({
    title: "Delete recipe",
    intro: h("p", null, "This deletes ", h("strong", null, name), " with its versions. Its runs stay."),
    fields: [],
    submit: "Delete",
    danger: true,
    async act() {
      done("recipe_delete", await fazt.text("recipe_delete", { name }, { confirm: name }), `Deleted recipe ${name}`);
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

function write(fazt: Client, detail?: RecipeDetail): Promise<boolean> {
  let name = "";
  return openForm({
    title: detail ? `Edit ${detail.recipe.name}` : "New recipe",
    fields: [{ name: "source", label: "Source", kind: "long", value: detail?.source ?? template }],
    submit: "Save",
    async act(values) {
      const output = await fazt.text("recipe_save", { source: values.text("source") });
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
