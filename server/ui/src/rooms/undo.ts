// Undo: what a run, a token or a stretch of time has changed in an app, seen
// first and then taken back. What has changed since is left alone and named.

import { openForm, type Field } from "../dialog";
import { fill, h, rows } from "../dom";
import { problemOf } from "../errors";
import { given, text, whole } from "../fields";
import { ago, moment, plural } from "../format";
import { follow } from "../live";
import { path, type Visit } from "../router";
import { empty, heading, showError, table } from "../shell";
import { done } from "../status";
import { all, type Client, type Undone } from "../session";
import { newNames, type Names } from "../who";
import { appTabs } from "./app-tabs";
import { thingPath } from "./things";

/** The address of the room with a run or a token chosen. */
export function undoPath(app: string, of: { run?: string; by?: string }): string {
  return path`/apps/${app}/undo` + (of.run !== undefined ? path`?run=${of.run}` : of.by !== undefined ? path`?by=${of.by}` : "");
}

/** How far back an undo reaches. */
export const spans: readonly [label: string, ms: number][] = [
  ["the last 10 minutes", 600_000],
  ["the last hour", 3_600_000],
  ["the last day", 86_400_000],
  ["all that is kept", 0],
];

type Asked = { app: string; run_id?: string; by?: string; since?: number };

export async function undo({ fazt, main, params, query, signal }: Visit): Promise<void> {
  const app = params.app ?? "";
  await fazt.app.get({ app }); // says that there is none
  const tokens = await all((cursor) => fazt.token.list({ ...cursor, limit: 1000 })).catch(() => []);
  const names = await newNames(fazt);
  const who = select("Done by", [["", "anyone"], ...tokens.map((token): [string, string] => [token.id, token.name])], query.get("by") ?? "");
  const when = select("Done in", spans.map(([label, ms]) => [String(ms), label]), query.has("run") || query.has("by") ? "0" : "3600000");
  const run = h("input", { type: "search", "aria-label": "Run", placeholder: "Run, as in r_…", value: query.get("run") ?? "", autocomplete: "off", spellcheck: "false" });
  const report = h("div", { "aria-live": "polite" });

  function asked(): Asked {
    const span = Number(when.control.value);
    const of = { run_id: text(run.value.trim()), by: text(who.control.value) };
    return given({ app, ...of, since: span > 0 ? Date.now() - span : of.run_id || of.by ? undefined : 0 });
  }
  let turn = 0;
  async function load(): Promise<void> {
    const mine = ++turn;
    try {
      const now = await fazt.undo.preview(asked());
      if (mine === turn) fill(report, reportOf(app, now, names));
    } catch (error) {
      if (mine !== turn || signal.aborted) return;
      if (problemOf(error).code === "app_not_found") throw error;
      showError(report, error);
    }
  }
  for (const control of [who.control, when.control, run]) control.addEventListener("input", () => void load());
  await follow(app, load, signal);
  main.append(
    heading(
      app,
      "Deletes are kept for 24 hours, writes of agents for 7 days.",
      h("button", { class: "primary", onclick: () => void undoForm(fazt, asked(), names, load) }, "Undo this"),
      h("button", { onclick: () => void undoForm(fazt, { app }, names, load) }, "Undo by name"),
      h("a", { class: "button", href: "/bin" }, "Deleted apps"),
    ),
    appTabs(app, "undo"),
    h("div", { class: "toolbar undo" }, who.field, when.field, run),
    report,
  );
}

function select(label: string, options: readonly (readonly [string, string])[], value: string): { control: HTMLSelectElement; field: HTMLElement } {
  const control = h("select", null, options.map(([at, name]) => h("option", { value: at, selected: at === value }, name)));
  return { control, field: h("label", null, h("span", null, label), control) };
}

