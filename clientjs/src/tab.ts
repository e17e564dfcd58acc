// attach(): this page joins the hub as a tab of its person's. Calls that come go
// to the page's own engine; the pill shows who may do what.

import { withDialogs } from "./driver/dialogs";
import { newEngine, type Engine } from "./driver/engine";
import { recorded } from "./driver/journal";
import { openSocket, type Message, type Welcome } from "./hubsocket";
import { watchPerson } from "./person";
import { showPill, type PillState } from "./pill";

/** What attach needs of the typed client. */
export type Caller = { op(name: string, input?: object): Promise<unknown> };

export type AttachOptions = {
  /** The server's address, without a slash at its end. */
  url: string;
  client: Caller;
  /** Hash of the module that this page runs. */
  module?: string;
  /** Leaves the pill out, in a page that shows the same in its own way. */
  pill?: boolean;
};

export type Published = { topic: string; data?: unknown; cursor?: string; resync?: boolean };

export type Attachment = {
  /** The tab's id, once the hub has given it; none in a tab that is driven. */
  tab(): string | undefined;
  /** Follows a topic, over reconnects too; the answer ends it. After a gap it is
   * told { resync: true }. */
  subscribe(topic: string, options: { app?: string; since?: string }, tell: (published: Published) => void): () => void;
  detach(): void;
};

type Following = { topic: string; app?: string; since?: string; tell: (published: Published) => void; id: number };

const PROTOCOL = 1;
const STORED = "fazt.tab";
/** Answers that may have been lost with a connection are kept this long. */
const KEEP_ANSWERS_MS = 60_000;

export function attach(options: AttachOptions): Attachment {
  const ends = new AbortController();
  const answers = new Map<number, Message | undefined>(); // undefined: still running
  const follows = new Set<Following>();
  let welcome: Welcome | undefined;
  let lastId = 1; // hello has 1
  let current: { id: number; by: string } | undefined;

  const pill = options.pill === false ? undefined : showPill({
    control: (action) => tell("control", { do: action }),
    op: (name, input) => options.client.op(name, input),
    tab: () => welcome?.tab,
  });
  const person = watchPerson(
    { input: (kind) => tell("userInput", { kind }), unsaved: (unsaved) => tell("unsaved", { unsaved }) },
    (event) => pill !== undefined && event.composedPath().includes(pill.element),
  );
  // The engine counts its effects by itself; the hub knows calls by their ids.
  const engine = newEngine({
    notify(method, params) {
      if (method !== "acted" || !current) return;
      tell("acted", { id: current.id, ...("did" in params ? { did: params["did"] } : {}) });
      pill?.ring(current.by, params["at"] as DOMRectInit | undefined);
    },
  }, { dialogs: withDialogs, journal: recorded() });

  const socket = openSocket(addressOf(options.url), {
    hello: async () => {
      const { ticket } = (await options.client.op("tab_ticket", {})) as { ticket: string };
      return {
        protocol: PROTOCOL, ticket, ...stored(), ...place(engine), hidden: document.hidden, unsaved: person.unsaved(),
        module: options.module ?? "", pending: [...answers.keys()],
      };
    },
    welcome: (given) => {
      welcome = given;
      if (given.tab && given.key) sessionStorage.setItem(STORED, JSON.stringify({ tab: given.tab, key: given.key }));
      for (const answer of answers.values()) if (answer) socket.send(answer);
      for (const one of follows) follow(one);
      pill?.connected(given.tab !== undefined);
    },
    message: receive,
    down: (final) => pill?.disconnected(final),
  });

  function tell(method: string, params: Record<string, unknown>): void {
    socket.send({ method, params });
  }

  function receive(message: Message): void {
    const { id, method, params = {} } = message;
    if (method === undefined) return answered(message);
    if (id !== undefined) return void carryOut(id, method, params);
    if (method === "state") pill?.state(params as unknown as PillState);
    if (method === "published") published(params as unknown as Published & { id: number });
  }

  /** Carries a call out and answers it, over another connection if need be. */
  async function carryOut(id: number, method: string, params: Record<string, unknown>): Promise<void> {
    const { fence, by, ...rest } = params;
    if (typeof fence === "number" && welcome && fence < welcome.fence) return; // meant for an older connection
    answers.set(id, undefined);
    const who = typeof by === "string" ? by : "";
    let answer: Message;
    try {
      answer = { id, result: await person.acting(() => callPage(id, who, method, rest)) };
      pill?.did(who, method, rest, answer.result);
    } catch (error) {
      answer = { id, error: failure(error) };
      pill?.did(who, method, rest, undefined, (error as Error).message);
    }
    answers.set(id, answer);
    setTimeout(() => answers.delete(id), KEEP_ANSWERS_MS);
    socket.send(answer);
  }

  async function callPage(id: number, by: string, method: string, params: Record<string, unknown>): Promise<unknown> {
    switch (method) {
      case "goto":
      case "reload":
      case "back":
        tell("acted", { id });
        return leave(method, String(params["url"] ?? ""));
      case "console":
      case "network":
        return engine.dispatch("look", { ...params, what: method });
      case "act":
      case "step":
        current = { id, by };
    }
    try {
      return (await engine.dispatch(method, params)) ?? {};
    } finally {
      if (current?.id === id) current = undefined;
    }
  }

  function follow(one: Following): void {
    one.id = ++lastId;
    const { topic, app, since } = one;
    socket.send({ id: one.id, method: "subscribe", params: { topic, ...(app === undefined ? {} : { app }), ...(since === undefined ? {} : { since }) } });
  }

  function published({ id, ...what }: Published & { id: number }): void {
    for (const one of follows) {
      if (one.id !== id) continue;
      if (what.cursor !== undefined) one.since = what.cursor;
      one.tell(what);
      // A feed that broke off is followed anew, from where it is by then.
      if (what.resync && one.topic === "changes") {
        delete one.since;
        follow(one);
      }
    }
  }

  /** Only a subscription that was refused needs an answer here. */
  function answered({ id, error }: Message): void {
    if (!error) return;
    for (const one of follows) {
      if (one.id !== id) continue;
      follows.delete(one);
      console.warn(`fazt: ${one.topic} cannot be followed: ${error.message}`);
    }
  }

  watchPlace(ends.signal, () => tell("nav", place(engine)));
  const on = (target: EventTarget, type: string, fn: (event: Event) => void) => target.addEventListener(type, fn, { signal: ends.signal });
  on(document, "visibilitychange", () => {
    tell("hidden", { hidden: document.hidden });
    if (!document.hidden) socket.hurry();
  });
  on(window, "online", () => socket.hurry());
  on(window, "pageshow", () => socket.hurry());
  on(window, "pagehide", () => tell("closing", {}));

  return {
    tab: () => welcome?.tab,
    subscribe(topic, about, tellIt) {
      const one: Following = { topic, ...about, tell: tellIt, id: 0 };
      follows.add(one);
      if (welcome) follow(one);
      return () => {
        if (follows.delete(one) && one.id > 0) socket.send({ id: ++lastId, method: "unsubscribe", params: { id: one.id } });
      };
    },
    detach() {
      ends.abort();
      person.stop();
      pill?.remove();
      socket.close();
    },
  };
}

