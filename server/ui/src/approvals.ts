// The dialog that asks a person, wherever in the page they are.

import { h } from "./dom";
import { openForm } from "./dialog";
import { problemOf } from "./errors";
import { watch } from "./live";
import type { Shell } from "./shell";
import { done, say } from "./status";
import type { Approval, Client } from "./session";

/** Shows how many requests wait, and asks about each new one. */
export function watchApprovals(fazt: Client, shell: Shell): void {
  const asked = new Set<string>();
  let asking = Promise.resolve();
  async function load(): Promise<void> {
    const { items } = await fazt.approval.list({});
    const waiting = items.filter((item) => item.state === "waiting");
    shell.badge("/approvals", waiting.length);
    for (const request of waiting) {
      if (asked.has(request.id) || location.pathname === "/approvals") continue;
      asked.add(request.id);
      asking = asking.then(() => ask(fazt, request));
    }
  }
  watch("approvals", load, new AbortController().signal).catch((error: unknown) => say(problemOf(error).detail));
}

/** What a request is about, in words. */
export function question(request: Approval): HTMLElement {
  return h(
    "div",
    null,
    h("p", null, h("strong", null, request.by), request.client ? ` (${request.client})` : "", " wants to do ", h("code", null, request.operation), ":"),
    h("p", { class: "panel" }, request.summary),
  );
}

async function ask(fazt: Client, request: Approval): Promise<void> {
  const decided = await openForm({
    title: "An agent asks",
    intro: question(request),
    fields: [],
    submit: "Approve",
    inPerson: true,
    async act() {
      await decide(fazt, request, true);
    },
  });
  if (!decided) say(`${request.by} still waits for an answer: see Approvals`);
}

/** Answers a request. */
export async function decide(fazt: Client, request: Approval, approve: boolean): Promise<void> {
  const output = await fazt.text("approval_decide", { approval: request.id, approve });
  done("approval_decide", output, `${approve ? "Approved" : "Declined"} ${request.operation} for ${request.by}`);
}
