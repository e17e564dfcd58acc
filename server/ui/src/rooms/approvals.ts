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
  const failed = h("div");
  const none = empty("Nothing waits. When an agent wants to do something wide, such as deleting a whole app, it asks here.");
  main.append(heading("Approvals", "Only a person can answer, and only here. An answer serves exactly one call."), failed, none, list);

  async function load(): Promise<void> {
    const { items } = await fazt.approval.list({ all: true });
    rows(list, items, (item) => item.id, (item) => card(fazt, item, (error) => showError(failed, error)));
    none.hidden = items.length > 0;
  }
  await watch("approvals", load, signal);
}

function card(fazt: Client, request: Approval, failed: (error: unknown) => void): HTMLElement {
  const answer = (approve: boolean) => (event: Event) => {
    if (event.isTrusted) void decide(fazt, request, approve).catch(failed);
    else failed(inPerson());
  };
  const waiting = request.state === "waiting";
  return h(
    "section",
    { class: "panel", "aria-label": `${request.operation} for ${request.by}` },
    question(request),
    h("p", { class: "hint", title: moment(request.created_at) }, `asked ${ago(request.created_at)}`, waiting ? "" : ` · ${request.state}`, request.decided_by ? ` by ${request.decided_by}` : ""),
    waiting ? h("div", { class: "actions" }, h("button", { class: "primary", onclick: answer(true) }, "Approve"), h("button", { class: "danger", onclick: answer(false) }, "Decline")) : h("span", { class: "state", "data-state": request.state }, request.state),
  );
}
