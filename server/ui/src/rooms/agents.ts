// Agents: the tabs they have open, and which of yours they may look at or act in.

import { fill, h, rows } from "../dom";
import { openForm } from "../dialog";
import { given, text, whole } from "../fields";
import { ago, moment, plural } from "../format";
import { watch } from "../live";
import { path, type Visit } from "../router";
import { empty, heading, showError, table } from "../shell";
import { done } from "../status";
import { all, type Client, type Grant, type Tab, type Token } from "../session";
import { undoAgent } from "./agents-undo";
import { budget } from "./tokens";

export async function agents({ fazt, main, signal }: Visit): Promise<void> {
  const tabs = h("tbody");
  const grants = h("tbody");
  const noTabs = empty("No tabs are open. This page is one as soon as an agent has a grant for it.");
  const noGrants = empty("No agent may look at your tabs.");
  const tabTable = table("Tabs", ["Tab", "Page", "Whose", "Agent", ""], tabs);
  const failed = h("div");
  const hands = h("tbody");
  const handTable = table("Agents", ["Agent", "App", "Scopes", "Used this hour", ""], hands);
  const noHands = empty("No agent has a token yet.", h("a", { class: "button", href: "/tokens" }, "Make one"));
  const grantTable = table("Grants", ["Agent", "Tab", "Right", "Until", ""], grants);
  main.append(
    heading("Agents", "What agents have open, and what of yours they may see.", h("button", { class: "primary", onclick: () => void grant(fazt) }, "New grant")),
    failed,
    h("h2", null, "Tokens of agents"),
    noHands,
    handTable,
    h("h2", { class: "next" }, "Tabs"),
    noTabs,
    tabTable,
    h("h2", { class: "next" }, "Grants"),
    noGrants,
    grantTable,
  );

  const trying: Trying = async (act) => {
    fill(failed);
    await act().catch((error: unknown) => showError(failed, error));
  };
  async function load(): Promise<void> {
    const [open, given, tokens] = await Promise.all([fazt.tab.list({}), fazt.grant.list({}), agentTokens(fazt)]);
    rows(hands, tokens, (token) => token.id, (token) => handRow(fazt, token, trying));
    noHands.hidden = tokens.length > 0;
    handTable.hidden = !noHands.hidden;
    rows(tabs, open.items, (tab) => tab.tab, (tab) => tabRow(fazt, tab, trying));
    rows(grants, given.items, (item) => item.grant, (item) => grantRow(fazt, item, trying));
    noTabs.hidden = open.items.length > 0;
    tabTable.hidden = !noTabs.hidden;
    noGrants.hidden = given.items.length > 0;
    grantTable.hidden = !noGrants.hidden;
  }
  await Promise.all([watch("tabs", load, signal), watch("grants", load, signal)]);
}

/** The tokens of agents; none for whom tokens are not to be seen. */
async function agentTokens(fazt: Client): Promise<Token[]> {
  const tokens = await all((cursor) => fazt.token.list({ ...cursor, limit: 1000 })).catch(() => []);
  return tokens.filter((token) => token.kind === "agent");
}

function handRow(fazt: Client, token: Token, trying: Trying): HTMLElement {
  return h(
    "tr",
    null,
    h("th", { scope: "row" }, h("a", { href: path`/tokens/${token.id}` }, token.name)),
    h("td", null, token.app || "any"),
    h("td", { title: token.scopes.join(", ") }, plural(token.scopes.length, "scope")),
    h("td", null, budget(token) || "no limit"),
    h("td", { class: "row-actions" }, h("button", { "aria-label": `Undo all by ${token.name}`, onclick: () => void trying(() => undoAgent(fazt, token)) }, "Undo all since …")),
  );
}

/** Carries out what a button of a row does, and shows what was refused. */
type Trying = (act: () => Promise<void>) => Promise<void>;

function tabRow(fazt: Client, tab: Tab, trying: Trying): HTMLElement {
  const whose = tab.kind === "person" ? (tab.mine ? "yours" : "a person's") : "an agent's";
  const close = async (): Promise<void> => {
    done("tab_close", await fazt.text("tab_close", { tab: tab.tab }), `Closed tab ${tab.tab}`);
  };
  return h(
    "tr",
    null,
    h("th", { scope: "row", class: "code" }, tab.tab),
    h("td", null, tab.title || tab.url, h("div", { class: "hint code" }, tab.url)),
    h("td", null, whose, tab.paused ? " · paused" : "", tab.kind === "person" ? (tab.hidden ? " · in the background" : "") : tab.shown ? "" : " · nobody sees it"),
    h("td", null, tab.agent ?? ""),
    h("td", { class: "row-actions" }, tab.kind === "ours" ? h("button", { class: "danger", onclick: () => void trying(close) }, "Close") : null),
  );
}

function grantRow(fazt: Client, item: Grant, trying: Trying): HTMLElement {
  const revoke = async (): Promise<void> => {
    const output = await fazt.text("grant_revoke", { grant: item.grant });
    done("grant_revoke", output, `${item.agent_name} may no longer ${item.right === "act" ? "act in" : "look at"} your tabs`);
  };
  return h(
    "tr",
    null,
    h("th", { scope: "row" }, item.agent_name),
    h("td", { class: "code" }, item.tab ?? "every tab of yours"),
    h("td", null, item.right === "act" ? "look and act" : "look"),
    h("td", { class: "when", title: moment(item.until) }, ago(item.until)),
    h("td", { class: "row-actions" }, h("button", { class: "danger", onclick: () => void trying(revoke) }, "Revoke")),
  );
}

async function grant(fazt: Client): Promise<void> {
  const [agents, open] = await Promise.all([agentTokens(fazt), fazt.tab.list({})]);
  const mine = open.items.filter((tab) => tab.kind === "person" && tab.mine);
  await openForm({
    title: "New grant",
    intro: h("p", null, "The agent sees what you see in the tab. Stop it at any time in the pill at the page's edge."),
    fields: [
      { name: "agent", label: "Agent", kind: "select", options: agents.map((token) => ({ value: token.id, label: token.name })), value: agents[0]?.id ?? "" },
      { name: "tab", label: "Tab", kind: "select", value: "", options: [{ value: "", label: "Every tab of mine" }, ...mine.map((tab) => ({ value: tab.tab, label: `${tab.tab} · ${tab.title}` }))] },
      { name: "right", label: "Right", kind: "select", value: "look", options: [{ value: "look", label: "Look" }, { value: "act", label: "Look and act" }] },
      { name: "minutes", label: "Minutes", kind: "number", value: "60" },
    ],
    submit: "Grant",
    inPerson: true,
    async act(values) {
      const input = given({ agent: values.text("agent"), right: values.text("right"), minutes: whole(values.text("minutes"), "minutes"), tab: text(values.text("tab")) });
      const output = await fazt.text("grant_create", input);
      const made = JSON.parse(output) as Grant;
      done("grant_create", output, `${made.agent_name} may now ${made.right === "act" ? "act in" : "look at"} your tabs`);
    },
  });
}
