// One document: what is in it, and the dialogs that write it.

import { fill, h } from "../dom";
import { openForm, type Values } from "../dialog";
import { cut, differences, documentOf, type Listed } from "../documents";
import { problemOf, type Problem } from "../errors";
import { given, json, whole } from "../fields";
import { pretty } from "../jsontext";
import { follow } from "../live";
import { go, path, type Visit } from "../router";
import { empty, heading } from "../shell";
import { done } from "../status";
import type { Client } from "../session";
import { appTabs } from "./app-tabs";

type Load = () => Promise<void>;

/** Where a document is, and what a write of it is followed by. */
export type Place = { fazt: Client; app: string; collection: string; load: Load };

/** The address of a document. */
export function documentPath(app: string, collection: string, id: string): string {
  return path`/apps/${app}/collections/${collection}?doc=${id}`;
}

export async function document({ fazt, main, params, query, signal }: Visit): Promise<void> {
  const app = params.app ?? "";
  const collection = params.collection ?? "";
  const id = query.get("doc") ?? "";
  const content = h("pre", { tabindex: "0", "aria-label": "Document" });
  const version = h("span");
  const none = empty("There is no such document. Saving one makes it.");
  let now: Listed | undefined;

  async function load(): Promise<void> {
    now = await found(fazt, app, collection, id);
    const text = now ? pretty(now.doc) : "";
    if (content.textContent !== text) fill(content, text);
    fill(version, now ? `version ${now.version}` : "not there");
    content.hidden = now === undefined;
    none.hidden = !content.hidden;
  }
  await follow(app, load, signal);
  const at: Place = { fazt, app, collection, load };
  main.append(
    heading(
      id,
      ["A document of ", h("a", { href: path`/apps/${app}/collections/${collection}` }, collection), ", ", version],
      h("button", { class: "primary", onclick: () => void edit(at, id, now) }, "Edit"),
      h("button", { onclick: () => void update(at, id, now) }, "Update"),
      h("button", { class: "danger", onclick: () => void remove(at, id, now, () => go(path`/apps/${app}/collections/${collection}`)) }, "Delete"),
    ),
    appTabs(app, "collections"),
    none,
    content,
  );
}

/** A document, or nothing when it or its collection is not there. */
export async function found(fazt: Client, app: string, collection: string, id: string): Promise<Listed | undefined> {
  try {
    return documentOf(await fazt.text("doc_get", { app, collection, id }));
  } catch (error) {
    if (["doc_not_found", "collection_not_found"].includes(problemOf(error).code)) return undefined;
    throw error;
  }
}

const versionField = { name: "if_version", label: "Only at version", kind: "number" } as const;

/** The dialog that stores a whole document. */
export function edit(at: Place, id: string, now: Listed | undefined): Promise<boolean> {
  const { fazt, app, collection } = at;
  return openForm({
    title: "Edit document",
    intro: h("p", null, "Document ", h("strong", null, id), " of ", collection),
    wide: true,
    fields: [
      { name: "doc", label: "Document (JSON)", kind: "long", rows: 14, value: pretty(now?.doc ?? "{}") },
      { ...versionField, value: now?.version ?? "", hint: "0: only when there is none yet. Empty: whatever is there." },
      { name: "create_only", label: "Only create", kind: "checkbox" },
    ],
    submit: "Save",
    async act(values) {
      const output = await fazt.text(
        "doc_replace",
        given({
          app,
          collection,
          id,
          doc: json(values.text("doc"), "doc"),
          if_version: whole(values.text("if_version"), "if_version"),
          create_only: values.checked("create_only") || undefined,
        }),
      );
      await at.load();
      done("doc_replace", output, `Saved document ${id}`);
    },
    help: (problem, values) => changedMeanwhile(at, id, now, problem, values),
  });
}

/** What another has changed since the dialog opened. What is typed stays. */
async function changedMeanwhile({ fazt, app, collection }: Place, id: string, before: Listed | undefined, problem: Problem, values: Values): Promise<Node | null> {
  if (problem.code !== "version_mismatch") return null;
  const now = await found(fazt, app, collection, id);
  const changed = differences(before?.doc ?? "{}", now?.doc ?? "{}");
  const version = now?.version ?? "0";
  return h(
    "div",
    { class: "panel meanwhile" },
    h("p", null, now ? `Since you opened it, it has become version ${version}:` : "Since you opened it, it was deleted."),
    now ? h("ul", { class: "code" }, (changed.length > 0 ? changed : ["its content is the same"]).map((line) => h("li", null, line))) : null,
    h("button", { type: "button", onclick: () => values.again("if_version", version) }, now ? `Save over version ${version}` : "Make it anew"),
  );
}

function update(at: Place, id: string, now: Listed | undefined): Promise<boolean> {
  const { fazt, app, collection } = at;
  return openForm({
    title: "Update document",
    intro: h("p", null, "Document ", h("strong", null, id), " of ", collection),
    fields: [
      { name: "update", label: "Update (JSON)", kind: "long", rows: 5, hint: updateHint },
      { ...versionField, value: now?.version ?? "", hint: "Empty: whatever its version is." },
    ],
    submit: "Update",
    async act(values) {
      const output = await fazt.text("doc_update", given({ app, collection, id, update: json(values.text("update"), "update"), if_version: whole(values.text("if_version"), "if_version") }));
      await at.load();
      done("doc_update", output, `Updated document ${id}`);
    },
    help: (problem, values) => changedMeanwhile(at, id, now, problem, values),
  });
}

/** How an update is written. */
export const updateHint = 'As in {"$set": {"paid": true}, "$inc": {"visits": 1}}.';

function remove({ fazt, app, collection }: Place, id: string, now: Listed | undefined, gone: () => void): Promise<boolean> {
  return openForm({
    title: "Delete document",
    intro: h("p", null, "This deletes ", h("strong", null, id), " of ", collection, ". ", now ? h("code", null, cut(now.doc)) : null),
    fields: [{ ...versionField, value: now?.version ?? "", hint: "Empty: whatever its version is." }],
    submit: "Delete",
    danger: true,
    async act(values) {
      const output = await fazt.text("doc_delete", given({ app, collection, id, if_version: whole(values.text("if_version"), "if_version") }));
      gone();
      done("doc_delete", output, `Deleted document ${id}`);
    },
  });
}
