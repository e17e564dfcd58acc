// The files of one app: folders, uploads, and a file with its content.

import { fill, h, rows } from "../dom";
import { ago, bytes, moment, plural } from "../format";
import { follow } from "../live";
import { path, type Room, type Visit } from "../router";
import { empty, heading, table } from "../shell";
import type { Blob as Stored, Client } from "../session";
import type { Uploads } from "../uploads";
import { appTabs } from "./app-tabs";
import { copyFile, deleteFile, moveFile, newFile, uploadLink } from "./files-forms";
import { fileView } from "./files-view";
import { site } from "./files-site";
import { uploadPlace } from "./files-uploads";

const pageSize = 200;

/** The address of a folder, or of a file in it. */
export function filesPath(app: string, where: { folder?: string; file?: string } = {}): string {
  return path`/apps/${app}/files` + (where.file !== undefined ? path`?file=${where.file}` : where.folder ? path`?in=${where.folder}` : "");
}

/** Where a file can be fetched from; "." and ".." are no segments of a path. */
export function blobPath(app: string, key: string): string {
  return key === "." || key === ".." ? path`/api/apps/${app}/blobs` + `?key=${key}` : path`/api/apps/${app}/blobs/${key}`;
}

export function files(uploads: Uploads): Room {
  return (visit) => {
    const file = visit.query.get("file");
    return file === null ? folder(visit, uploads) : fileView(visit, file);
  };
}

async function folder({ fazt, main, params, query, signal }: Visit, uploads: Uploads): Promise<void> {
  const app = params.app ?? "";
  const prefix = query.get("in") ?? "";
  let limit = pageSize;
  const list = h("tbody");
  const grid = table("Files", ["Name", "Type", "Size", "Changed", ""], list);
  const count = h("p", { class: "count" });
  const more = h("button", { hidden: true, class: "table-end" }, "Show more");
  const none = empty(prefix ? "No file is in this folder." : "No files yet. Drop some here, or choose them with Upload files. What is under site/ is the app's site.");

  async function load(): Promise<void> {
    const page = await firstFiles(fazt, app, prefix, limit);
    rows(list, page.entries, (entry) => entry.key, (entry) => row(fazt, app, prefix, entry, load));
    count.textContent = (page.more ? "the first " : "") + plural(page.entries.length, "entry", "entries");
    more.hidden = !page.more;
    none.hidden = page.entries.length > 0;
    grid.hidden = !none.hidden;
  }
  more.addEventListener("click", () => {
    limit += pageSize;
    void load();
  });
  await follow(app, load, signal);
  const sending = uploadPlace({ fazt, app, prefix, uploads, main, signal });
  main.append(
    heading(
      app,
      "Files of any kind, up to 5 GiB each.",
      sending.button,
      h("button", { onclick: () => void newFile(fazt, app, prefix, load) }, "New file"),
      h("button", { onclick: () => void copyFile(fazt, app, load) }, "Copy a file"),
      h("button", { onclick: () => void moveFile(fazt, app, load) }, "Move a file"),
      h("button", { onclick: () => void deleteFile(fazt, app, load) }, "Delete a file"),
      h("button", { onclick: () => void uploadLink(fazt, app, prefix) }, "Upload link"),
    ),
    appTabs(app, "files"),
    sending.list,
    h("div", { class: "toolbar" }, crumbs(app, prefix), count),
    none,
    grid,
    more,
  );
  if (prefix === "") main.append(await site(fazt, app, signal));
}

/** A folder's name, or a file. */
type Entry = { key: string; file?: Stored };

async function firstFiles(fazt: Client, app: string, prefix: string, limit: number): Promise<{ entries: Entry[]; more: boolean }> {
  const entries: Entry[] = [];
  let cursor: string | undefined;
  do {
    const input = { app, delimiter: "/", limit: Math.min(limit - entries.length, 1000), ...(prefix ? { prefix } : {}), ...(cursor ? { cursor } : {}) };
    const page = await fazt.blob.list(input);
    entries.push(...page.prefixes.map((key) => ({ key })), ...page.items.map((file) => ({ key: file.key, file })));
    cursor = page.next_cursor ?? undefined;
  } while (cursor && entries.length < limit);
  const folders = (entry: Entry): number => (entry.file ? 1 : 0);
  return { entries: entries.sort((a, b) => folders(a) - folders(b)), more: cursor !== undefined };
}

function row(fazt: Client, app: string, prefix: string, { key, file }: Entry, load: () => Promise<void>): HTMLElement {
  const name = key.slice(prefix.length);
  if (!file) {
    const link = h("a", { href: filesPath(app, { folder: key }) }, name);
    return h("tr", { class: "folder" }, h("th", { scope: "row" }, link), h("td", null, "folder"), h("td"), h("td"), h("td", { class: "row-actions" }));
  }
  return h(
    "tr",
    null,
    h("th", { scope: "row" }, h("a", { href: filesPath(app, { file: key }) }, name || key)),
    h("td", { class: "when" }, kindOf(file.type)),
    h("td", { class: "number when", title: plural(file.size, "byte") }, bytes(file.size)),
    h("td", { class: "when", title: moment(file.modified_at) }, ago(file.modified_at)),
    h(
      "td",
      { class: "row-actions" },
      h("button", { onclick: () => void moveFile(fazt, app, load, file) }, "Move"),
      h("button", { class: "danger", onclick: () => void deleteFile(fazt, app, load, file) }, "Delete"),
    ),
  );
}

/** A media type without its parameters. */
export function kindOf(type: string): string {
  return type.split(";")[0] ?? "";
}

/** The folders on the way, each a link. */
export function crumbs(app: string, prefix: string, last?: string): HTMLElement {
  const links: Node[] = [h("a", { href: filesPath(app), "aria-current": prefix === "" && last === undefined ? "page" : undefined }, "All files")];
  for (let at = prefix.indexOf("/"); at >= 0; at = prefix.indexOf("/", at + 1)) {
    const folder = prefix.slice(0, at + 1);
    const name = prefix.slice(prefix.lastIndexOf("/", at - 1) + 1, at) || "/";
    links.push(h("a", { href: filesPath(app, { folder }), "aria-current": folder === prefix && last === undefined ? "page" : undefined }, name));
  }
  if (last !== undefined) links.push(h("span", { "aria-current": "page" }, last));
  const nav = h("nav", { class: "crumbs", "aria-label": "Folder" });
  fill(nav, h("ol", null, links.map((link) => h("li", null, link))));
  return nav;
}
