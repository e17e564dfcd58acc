// The pill: which agents are let in with what rights, Pause, Stop and what was
// done. Its shadow root is closed, so that no engine walks into it, and only
// events that the browser vouches for count: an agent's clicks in this page are
// made by script and press nothing here.

import css from "./pill.css?text";

export type PillGrant = { id: string; agent: string; right: "look" | "act"; ends_in: number; all_tabs: boolean };
export type PillState = { grants: PillGrant[]; paused: boolean; resume_in?: number };

type Hooks = {
  control(action: "pause" | "resume" | "stop"): void;
  op(name: string, input: object): Promise<unknown>;
  tab(): string | undefined;
};

export type Pill = {
  element: HTMLElement;
  state(state: PillState): void;
  connected(isTab: boolean): void;
  disconnected(final?: string): void;
  /** One line of the feed. */
  did(by: string, method: string, params: Record<string, unknown>, result: unknown, error?: string): void;
  /** Marks what is acted on. It delays nothing and catches no event. */
  ring(by: string, at: DOMRectInit | undefined): void;
  remove(): void;
};

const FEED = 30;
const RING_MS = 900;
const TAG = "fazt-pill";

type Attributes = Record<string, string>;

/** An element. Text and attributes only: nothing is parsed, so Trusted Types are
 * content. */
function h(tag: string, attributes: Attributes, ...children: (Node | string)[]): HTMLElement {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) el.setAttribute(name, value);
  el.append(...children);
  return el;
}

function choice(name: string, options: [string, string][], chosen?: string): HTMLElement {
  return h("select", { name }, ...options.map(([value, text]) => h("option", { value, ...(value === chosen ? { selected: "" } : {}) }, text)));
}

function panel(): HTMLElement {
  return h("div", { class: "panel", id: "panel", role: "region", "aria-label": "Agents in this tab", hidden: "" },
    h("h2", {}, "Agents in this tab"),
    h("p", { class: "status", role: "status" }),
    h("ul", { class: "grants", "aria-label": "Who is let in" }),
    h("div", { class: "row drive", hidden: "" },
      h("button", { type: "button", class: "pause" }, "Pause"),
      h("button", { type: "button", class: "stop" }, "Stop")),
    h("h3", {}, "Let an agent in"),
    h("form", { class: "share" },
      h("div", { class: "row" },
        h("label", {}, "Agent ", h("select", { name: "agent", required: "" })),
        h("label", {}, "may ", choice("right", [["look", "look"], ["act", "look and act"]])),
        h("label", {}, "for ", choice("minutes", [["15", "15 minutes"], ["60", "1 hour"], ["480", "8 hours"]], "60")),
        h("button", {}, "Allow")),
      h("p", { class: "error", role: "alert", hidden: "" })),
    h("h3", {}, "Activity"),
    h("ul", { class: "feed", role: "log", "aria-label": "Activity" }));
}

function toggle(): HTMLElement {
  return h("button", { type: "button", class: "toggle", "aria-expanded": "false", "aria-controls": "panel" },
    h("span", { class: "dot", "aria-hidden": "true" }), h("span", { class: "label" }, "Agents"));
}

