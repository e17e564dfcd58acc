// The bin: apps that were deleted and can still be brought back.

import { openForm } from "../dialog";
import { h, rows } from "../dom";
import { ago, moment } from "../format";
import { follow } from "../live";
import { type Visit } from "../router";
import { empty, heading, table } from "../shell";
import { done } from "../status";
import type { Client, DeletedApp } from "../session";
import { newNames } from "../who";

export async function bin({ fazt, main, signal }: Visit): Promise<void> {
  const list = h("tbody");
  const grid = table("Deleted apps", ["Id", "Title", "Deleted", "By", "Gone for good", ""], list);
  const none = empty("The bin is empty. A deleted app stays here for 24 hours with everything in it.", h("a", { href: "/apps" }, "All apps"));
  const names = await newNames(fazt);

  async function load(): Promise<void> {
    const { items } = await fazt.app.bin({});
    rows(list, items, (app) => `${app.id} ${app.deleted_at}`, (app) => row(fazt, app, names(app.principal), load));
    none.hidden = items.length > 0;
    grid.hidden = !none.hidden;
  }
  await follow("", load, signal);
  main.append(
    heading("Deleted apps", "They come back with everything in them but the tokens that were bound to them.", h("button", { onclick: () => void restore(fazt, load) }, "Restore an app")),
    none,
    grid,
  );
}

function row(fazt: Client, app: DeletedApp, by: string, load: () => Promise<void>): HTMLElement {
  return h(
    "tr",
    null,
    h("th", { scope: "row" }, app.id),
    h("td", null, app.title),
    h("td", { class: "when", title: moment(app.deleted_at) }, ago(app.deleted_at)),
    h("td", null, by),
    h("td", { class: "when", title: moment(app.until_at) }, ago(app.until_at)),
    h("td", { class: "row-actions" }, h("button", { onclick: () => void restore(fazt, load, app.id) }, "Restore")),
  );
}

function restore(fazt: Client, load: () => Promise<void>, id?: string): Promise<boolean> {
  return openForm({
    title: "Restore app",
    intro: h("p", null, "The app of this id that was deleted last comes back."),
    fields: [{ name: "app", label: "Id", value: id ?? "", readonly: id !== undefined }],
    submit: "Restore",
    async act(values) {
      const app = values.text("app");
      const output = await fazt.text("app_restore", { app });
      await load();
      done("app_restore", output, `Restored app ${app}`);
    },
  });
}
