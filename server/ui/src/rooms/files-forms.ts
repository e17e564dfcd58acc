// The dialogs that write files.

import type { RawJSON } from "fazt/client";

import { openForm, show, type Field, type Values } from "../dialog";
import { h } from "../dom";
import { given, key as readKey, keyText, text, whole } from "../fields";
import { moment } from "../format";
import { done, say } from "../status";
import type { Blob as Stored, Client } from "../session";

type Load = () => Promise<void>;

const onlyAt = (file?: Stored): Field => ({
  name: "if_version",
  label: "Only at version",
  kind: "number",
  value: file ? String(file.version) : "",
  hint: "Empty: whatever its version is.",
});

const onlyCreate: Field = { name: "create_only", label: "Only create", kind: "checkbox", hint: "Refused when a file has that name." };

function nameField(file?: Stored, label = "Name"): Field {
  return { name: "key", label, value: file ? keyText(file.key) : "", readonly: file !== undefined };
}

/** A file from a text, or one of this machine under another name. */
export function newFile(fazt: Client, app: string, prefix: string, load: Load, file?: Stored, content = ""): Promise<boolean> {
  return openForm({
    title: file ? "Edit file" : "New file",
    wide: true,
    fields: [
      { ...nameField(file), value: keyText(file?.key ?? prefix), hint: "With / between folders; what begins with site/ is the app's site." },
      { name: "text", label: "Content", kind: "long", rows: 12, value: content },
      ...(file ? [] : [{ name: "file", label: "Or a file", kind: "file", hint: "Its bytes are taken in place of the content above." } as Field]),
      { name: "type", label: "Media type", value: file?.type ?? "", hint: "Empty: as the name says, else as the content looks." },
      { ...onlyAt(file), hint: "0: only when there is none. Empty: whatever is there." },
      onlyCreate,
    ],
    submit: "Save",
    async act(values, signal) {
      const key = readKey(values.text("key"), "key");
      const chosen = file ? undefined : values.file("file");
      const input = given({
        app,
        key,
        text: chosen ? undefined : values.text("text"),
        type: text(values.text("type")),
        if_version: whole(values.text("if_version"), "if_version"),
        create_only: values.checked("create_only") || undefined,
      });
      const output = await fazt.text("blob_put", input, chosen ? { bytes: chosen, signal } : { signal });
      await load();
      done("blob_put", output, `Stored ${key}`);
    },
  });
}

export function deleteFile(fazt: Client, app: string, load: Load, file?: Stored): Promise<boolean> {
  return openForm({
    title: "Delete file",
    fields: [nameField(file), onlyAt(file)],
    submit: "Delete",
    danger: true,
    async act(values) {
      const key = readKey(values.text("key"), "key");
      const output = await fazt.text("blob_delete", given({ app, key, if_version: whole(values.text("if_version"), "if_version") }));
      await load();
      done("blob_delete", output, `Deleted ${key}`);
    },
  });
}

function nameFields(file: Stored | undefined): Field[] {
  return [nameField(file), { name: "to", label: "New name", value: file ? keyText(file.key) : "", hint: "It replaces a file of that name." }, onlyAt(file), onlyCreate];
}

type Names = { key: string; to: string; if_version?: RawJSON; create_only?: boolean };

function namesOf(values: Values): Names {
  return given({
    key: readKey(values.text("key"), "key"),
    to: readKey(values.text("to"), "to"),
    if_version: whole(values.text("if_version"), "if_version"),
    create_only: values.checked("create_only") || undefined,
  });
}

export function copyFile(fazt: Client, app: string, load: Load, file?: Stored): Promise<boolean> {
  return openForm({
    title: "Copy file",
    fields: nameFields(file),
    submit: "Copy",
    async act(values) {
      const names = namesOf(values);
      const output = await fazt.text("blob_copy", { app, ...names });
      await load();
      done("blob_copy", output, `Copied to ${names.to}`);
    },
  });
}

/** Another name or folder. moved hears of the new name. */
export function moveFile(fazt: Client, app: string, load: Load, file?: Stored, moved?: (to: string) => void): Promise<boolean> {
  let to = "";
  return openForm({
    title: "Move file",
    fields: nameFields(file),
    submit: "Move",
    async act(values) {
      const names = namesOf(values);
      const output = await fazt.text("blob_move", { app, ...names });
      if (!moved) await load();
      done("blob_move", output, `Moved to ${(to = names.to)}`);
    },
    after: () => moved?.(to),
  });
}

/** An address that somebody else can send one file to. */
export async function uploadLink(fazt: Client, app: string, prefix: string): Promise<void> {
  let link = { url: "", command: "", expires_at: 0 };
  await openForm({
    title: "Upload link",
    intro: h("p", null, "Whoever has the link can store one file under this name, once, within ten minutes."),
    fields: [{ ...nameField(), value: prefix }],
    submit: "Get the link",
    async act(values) {
      link = await fazt.blob.upload({ app, key: readKey(values.text("key"), "key") });
    },
    after: () =>
      show(
        "Upload link",
        "narrow",
        h("p", null, `It can be used until ${moment(link.expires_at)}.`),
        secret("upload-url", "Address", link.url),
        secret("upload-command", "In a shell", link.command),
      ),
  });
}

function secret(id: string, label: string, value: string): HTMLElement {
  const field = h("input", { id, readonly: true, "data-private": true, class: "code", value, onfocus: () => field.select() });
  const copy = h("button", { type: "button", onclick: () => void navigator.clipboard.writeText(value).then(() => say("Copied")) }, "Copy");
  return h("div", { class: "field" }, h("label", { for: id }, label), h("div", { class: "beside" }, field, copy));
}