function addressOf(url: string): string {
  return url.replace(/^http/, "ws") + "/agent/ws";
}

/** The tab that this page was before it was reloaded. */
function stored(): { tab?: string; key?: string } {
  try {
    const kept = JSON.parse(sessionStorage.getItem(STORED) ?? "{}") as { tab?: unknown; key?: unknown };
    return typeof kept.tab === "string" && typeof kept.key === "string" ? { tab: kept.tab, key: kept.key } : {};
  } catch {
    return {}; // somebody else's entry
  }
}

function place(engine: Engine): { url: string; title: string; epoch: string } {
  return { url: location.href, title: document.title, epoch: engine.epoch };
}

/** Leads this tab elsewhere. It stays with this server: a person's tab is not an
 * agent's to take away. */
function leave(method: string, to: string): Promise<unknown> {
  if (method === "reload") location.reload();
  else if (method === "back") history.back();
  else {
    const url = new URL(to, location.href);
    if (url.origin !== location.origin) {
      throw Object.assign(new Error(`this tab stays at ${location.origin}`), { code: "navigation", hint: "open the address in a tab of your own: tab_open" });
    }
    const within = url.pathname === location.pathname && url.search === location.search && url.hash !== "";
    location.assign(url);
    if (within) return Promise.resolve({ url: url.href });
  }
  return new Promise(() => {}); // the document goes away, and the hub knows by "acted" and "closing"
}

/** Tells when the address or the title changes without a new document. */
function watchPlace(signal: AbortSignal, tell: () => void): void {
  let last = location.href + "\n" + document.title;
  const check = () => {
    const now = location.href + "\n" + document.title;
    if (now === last) return;
    last = now;
    tell();
  };
  const navigation = (window as { navigation?: EventTarget }).navigation;
  navigation?.addEventListener("currententrychange", check, { signal });
  for (const type of ["popstate", "hashchange"]) window.addEventListener(type, check, { signal });
  const titles = new MutationObserver(check);
  titles.observe(document.head, { subtree: true, childList: true, characterData: true });
  signal.addEventListener("abort", () => titles.disconnect());
}

/** An error as JSON-RPC carries it: the engine's own fields as data. */
function failure(error: unknown): { code: number; message: string; data: Record<string, unknown> } {
  const { code, message, hint, detail } = error as { code?: unknown; message?: unknown; hint?: unknown; detail?: unknown };
  const data: Record<string, unknown> = { code: typeof code === "string" ? code : "bad_target" };
  if (hint !== undefined) data["hint"] = hint;
  if (detail !== undefined) data["detail"] = detail;
  return { code: -32000, message: typeof message === "string" ? message : String(error), data };
}
