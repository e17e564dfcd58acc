// What changes in an app, as it changes: newest first, with who did it and by
// which operation.

import type { Change } from "fazt/client";

import { h, rows } from "../dom";
import { problemOf, sentence } from "../errors";
import { ago, moment } from "../format";
import type { Visit } from "../router";
import { empty, heading, table } from "../shell";
import type { Client } from "../session";
import { newNames } from "../who";
import { appTabs } from "./app-tabs";
import { recent } from "./changes-recent";
import { thingPath } from "./things";

const kinds = { kv: "Keys", doc: "Documents", collection: "Collections", blob: "Files", site: "Site" } as const;
type Kind = keyof typeof kinds;

/** How many changes are kept in sight. */
const most = 500;
const first = 100;

type Filter = { kinds?: Kind[]; prefix?: string; name: string };

export async function changes({ fazt, main, params, signal }: Visit): Promise<void> {
  const app = params.app ?? "";
  const list = h("tbody");
  const grid = table("Changes", ["What", "Which", "By", "Operation", "When"], list);
  const none = empty("Nothing has changed here that is still on record, which goes back 24 hours. What changes from now on appears by itself.");
  const live = h("span", { class: "state", "data-state": "ok" }, "live");
  const note = h("p", { class: "note", role: "note", hidden: true });
  const pause = h("button", null, "Pause");
  const boxes = Object.entries(kinds).map(([kind, label]) => h("label", { class: "check" }, h("input", { type: "checkbox", value: kind }), label));
  const name = h("input", { type: "search", "aria-label": "Collection", placeholder: "Collection", autocomplete: "off", spellcheck: "false" });
  const prefix = h("input", { type: "search", "aria-label": "Prefix", placeholder: "Key or id begins with", autocomplete: "off", spellcheck: "false" });
  const names = await newNames(fazt);
  const operations = newOperations(fazt, app, draw);

  let shown: Change[] = [];
  let cursor: string | undefined;
  let stream = new AbortController();

  function draw(): void {
    rows(list, shown.map((change) => ({ ...change, operation: operations.of(change) })), (change) => change.cursor, (change) => row(app, change, names(change.principal)));
    none.hidden = shown.length > 0;
    grid.hidden = !none.hidden;
  }
  function say(text: string): void {
    note.textContent = text;
    note.hidden = text === "";
  }
  function filter(): Filter {
    const chosen = boxes.map((box) => box.querySelector("input")).filter((box) => box?.checked).map((box) => box?.value as Kind);
    return { ...(chosen.length > 0 ? { kinds: chosen } : {}), ...(prefix.value ? { prefix: prefix.value } : {}), name: name.value.trim() };
  }
  function add(change: Change, { name: collection }: Filter): void {
    cursor = change.cursor;
    if (collection && change.name !== collection) return;
    shown = [change, ...shown].slice(0, most);
    operations.ask();
    draw();
  }
  /** Follows from the cursor until it is stopped. */
  async function go(): Promise<void> {
    const mine = (stream = new AbortController());
    const now = filter();
    state("ok", "live");
    try {
      const { name: _, ...asked } = now;
      for await (const change of fazt.changes({ app, ...asked, ...(cursor === undefined ? {} : { since: cursor }), signal: AbortSignal.any([mine.signal, signal]) })) add(change, now);
    } catch (error) {
      if (mine.signal.aborted || signal.aborted) return;
      if (problemOf(error).code !== "compacted") return stop(error);
      say("Some changes in between are no longer kept: what is below may have a gap. It goes on from now.");
      cursor = undefined;
      void go();
    }
  }
  function state(name: string, text: string): void {
    live.dataset.state = name;
    live.textContent = text;
    pause.textContent = text === "live" ? "Pause" : "Resume";
  }
  function stop(error?: unknown): void {
    stream.abort();
    state("waiting", error ? "stopped" : "paused");
    if (error) say(sentence(problemOf(error).detail));
  }
  /** Begins anew, as a filter says. */
  async function begin(): Promise<void> {
    stream.abort();
    const mine = (stream = new AbortController());
    const now = filter();
    const { name: collection, ...asked } = now;
    const page = await recent(fazt, { app, ...asked }, first, signal);
    if (mine.signal.aborted || signal.aborted) return;
    shown = page.items.filter((change) => !collection || change.name === collection).reverse();
    cursor = page.next;
    say(page.cut ? "Older changes are no longer kept." : "");
    operations.ask();
    draw();
    void go();
  }
  pause.addEventListener("click", () => (live.textContent === "live" ? stop() : void go()));
  for (const field of [...boxes, name, prefix]) field.addEventListener("input", () => void begin().catch(stop));
  await begin();
  main.append(
    heading(app, "What has changed in the last 24 hours, newest first.", live, pause),
    appTabs(app, "changes"),
    h("div", { class: "toolbar" }, h("fieldset", { class: "kinds" }, h("legend", { class: "hidden" }, "Kinds"), boxes), name, prefix),
    note,
    none,
    grid,
  );
}

function row(app: string, change: Change & { operation: string }, by: string): HTMLElement {
  const which = (change.name && change.kind === "doc" ? change.name + "/" : "") + (change.key ?? change.id ?? change.name ?? "");
  const address = gone(change) ? undefined : thingPath(app, change.kind, change.name, change.key ?? change.id ?? change.name ?? "");
  return h(
    "tr",
    null,
    h("td", { class: "when" }, h("span", null, h("span", { class: "kind" }, change.kind), " ", change.op)),
    h("th", { scope: "row", class: "code" }, address ? h("a", { href: address }, which) : which),
    h("td", { title: change.principal }, by),
    h("td", { class: "code when" }, change.operation),
    h("td", { class: "when", title: `${moment(change.at)} · version ${change.version}` }, ago(change.at)),
  );
}

function gone(change: Change): boolean {
  return change.op === "delete" || change.op === "expire";
}

/** The operations that made the commits, from the audit, which knows them by
 * the version. Without the right to read it the column stays empty. */
function newOperations(fazt: Client, app: string, changed: () => void): { of(change: Change): string; ask(): void } {
  const known = new Map<number, string>();
  let asking = false;
  let again = false;
  async function ask(): Promise<void> {
    if (asking) return void (again = true);
    asking = true;
    do {
      again = false;
      const page = await fazt.system.audit({ app, limit: 500 }).catch(() => undefined);
      for (const entry of page?.items ?? []) if (entry.version) known.set(entry.version, entry.face === "ui" ? `${entry.operation} (page)` : entry.operation);
      changed();
    } while (again);
    asking = false;
  }
  return { of: (change) => known.get(change.version) ?? "", ask: () => void ask() };
}
