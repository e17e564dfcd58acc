// The stop for all agents: a button on every page, and what is said while it
// holds.

import { fill, h } from "./dom";
import { inPerson, problemOf } from "./errors";
import { ago } from "./format";
import { watch } from "./live";
import { done, say } from "./status";
import type { Client } from "./session";

/** Puts the button into its place, and shows above the rooms that agents are stopped. */
export function watchStop(fazt: Client, button: HTMLElement, banner: HTMLElement): void {
  const act = (name: "agent_stop" | "agent_resume", text: string) => (event: Event) => {
    if (!event.isTrusted) return say(inPerson().problem.detail);
    void fazt
      .text(name, {})
      .then(async (output) => {
        await load();
        done(name, output, text);
      })
      .catch((error: unknown) => say(problemOf(error).detail));
  };
  const stop = h("button", { class: "danger", title: "Ends every run and every tab of an agent, and refuses whatever agents ask for", onclick: act("agent_stop", "All agents are stopped") }, "Stop agents");
  const resume = h("button", { class: "primary", onclick: act("agent_resume", "Agents may work again") }, "Let agents work");

  async function load(): Promise<void> {
    const now = await fazt.agent.status({});
    banner.hidden = !now.stopped;
    if (now.stopped) fill(banner, h("p", null, h("strong", null, "All agents are stopped"), ` by ${now.stopped_by}, ${ago(now.stopped_at)}. Nothing is done for them.`), resume);
    fill(button, now.stopped ? null : stop);
  }
  watch("agents", load, new AbortController().signal).catch((error: unknown) => say(problemOf(error).detail));
}
