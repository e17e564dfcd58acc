// The dialog that runs a recipe: a form of its input, and where it runs.

import { openForm, type Field } from "../dialog";
import { problemOf } from "../errors";
import { thisTab } from "../live";
import { go, path } from "../router";
import { schemaForm, type Schema } from "../schema-form";
import { say } from "../status";
import type { Client, RecipeDetail, Tab } from "../session";

/** Where a run goes: the API, a tab of its own, or a tab by its id. */
type Where = { value: string; label: string };

/** Runs a recipe with an input that is asked for. was is the JSON text of an
 * input to begin with. */
export async function runForm(fazt: Client, name: string, was?: string, mode?: string): Promise<boolean> {
  const detail: RecipeDetail = await fazt.recipe.get({ name });
  const places = await placesOf(fazt, detail);
  const form = schemaForm(detail.input as Schema, was);
  const where: Field = { name: " where", label: "How", kind: "select", value: mode === "ui" ? "ui" : (places[0]?.value ?? "api"), options: places, hint: "In a tab of yours you see it happen, and the tab is led to where it happens." };
  let run = "";
  let tab = "";
  return openForm({
    title: `Run ${name}`,
    fields: [...form.fields, where],
    submit: "Run",
    async act(values) {
      const place = values.text(" where");
      tab = place.startsWith("tab ") ? place.slice(4) : "";
      const input = form.read(values);
      const started = await fazt.recipe.run({ name, input, mode: place === "api" ? "api" : "ui", wait_s: 0, ...(tab ? { tab } : {}) });
      run = started.id;
    },
    after() {
      if (tab !== "" && tab === thisTab()) say(`${name} runs in this tab as ${run}`);
      else go(path`/runs/${run}`);
    },
  });
}

async function placesOf(fazt: Client, { recipe }: RecipeDetail): Promise<Where[]> {
  const places: Where[] = !recipe.page_form && recipe.modes.includes("api") ? [{ value: "api", label: "Through the API" }] : [];
  if (!recipe.page_form && !recipe.modes.includes("ui")) return places;
  places.push({ value: "ui", label: "In a live page that is opened for it" });
  const here = thisTab();
  for (const tab of await mine(fazt)) places.push({ value: `tab ${tab.tab}`, label: tab.tab === here ? "In this tab" : `In your tab ${tab.tab}, ${tab.title}` });
  return places;
}

/** The caller's own open tabs; none for whom they are not to be seen. */
async function mine(fazt: Client): Promise<Tab[]> {
  try {
    return (await fazt.tab.list({})).items.filter((tab) => tab.kind === "person" && tab.mine);
  } catch (error) {
    if (problemOf(error).code === "forbidden") return [];
    throw error;
  }
}
