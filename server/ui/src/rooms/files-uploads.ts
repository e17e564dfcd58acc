// The place of uploads: the button, the drop, and the files under way.

import { openForm } from "../dialog";
import { h, rows } from "../dom";
import { keyText } from "../fields";
import { bytes, plural } from "../format";
import { say } from "../status";
import type { Client } from "../session";
import type { Upload, Uploads } from "../uploads";

type Place = { fazt: Client; app: string; prefix: string; uploads: Uploads; main: HTMLElement; signal: AbortSignal };

/** The button that chooses files, and the list of those under way. */
export function uploadPlace(place: Place): { button: HTMLElement; list: HTMLElement } {
  const { app, uploads, main, signal } = place;
  const input = h("input", { type: "file", multiple: true, hidden: true, "aria-label": "Files to upload" });
  input.addEventListener("change", () => {
    const chosen = [...(input.files ?? [])];
    input.value = "";
    void add(place, chosen);
  });
  const button = h("button", { class: "primary", onclick: () => input.click() }, "Upload files");
  acceptDrops(main, signal, (dropped) => void add(place, dropped));
  const list = h("ul");
  const clear = h("button", { class: "plain", onclick: () => uploads.clear(app) }, "Clear what has ended");
  const section = h("section", { class: "panel uploads", "aria-label": "Uploads" }, h("div", { class: "between" }, h("h2", null, "Uploads"), clear), list);
  const draw = (): void => {
    const now = uploads.list(app);
    section.hidden = now.length === 0;
    rows(list, now, (upload) => upload.id, (upload) => row(upload, uploads));
  };
  uploads.watch(draw, signal);
  draw();
  return { button: h("span", { class: "chooser" }, button, input), list: section };
}

function row(upload: Upload, uploads: Uploads): HTMLElement {
  const open = ["waiting", "sending", "broken"].includes(upload.state);
  const part = upload.size === 0 ? 1 : upload.received / upload.size;
  return h(
    "li",
    null,
    h("span", { class: "name" }, upload.key),
    h("span", { class: "state", "data-state": states[upload.state] }, upload.state),
    h("progress", { "aria-label": `Progress of ${upload.key}`, max: 1, value: part }),
    h("span", { class: "count" }, `${bytes(upload.received)} of ${bytes(upload.size)}`, upload.detail ? ` · ${upload.detail}` : ""),
    h(
      "span",
      { class: "row-actions" },
      open || upload.state === "stopped" ? h("button", { onclick: () => uploads.cancel(upload.id), "aria-label": `Cancel ${upload.key}` }, "Cancel") : null,
      upload.state === "failed" || upload.state === "cancelled" ? h("button", { onclick: () => uploads.again(upload.id), "aria-label": `Try ${upload.key} again` }, "Try again") : null,
    ),
  );
}

/** The states as the page colours them elsewhere. */
const states: Record<Upload["state"], string> = {
  waiting: "waiting", sending: "running", broken: "waiting", stopped: "waiting", stored: "ok", failed: "failed", cancelled: "cancelled",
};

/** Takes files; before they replace others, a person is asked. */
async function add({ fazt, app, prefix, uploads }: Place, chosen: File[]): Promise<void> {
  const files = chosen.map((file) => ({ key: prefix + (file.webkitRelativePath || file.name), file }));
  if (files.length === 0) return;
  const going = uploads.list(app).filter((upload) => upload.state === "stopped").map((upload) => upload.key);
  const there: string[] = [];
  for (const { key } of files) {
    const { items } = await fazt.blob.list({ app, prefix: key, limit: 1 });
    if (items[0]?.key === key && !going.includes(key)) there.push(key);
  }
  const agreed = there.length === 0 || (await openForm({
    title: "Replace files",
    intro: [h("p", null, `${plural(there.length, "file is", "files are")} there already:`), h("ul", null, there.slice(0, 20).map((key) => h("li", { class: "code" }, keyText(key))))],
    fields: [],
    submit: "Replace",
    danger: true,
    act: async () => undefined,
  }));
  if (agreed) uploads.add(app, files);
}

function acceptDrops(target: HTMLElement, signal: AbortSignal, dropped: (files: File[]) => void): void {
  const carriesFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
  const over = (on: boolean) => (event: DragEvent): void => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    target.classList.toggle("dropping", on);
  };
  target.addEventListener("dragover", over(true), { signal });
  target.addEventListener("dragleave", over(false), { signal });
  target.addEventListener(
    "drop",
    (event) => {
      over(false)(event);
      if (!carriesFiles(event)) return;
      const items = [...(event.dataTransfer?.items ?? [])];
      if (items.some((item) => item.webkitGetAsEntry()?.isDirectory)) return say("Drop files, not folders; a whole site is deployed as a zip.");
      dropped([...(event.dataTransfer?.files ?? [])]);
    },
    { signal },
  );
  signal.addEventListener("abort", () => target.classList.remove("dropping"));
}