/** The dialog that takes back, with a look at what it would do. */
function undoForm(fazt: Client, from: Asked, names: Names, load: () => Promise<void>): Promise<boolean> {
  const { app } = from;
  const fields: Field[] = [
    { name: "run_id", label: "Run", value: from.run_id ?? "" },
    { name: "by", label: "Token", value: from.by ?? "", hint: "The id of the one who did it, as in t_…" },
    { name: "since", label: "Since (Unix ms)", kind: "number", value: from.since === undefined ? "" : String(from.since), hint: "0: all that is kept. One of the three has to be given." },
  ];
  const input = (values: { text(name: string): string }) =>
    given({ app, run_id: text(values.text("run_id")), by: text(values.text("by")), since: whole(values.text("since"), "since") });
  return openForm({
    title: "Undo",
    wide: true,
    fields,
    submit: "Undo",
    danger: true,
    preview: {
      label: "Preview",
      show: async (values) => reportOf(app, JSON.parse(await fazt.text("undo_preview", input(values))) as Undone, names),
    },
    async act(values) {
      const output = await fazt.text("undo_run", input(values));
      const report = JSON.parse(output) as Undone;
      await load();
      done("undo_run", output, sums(report, true));
    },
  });
}

/** "2 things restored, 1 removed, 1 left alone." */
function sums({ restored, removed, conflicts }: Undone, did: boolean): string {
  if (restored + removed + conflicts === 0) return "There is nothing to take back.";
  const parts = [
    restored > 0 ? `${plural(restored, "thing")} ${did ? "restored" : "would get back what was there"}` : "",
    removed > 0 ? `${plural(removed, "thing")} ${did ? "removed" : "would go, having not been there before"}` : "",
    conflicts > 0 ? `${plural(conflicts, "thing")} ${did ? "left alone" : "would be left alone"}, changed since` : "",
  ];
  return parts.filter(Boolean).join(" · ") + ".";
}

const words: Record<string, string> = { restored: "restore", removed: "remove", conflict: "leave alone" };
const shown = 200;

function reportOf(app: string, report: Undone, names: Names): HTMLElement {
  if (report.items.length === 0) return empty("Nothing that is kept matches: there is nothing to take back.");
  const list = h("tbody");
  const grid = table("What an undo would do", ["Would", "Which", "Done by", "When", "Version"], list);
  const items = [...report.items].sort((a, b) => Number(b.did === "conflict") - Number(a.did === "conflict")).slice(0, shown);
  rows(list, items, (item) => JSON.stringify([item.kind, item.name, item.key]), (item) => row(app, item, names));
  const total = report.restored + report.removed + report.conflicts;
  const rest = total > Math.min(shown, report.items.length) ? h("p", { class: "count" }, `The first ${Math.min(shown, report.items.length)} of ${total} are listed.`) : null;
  return h("div", { class: "report" }, h("p", { class: "sums" }, sums(report, false)), grid, rest);
}

function row(app: string, item: Undone["items"][number], names: Names): HTMLElement {
  const which = (item.name ? item.name + "/" : "") + item.key;
  const conflict = item.did === "conflict";
  const there = item.did === "removed" || (conflict && item.version !== undefined); // now, so that it can be looked at
  const version = conflict ? (item.version ? `now at ${item.version}` : "gone since") : item.version ? `as of ${item.version}` : "";
  return h(
    "tr",
    null,
    h("td", null, h("span", { class: "state", "data-state": conflict ? "waiting" : item.did === "removed" ? "failed" : "ok" }, words[item.did] ?? item.did)),
    h("th", { scope: "row", class: "code" }, h("span", { class: "kind" }, item.kind), " ", there ? h("a", { href: thingPath(app, item.kind, item.name, item.key) }, which) : which, item.why ? h("div", { class: "hint" }, item.why) : null),
    h("td", { title: item.principal }, names(item.principal)),
    h("td", { class: "when", title: moment(item.at) }, ago(item.at)),
    h("td", { class: "number" }, version),
  );
}