export function showPill(hooks: Hooks): Pill {
  const element = document.createElement(TAG);
  const root = element.attachShadow({ mode: "closed" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  root.append(panel(), toggle());
  const find = <T extends HTMLElement>(selector: string) => root.querySelector<T>(selector)!;
  const parts = {
    panel: find(".panel"), toggle: find<HTMLButtonElement>(".toggle"), label: find(".label"), status: find(".status"),
    grants: find(".grants"), drive: find(".drive"), pause: find<HTMLButtonElement>(".pause"), form: find<HTMLFormElement>(".share"),
    agents: find<HTMLSelectElement>("[name=agent]"), error: find(".error"), feed: find(".feed"),
  };

  let shown: PillState = { grants: [], paused: false };
  let away: string | undefined = "connecting";
  let isTab = true;
  let received = performance.now();
  let ticking: ReturnType<typeof setInterval> | undefined;

  /** A listener for what a person does, and nobody else. */
  const onPerson = (target: HTMLElement, type: string, fn: (event: Event) => void) =>
    target.addEventListener(type, (event) => {
      event.preventDefault();
      if (event.isTrusted) fn(event);
    });

  const passed = () => performance.now() - received;
  const resumesIn = () => Math.max(0, (shown.resume_in ?? 0) - passed());

  function render(): void {
    const open = shown.grants.filter((grant) => grant.ends_in > passed());
    const acting = open.some((grant) => grant.right === "act");
    const wait = resumesIn();
    const paused = acting && (shown.paused || wait > 0);
    const mood = away !== undefined ? "away" : paused ? "paused" : acting ? "act" : open.length > 0 ? "look" : "none";
    element.hidden = !isTab;
    parts.toggle.dataset["mood"] = mood;
    parts.label.textContent = labelOf(open, paused, wait);
    put(parts.status, statusOf(open, paused, wait));
    parts.drive.hidden = open.length === 0;
    parts.pause.textContent = paused ? "Resume" : "Pause";
    parts.pause.hidden = !acting;
    parts.grants.replaceChildren(...open.map((grant) => grantRow(grant, passed())));
    tick(open.length > 0);
  }

  /** Text is written only when it changed, so that a screen reader says it once. */
  function put(el: HTMLElement, text: string): void {
    if (el.textContent !== text) el.textContent = text;
  }

  function labelOf(open: PillGrant[], paused: boolean, wait: number): string {
    if (away !== undefined) return "Agents: not connected";
    if (paused) return shown.paused ? "Paused" : `Paused · ${Math.ceil(wait / 1000)} s`;
    return open.length === 0 ? "Agents" : open.map((grant) => grant.agent).join(", ");
  }

  function statusOf(open: PillGrant[], paused: boolean, wait: number): string {
    if (away !== undefined) return away === "connecting" ? "Connecting to the server …" : `Not connected: ${away}`;
    if (open.length === 0) return "No agent can see this tab.";
    if (!paused) return open.some((grant) => grant.right === "act") ? "An agent may act here. A click or typing of yours pauses it." : "An agent may look at this tab.";
    return wait > 0 && !shown.paused ? "Paused while you use the page; it goes on by itself." : "Paused until you press Resume.";
  }

  function grantRow(grant: PillGrant, since: number): HTMLElement {
    const row = document.createElement("li");
    const text = document.createElement("span");
    const minutes = Math.max(1, Math.ceil((grant.ends_in - since) / 60_000));
    text.textContent = `${grant.agent} may ${grant.right === "act" ? "look and act" : "look"}${grant.all_tabs ? " in all your tabs" : ""}, ${minutes} min left`;
    const end = document.createElement("button");
    end.type = "button";
    end.textContent = "End";
    end.setAttribute("aria-label", `End the right of ${grant.agent}`);
    onPerson(end, "click", () => void attempt("grant_revoke", { grant: grant.id }));
    row.append(text, end);
    return row;
  }

  /** Counts down only while there is something to count. */
  function tick(needed: boolean): void {
    if (!needed) {
      clearInterval(ticking);
      ticking = undefined;
    } else ticking ??= setInterval(render, 1000);
  }

  async function attempt(name: string, input: object): Promise<unknown> {
    parts.error.hidden = true;
    try {
      return await hooks.op(name, input);
    } catch (error) {
      const { detail, message } = error as { detail?: string; message?: string };
      parts.error.textContent = detail ?? message ?? String(error);
      parts.error.hidden = false;
      return undefined;
    }
  }

  async function listAgents(): Promise<void> {
    const list = (await attempt("token_list", {})) as { items?: { id: string; name: string; kind: string }[] } | undefined;
    const agents = (list?.items ?? []).filter((token) => token.kind === "agent");
    parts.agents.replaceChildren(...agents.map((agent) => new Option(agent.name, agent.id)));
  }

  onPerson(parts.toggle, "click", () => {
    parts.panel.hidden = !parts.panel.hidden;
    parts.toggle.setAttribute("aria-expanded", String(!parts.panel.hidden));
    if (!parts.panel.hidden) void listAgents();
  });
  onPerson(parts.pause, "click", () => hooks.control(parts.pause.textContent === "Resume" ? "resume" : "pause"));
  onPerson(find(".stop"), "click", () => hooks.control("stop"));
  // A form's submit event is trusted also when a script asked for it, so the
  // button's click is what counts, and the form itself submits nothing.
  parts.form.addEventListener("submit", (event) => event.preventDefault());
  onPerson(find(".share button"), "click", () => {
    const data = new FormData(parts.form);
    void attempt("grant_create", { agent: data.get("agent"), right: data.get("right"), minutes: Number(data.get("minutes")), tab: hooks.tab() });
  });
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || parts.panel.hidden) return;
    parts.panel.hidden = true;
    parts.toggle.setAttribute("aria-expanded", "false");
    parts.toggle.focus();
  });

  document.body.append(element);
  render();

  return {
    element,
    state(state) {
      shown = state;
      received = performance.now();
      render();
    },
    connected(tab) {
      away = undefined;
      isTab = tab;
      render();
    },
    disconnected(final) {
      away = final ?? "connecting";
      render();
    },
    did(by, method, params, result, error) {
      if (method === "look" || method === "resolve") return;
      const line = document.createElement("li");
      const text = document.createElement("span");
      text.textContent = `${by}: ${describe(method, params)}`;
      const outcome = document.createElement("span");
      outcome.className = error === undefined ? "soft" : "error";
      outcome.textContent = error ?? noteOf(result);
      line.append(text, outcome);
      parts.feed.append(line);
      while (parts.feed.childElementCount > FEED) parts.feed.firstElementChild?.remove();
    },
    ring(by, at) {
      if (!at) return;
      const ring = document.createElement("div");
      ring.className = "ring";
      ring.setAttribute("aria-hidden", "true");
      ring.style.cssText = `left:${at.x ?? 0}px;top:${at.y ?? 0}px;width:${at.width ?? 0}px;height:${at.height ?? 0}px`;
      const label = document.createElement("span");
      label.textContent = by;
      ring.append(label);
      root.append(ring);
      setTimeout(() => ring.remove(), RING_MS);
    },
    remove() {
      clearInterval(ticking);
      element.remove();
    },
  };
}

/** What a call asked for, in a person's words. Values that were typed are left
 * out where they may be secret. */
function describe(method: string, params: Record<string, unknown>): string {
  if (method === "step") return String(params["step"]);
  if (method === "act") return String(params["action"]);
  if (method === "goto") return `goto ${String(params["url"])}`;
  if (method === "expect") return `checks ${String(params["matcher"])}`;
  return method;
}

function noteOf(result: unknown): string {
  const note = (result as { note?: unknown } | null)?.note;
  return typeof note === "string" && note !== "" ? note : "done";
}
