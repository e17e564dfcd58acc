// What agents have asked for, and the answers.

import { h, rows } from "../dom";
import { decide, question } from "../approvals";
import { inPerson } from "../errors";
import { ago, moment } from "../format";
import { watch } from "../live";
import type { Visit } from "../router";
import { empty, heading, showError } from "../shell";
import type { Approval, Client } from "../session";

export async function approvals({ fazt, main, signal }: Visit): Promise<void> {
  const list = h("div");
  const answered = h("div");
  const answers = h("section", { "aria-label": "Answered", hidden: true }, h("h2", { class: "next" }, "Answered"), answered);
  const failed = h("div");
  const none = empty("Nothing waits. When an agent wants to do something wide, such as deleting a whole app, it asks here.", h("a", { class: "button", href: "/system" }, "Choose what is asked about"));
  main.append(heading("Approvals", "Only a person can answer, and only here. An answer serves exactly one call."), failed, none, list, answers);

  async function load(): Promise<void> {
    const { items } = await fazt.approval.list({ all: true });
    const waiting = items.filter((item) => item.state === "waiting");
    const over = items.filter((item) => item.state !== "waiting");
    rows(list, waiting, (item) => item.id, (item) => card(item, choices(fazt, item, (error) => showError(failed, error))));
    rows(answered, over, (item) => item.id, (item) => card(item));
    none.hidden = waiting.length > 0;
    answers.hidden = over.length === 0;
  }
  await watch("approvals", load, signal);
}

function choices(fazt: Client, request: Approval, failed: (error: unknown) => void): HTMLElement {
  const answer = (approve: boolean) => (event: Event) => {
    if (event.isTrusted) void decide(fazt, request, approve).catch(failed);
    else failed(inPerson());
  };
  return h("div", { class: "actions" }, h("button", { class: "primary", onclick: answer(true) }, "Approve"), h("button", { class: "danger", onclick: answer(false) }, "Decline"));
}

function card(request: Approval, actions?: HTMLElement): HTMLElement {
  const { by, operation, state, decided_by, created_at, expires_at } = request;
  const when = actions ? `asked ${ago(created_at)}, answerable until ${moment(expires_at)}` : `asked ${ago(created_at)}${decided_by ? `, answered by ${decided_by}` : ""}`;
  return h(
    "section",
    { class: "panel approval", "aria-label": `${operation} for ${by}` },
    question(request),
    h("p", { class: "hint", title: moment(created_at) }, when),
    actions ?? h("span", { class: "state", "data-state": state }, state),
  );
}
