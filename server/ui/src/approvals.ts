// The dialog that asks a person, wherever in the page they are.

import { h } from "./dom";
import { openForm } from "./dialog";
import { problemOf } from "./errors";
import { moment } from "./format";
import { watch } from "./live";
import type { Shell } from "./shell";
import { done, say } from "./status";
import type { Approval, Client } from "./session";

/** Shows how many requests wait, and asks about each new one. A question that
 * was answered elsewhere goes by itself. */
export function watchApprovals(fazt: Client, shell: Shell): void {
  const asked = new Map<string, AbortController>();
  let asking = Promise.resolve();
  async function load(): Promise<void> {
    const { items } = await fazt.approval.list({});
    const waiting = items.filter((item) => item.state === "waiting");
    shell.badge("/approvals", waiting.length);
    for (const [id, open] of asked) if (!waiting.some((request) => request.id === id)) open.abort();
    for (const request of waiting) {
      if (asked.has(request.id) || location.pathname === "/approvals") continue;
      const open = new AbortController();
      asked.set(request.id, open);
      asking = asking.then(() => (open.signal.aborted ? undefined : ask(fazt, request, open.signal)));
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

async function ask(fazt: Client, request: Approval, answered: AbortSignal): Promise<void> {
  const decided = await openForm({
    title: "An agent asks",
    intro: [question(request), h("p", { class: "hint" }, `It can be answered until ${moment(request.expires_at)}.`)],
    fields: [],
    close: "Later",
    submit: "Approve",
    inPerson: true,
    other: { label: "Decline", act: () => decide(fazt, request, false) },
    until: answered,
    act: () => decide(fazt, request, true),
  });
  if (!decided && !answered.aborted) say(`${request.by} still waits for an answer: see Approvals`);
}

/** Answers a request. */
export async function decide(fazt: Client, request: Approval, approve: boolean): Promise<void> {
  const output = await fazt.text("approval_decide", { approval: request.id, approve });
  done("approval_decide", output, `${approve ? "Approved" : "Declined"} ${request.operation} for ${request.by}`);
}
