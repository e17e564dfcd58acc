// Secrets: what agents may have typed into pages without ever seeing it.

import { h, rows } from "../dom";
import { openForm } from "../dialog";
import { ago, moment } from "../format";
import { follow } from "../live";
import type { Visit } from "../router";
import { empty, heading, table } from "../shell";
import { done } from "../status";
import { all, type Client } from "../session";

type Secret = { name: string; origins: string[]; modified_at: number };

export async function secrets({ fazt, main, signal }: Visit): Promise<void> {
  const list = h("tbody");
  const grid = table("Secrets", ["Name", "Typed at", "Changed", ""], list);
  const none = empty("No secrets. A step types one with fill T = $secret:NAME.");

  async function load(): Promise<void> {
    const items = await all((cursor) => fazt.secret.list({ ...cursor, limit: 1000 }));
    rows(list, items, (secret) => secret.name, (secret) => row(fazt, secret, load));
    none.hidden = items.length > 0;
    grid.hidden = !none.hidden;
  }
  await follow("", load, signal);
  main.append(
    heading("Secrets", "Agents have them typed into pages of their origins, and see them nowhere.", h("button", { class: "primary", onclick: () => void store(fazt, load) }, "New secret")),
    none,
    grid,
  );
}

function row(fazt: Client, secret: Secret, load: () => Promise<void>): HTMLElement {
  return h(
    "tr",
    null,
    h("th", { scope: "row" }, secret.name),
    h("td", null, secret.origins.join(", ")),
    h("td", { class: "when", title: moment(secret.modified_at) }, ago(secret.modified_at)),
    h(
      "td",
      { class: "row-actions" },
      h("button", { onclick: () => void store(fazt, load, secret) }, "Replace"),
      h("button", { class: "danger", onclick: () => void forget(fazt, secret, load) }, "Delete"),
    ),
  );
}

function store(fazt: Client, load: () => Promise<void>, now?: Secret): Promise<boolean> {
  return openForm({
    title: now ? "Replace secret" : "New secret",
    fields: [
      { name: "name", label: "Name", value: now?.name ?? "", readonly: now !== undefined, hint: "What a step names it by." },
      { name: "origins", label: "Typed at (one origin a line)", kind: "long", rows: 3, value: now?.origins.join("\n") ?? "", hint: "As in https://erp.example." },
      { name: "value", label: "Value", kind: "password" },
    ],
    submit: "Save",
    inPerson: true,
    async act(values) {
      const name = values.text("name");
      const origins = values.text("origins").split("\n").map((line) => line.trim()).filter(Boolean);
      const output = await fazt.text("secret_set", { name, origins, value: values.text("value") });
      await load();
      done("secret_set", output, `Saved secret ${name}`);
    },
  });
}

function forget(fazt: Client, secret: Secret, load: () => Promise<void>): Promise<boolean> {
  return openForm({
    title: "Delete secret",
    intro: h("p", null, "Steps that name ", h("strong", null, secret.name), " fail from then on."),
    fields: [],
    submit: "Delete",
    inPerson: true,
    danger: true,
    async act() {
      const output = await fazt.text("secret_delete", { name: secret.name });
      await load();
      done("secret_delete", output, `Deleted secret ${secret.name}`);
    },
  });
}
