// The collections of one app, and the dialogs that make, set and delete one.

import { h, rows } from "../dom";
import { openForm, type Values } from "../dialog";
import { given, json, lines, repeated, whole } from "../fields";
import { ago, moment, plural } from "../format";
import { pretty } from "../jsontext";
import { indexesOf, indexLine } from "../indexes";
import { follow } from "../live";
import { path, type Visit } from "../router";
import { empty, heading, table } from "../shell";
import { done } from "../status";
import { all, type Client, type Collection } from "../session";
import { appTabs } from "./app-tabs";

type Load = () => Promise<void>;

export async function collections({ fazt, main, params, signal }: Visit): Promise<void> {
  const app = params.app ?? "";
  const list = h("tbody");
  const grid = table("Collections", ["Collection", "Documents", "Indexes", "Full text", "Schema", "Changed"], list);
  const none = empty("No collections yet. A collection holds documents, JSON objects that can be found by what is in them. The first document makes one, too.");

  async function load(): Promise<void> {
    const items = await all((cursor) => fazt.collection.list({ ...cursor, app, limit: 1000 }));
    rows(list, items, (one) => one.collection, (one) => row(app, one));
    none.hidden = items.length > 0;
    grid.hidden = !none.hidden;
  }
  await follow(app, load, signal);
  main.append(
    heading(app, "Collections hold documents.", h("button", { class: "primary", onclick: () => void create(fazt, app, load) }, "New collection")),
    appTabs(app, "collections"),
    none,
    h("div", { class: "list" }, grid),
  );
}

function row(app: string, one: Collection): HTMLElement {
  return h(
    "tr",
    null,
    h("th", { scope: "row" }, h("a", { href: path`/apps/${app}/collections/${one.collection}` }, one.collection)),
    h("td", { class: "number" }, one.count.toLocaleString("en")),
    h("td", { class: "code" }, one.indexes.map((index) => h("div", null, indexState(index)))),
    h("td", { class: "code" }, one.text.join(", "), one.text.length > 0 && !one.text_ready ? " (being built)" : ""),
    h("td", null, one.schema ? "yes" : ""),
    h("td", { class: "when", title: moment(one.updated_at) }, ago(one.updated_at)),
  );
}

/** An index, and what it is doing unless it serves. */
export function indexState(index: Collection["indexes"][number]): string {
  return indexLine(index) + (index.failed ? ` (failed: ${index.failed})` : index.ready ? "" : " (being built)");
}

const fields = {
  schema: { name: "schema", label: "Schema (JSON)", kind: "long", rows: 6, hint: "A JSON Schema that documents must fit from now on. Empty: any document." },
  indexes: {
    name: "indexes",
    label: "Indexes",
    kind: "long",
    rows: 3,
    hint: "One a line: its fields, then unique or sparse, as in “email unique” or “city, age”. An array is indexed by its elements. Those left out are dropped.",
  },
  text: { name: "text", label: "Full text", kind: "long", rows: 2, hint: "The fields whose words are found by $text, one a line. Empty: none." },
  version: { name: "if_version", label: "Only at version", kind: "number", hint: "Of the settings. 0: only when there is no such collection. Empty: whatever it is." },
} as const;

/** The settings that were filled in, and the indexes if some were proposed. */
function settings(values: Values, proposed = false): object {
  const filledIn = <T>(name: string, read: (text: string) => T): T | undefined => (values.touched(name) ? read(values.text(name)) : undefined);
  return given({
    schema: filledIn("schema", (text) => (text.trim() === "" ? null : json(text, "schema"))),
    indexes: proposed ? indexesOf(values.text("indexes")) : filledIn("indexes", indexesOf),
    text: filledIn("text", lines),
    if_version: whole(values.text("if_version"), "if_version"),
  });
}

function create(fazt: Client, app: string, load: Load): Promise<boolean> {
  return openForm({
    title: "New collection",
    fields: [
      { name: "collection", label: "Name", hint: "1 to 64 of letters, digits, _ and -, not beginning with a digit or -." },
      fields.schema,
      fields.indexes,
      fields.text,
      { ...fields.version, value: "0" },
    ],
    submit: "Create",
    async act(values) {
      const collection = values.text("collection").trim();
      const output = await fazt.text("collection_set", { app, collection, ...settings(values) });
      await load();
      done("collection_set", output, `Created collection ${collection}`);
    },
  });
}

/** The dialog of a collection's settings. The index, if there is one, is proposed
 * beside those that it has. */
export function setCollection(fazt: Client, app: string, collection: string, now: Collection | undefined, load: Load, index = ""): Promise<boolean> {
  const indexes = (now?.indexes ?? []).map(indexLine);
  return openForm({
    title: "Collection settings",
    wide: true,
    fields: [
      { ...fields.schema, value: now?.schema === undefined ? "" : pretty(JSON.stringify(now.schema)) },
      { ...fields.indexes, value: [...indexes, index].filter(Boolean).join("\n") },
      { ...fields.text, value: (now?.text ?? []).join("\n") },
      { ...fields.version, value: String(now?.version ?? 0) },
    ],
    submit: "Save",
    async act(values) {
      const output = await fazt.text("collection_set", { app, collection, ...settings(values, index !== "") });
      await load();
      done("collection_set", output, `Saved the settings of ${collection}`);
    },
  });
}

/** The dialog that deletes a collection. */
export function deleteCollection(fazt: Client, app: string, collection: string, count: number, gone: () => void): Promise<boolean> {
  return openForm({
    title: "Delete collection",
    intro: h("p", null, "This deletes ", h("strong", null, collection), ` with its ${plural(count, "document")}, its schema and its indexes.`),
    fields: [
      { name: "confirm", label: "Type the name to confirm" },
      { ...fields.version, hint: "Of the settings. Empty: whatever it is." },
    ],
    submit: "Delete",
    danger: true,
    async act(values) {
      const confirm = repeated(values.text("confirm"), collection);
      const output = await fazt.text("collection_delete", given({ app, collection, if_version: whole(values.text("if_version"), "if_version") }), { confirm });
      gone();
      done("collection_delete", output, `Deleted collection ${collection}`);
    },
  });
}
