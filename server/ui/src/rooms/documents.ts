// The documents of one collection: find them, and write them while they change.

import { fill, h, rows } from "../dom";
import { columnsOf, cut, documents as read, type Listed } from "../documents";
import { problemOf } from "../errors";
import { plural } from "../format";
import { objectOf, pretty } from "../jsontext";
import { follow } from "../live";
import { go, path, type Visit } from "../router";
import { empty, heading } from "../shell";
import type { Client, Collection } from "../session";
import { appTabs } from "./app-tabs";
import { deleteCollection, indexState, setCollection } from "./collections";
import { document, documentPath, edit, type Place } from "./document";
import { deleteMany, insert, updateMany } from "./documents-many";
import { asked, newBar, type Query } from "./documents-query";

const pageSize = 50;

export async function documents(visit: Visit): Promise<void> {
  if (visit.query.has("doc")) return document(visit);
  const { fazt, main, params, query: from, signal } = visit;
  const app = params.app ?? "";
  const collection = params.collection ?? "";
  let settings: Collection | undefined;
  let limit = pageSize;
  let turn = 0;
  const facts = h("p", { class: "about facts" });
  const count = h("p", { class: "count" });
  const none = empty("");
  none.hidden = true; // until a look has been answered
  const more = h("button", { class: "table-end", hidden: true, onclick: () => void showMore() }, "Show more");
  const at: Place = { fazt, app, collection, load };
  const list = newList(at);
  const bar = newBar({ fazt, app, collection, from, changed: anew, makeIndex: (line) => void set(line) });

  async function load(): Promise<void> {
    const mine = ++turn;
    settings = await there(fazt, app, collection);
    const query = bar.query();
    let page: Found;
    try {
      page = settings ? await find(fazt, app, collection, query, limit) : { items: [], more: false };
    } catch (error) {
      if (mine === turn) bar.refuse(error); // what is shown stays
      return;
    }
    if (mine !== turn) return; // a later look has begun
    bar.accept();
    list.show(page.items, query.view);
    facts.textContent = settings ? settingsOf(settings) : "";
    count.textContent = countOf(page, query, settings);
    more.hidden = !page.more;
    none.textContent = query.filter ? "No document matches the filter." : settings ? "No documents yet." : "There is no such collection yet. Its first document makes it.";
    none.hidden = page.items.length > 0;
    list.element.hidden = !none.hidden;
  }
  async function anew(): Promise<void> {
    limit = pageSize;
    list.forget();
    await load();
  }
  async function showMore(): Promise<void> {
    limit += pageSize;
    await load();
  }
  const set = (index = ""): Promise<boolean> => setCollection(fazt, app, collection, settings, load, index);
  const removeAll = (): Promise<boolean> => deleteCollection(fazt, app, collection, settings?.count ?? 0, () => go(path`/apps/${app}/collections`));
  await follow(app, load, signal);
  main.append(
    heading(
      collection,
      ["A collection of ", h("a", { href: path`/apps/${app}/collections` }, app)],
      h("button", { class: "primary", onclick: () => void insert(at) }, "New document"),
      h("button", { onclick: () => void set() }, "Settings"),
      h("button", { class: "danger", onclick: () => void removeAll() }, "Delete collection"),
    ),
    appTabs(app, "collections"),
    facts,
    bar.element,
    h(
      "div",
      { class: "toolbar found" },
      count,
      h("button", { onclick: () => void updateMany(at, bar.query().filter) }, "Update by filter"),
      h("button", { class: "danger", onclick: () => void deleteMany(at, bar.query().filter) }, "Delete by filter"),
    ),
    none,
    list.element,
    more,
  );
}

/** A collection's settings, or nothing when there is none of this name. */
async function there(fazt: Client, app: string, collection: string): Promise<Collection | undefined> {
  try {
    return await fazt.collection.get({ app, collection });
  } catch (error) {
    if (problemOf(error).code === "collection_not_found") return undefined;
    throw error;
  }
}

type Found = { items: Listed[]; more: boolean };

/** The first documents that a query finds. */
async function find(fazt: Client, app: string, collection: string, query: Query, limit: number): Promise<Found> {
  const items: Listed[] = [];
  let cursor: string | undefined;
  do {
    const input = { app, collection, ...asked(query), limit: Math.min(limit - items.length, 1000), ...(cursor === undefined ? {} : { cursor }) };
    const page = read(await fazt.text("doc_find", input));
    items.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined && items.length < limit);
  return { items, more: cursor !== undefined };
}

