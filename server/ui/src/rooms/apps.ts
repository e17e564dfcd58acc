// All apps, and the dialogs that make and delete one.

import { h, rows } from "../dom";
import { openForm } from "../dialog";
import { ago, moment } from "../format";
import { follow } from "../live";
import { path, type Visit } from "../router";
import { empty, heading, say } from "../shell";
import { all, type App, type Client } from "../session";

export async function apps({ fazt, main, signal }: Visit): Promise<void> {
  const list = h("tbody");
  const table = h(
    "table",
    { "aria-label": "Apps" },
    h("thead", null, h("tr", null, ["Id", "Title", "Changed", ""].map((name) => h("th", { scope: "col" }, name || h("span", { class: "hidden" }, "Actions"))))),
    list,
  );
  const none = empty("No apps yet. An app holds keys, documents, files and a site of its own.");
  main.append(heading("Apps", "Each app is a name space of its own.", h("button", { class: "primary", onclick: () => create(fazt) }, "New app")), none, table);

  async function load(): Promise<void> {
    const items = await all((cursor) => fazt.app.list({ cursor, limit: 1000 }));
    rows(list, items, (app) => app.id, (app) => row(fazt, app));
    none.hidden = items.length > 0;
    table.hidden = items.length === 0;
  }
  await follow(fazt, { kinds: ["app"] }, load, signal);
}

function row(fazt: Client, app: App): HTMLElement {
  return h(
    "tr",
    null,
    h("th", { scope: "row" }, h("a", { href: path`/apps/${app.id}` }, app.id)),
    h("td", null, app.title),
    h("td", { title: moment(app.updated_at) }, ago(app.updated_at)),
    h("td", { class: "row-actions" }, h("button", { onclick: () => rename(fazt, app) }, "Rename"), h("button", { class: "danger", onclick: () => remove(fazt, app.id) }, "Delete")),
  );
}

function create(fazt: Client): Promise<void> {
  return openForm({
    title: "New app",
    fields: [
      { name: "id", label: "Id", required: true, hint: "1 to 63 of a–z, 0–9 and inner hyphens; it is also the app's host name." },
      { name: "title", label: "Title" },
    ],
    submit: "Create",
    async act(values) {
      const id = String(values.id);
      await fazt.app.create({ id, ...(values.title ? { title: String(values.title) } : {}) });
      say(`Created app ${id}`);
    },
  });
}

function rename(fazt: Client, app: App): Promise<void> {
  return openForm({
    title: `Rename ${app.id}`,
    fields: [{ name: "title", label: "Title", value: app.title }],
    submit: "Save",
    async act(values) {
      await fazt.app.update({ app: app.id, title: String(values.title) });
      say(`Renamed app ${app.id}`);
    },
  });
}

function remove(fazt: Client, id: string): Promise<void> {
  return openForm({
    title: "Delete app",
    intro: h("p", null, "This deletes ", h("strong", null, id), " with everything in it."),
    fields: [{ name: "confirm", label: "Type the id to confirm", required: true }],
    submit: "Delete",
    danger: true,
    async act(values) {
      if (values.confirm !== id) throw { field: "confirm", detail: `this is not ${id}`, hint: `type ${id}` };
      await fazt.app.delete({ app: id }, { confirm: id });
      say(`Deleted app ${id}`);
    },
  });
}
