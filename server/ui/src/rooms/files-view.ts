// One file: what is known of it, its content as far as it can be shown safely,
// and what can be done with it.

import { fill, h } from "../dom";
import { ago, bytes, moment, plural } from "../format";
import { follow } from "../live";
import { go, type Visit } from "../router";
import { heading } from "../shell";
import type { Blob as Stored, Client } from "../session";
import { appTabs } from "./app-tabs";
import { blobPath, crumbs, filesPath } from "./files";
import { copyFile, deleteFile, moveFile, newFile } from "./files-forms";
import { preview } from "./files-preview";

export async function fileView({ fazt, main, params, signal }: Visit, key: string): Promise<void> {
  const app = params.app ?? "";
  const slash = key.lastIndexOf("/") + 1;
  const head = h("div");
  const about = h("section", { class: "panel", "aria-label": "About" });
  const content = h("section", { class: "preview", "aria-label": "Content" });
  let shown: number | undefined;
  const back = async (): Promise<void> => go(filesPath(app, { folder: key.slice(0, slash) }));

  async function load(): Promise<void> {
    const file = await stat(fazt, app, key);
    if (!file) return fill(about, h("p", null, "This file is gone."));
    if (file.version === shown) return;
    shown = file.version;
    const look = await preview(fazt, app, file, signal);
    fill(
      head,
      heading(
        key.slice(slash) || key,
        `${file.type} · ${bytes(file.size)}`,
        h("a", { class: "button primary", href: blobPath(app, key), download: key.slice(slash) || "file" }, "Download"),
        ...(look.text === undefined ? [] : [h("button", { onclick: () => void newFile(fazt, app, "", load, file, look.text) }, "Edit")]),
        h("button", { onclick: () => void copyFile(fazt, app, load, file) }, "Copy"),
        h("button", { onclick: () => void moveFile(fazt, app, load, file, (to) => go(filesPath(app, { file: to }))) }, "Move"),
        h("button", { class: "danger", onclick: () => void deleteFile(fazt, app, back, file) }, "Delete"),
      ),
    );
    fill(about, facts(file));
    fill(content, look.shown);
  }
  await load();
  if (shown === undefined) await fazt.blob.get({ app, key }); // says why
  await follow(app, load, signal);
  main.append(head, appTabs(app, "files"), h("div", { class: "toolbar" }, crumbs(app, key.slice(0, slash), key.slice(slash) || key)), content, about);
}

/** The file of a name: the first of those that begin with it. */
async function stat(fazt: Client, app: string, key: string): Promise<Stored | undefined> {
  const { items } = await fazt.blob.list({ app, prefix: key, limit: 1 });
  return items[0]?.key === key ? items[0] : undefined;
}

function facts(file: Stored): HTMLElement {
  const line = (name: string, value: string, title?: string): HTMLElement[] => [h("dt", null, name), h("dd", { title }, value)];
  return h(
    "dl",
    null,
    line("Name", file.key),
    line("Type", file.type),
    line("Size", plural(file.size, "byte")),
    line("Changed", ago(file.modified_at), moment(file.modified_at)),
    line("Version", String(file.version)),
    line("SHA-256", file.sha256),
  );
}
