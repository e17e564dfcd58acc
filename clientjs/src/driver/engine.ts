// The page's engine: one door for every caller, by message. Calls of one page
// follow one another; only reads may overlap.

import { deadlineOf, mutate, type Call } from "./act";
import { withCache } from "./cache";
import { candidates } from "./describe";
import type { withDialogs } from "./dialogs";
import { fail } from "./errors";
import { expectation } from "./expect";
import { parseTarget } from "./grammar";
import { query } from "./locate";
import type { Recorded } from "./journal";
import { look, type Memory } from "./look";
import { arrive } from "./settle";
import { start } from "./model";
import { read } from "./read";
import { takeRebinds } from "./refs";
import { runStep, valueOf } from "./run";
import type { Did } from "./trace";
import { newMemory } from "./since";
import { stepsOf } from "./target";
import { isSteps, type ActParams, type ExpectParams, type Host, type LookParams, type Step } from "./wire";

export type Engine = {
  /** Carries out one call of the seams; rejects with an EngineError. */
  dispatch(method: string, params: unknown): Promise<unknown>;
  epoch: string;
};

function newEpoch(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

type Answer = { value?: unknown; note?: string | undefined; rev: number; text?: string | undefined; did?: Did | undefined };

/** What only works in the page's own world; elsewhere the transport does it. */
export type World = { dialogs: typeof withDialogs; journal: Recorded };

/** Makes the engine of this document. */
export function newEngine(host: Host, world?: World): Engine {
  const memory: Memory = newMemory();
  const epoch = newEpoch();
  let count = 0;
  let last: Promise<unknown> = Promise.resolve();
  start();

  const acted = (el: Element | null, did?: Did) => {
    const box = el?.getBoundingClientRect();
    const at = box && { x: box.x, y: box.y, width: box.width, height: box.height };
    host.notify?.("acted", { id: ++count, at, did });
  };

  /** The revision that an answer names, and the difference where it is wanted. */
  function answer(done: { value?: unknown; note?: string; did?: Did }, notes: string[], from: number | undefined): Answer {
    const rebound = takeRebinds();
    const note = [done.note, ...notes, rebound.length > 0 ? `rebound ${rebound.join(", ")}` : undefined].filter(Boolean).join("; ");
    const { text, rev } = from === undefined ? { text: undefined, rev: memory.rev } : look({ since: from }, memory, epoch);
    return { rev, value: done.value, note: note || undefined, did: done.did, text };
  }

  const revNow = () => look({ budget: 20 }, memory, epoch).rev;

  async function mutating(p: { diff?: boolean; dialog?: string }, act: () => Promise<{ value?: unknown; note?: string; did?: Did }>): Promise<Answer> {
    const from = p.diff ? revNow() : undefined;
    const { value, notes } = world ? await world.dialogs(p.dialog, act) : { value: await act(), notes: [] };
    return answer(value, notes, from);
  }

  async function doAct(p: ActParams): Promise<Answer> {
    if (!isSteps(p.locator)) fail("bad_target", "locator is a list of steps");
    const args = [...(p.args ?? [])];
    const typed = valueOf(p.action === "fill" ? String(args[0]) : "", p);
    if (typed.secret !== "") args[0] = typed.value;
    const call: Call = { steps: p.locator, args, until: deadlineOf(timeoutOf(p)), host, acted, secret: typed.secret !== "" };
    const page = await pageAction(p.action, args, p.locator.length);
    if (page) return page;
    const known = await read(p.action, call);
    if (known) return { value: known.value, rev: memory.rev };
    return mutating(p, async () => (await mutate(p.action, call)) ?? fail("bad_step", `no action ${p.action}`));
  }

  async function pageAction(action: string, args: unknown[], steps: number): Promise<Answer | undefined> {
    if (steps > 0) return undefined;
    switch (action) {
      case "url":
        return { value: location.href, rev: memory.rev };
      case "title":
        return { value: document.title, rev: memory.rev };
      case "look": {
        const seen = look((args[0] ?? {}) as LookParams, memory, epoch);
        return { value: seen.text, rev: seen.rev };
      }
      case "goto":
        acted(null);
        location.assign(new URL(String(args[0]), location.href).href);
        return { rev: memory.rev };
      case "reload":
        acted(null);
        location.reload();
        return { rev: memory.rev };
      case "press":
        return undefined;
    }
    return fail("bad_step", `${action} needs a locator`);
  }

  function lookAt(p: LookParams): unknown {
    if (p.what === undefined || p.what === "page") return look(p, memory, epoch);
    const text = world ? world.journal(p.what, p.budget) : fail("bad_step", `this tab does not record ${p.what}`, "the transport answers what=console and what=network");
    return { text, rev: memory.rev, url: location.href, title: document.title, epoch };
  }

  /** What a target, or a locator of a recipe, means now. */
  function candidatesOf(p: { target?: unknown; locator?: unknown }): unknown {
    return withCache(() => {
      const found = query(isSteps(p.locator) ? p.locator : stepsOf(parseTarget(String(p.target ?? ""))));
      return { url: location.href, count: found.length, candidates: found.length === 0 ? [] : candidates(found).split("; ") };
    });
  }

  /** One mutating call at a time: the next waits for the one before. */
  function queued<T>(act: () => Promise<T>): Promise<T> {
    const next = last.then(act, act);
    last = next.catch(() => undefined);
    return next;
  }

  async function carry(method: string, params: unknown): Promise<unknown> {
    const p = (params ?? {}) as never;
    switch (method) {
      case "look":
        if ((p as LookParams).settle) await arrive(host);
        return lookAt(p);
      case "act":
        return queued(() => doAct(p));
      case "step":
        return queued(() => mutating(p, () => runStep({ p, host, acted })));
      case "expect":
        await expectation(p as ExpectParams);
        return {};
      case "resolve":
        return candidatesOf(p as { target?: unknown; locator?: unknown });
    }
    return fail("bad_step", `no call ${method}`);
  }

  return { epoch, dispatch: async (method, params) => (await intoFrame(host, method, params)) ?? carry(method, params) };
}

function timeoutOf(p: ActParams): unknown {
  const own = p.args?.find((arg): arg is { timeout: number } => typeof (arg as { timeout?: unknown } | null)?.timeout === "number");
  return own?.timeout ?? p.timeout_ms;
}

/** A chain that goes into a frame of another origin is carried out by the engine
 * in there; undefined where the chain stays in reach. */
async function intoFrame(host: Host, method: string, params: unknown): Promise<unknown> {
  const p = params as { locator?: Step[] } | null;
  const at = isSteps(p?.locator) ? p!.locator.findIndex((step) => step.by === "frame") : -1;
  if (at < 0 || !host.frame) return undefined;
  const owner = withCache(() => query([...p!.locator!.slice(0, at), { by: "css", css: p!.locator![at]!.css }]));
  const frame = owner.length === 1 ? (owner[0] as HTMLIFrameElement) : undefined;
  if (!frame || frame.contentDocument) return undefined;
  const index = Array.from({ length: window.length }, (_, i) => window[i]).indexOf(frame.contentWindow ?? undefined);
  return (await host.frame(index, method, { ...p, locator: p!.locator!.slice(at + 1) })) ?? {};
}
