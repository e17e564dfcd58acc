// Tokens: who may do what. A secret is shown once, when it is made.

import { h, rows } from "../dom";
import { openForm, tell } from "../dialog";
import { parseWhole } from "../errors";
import { ago, moment } from "../format";
import { follow } from "../live";
import type { Visit } from "../router";
import { empty, heading, say } from "../shell";
import { all, type Client, type Token } from "../session";

const areas = ["apps", "kv", "docs", "blobs", "sites", "changes", "tokens", "recipes", "runs", "tabs", "approvals", "secrets", "settings", "events", "system", "people"];
const scopes = areas.flatMap((area) => [`${area}:read`, `${area}:write`]);

export async function tokens({ fazt, main, signal }: Visit): Promise<void> {
  const list = h("tbody");
  const none = empty("No tokens.");
  const table = h(
    "table",
    { "aria-label": "Tokens" },
    h("thead", null, h("tr", null, ["Name", "Kind", "App", "Scopes", "Made", "Expires", ""].map((name) => h("th", { scope: "col" }, name || h("span", { class: "hidden" }, "Actions"))))),
    list,
  );
  main.append(heading("Tokens", "A token is a key for a person, an agent or a program. Its secret is shown only once.", h("button", { class: "primary", onclick: () => create(fazt) }, "New token")), none, table);

  async function load(): Promise<void> {
    const items = await all((cursor) => fazt.token.list({ cursor, limit: 1000 }));
    rows(list, items, (token) => token.id, (token) => row(fazt, token));
    none.hidden = items.length > 0;
    table.hidden = items.length === 0;
  }
  await follow(fazt, { kinds: ["token"] }, load, signal);
}

function row(fazt: Client, token: Token): HTMLElement {
  const held = token.scopes.length === scopes.length ? "all" : token.scopes.join(", ");
  return h(
    "tr",
    null,
    h("th", { scope: "row" }, token.name),
    h("td", null, token.kind),
    h("td", null, token.app || "any"),
    h("td", { class: "code value", title: token.scopes.join(", ") }, held),
    h("td", { title: moment(token.created_at) }, ago(token.created_at)),
    h("td", { title: moment(token.expires_at ?? undefined) }, token.expires_at ? ago(token.expires_at) : "never"),
    h("td", { class: "row-actions" }, h("button", { class: "danger", onclick: () => revoke(fazt, token) }, "Revoke")),
  );
}

function create(fazt: Client): Promise<void> {
  let secret = "";
  let name = "";
  return openForm({
    title: "New token",
    fields: [
      { name: "name", label: "Name", required: true, hint: "Who or what will use it, as in “cursor on my laptop”." },
      {
        name: "kind",
        label: "Kind",
        kind: "select",
        value: "agent",
        options: [
          { value: "agent", label: "Agent: asked to confirm, and a person approves what is wide" },
          { value: "service", label: "Service: a program, never asked" },
          { value: "person", label: "Person: can sign in here and approve" },
        ],
      },
      { name: "app", label: "App", hint: "Empty: every app." },
      { name: "ttl_ms", label: "Lifetime (ms)", kind: "number", hint: "Empty: until it is revoked." },
      { name: "scopes", label: "Scopes", kind: "checkboxes", hint: "None chosen: what is usual for the kind.", options: scopes.map((scope) => ({ value: scope, label: scope })) },
    ],
    submit: "Create",
    async act(values) {
      name = String(values.name);
      const chosen = values.scopes as string[];
      const lifetime = parseWhole(String(values.ttl_ms), "ttl_ms");
      const made = await fazt.token.create({
        name,
        kind: String(values.kind),
        ...(values.app ? { app: String(values.app) } : {}),
        ...(chosen.length > 0 ? { scopes: chosen } : {}),
        ...(lifetime === undefined ? {} : { ttl_ms: lifetime }),
      });
      secret = made.secret ?? "";
    },
  }).then(() => (secret ? show(name, secret) : undefined));
}

function show(name: string, secret: string): Promise<void> {
  const field = h("input", { id: "secret", readonly: true, "data-private": true, class: "code", value: secret, onfocus: () => field.select() });
  const copy = h("button", { type: "button", onclick: () => void navigator.clipboard.writeText(secret).then(() => say("Copied the secret")) }, "Copy");
  say(`Created token ${name}`);
  return tell("Token created", h("p", null, "This is the only time that the secret is shown."), h("div", { class: "field" }, h("label", { for: "secret" }, "Secret"), field), copy);
}

function revoke(fazt: Client, token: Token): Promise<void> {
  return openForm({
    title: "Revoke token",
    intro: h("p", null, "Whoever uses ", h("strong", null, token.name), " is cut off at once."),
    fields: [],
    submit: "Revoke",
    danger: true,
    async act() {
      await fazt.token.revoke({ token: token.id }, { confirm: token.name });
      say(`Revoked token ${token.name}`);
    },
  });
}
