// Stored bytes, shown without giving them any power: text as text, pictures as
// pictures. Nothing that could run or be laid out as a document is ever opened.

import { h } from "../dom";
import { bytes } from "../format";
import { pretty } from "../jsontext";
import type { Blob as Stored, Client } from "../session";

const longestText = 256 << 10;
const largestPicture = 16 << 20;

export type Preview = {
  shown: Node;
  /** The whole text, where the file is one that can be edited here. */
  text?: string;
};

export async function preview(fazt: Client, app: string, file: Stored, signal: AbortSignal): Promise<Preview> {
  const type = file.type.split(";")[0] ?? "";
  if (type.startsWith("image/")) return { shown: await picture(fazt, app, file, type, signal) };
  if (isText(type)) return text(fazt, app, file, type, signal);
  return { shown: h("p", { class: "empty" }, type === "application/pdf" ? "PDF documents are not opened in this page. Download it to read it." : "There is no preview of this kind of file.") };
}

function isText(type: string): boolean {
  return type.startsWith("text/") || /[/+](json|xml|javascript|yaml|toml)$/.test(type) || type === "image/svg+xml" || type === "application/manifest+json";
}

async function text(fazt: Client, app: string, file: Stored, type: string, signal: AbortSignal): Promise<Preview> {
  const { data, whole } = await beginning(await fazt.blob.get({ app, key: file.key }, { signal }), longestText);
  const content = new TextDecoder().decode(data);
  const lines = whole && /[/+]json$/.test(type) ? prettyOr(content) : content;
  const note = whole ? null : h("p", { class: "count" }, `The first ${bytes(longestText)} of ${bytes(file.size)}.`);
  const shown = h("div", null, note, h("pre", { tabindex: "0", "aria-label": "Text" }, lines === "" ? h("span", { class: "count" }, "empty") : lines));
  const exact = whole && !content.includes("\r") && !content.includes("\ufffd"); // a text field would change it
  return exact ? { shown, text: content } : { shown };
}

/** JSON over several lines; what is none of it stays as it is. */
function prettyOr(content: string): string {
  try {
    JSON.parse(content);
  } catch {
    return content;
  }
  return pretty(content);
}

/** A picture. SVG goes as a data: address: opened by itself it has no origin,
 * where a blob: address would have the page's. */
async function picture(fazt: Client, app: string, file: Stored, type: string, signal: AbortSignal): Promise<Node> {
  if (file.size > largestPicture) return h("p", { class: "empty" }, `The picture is larger than ${bytes(largestPicture)}. Download it to see it.`);
  const response = await fazt.blob.get({ app, key: file.key }, { signal });
  const data = await response.blob();
  const name = file.key.slice(file.key.lastIndexOf("/") + 1);
  if (type.includes("svg")) return framed(name, `data:image/svg+xml,${encodeURIComponent(await data.text())}`);
  const address = URL.createObjectURL(new Blob([data], { type }));
  signal.addEventListener("abort", () => URL.revokeObjectURL(address));
  return framed(name, address);
}

function framed(name: string, src: string): Node {
  return h("div", { class: "picture" }, h("img", { alt: name, src }));
}

/** At most so many bytes of a body; what follows is not fetched. */
async function beginning(response: Response, most: number): Promise<{ data: Uint8Array<ArrayBuffer>; whole: boolean }> {
  const reader = response.body?.getReader();
  const data = new Uint8Array(most);
  let size = 0;
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    data.set(value.subarray(0, most - size), size);
    if (size + value.length > most) {
      await reader.cancel();
      return { data, whole: false };
    }
    size += value.length;
  }
  return { data: data.subarray(0, size), whole: true };
}
