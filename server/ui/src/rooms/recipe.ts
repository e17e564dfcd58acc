// One recipe: what it is, its runs, its versions and their differences, its source.

import { difference } from "../diff";
import { fill, h, rows } from "../dom";
import { openForm, show } from "../dialog";
import { repeated } from "../fields";
import { ago, moment } from "../format";
import { watch } from "../live";
import { go, path, type Visit } from "../router";
import { heading, table } from "../shell";
import { done } from "../status";
import type { Client, Recipe, RecipeDetail, Run } from "../session";
import { editorPath } from "./recipe-editor";
import { runForm } from "./recipe-run";
import { runRow } from "./runs";

export async function recipe({ fazt, main, params, query, signal }: Visit): Promise<void> {
  const name = params.name ?? "";
  const hash = query.get("version") ?? undefined;
  const place = h("div");
  const newest = h("section", { "aria-label": "Newest runs" });
  main.append(place, newest);

  async function load(): Promise<void> {
    const [detail, page] = await Promise.all([fazt.recipe.get(hash === undefined ? { name } : { name, hash }), fazt.run.list({ recipe: name, limit: 5 })]);
    fill(place, roomOf(fazt, detail, hash));
    fill(newest, page.items.length > 0 ? [h("h2", { class: "next" }, "Newest runs"), runsOf(page.items)] : null);
  }
  await watch("recipes", load, signal);
  await watch("runs", load, signal);
}

function roomOf(fazt: Client, detail: RecipeDetail, hash: string | undefined): HTMLElement[] {
  const { recipe: about, versions, source } = detail;
  const { name } = about;
  const shipped = about.state === "shipped";
  const older = hash === undefined ? null : h("p", { class: "note" }, `This is version ${hash.slice(0, 12)}, by ${about.author}. `, h("a", { href: path`/recipes/${name}` }, "Show the one that runs"));
  return [
    heading(
      name,
      about.title,
      ...(hash === undefined ? [h("button", { class: "primary", onclick: () => void runForm(fazt, name) }, "Run")] : []),
      h("a", { class: "button", href: editorPath(name, hash) }, shipped ? "Change" : "Edit"),
      shipped ? h("span", { class: "state" }, "shipped") : h("button", { class: "danger", onclick: () => void remove(fazt, name) }, "Delete"),
    ),
    ...(older ? [older] : []),
    h("section", { class: "panel", "aria-label": "About" }, facts(about)),
    ...(versions.length > 0 ? [h("h2", null, "Versions"), versionsOf(fazt, detail)] : []),
    h("h2", { class: "next" }, "Source"),
    h("pre", { tabindex: "0", "aria-label": "Source", class: "source" }, source),
  ];
}

function runsOf(items: Run[]): HTMLElement {
  const body = h("tbody");
  const grid = table("Newest runs", ["Run", "Recipe", "State", "Mode", "For", "Started", "Took"], body);
  rows(body, items, (run) => run.id, runRow);
  return grid;
}

function facts(about: Recipe): HTMLElement {
  return h(
    "dl",
    null,
    h("dt", null, "Effect"),
    h("dd", null, about.effect),
    h("dt", null, "Scopes"),
    h("dd", { class: "code" }, about.scopes.join(", ") || "none"),
    h("dt", null, "Runs"),
    h("dd", null, about.modes.map((mode) => (mode === "ui" ? "in a live page" : "through the API")).join(", ")),
    h("dt", null, "Check"),
    h("dd", null, about.has_check ? "after every run" : "none: a run is believed"),
  );
}

function versionsOf(fazt: Client, detail: RecipeDetail): HTMLElement {
  const { name } = detail.recipe;
  const body = h("tbody");
  const grid = table("Versions", ["Version", "By", "Saved", "State", ""], body);
  const held = detail.versions.some((version) => version.pinned);
  const current = detail.versions.find((version) => version.enabled);
  // One source may have been saved twice.
  rows(body, detail.versions, (version) => `${version.hash.slice(0, 12)}@${version.saved_at}`, (version) => {
    const older = current !== undefined && version.saved_at < current.saved_at;
    const state = version.pinned ? "pinned" : version.enabled ? "enabled" : "draft";
    return h(
      "tr",
      null,
      h("th", { scope: "row", class: "code" }, h("a", { href: path`/recipes/${name}?version=${version.hash}` }, version.hash.slice(0, 12))),
      h("td", null, version.author),
      h("td", { class: "when", title: moment(version.saved_at) }, ago(version.saved_at)),
      h("td", null, h("span", { class: "state", "data-state": state }, state)),
      h(
        "td",
        { class: "row-actions" },
        detail.versions.length > 1 ? h("button", { onclick: () => void compare(fazt, name, version.hash, against(detail, version.hash)) }, "Compare") : null,
        version.enabled || held ? null : h("button", { onclick: () => void enable(fazt, name, version.hash, older ? "Roll back" : "Enable") }, older ? "Roll back" : "Enable"),
        held ? null : h("button", { onclick: () => void pin(fazt, name, version.hash) }, "Pin"),
        version.pinned ? h("button", { onclick: () => void unpin(fazt, name) }, "Unpin") : null,
      ),
    );
  });
  return grid;
}

/** What a version is compared with: the one that runs, of that one the one before it. */
function against({ versions }: RecipeDetail, hash: string): string {
  const current = versions.findIndex((version) => version.enabled);
  const mine = versions.findIndex((version) => version.hash === hash);
  const other = current >= 0 && current !== mine ? current : mine + 1 < versions.length ? mine + 1 : mine - 1;
  return versions[other]?.hash ?? hash;
}

async function compare(fazt: Client, name: string, to: string, from: string): Promise<void> {
  const { diff } = await fazt.recipe.diff({ name, from, to });
  await show("Compare versions", "wide", h("p", { class: "hint" }, "From ", h("code", null, from.slice(0, 12)), " to ", h("code", null, to.slice(0, 12)), ":"), difference(diff));
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
