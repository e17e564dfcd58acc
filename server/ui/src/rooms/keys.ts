// The keys of one app: browse, add, edit and delete them while they change.

import { h, rows } from "../dom";
import { openForm, type Field } from "../dialog";
import { given, json, key as readKey, keyText, whole } from "../fields";
import { ago, moment, plural } from "../format";
import { follow } from "../live";
import { go, type Visit } from "../router";
import { empty, heading, table } from "../shell";
import { done } from "../status";
import type { Client } from "../session";
import { deleteApp, rename } from "./apps";
import { appTabs } from "./app-tabs";
import { members, type Listed } from "../jsontext";

const pageSize = 200;

export async function keys({ fazt, main, params, query, signal }: Visit): Promise<void> {
  const app = params.app ?? "";
  const wanted = query.get("key"); // the one that a link leads to
  let prefix = wanted ?? query.get("prefix") ?? "";
  let limit = pageSize;
  const list = h("tbody");
  const grid = table("Keys", ["Key", "Value", "Version", "Expires", ""], list);
  const count = h("p", { class: "count" });
  const more = h("button", { hidden: true }, "Show more");
  const none = empty("");
  const search = h("input", { type: "search", "aria-label": "Prefix", placeholder: "Prefix", value: prefix, autocomplete: "off", spellcheck: "false" });

  let turn = 0;
  async function load(): Promise<void> {
    const mine = ++turn;
    const page = await keyPage(fazt, app, prefix, limit);
    if (mine !== turn) return; // a later look has begun
    rows(list, page.items, (entry) => entry.key, (entry) => row(fazt, app, entry, load, entry.key === wanted));
    count.textContent = page.more ? `the first ${page.items.length} keys` : plural(page.items.length, "key");
    more.hidden = !page.more;
    none.textContent = prefix ? `No key begins with ${prefix}` : "No keys yet. Pages, programs and agents store what they need under keys, such as settings or a session.";
    none.hidden = page.items.length > 0;
    grid.hidden = !none.hidden;
  }
  search.addEventListener("input", () => {
    prefix = search.value;
    limit = pageSize;
    history.replaceState(null, "", location.pathname + (prefix ? `?${new URLSearchParams({ prefix })}` : ""));
    void load();
  });
  more.addEventListener("click", () => {
    limit += pageSize;
    void load();
  });
  await follow(app, load, signal);
  const renameApp = async (): Promise<void> => {
    await rename(fazt, await fazt.app.get({ app }), load);
  };
  main.append(
    heading(
      app,
      "Keys hold any JSON value.",
      h("button", { class: "primary", onclick: () => void edit(fazt, app, load) }, "New key"),
      h("button", { onclick: () => void remove(fazt, app, load) }, "Delete a key"),
      h("button", { onclick: () => void renameApp() }, "Rename app"),
      h("button", { class: "danger", onclick: () => void deleteApp(fazt, app, async () => go("/apps")) }, "Delete app"),
    ),
    appTabs(app, "keys"),
    h("div", { class: "toolbar" }, search, count),
    none,
    grid,
    more,
  );
}

/** The first keys with a prefix, their values as the text that is stored. */
async function keyPage(fazt: Client, app: string, prefix: string, limit: number): Promise<{ items: Listed[]; more: boolean }> {
  const items: Listed[] = [];
  let cursor: string | undefined;
  do {
    const input = given({ app, limit: Math.min(limit - items.length, 1000), prefix: prefix || undefined, cursor });
    const text = await fazt.text("kv_list", input);
    const page = members(text);
    items.push(...page.items);
    cursor = page.next;
  } while (cursor && items.length < limit);
  return { items, more: cursor !== undefined };
}

const shortest = 160;

function row(fazt: Client, app: string, entry: Listed, load: () => Promise<void>, wanted: boolean): HTMLElement {
  const value = entry.value.length > shortest ? entry.value.slice(0, shortest) + "…" : entry.value;
  return h(
    "tr",
    { "aria-current": wanted || undefined },
    h("th", { scope: "row", class: "code" }, entry.key),
    h("td", { class: "code value" }, value),
    h("td", { class: "number" }, entry.version),
    h("td", { class: "when", title: moment(entry.expires_at) }, entry.expires_at === undefined ? "never" : ago(entry.expires_at)),
    h(
      "td",
      { class: "row-actions" },
      h("button", { onclick: () => void edit(fazt, app, load, entry) }, "Edit"),
      h("button", { class: "danger", onclick: () => void remove(fazt, app, load, entry) }, "Delete"),
    ),
  );
}

function edit(fazt: Client, app: string, load: () => Promise<void>, entry?: Listed): Promise<boolean> {
  const fields: Field[] = [
    { name: "key", label: "Key", value: entry ? keyText(entry.key) : "", readonly: entry !== undefined },
    { name: "value", label: "Value (JSON)", kind: "long", value: entry?.value ?? "" },
    { name: "ttl_ms", label: "Time to live (ms)", kind: "number", hint: "Empty: the key does not expire." },
    { name: "if_version", label: "Only at version", kind: "number", value: entry?.version ?? "", hint: "0: only when the key is not there yet. Empty: whatever is there." },
    { name: "create_only", label: "Only create", kind: "checkbox" },
  ];
  return openForm({
    title: entry ? "Edit key" : "New key",
    fields,
    submit: "Save",
    async act(values) {
      const key = readKey(values.text("key"), "key");
      const output = await fazt.text(
        "kv_set",
        given({
          app,
          key,
          value: json(values.text("value"), "value"),
          ttl_ms: whole(values.text("ttl_ms"), "ttl_ms"),
          if_version: whole(values.text("if_version"), "if_version"),
          create_only: values.checked("create_only") || undefined,
        }),
      );
      await load();
      done("kv_set", output, `Saved key ${key}`);
    },
  });
}

function remove(fazt: Client, app: string, load: () => Promise<void>, entry?: Listed): Promise<boolean> {
  return openForm({
    title: "Delete key",
    fields: [
      { name: "key", label: "Key", value: entry ? keyText(entry.key) : "", readonly: entry !== undefined },
      { name: "if_version", label: "Only at version", kind: "number", value: entry?.version ?? "", hint: "Empty: whatever its version is." },
    ],
    submit: "Delete",
    danger: true,
    async act(values) {
      const key = readKey(values.text("key"), "key");
      const output = await fazt.text("kv_delete", given({ app, key, if_version: whole(values.text("if_version"), "if_version") }));
      await load();
      done("kv_delete", output, `Deleted key ${key}`);
    },
  });
}
