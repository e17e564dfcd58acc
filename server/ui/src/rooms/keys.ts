// The keys of one app: browse, add, edit and delete them while they change.

import { h, rows } from "../dom";
import { openForm } from "../dialog";
import { parseJSON, parseWhole } from "../errors";
import { ago, moment, plural, short } from "../format";
import { follow } from "../live";
import type { Visit } from "../router";
import { empty, heading, say } from "../shell";
import type { Client, Entry } from "../session";
import { appTabs } from "./app-tabs";

const pageSize = 200;

export async function keys({ fazt, main, params, signal }: Visit): Promise<void> {
  const app = params.app ?? "";
  let prefix = "";
  let limit = pageSize;
  const list = h("tbody");
  const count = h("p", { class: "count" });
  const more = h("button", { hidden: true, onclick: () => ((limit += pageSize), void load()) }, "Show more");
  const none = empty("No keys here.");
  const search = h("input", { type: "search", "aria-label": "Prefix", placeholder: "Prefix", autocomplete: "off", spellcheck: "false" });
  search.addEventListener("input", () => {
    prefix = search.value;
    limit = pageSize;
    void load();
  });
  const table = h(
    "table",
    { "aria-label": "Keys" },
    h("thead", null, h("tr", null, ["Key", "Value", "Version", "Expires", ""].map((name) => h("th", { scope: "col" }, name || h("span", { class: "hidden" }, "Actions"))))),
    list,
  );
  main.append(
    heading(app, "Keys hold any JSON value.", h("button", { class: "primary", onclick: () => edit(fazt, app) }, "New key")),
    appTabs(app, "keys"),
    h("div", { class: "toolbar" }, search, count),
    none,
    table,
    more,
  );

  let turn = 0;
  async function load(): Promise<void> {
    const mine = ++turn;
    const items: Entry[] = [];
    let cursor: string | undefined;
    do {
      const page = await fazt.kv.list({ app, limit: Math.min(limit - items.length, 1000), ...(prefix ? { prefix } : {}), ...(cursor ? { cursor } : {}) });
      items.push(...page.items);
      cursor = page.next_cursor ?? undefined;
    } while (cursor && items.length < limit);
    if (mine !== turn) return; // a later look has begun
    rows(list, items, (entry) => entry.key, (entry) => row(fazt, app, entry));
    count.textContent = cursor ? `the first ${items.length} keys` : plural(items.length, "key");
    more.hidden = !cursor;
    none.hidden = items.length > 0;
    table.hidden = items.length === 0;
  }
  await follow(fazt, { app, kinds: ["kv"] }, load, signal);
}

function row(fazt: Client, app: string, entry: Entry): HTMLElement {
  return h(
    "tr",
    null,
    h("th", { scope: "row", class: "code" }, entry.key),
    h("td", { class: "code value" }, short(entry.value)),
    h("td", { class: "number" }, entry.version),
    h("td", { title: moment(entry.expires_at ?? undefined) }, entry.expires_at ? ago(entry.expires_at) : "never"),
    h("td", { class: "row-actions" }, h("button", { onclick: () => edit(fazt, app, entry) }, "Edit"), h("button", { class: "danger", onclick: () => remove(fazt, app, entry) }, "Delete")),
  );
}

function edit(fazt: Client, app: string, entry?: Entry): Promise<void> {
  return openForm({
    title: entry ? "Edit key" : "New key",
    intro: entry ? h("p", null, "Key ", h("strong", { class: "code" }, entry.key)) : null,
    fields: [
      ...(entry ? [] : [{ name: "key", label: "Key", required: true }]),
      { name: "value", label: "Value (JSON)", kind: "json" as const, required: true, value: entry ? JSON.stringify(entry.value, null, 2) : "" },
      { name: "ttl_ms", label: "Time to live (ms)", kind: "number" as const, hint: "Empty: the key does not expire." },
      entry
        ? { name: "guard", label: "Only if nobody changed it meanwhile", kind: "checkbox" as const, checked: true }
        : { name: "create_only", label: "Only create", kind: "checkbox" as const, hint: "Fails when the key exists." },
    ],
    submit: "Save",
    async act(values) {
      const key = entry ? entry.key : String(values.key);
      const ttl = parseWhole(String(values.ttl_ms), "ttl_ms");
      const saved = await fazt.kv.set({
        app,
        key,
        value: parseJSON(String(values.value), "value"),
        ...(ttl === undefined ? {} : { ttl_ms: ttl }),
        ...(values.create_only ? { create_only: true } : {}),
        ...(entry && values.guard ? { if_version: entry.version } : {}),
      });
      say(`Saved key ${key} at version ${saved.version}`);
    },
  });
}

function remove(fazt: Client, app: string, entry: Entry): Promise<void> {
  return openForm({
    title: "Delete key",
    intro: h("p", null, "This deletes the key ", h("strong", { class: "code" }, entry.key), "."),
    fields: [],
    submit: "Delete",
    danger: true,
    async act() {
      await fazt.kv.delete({ app, key: entry.key });
      say(`Deleted key ${entry.key}`);
    },
  });
}
