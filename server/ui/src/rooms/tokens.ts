// Tokens: who may do what. A secret is shown once, when it is made.

import { fill, h, rows } from "../dom";
import { openForm, show } from "../dialog";
import { problemOf } from "../errors";
import { given, text, whole } from "../fields";
import { ago, moment } from "../format";
import { follow } from "../live";
import { go, path, type Visit } from "../router";
import { empty, heading, table } from "../shell";
import { done, say } from "../status";
import { all, type Client, type Token } from "../session";

const areas = ["apps", "kv", "docs", "blobs", "sites", "changes", "tokens", "recipes", "runs", "tabs", "approvals", "secrets", "settings", "events", "system", "people"];
const scopes = areas.flatMap((area) => [`${area}:read`, `${area}:write`]);

export async function tokens({ fazt, main, signal }: Visit): Promise<void> {
  const list = h("tbody");
  const grid = table("Tokens", ["Name", "Kind", "App", "Scopes", "Used this hour", "Made", "Expires", ""], list);
  const none = empty("No tokens.");

  async function load(): Promise<void> {
    const items = await all((cursor) => fazt.token.list({ ...cursor, limit: 1000 }));
    rows(list, items, (token) => token.id, (token) => row(fazt, token, load));
    none.hidden = items.length > 0;
    grid.hidden = !none.hidden;
  }
  await follow("", load, signal);
  main.append(
    heading("Tokens", "A token is a key for a person, an agent or a program. Its secret is shown only once.", h("button", { class: "primary", onclick: () => void create(fazt, load) }, "New token")),
    none,
    grid,
  );
}

/** One token: what it may do, and its end. */
export async function token({ fazt, main, params, signal }: Visit): Promise<void> {
  const place = h("div");
  main.append(place);
  async function load(): Promise<void> {
    const now: Token = await fazt.token.get({ token: params.token ?? "" });
    fill(
      place,
      heading(now.name, `${now.kind} · ${now.id}`, h("button", { class: "danger", onclick: () => void revoke(fazt, now, async () => go("/tokens")) }, "Revoke")),
      h(
        "section",
        { class: "panel", "aria-label": "About" },
        h(
          "dl",
          null,
          line("App", now.app || "any"),
          line("Made", `${ago(now.created_at)}${now.created_by ? ` by ${now.created_by}` : ""}`),
          line("Expires", now.expires_at ? ago(now.expires_at) : "never"),
          line("Budget", budget(now) || "no limit"),
          line("Scopes", now.scopes.join(", "), "code"),
        ),
      ),
    );
  }
  await load();
  await follow("", () => gone(load), signal);
}

/** A token that was revoked meanwhile stays in sight as it was. */
async function gone(load: () => Promise<void>): Promise<void> {
  await load().catch((error: unknown) => {
    if (problemOf(error).code !== "token_not_found") throw error;
  });
}

function line(name: string, value: string, kind?: string): HTMLElement[] {
  return [h("dt", null, name), h("dd", { class: kind }, value)];
}

function row(fazt: Client, token: Token, load: () => Promise<void>): HTMLElement {
  const held = token.scopes.length === scopes.length ? "all" : token.scopes.length > 4 ? `${token.scopes.length} of ${scopes.length}` : token.scopes.join(", ");
  return h(
    "tr",
    null,
    h("th", { scope: "row" }, h("a", { href: path`/tokens/${token.id}` }, token.name)),
    h("td", null, token.kind),
    h("td", null, token.app || "any"),
    h("td", { title: token.scopes.join(", ") }, held),
    h("td", null, budget(token)),
    h("td", { class: "when", title: moment(token.created_at) }, ago(token.created_at)),
    h("td", { class: "when", title: moment(token.expires_at ?? undefined) }, token.expires_at ? ago(token.expires_at) : "never"),
    h("td", { class: "row-actions" }, h("button", { class: "danger", onclick: () => void revoke(fazt, token, load) }, "Revoke")),
  );
}

/** What a token has used up of what it may, "" for one without a budget. */
export function budget(token: Token): string {
  const { budget: most, used } = token;
  if (!most) return "";
  const parts = (["calls", "writes", "bytes"] as const).map((unit) => {
    const limit = most[`${unit}_per_hour`];
    return limit ? `${used?.[unit] ?? 0} of ${limit} ${unit}` : "";
  });
  return parts.filter(Boolean).join(" · ");
}

async function create(fazt: Client, load: () => Promise<void>): Promise<void> {
  let secret = "";
  await openForm({
    title: "New token",
    fields: [
      { name: "name", label: "Name", hint: "Who or what will use it, as in “cursor on my laptop”." },
      {
        name: "kind",
        label: "Kind",
        kind: "select",
        value: "agent",
        options: [
          { value: "agent", label: "Agent: what is wide needs a person" },
          { value: "service", label: "Service: a program, never asked" },
          { value: "person", label: "Person: signs in here, approves" },
        ],
      },
      { name: "app", label: "App", hint: "Empty: every app." },
      { name: "ttl_ms", label: "Time to live (ms)", kind: "number", hint: "Empty: until it is revoked." },
      { name: "calls_per_hour", label: "Calls an hour", kind: "number", hint: "Empty: no limit. Calls inside runs count too." },
      { name: "writes_per_hour", label: "Writes an hour", kind: "number", hint: "How many of the calls may change something." },
      { name: "bytes_per_hour", label: "Bytes an hour", kind: "number", hint: "Sent and answered, in all." },
      { name: "scopes", label: "Scopes", kind: "checkboxes", options: scopes.map((scope) => ({ value: scope, label: scope })) },
    ],
    submit: "Create",
    inPerson: true,
    async act(values) {
      const name = values.text("name");
      const chosen = values.chosen("scopes");
      const output = await fazt.text(
        "token_create",
        given({
          name,
          kind: values.text("kind"),
          app: text(values.text("app")),
          ttl_ms: whole(values.text("ttl_ms"), "ttl_ms"),
          calls_per_hour: whole(values.text("calls_per_hour"), "calls_per_hour"),
          writes_per_hour: whole(values.text("writes_per_hour"), "writes_per_hour"),
          bytes_per_hour: whole(values.text("bytes_per_hour"), "bytes_per_hour"),
          scopes: chosen.length > 0 ? chosen : undefined,
        }),
      );
      secret = (JSON.parse(output) as { secret?: string }).secret ?? "";
      await load();
      done("token_create", output, `Created token ${name}`);
    },
    after: () => showSecret(secret),
  });
}

function showSecret(secret: string): Promise<void> {
  const field = h("input", { id: "secret", readonly: true, "data-private": true, class: "code", value: secret, onfocus: () => field.select() });
  const copy = h("button", { type: "button", onclick: () => void navigator.clipboard.writeText(secret).then(() => say("Copied the secret")) }, "Copy");
  return show("Token created", "narrow", h("p", null, "This is the only time that the secret is shown."), h("div", { class: "field" }, h("label", { for: "secret" }, "Secret"), h("div", { class: "beside" }, field, copy)));
}

function revoke(fazt: Client, token: Token, load: () => Promise<void>): Promise<boolean> {
  return openForm({
    title: "Revoke token",
    intro: h("p", null, "Whoever uses ", h("strong", null, token.name), " is cut off at once."),
    fields: [],
    submit: "Revoke",
    inPerson: true,
    danger: true,
    async act() {
      const output = await fazt.text("token_revoke", { token: token.id }, { confirm: token.name });
      await load();
      done("token_revoke", output, `Revoked token ${token.name}`);
    },
  });
}
