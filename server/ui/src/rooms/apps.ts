// All apps, and the dialogs that make, rename and delete one.

import { h, rows } from "../dom";
import { openForm } from "../dialog";
import { given, repeated, text, whole } from "../fields";
import { ago, moment } from "../format";
import { follow } from "../live";
import { path, type Visit } from "../router";
import { empty, heading, table } from "../shell";
import { done } from "../status";
import { all, type App, type Client } from "../session";

export async function apps({ fazt, main, signal }: Visit): Promise<void> {
  const list = h("tbody");
  const grid = table("Apps", ["Id", "Title", "Changed", ""], list);
  const none = empty("No apps yet. An app holds keys, documents, files and a site of its own.");

  async function load(): Promise<void> {
    const items = await all((cursor) => fazt.app.list({ ...cursor, limit: 1000 }));
    rows(list, items, (app) => app.id, (app) => row(fazt, app, load));
    none.hidden = items.length > 0;
    grid.hidden = !none.hidden;
  }
  await follow("", load, signal);
  main.append(heading("Apps", "Each app is a name space of its own.", h("button", { class: "primary", onclick: () => void create(fazt, load) }, "New app"), h("a", { class: "button", href: "/bin" }, "Deleted apps")), none, grid);
}

type Load = () => Promise<void>;

function row(fazt: Client, app: App, load: Load): HTMLElement {
  return h(
    "tr",
    null,
    h("th", { scope: "row" }, h("a", { href: path`/apps/${app.id}` }, app.id)),
    h("td", null, app.title),
    h("td", { class: "when", title: moment(app.updated_at) }, ago(app.updated_at)),
    h(
      "td",
      { class: "row-actions" },
      h("button", { onclick: () => void rename(fazt, app, load) }, "Rename"),
      h("button", { class: "danger", onclick: () => void deleteApp(fazt, app.id, load) }, "Delete"),
    ),
  );
}

function create(fazt: Client, load: Load): Promise<boolean> {
  return openForm({
    title: "New app",
    fields: [
      { name: "id", label: "Id", hint: "1 to 63 of a–z, 0–9 and inner hyphens; it is also the app's host name." },
      { name: "title", label: "Title" },
    ],
    submit: "Create",
    async act(values) {
      const id = values.text("id");
      const output = await fazt.text("app_create", given({ id, title: text(values.text("title")) }));
      await load();
      done("app_create", output, `Created app ${id}`);
    },
  });
}

/** The dialog that gives an app another title. */
export function rename(fazt: Client, app: App, load: Load): Promise<boolean> {
  return openForm({
    title: "Rename app",
    intro: h("p", null, "App ", h("strong", null, app.id)),
    fields: [
      { name: "title", label: "Title", value: app.title },
      { name: "if_version", label: "Only at version", kind: "number", value: String(app.version), hint: "Empty: whatever its version is." },
    ],
    submit: "Save",
    async act(values) {
      const output = await fazt.text("app_update", given({ app: app.id, title: values.text("title"), if_version: whole(values.text("if_version"), "if_version") }));
      await load();
      done("app_update", output, `Renamed app ${app.id}`);
    },
  });
}

/** The dialog that deletes an app. */
export function deleteApp(fazt: Client, id: string, load: Load): Promise<boolean> {
  return openForm({
    title: "Delete app",
    intro: h("p", null, "This deletes ", h("strong", null, id), " with everything in it."),
    fields: [
      { name: "confirm", label: "Type the id to confirm" },
      { name: "if_version", label: "Only at version", kind: "number", hint: "Empty: whatever its version is." },
    ],
    submit: "Delete",
    danger: true,
    async act(values) {
      const confirm = repeated(values.text("confirm"), id);
      const output = await fazt.text("app_delete", given({ app: id, if_version: whole(values.text("if_version"), "if_version") }), { confirm });
      await load();
      done("app_delete", output, `Deleted app ${id}`);
    },
  });
}
