// Taking back all that an agent has done since a moment, over every app: seen
// first, then said by name, then done app by app.

import { fill, h, rows, type Child } from "../dom";
import { openForm, show, type Values } from "../dialog";
import { InputError, problemOf } from "../errors";
import { repeated } from "../fields";
import { plural } from "../format";
import { table } from "../shell";
import { done } from "../status";
import { all, type Client, type Token, type Undone } from "../session";
import { spans, undoPath } from "./undo";
import { thingPath } from "./things";

/** What an undo would do or has done in one app. */
type InApp = { app: string; report: Undone };

/** The dialog that takes back what an agent has done. */
export async function undoAgent(fazt: Client, agent: Token): Promise<void> {
  let undone: InApp[] = [];
  await openForm({
    title: "Undo all by an agent",
    wide: true,
    danger: true,
    intro: [h("p", null, "What ", h("strong", null, agent.name), " has written is taken back in every app. What has changed since is left alone and named."), h("p", { class: "hint" }, "Writes of agents are kept for 7 days.")],
    fields: [
      { name: "span", label: "Done in", kind: "select", value: "3600000", options: spans.map(([label, ms]) => ({ value: String(ms), label })) },
      { name: "since", label: "Or since", kind: "moment", hint: "In place of the above." },
      { name: "confirm", label: `Type ${agent.name} to confirm` },
    ],
    submit: "Undo all",
    preview: {
      label: "Preview",
      show: async (values) => reportOf(await each(fazt, agent, sinceOf(values), "undo_preview"), false),
    },
    async act(values) {
      repeated(values.text("confirm"), agent.name);
      const since = sinceOf(values);
      const foreseen = await each(fazt, agent, since, "undo_preview");
      const apps = foreseen.filter(({ report }) => report.restored + report.removed > 0);
      if (apps.length === 0) throw new InputError("not_found", "since", "there is nothing to take back", "reach further back");
      undone = await each(fazt, agent, since, "undo_run", apps.map(({ app }) => app));
    },
    after: () => (undone.length > 0 ? show("Undone", "wide", reportOf(undone, true)) : undefined),
  });
}

/** Since when, in Unix ms. */
function sinceOf(values: Values): number {
  const typed = values.text("since");
  if (typed !== "") return new Date(typed).getTime();
  const span = Number(values.text("span"));
  return span > 0 ? Date.now() - span : 0;
}

/** Previews or undoes in each app; one that fails names those that are done. */
async function each(fazt: Client, agent: Token, since: number, operation: "undo_preview" | "undo_run", apps?: string[]): Promise<InApp[]> {
  const found: InApp[] = [];
  for (const app of apps ?? (await appsOf(fazt, agent))) {
    try {
      const output = await fazt.text(operation, { app, by: agent.id, since });
      found.push({ app, report: JSON.parse(output) as Undone });
      if (operation === "undo_run") done(operation, output, `Took back what ${agent.name} did in ${app}`);
    } catch (error) {
      const before = found.map((one) => one.app).join(", ");
      if (operation === "undo_run" && before) throw Object.assign(new Error(`in ${app}: ${problemOf(error).detail}`), { ...problemOf(error), detail: `in ${app}: ${problemOf(error).detail}`, hint: `It is done in ${before}. Press the button again for the rest.` });
      throw error;
    }
  }
  return found;
}

async function appsOf(fazt: Client, agent: Token): Promise<string[]> {
  if (agent.app) return [agent.app];
  return (await all((cursor) => fazt.app.list({ ...cursor, limit: 1000 }))).map((app) => app.id);
}

const most = 50;

/** The counts of each app, and every thing that is left alone. */
function reportOf(found: InApp[], did: boolean): Child {
  const touched = found.filter(({ report }) => report.restored + report.removed + report.conflicts > 0);
  if (touched.length === 0) return h("p", { class: "panel" }, "Nothing that is kept matches: there is nothing to take back.");
  const list = h("tbody");
  const grid = table(did ? "What was undone" : "What an undo would do", ["App", did ? "Restored" : "Would restore", did ? "Removed" : "Would remove", "Left alone", ""], list);
  rows(list, touched, ({ app }) => app, ({ app, report }) => appRow(app, report));
  const left = touched.flatMap(({ app, report }) => report.items.filter((item) => item.did === "conflict").map((item) => ({ app, item })));
  return [grid, left.length > 0 ? leftAlone(left) : null];
}

function appRow(app: string, report: Undone): HTMLElement {
  const by = report.items[0]?.principal;
  return h(
    "tr",
    null,
    h("th", { scope: "row" }, app),
    h("td", { class: "number" }, report.restored),
    h("td", { class: "number" }, report.removed),
    h("td", { class: "number" }, report.conflicts),
    h("td", { class: "row-actions" }, by === undefined ? null : h("a", { href: undoPath(app, { by }), target: "_blank" }, "Look")),
  );
}

function leftAlone(left: { app: string; item: Undone["items"][number] }[]): HTMLElement {
  const items = left.slice(0, most).map(({ app, item }) => {
    const which = `${app}: ${item.kind} ${item.name ? `${item.name}/` : ""}${item.key}`;
    const link = item.version === undefined ? which : h("a", { href: thingPath(app, item.kind, item.name, item.key), target: "_blank" }, which);
    return h("li", null, link, item.why ? ` – ${item.why}` : item.version === undefined ? " – gone since" : ` – changed since, now at version ${item.version}`);
  });
  const rest = left.length > most ? h("p", { class: "hint" }, `and ${plural(left.length - most, "more")}`) : null;
  const place = h("div", { class: "panel" });
  fill(place, h("p", null, h("strong", null, `${plural(left.length, "thing")} left alone:`)), h("ul", { class: "code" }, items), rest);
  return place;
}
