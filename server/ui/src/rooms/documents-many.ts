// The dialogs that insert documents, and that change or delete by a filter.

import { h, type Child } from "../dom";
import { openForm, type Values } from "../dialog";
import { cut, documents } from "../documents";
import { given, json, repeated } from "../fields";
import { plural } from "../format";
import { done } from "../status";
import { updateHint, type Place } from "./document";

/** The dialog that inserts one document or several. */
export function insert({ fazt, app, collection, load }: Place): Promise<boolean> {
  return openForm({
    title: "New document",
    wide: true,
    fields: [
      { name: "doc", alias: "docs", label: "Document (JSON)", kind: "long", rows: 12, hint: "An object, or an array of objects: all of them or none. One without an id gets one." },
    ],
    submit: "Insert",
    async act(values) {
      const text = values.text("doc").trim();
      const many = text.startsWith("[");
      const output = await fazt.text("doc_insert", { app, collection, [many ? "docs" : "doc"]: json(text, "doc") });
      const { items } = JSON.parse(output) as { items: { id: string }[] };
      await load();
      done("doc_insert", output, items.length === 1 ? `Inserted document ${items[0]?.id}` : `Inserted ${items.length} documents`);
    },
  });
}

const everyDocument = { name: "all", label: "Every document", kind: "checkbox", hint: "Instead of a filter." } as const;

/** The dialog that changes every document that a filter finds. */
export function updateMany(at: Place, filter: string): Promise<boolean> {
  const { fazt, collection } = at;
  const input = (values: Values): object => ({ ...which(at, values), update: json(values.text("update"), "update") });
  return openForm({
    title: "Update documents",
    wide: true,
    fields: [
      { name: "filter", label: "Filter (JSON)", kind: "long", rows: 3, value: filter },
      everyDocument,
      { name: "update", label: "Update (JSON)", kind: "long", rows: 4, hint: updateHint },
    ],
    preview: {
      label: "Preview",
      async show(values) {
        const { matched, changed } = JSON.parse(await fazt.text("doc_update_many", input(values), { dryRun: true })) as { matched: number; changed: number };
        return foreseen(at, values, matched, `${plural(matched, "document")} would match, ${changed} of them would change.`);
      },
    },
    submit: "Update",
    async act(values) {
      const output = await fazt.text("doc_update_many", input(values));
      await at.load();
      done("doc_update_many", output, `Updated ${plural((JSON.parse(output) as { changed: number }).changed, "document")} of ${collection}`);
    },
  });
}

/** The dialog that deletes every document that a filter finds. */
export function deleteMany(at: Place, filter: string): Promise<boolean> {
  const { fazt, collection } = at;
  return openForm({
    title: "Delete documents",
    wide: true,
    fields: [
      { name: "filter", label: "Filter (JSON)", kind: "long", rows: 3, value: filter },
      everyDocument,
      { name: "confirm", label: "Type the name to confirm every document", hint: "Empty with a filter." },
    ],
    preview: {
      label: "Preview",
      async show(values) {
        const confirm = values.checked("all") ? { confirm: collection } : {}; // to try is not to delete
        const { deleted } = JSON.parse(await fazt.text("doc_delete_many", which(at, values), { dryRun: true, ...confirm })) as { deleted: number };
        return foreseen(at, values, deleted, `${plural(deleted, "document")} would be deleted.`);
      },
    },
    submit: "Delete",
    danger: true,
    async act(values) {
      const confirm = values.checked("all") ? { confirm: repeated(values.text("confirm"), collection) } : {};
      const output = await fazt.text("doc_delete_many", which(at, values), confirm);
      await at.load();
      done("doc_delete_many", output, `Deleted ${plural((JSON.parse(output) as { deleted: number }).deleted, "document")} of ${collection}`);
    },
  });
}

/** Which documents a dialog means. */
function which({ app, collection }: Place, values: Values): { app: string; collection: string } {
  const filter = values.text("filter").trim();
  return given({ app, collection, filter: filter === "" ? undefined : json(filter, "filter"), all: values.checked("all") || undefined });
}

const examples = 3;

/** What a preview says: how many, and the first of them. */
async function foreseen({ fazt, app, collection }: Place, values: Values, count: number, sentence: string): Promise<Child> {
  if (count === 0) return h("p", { class: "panel" }, "No document matches.");
  const filter = values.checked("all") ? undefined : json(values.text("filter"), "filter");
  const { items } = documents(await fazt.text("doc_find", given({ app, collection, filter, limit: examples })));
  const more = count > items.length ? h("li", null, `and ${count - items.length} more`) : null;
  return h("div", { class: "panel" }, h("p", null, h("strong", null, sentence)), h("ul", { class: "code" }, items.map(({ doc }) => h("li", null, cut(doc, 160))), more));
}
