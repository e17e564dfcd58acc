// Input goes one of two ways. In a tab that fazt opened the host sends real input,
// which pages cannot tell from a person's; elsewhere a script makes the events
// (script.ts), which the injected driver leaves out.
//
// Kinds of host.input, positions in the top viewport's CSS pixels:
//   move {x, y} · click {x, y, count, button, modifiers} · down/up {x, y, button}
//   key {keys} · text {text}

import type { Point } from "./actionable";
import { fail } from "./errors";
import { focusedIn, isElement, viewOf } from "./kinds";
import type { Host, ScriptInput } from "./wire";

export type Modifiers = { ctrlKey: boolean; shiftKey: boolean; altKey: boolean; metaKey: boolean };
export const NO_MODIFIERS: Modifiers = { ctrlKey: false, shiftKey: false, altKey: false, metaKey: false };

export function modifiersOf(names: unknown): Modifiers {
  const list = Array.isArray(names) ? names.map(String) : [];
  const control = list.includes("Control") || list.includes("ControlOrMeta");
  return { ctrlKey: control, shiftKey: list.includes("Shift"), altKey: list.includes("Alt"), metaKey: list.includes("Meta") };
}

export type ClickOptions = { count?: number; button?: "left" | "right" | "middle"; modifiers?: Modifiers };

/** Where a point of an element's document lies in the top one that can be seen. */
function topPoint(el: Element, at: Point): Point {
  let { x, y } = at;
  for (let owner = el.ownerDocument.defaultView?.frameElement; owner; owner = owner.ownerDocument.defaultView?.frameElement) {
    const box = owner.getBoundingClientRect();
    x += box.left + owner.clientLeft;
    y += box.top + owner.clientTop;
  }
  return { x, y };
}

/** The windows in whose documents a press may land by mistake: the one above all
 * that can be reached from the target's, and its frames. */
function windowsAround(view: Window): Window[] {
  let top = view;
  while (top.frameElement) top = top.frameElement.ownerDocument.defaultView!;
  const below = (one: Window): Window[] => [one, ...Array.from(one.document.querySelectorAll<HTMLIFrameElement>("iframe,frame")).flatMap((frame) => (frame.contentDocument ? below(frame.contentWindow!) : []))];
  return below(top);
}

/** Whether an element does not lie at a point of the top viewport any more. */
function strayed(el: Element, point: Point): boolean {
  const { left, top, width, height } = el.getBoundingClientRect();
  const { x, y } = topPoint(el, { x: left, y: top });
  return point.x < x || point.y < y || point.x > x + width || point.y > y + height;
}

const PRESSES = ["pointerdown", "mousedown", "pointerup", "mouseup", "click", "auxclick", "dblclick", "contextmenu"];

/** A real click through the host. The first event of it is checked where it
 * arrives: if another element slid under the pointer meanwhile, nothing of the
 * click reaches the page. If the target moves away between press and release, the
 * release is brought to it, since only both together make a click. */
async function trustedClick(host: Host, target: Element, at: Point, o: ClickOptions, accepts: (hit: Element) => boolean): Promise<void> {
  const point = topPoint(target, at);
  let wrong: Element | undefined;
  let seen = false;
  /** The pointer while it is down on the target, and what it was let go on instead. */
  let down: number | undefined;
  let elsewhere: Element | undefined;
  const check = (event: Event) => {
    if (!event.isTrusted) return;
    const path = event.composedPath()[0] as Node;
    const hit = isElement(path) ? path : viewOf(path).document.documentElement;
    if (!seen && event.type === "pointerdown") {
      seen = true;
      if (accepts(hit)) down = (event as PointerEvent).pointerId;
      else wrong = hit;
    } else if (event.type === "pointerup") {
      down = undefined;
      if (!accepts(hit)) elsewhere = hit;
    }
    if (wrong) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  };
  const shifts = new MutationObserver(() => {
    if (down !== undefined && target.isConnected && strayed(target, point)) target.setPointerCapture(down);
  });
  // A frame may have gone where its window cannot be reached when this ends.
  const ended = new AbortController();
  for (const one of windowsAround(viewOf(target))) {
    for (const type of PRESSES) one.addEventListener(type, check, { capture: true, passive: false, signal: ended.signal });
    shifts.observe(one.document, { subtree: true, childList: true, attributes: true });
  }
  try {
    await host.input!("click", { ...point, count: o.count ?? 1, button: o.button ?? "left", modifiers: o.modifiers ?? NO_MODIFIERS });
  } finally {
    shifts.disconnect();
    ended.abort();
  }
  if (wrong) fail("covered", `another element came under the pointer: <${wrong.localName}>`, "look again");
  if (!target.isConnected) return;
  // Not tried again: where a click went that did not arrive here is not known, and
  // a press alone may have done something.
  if (!seen) fail("unstable", `the click did not reach <${target.localName}>`, "look before you try again");
  if (elsewhere && strayed(target, point)) fail("unstable", `the press reached <${target.localName}>, its release <${elsewhere.localName}>`, "look before you try again");
}

/** Input by script, where the host has none of its own. */
function byScript(host: Host): ScriptInput {
  return host.script ?? fail("trusted_required", "this tab takes input only from its transport", "open the tab through fazt");
}

export async function clickOn(host: Host, target: Element, at: Point, o: ClickOptions, accepts: (hit: Element) => boolean): Promise<void> {
  return host.input ? trustedClick(host, target, at, o, accepts) : byScript(host).click(target, at, o);
}

export async function hoverAt(target: Element, at: Point, host: Host): Promise<void> {
  return host.input ? host.input("move", topPoint(target, at)) : byScript(host).hover(target, at);
}

/** Types `text` over what is selected in the focused element. */
export async function insertText(el: HTMLElement, text: string, host: Host): Promise<void> {
  return host.input ? host.input("text", { text }) : byScript(host).text(el, text);
}

/** Presses a key with its modifiers where the focus is. Who makes the input reads
 * the name of the key. */
export async function pressKeys(document: Document, keys: string, host: Host): Promise<void> {
  return host.input ? host.input("key", { keys }) : byScript(host).keys(document, keys);
}

/** Signs that have a key on a US keyboard: all of ASCII that can be printed. */
const HAS_KEY = /[ -~]/;

/** Types letter by letter, for pages that listen to keys. */
export async function typeKeys(document: Document, text: string, host: Host): Promise<void> {
  for (const char of text) {
    if (char === "\n" || HAS_KEY.test(char)) await pressKeys(document, char === "\n" ? "Enter" : char, host);
    else await insertText(focusedIn(document), char, host);
  }
}

export async function drag(source: Element, from: Point, target: Element, to: Point, host: Host): Promise<void> {
  const { input } = host;
  if (!input) return byScript(host).drag(source, from, target, to);
  await input("move", topPoint(source, from));
  await input("down", { ...topPoint(source, from), button: "left" });
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  for (const at of [middle, to, to]) await input("move", topPoint(target, at));
  return input("up", { ...topPoint(target, to), button: "left" });
}
