// The editor of a recipe's source: what the compiler finds is shown where it
// is, and nothing that was typed is lost unasked.

import { openForm } from "../dialog";
import { fill, h } from "../dom";
import { newEditor, type Editor } from "../editor";
import { sentence, showProblem } from "../errors";
import { given, text } from "../fields";
import { problemsIn } from "../problems";
import { watch } from "../live";
import { go, hold, path, release, type Visit } from "../router";
import { heading } from "../shell";
import { done } from "../status";
import type { RecipeDetail } from "../session";

const template = `import { defineRecipe } from "fazt";

export default defineRecipe({
  name: "greet",
  title: "Store a greeting",
  effect: "write",
  scopes: ["kv:read", "kv:write"],
  input: {
    type: "object",
    properties: { app: { type: "string" }, text: { type: "string" } },
    required: ["app", "text"],
    additionalProperties: false,
  },
  async api({ fazt, input }) {
    return await fazt.kv.set({ app: input.app, key: "greeting", value: input.text });
  },
  async check({ fazt, input, expect }) {
    expect((await fazt.kv.get({ app: input.app, key: "greeting" })).value).toBe(input.text);
  },
});
`;

const enabling = [
  { value: "", label: "As usual: at once when a person saves it" },
  { value: "true", label: "At once" },
  { value: "false", label: "Not yet: a draft" },
];

/** The address at which a version is edited; of none, a new recipe. */
export function editorPath(name?: string, hash?: string): string {
  if (name === undefined) return "/recipes/_new"; // no recipe's name begins so
  return path`/recipes/${name}/edit` + (hash === undefined ? "" : path`?version=${hash}`);
}

export async function recipeEditor({ fazt, main, params, query, signal }: Visit): Promise<void> {
  const { name } = params;
  const hash = query.get("version");
  const from: RecipeDetail | undefined = name === undefined ? undefined : await fazt.recipe.get(given({ name, hash: hash ?? undefined }));
  let saved = from?.source ?? template;
  const state = h("span", { class: "state", hidden: true, "data-state": "draft" }, "unsaved");
  const refused = h("div", { class: "problems" });
  const meanwhile = h("p", { class: "note", role: "note", hidden: true });
  const editor = newEditor({ id: "source", label: "Source", value: saved, changed, save: () => form.requestSubmit() });
  const fields = {
    name: h("input", { id: "name", type: "text", autocomplete: "off", spellcheck: "false" }),
    title: h("input", { id: "title", type: "text", autocomplete: "off" }),
    enable: h("select", { id: "enable" }, enabling.map((option) => h("option", { value: option.value }, option.label))),
  };
  const form = h(
    "form",
    { class: "recipe-editor", novalidate: true, onsubmit: submit },
    editor.element,
    refused,
    h(
      "div",
      { class: "beside fields" },
      field("Name", fields.name, "Empty: the one in the source, which must be the same."),
      field("Title", fields.title, "Empty: the one in the source."),
      field("For everyone", fields.enable, "Only a person can say at once."),
    ),
    h("div", { class: "actions" }, h("button", { type: "submit", class: "primary" }, "Save"), h("button", { type: "button", onclick: () => void check() }, "Check")),
  );

  function changed(): void {
    const unsaved = editor.field.value !== saved;
    if (unsaved === !state.hidden) return;
    state.hidden = !unsaved;
    if (unsaved) hold(discard, signal);
    else release();
  }
  function input() {
    return given({ source: editor.field.value, name: text(fields.name.value), title: text(fields.title.value), enable: fields.enable.value === "" ? undefined : fields.enable.value === "true" });
  }
  /** Compiles it and holds it to all rules, without keeping it. */
  async function check(): Promise<void> {
    await attempt(async () => {
      await fazt.text("recipe_save", input(), { dryRun: true });
      fill(refused, h("p", { class: "fine", role: "note" }, "It compiles and could be saved as it is."));
    });
  }
  function submit(event: Event): void {
    event.preventDefault();
    void attempt(async () => {
      const source = editor.field.value;
      const output = await fazt.text("recipe_save", input());
      saved = source;
      release();
      const made = JSON.parse(output) as { name: string };
      done("recipe_save", output, `Saved recipe ${made.name}`);
      if (editor.field.value === source) go(path`/recipes/${made.name}`);
      else changed(); // more was typed meanwhile
    });
  }
  async function attempt(act: () => Promise<void>): Promise<void> {
    fill(refused);
    editor.mark([]);
    for (const one of [editor.field, fields.name, fields.title, fields.enable]) one.removeAttribute("aria-invalid");
    await act().catch((error: unknown) => refuse(refused, editor, fields, error));
  }
  /** Says when somebody else has saved a version since this was opened. */
  async function load(): Promise<void> {
    if (name === undefined || from === undefined) return;
    const now = await fazt.recipe.get({ name });
    const newer = now.versions.find((version) => !from.versions.some((one) => one.hash === version.hash));
    meanwhile.hidden = newer === undefined;
    if (newer) fill(meanwhile, `${newer.author} has saved another version meanwhile: `, h("a", { href: path`/recipes/${name}?version=${newer.hash}` }, newer.hash.slice(0, 12)), ".");
  }
  addEventListener("beforeunload", (event) => void (editor.field.value !== saved && event.preventDefault()), { signal });
  await watch("recipes", load, signal);
  main.append(heading(name === undefined ? "New recipe" : `Edit ${name}`, about(name, hash), state), meanwhile, form);
  const line = Number(query.get("line")); // where a run has failed
  if (line > 0) editor.goTo(line, Number(query.get("column")) || 1);
}

function about(name: string | undefined, hash: string | null) {
  if (name === undefined) return "A procedure in TypeScript. It becomes an operation of its name.";
  return ["The source of ", h("a", { href: path`/recipes/${name}` }, name), hash ? `, as of version ${hash.slice(0, 12)}. ` : ". ", "Saving makes a new version."];
}

function field(label: string, control: HTMLElement, hint: string): HTMLElement {
  const id = `${control.id}-hint`;
  control.setAttribute("aria-describedby", id);
  return h("div", { class: "field" }, h("label", { for: control.id }, label), control, h("p", { class: "hint", id }, hint));
}

/** Asks whether what was typed may be lost. */
function discard(): Promise<boolean> {
  return openForm({ title: "Leave without saving?", intro: h("p", null, "What you have typed is not saved."), fields: [], submit: "Leave", danger: true, async act() {} });
}

/** Shows what was refused: of a source each place, with a button that leads to it. */
function refuse(place: HTMLElement, editor: Editor, fields: Record<string, HTMLElement>, error: unknown): void {
  const alert = h("p", { role: "alert", class: "alert" });
  const problem = showProblem(alert, error);
  const found = problemsIn(problem.detail);
  const first = found[0];
  if (first) alert.textContent = sentence(`line ${first.line}, column ${first.column}: ${first.text}`);
  const items = found.map(({ line, column, text, frame }) =>
    h("li", null, h("button", { type: "button", class: "plain", onclick: () => editor.goTo(line, column) }, `Line ${line}, column ${column}`), h("span", null, text), frame ? h("pre", { tabindex: "0", "aria-label": `Around line ${line}` }, frame) : null),
  );
  fill(place, alert, items.length > 0 ? h("ol", { "aria-label": "Problems" }, items) : null, problem.hint ? h("p", { class: "hint" }, sentence(problem.hint)) : null);
  editor.mark(found.map((one) => one.line));
  const at = fields[problem.field] ?? editor.field;
  at.setAttribute("aria-invalid", "true");
  if (first) editor.goTo(first.line, first.column);
  else at.focus();
}

