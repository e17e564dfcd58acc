// The catalogue of recipes, and one recipe: its form, its versions, its source.

import { h, rows, fill } from "../dom";
import { openForm, type Field } from "../dialog";
import { parseJSON } from "../errors";
import { ago, moment } from "../format";
import { follow } from "../live";
import { go, path, type Visit } from "../router";
import { empty, heading, say } from "../shell";
import type { Client, Recipe, RecipeDetail } from "../session";

export async function recipes({ fazt, main, signal }: Visit): Promise<void> {
  const list = h("tbody");
  const none = empty("No recipes yet. A recipe is a procedure in JavaScript: agents save one when they have found out how something is done.");
  const table = h(
    "table",
    { "aria-label": "Recipes" },
    h("thead", null, h("tr", null, ["Name", "Title", "State", "By", "Runs", ""].map((name) => h("th", { scope: "col" }, name || h("span", { class: "hidden" }, "Actions"))))),
    list,
  );
  main.append(heading("Recipes", "Procedures that run in the live page or through the API, with the same check afterwards.", h("button", { class: "primary", onclick: () => write(fazt) }, "New recipe")), none, table);

  async function load(): Promise<void> {
    const { items } = await fazt.recipe.list({});
    rows(list, items, (recipe) => recipe.name, (recipe) => row(fazt, recipe));
    none.hidden = items.length > 0;
    table.hidden = items.length === 0;
  }
  await follow(fazt, { kinds: ["recipe"] }, load, signal);
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
        h("button", { onclick: () => write(fazt, detail) }, "Edit"),
        detail.recipe.state === "shipped" ? h("span", { class: "state" }, "shipped") : h("button", { class: "danger", onclick: () => remove(fazt, name) }, "Delete"),
      ),
      h("section", { class: "panel", "aria-label": "About" }, facts(detail.recipe)),
      detail.versions.length > 0 ? [h("h2", null, "Versions"), versions(fazt, detail)] : null,
      h("h2", { class: "next" }, "Source"),
      h("pre", { tabindex: "0" }, detail.source),
    );
  }
  await follow(fazt, { kinds: ["recipe"] }, load, signal);
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
      h("td", { class: "row-actions" }, version.enabled ? null : h("button", { onclick: () => enable(fazt, detail.recipe.name, version.hash) }, "Enable")),
    ),
  );
  return h("table", { "aria-label": "Versions" }, h("thead", null, h("tr", null, ["Version", "By", "Saved", "State", ""].map((title) => h("th", { scope: "col" }, title || h("span", { class: "hidden" }, "Actions"))))), body);
}

async function enable(fazt: Client, name: string, hash: string): Promise<void> {
  await openForm({
    title: "Enable version",
    intro: h("p", null, "From now on everyone who may run ", h("strong", null, name), " runs this version."),
    fields: [],
    submit: "Enable",
    async act() {
      await fazt.recipe.enable({ name, hash });
      say(`Enabled ${name}`);
    },
  });
}

function remove(fazt: Client, name: string): Promise<void> {
  return openForm({
    title: "Delete recipe",
    intro: h("p", null, "This deletes ", h("strong", null, name), " with its versions. Its runs stay."),
    fields: [],
    submit: "Delete",
    danger: true,
    async act() {
      await fazt.recipe.delete({ name }, { confirm: name });
      say(`Deleted recipe ${name}`);
      go("/recipes");
    },
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

function write(fazt: Client, detail?: RecipeDetail): Promise<void> {
  return openForm({
    title: detail ? `Edit ${detail.recipe.name}` : "New recipe",
    fields: [{ name: "source", label: "Source", kind: "json", required: true, value: detail?.source ?? template }],
    submit: "Save",
    async act(values) {
      const saved = await fazt.recipe.save({ source: String(values.source) });
      say(`Saved recipe ${saved.name}`);
      go(path`/recipes/${saved.name}`);
    },
  });
}

type Schema = { properties?: Record<string, { type?: string; title?: string; description?: string; default?: unknown; enum?: unknown[] }>; required?: string[] };

/** The form of a recipe's input, made from its schema. */
async function runForm(fazt: Client, name: string): Promise<void> {
  const detail: RecipeDetail = await fazt.recipe.get({ name });
  const schema = detail.input as Schema;
  const types = schema.properties ?? {};
  const fields = Object.entries(types).map(([key, type]): Field => {
    const base = { name: key, label: type.title ?? key, required: schema.required?.includes(key) ?? false, ...(type.description ? { hint: type.description } : {}) };
    if (type.enum) return { ...base, kind: "select", options: type.enum.map((value) => ({ value: String(value), label: String(value) })) };
    if (type.type === "boolean") return { ...base, kind: "checkbox", checked: type.default === true };
    if (type.type === "string") return { ...base, value: type.default === undefined ? "" : String(type.default) };
    return { ...base, kind: type.type === "number" || type.type === "integer" ? "number" : "json", value: type.default === undefined ? "" : JSON.stringify(type.default) };
  });
  const { page_form, modes: known } = detail.recipe;
  const modes = (page_form ? ["ui"] : known).map((mode) => ({ value: mode, label: mode === "ui" ? "In a live page" : "Through the API" }));
  await openForm({
    title: `Run ${name}`,
    fields: [...fields, { name: " mode", label: "How", kind: "select", value: modes.at(-1)?.value ?? "", options: modes }],
    submit: "Run",
    async act(values) {
      const input: Record<string, unknown> = {};
      for (const [key, type] of Object.entries(types)) {
        const value = values[key];
        if (value === "" || value === undefined) continue;
        input[key] = type.type === "string" || typeof value !== "string" ? value : parseJSON(value, key);
      }
      const started = await fazt.recipe.run({ name, input, mode: values[" mode"] === "ui" ? "ui" : "api", wait_s: 0 });
      go(path`/runs/${started.id}`);
    },
  });
}