/** What a collection is set to, in a line. */
function settingsOf(settings: Collection): string {
  const parts = [
    settings.schema ? "with a schema" : "",
    settings.text.length > 0 ? `full text: ${settings.text.join(", ")}${settings.text_ready ? "" : " (being built)"}` : "",
    settings.indexes.length > 0 ? `indexes: ${settings.indexes.map(indexState).join(" · ")}` : "",
  ];
  return parts.filter(Boolean).join(" – ");
}

function countOf(page: Found, query: Query, settings: Collection | undefined): string {
  if (page.items.length === 0) return "";
  const all = plural(settings?.count ?? 0, "document");
  if (!query.filter) return page.more ? `the first ${page.items.length} of ${all}` : all;
  return page.more ? `the first ${page.items.length} that match, of ${all}` : `${page.items.length} of ${all} ${page.items.length === 1 ? "matches" : "match"}`;
}

type List = {
  element: HTMLElement;
  show(items: Listed[], view: Query["view"]): void;
  /** Lets the next documents choose the columns. */
  forget(): void;
};

const mostColumns = 4;

/** The documents as a table or as JSON. Its columns stay what they were at first,
 * so that a document that comes in moves nothing sideways. */
function newList(at: Place): List {
  let columns: string[] = [];
  const opened = new Set<string>();
  const body = h("tbody");
  const head = h("tr");
  const table = h("table", { "aria-label": "Documents", class: "documents" }, h("thead", null, head), body);
  const texts = h("ol", { "aria-label": "Documents", class: "texts" });
  const element = h("div", { class: "list", hidden: true }, table, texts);

  function choose(items: Listed[]): void {
    if (columns.length > 0 || items.length === 0) return;
    fill(body); // what stands there has other columns
    columns = columnsOf(items, mostColumns);
    const cells = ["id", ...columns, "Other fields"].map((name) => h("th", { scope: "col", class: name === "Other fields" ? "" : "code" }, name));
    fill(head, cells, h("th", { scope: "col" }, h("span", { class: "hidden" }, "Actions")));
  }
  return {
    element,
    forget() {
      columns = [];
    },
    show(items, view) {
      table.hidden = view === "json";
      texts.hidden = !table.hidden;
      choose(items);
      rows(body, view === "table" ? items : [], idOf, (item) => row(at, item, columns, opened));
      rows(texts, view === "json" ? items : [], idOf, (item) => whole(at, item));
    },
  };
}

const idOf = (item: Listed): string => item.id;

function row(at: Place, item: Listed, columns: string[], opened: Set<string>): HTMLElement {
  const fields = objectOf(item.doc);
  fields.delete("id");
  const cells = columns.map((name) => {
    const value = fields.get(name);
    fields.delete(name);
    return cell(value);
  });
  return h("tr", null, h("th", { scope: "row", class: "code" }, link(at, item.id)), cells, h("td", null, rest(item.id, fields, opened)), h("td", { class: "row-actions" }, editButton(at, item)));
}

const link = ({ app, collection }: Place, id: string): HTMLElement => h("a", { href: documentPath(app, collection, id) }, id);

const editButton = (at: Place, item: Listed): HTMLElement => h("button", { "aria-label": `Edit ${item.id}`, onclick: () => void edit(at, item.id, item) }, "Edit");

/** A value as a cell: text without quotes, anything else as its JSON. */
function cell(value: string | undefined): HTMLElement {
  if (value === undefined) return h("td");
  if (value.startsWith('"')) return h("td", { class: "value" }, cut(JSON.parse(value) as string));
  return h("td", { class: /^[[{]/.test(value) ? "value code" : `value ${value === "null" ? "hint" : "number"}` }, cut(value));
}

/** The fields without a column, folded; the fold stays open over changes. */
function rest(id: string, fields: Map<string, string>, opened: Set<string>): HTMLElement | null {
  if (fields.size === 0) return null;
  const lines = [...fields].map(([name, value]) => [h("dt", { class: "code" }, name), h("dd", { class: "code" }, cut(value, 200))]);
  const fold = h("details", { open: opened.has(id) }, h("summary", null, plural(fields.size, "more", "more")), h("dl", null, lines));
  fold.addEventListener("toggle", () => void (fold.open ? opened.add(id) : opened.delete(id)));
  return fold;
}

/** Longer documents are shown whole at their own address. */
const longest = 4000;

function whole(at: Place, item: Listed): HTMLElement {
  const actions = h("div", { class: "actions" }, h("span", { class: "count" }, `version ${item.version}`), editButton(at, item));
  return h("li", null, h("div", { class: "heading" }, h("strong", { class: "code" }, link(at, item.id)), actions), h("pre", null, cut(pretty(item.doc), longest)));
}
