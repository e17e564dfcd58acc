// One action on what a locator means: resolve, wait until it can be acted on, act,
// settle. Everything before the effect is retried until the deadline, nothing
// after it ever is.

import { needAttached, needEditable, needEnabled, needHit, needStable, needVisible, reach, middleOf, standsFor, type Point } from "./actionable";
import { changeOr, deadline, retry, type Deadline } from "./clock";
import { nounOf } from "./describe";
import { EngineError, fail, mayPass } from "./errors";
import { fileField, selectOptions, setFiles } from "./fields";
import { clickOn, drag, hoverAt, modifiersOf, pressKeys, typeKeys, type ClickOptions } from "./input";
import { activeOf, isCheckable, isInput, isSelect, isTextField, labelled, labelsOf } from "./kinds";
import { before, settle } from "./settle";
import { oneOf } from "./target";
import { fill } from "./typing";
import { statesOf } from "./states";
import { isVisible } from "./visible";
import { isSteps, type Host, type Step } from "./wire";
import { withCache } from "./cache";
import { asleep } from "./asleep";

export type Call = { steps: Step[]; args: unknown[]; until: Deadline; host: Host; acted: (el: Element | null) => void; secret?: boolean };

type Options = { position?: Point; button?: ClickOptions["button"]; modifiers?: unknown; force?: boolean; clickCount?: number; state?: string; delay?: number };

function optionsOf(value: unknown): Options {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Options) : {};
}

export const DEFAULT_TIMEOUT_MS = 5_000;

export function resolve(steps: Step[]): Element {
  return withCache(() => oneOf(steps));
}

/** Retries what must hold before an action; the effect itself comes after. */
async function ready<T>(call: Call, attempt: (el: Element) => T | Promise<T>): Promise<T> {
  return retry(call.until, async () => attempt(resolve(call.steps)), mayPass).catch((error: unknown) => {
    throw asleep(error, call.until);
  });
}

/** Announces the action, so that the server knows it may have happened, then
 * carries it out and waits for what it started. */
async function effect<T>(call: Call, el: Element | null, light: boolean, act: () => T | Promise<T>): Promise<T> {
  const was = await before(call.host);
  call.acted(el);
  const value = await act();
  await settle(was, call.host, light);
  return value;
}

type Place = { el: Element; at: Point };

async function clickable(call: Call, options: Options, pick: (el: Element) => Element = (el) => el): Promise<Place> {
  return ready(call, async (found) => {
    const el = pick(found);
    if (options.force === true) {
      needAttached(el);
      const at = middleOf(el, options.position) ?? fail("hidden", `${nounOf(el)} is not in view`);
      return { el, at };
    }
    needVisible(el);
    needEnabled(el);
    await needStable(el);
    return withCache(() => ({ el, at: reach(el, options.position) }));
  });
}

async function press(call: Call, { el, at }: Place, o: ClickOptions, force: boolean): Promise<void> {
  // Between the last test and here the page may have run: test once more, in the
  // same turn as the events of a script.
  if (!call.host.input && !force) {
    needAttached(el);
    needHit(el, at);
  }
  return clickOn(call.host, el, at, o, (hit) => force || standsFor(el, hit));
}

async function click(call: Call, count: number): Promise<void> {
  const options = optionsOf(call.args[0]);
  const o: ClickOptions = { count: options.clickCount ?? count, modifiers: modifiersOf(options.modifiers), ...(options.button ? { button: options.button } : {}) };
  await attempt(call, async () => {
    const place = await clickable(call, options);
    await effect(call, place.el, false, () => press(call, place, o, options.force === true));
  });
}

/** A last test that failed before any event was sent is a try like the others. */
async function attempt(call: Call, act: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      const again = error instanceof EngineError && error.code === "covered" && !call.until.passed();
      if (!again) throw error;
    }
    await changeOr(50);
  }
}

function isOn(el: Element): boolean {
  return isCheckable(el) ? el.checked : statesOf(el).checked === true || statesOf(el).pressed === true;
}

/** What a hand would click to turn the control: itself, or its label where the
 * control is drawn by other means. */
function handleOf(el: Element): Element {
  const control = labelled(el);
  if (!isCheckable(control) || isVisible(control)) return control;
  return labelsOf(control).find(isVisible) ?? control;
}

async function setChecked(call: Call, on: boolean): Promise<void> {
  const options = optionsOf(call.args[0]);
  const control = () => labelled(resolve(call.steps));
  await ready(call, (el) => {
    const target = labelled(el);
    if (!isCheckable(target) && statesOf(target).checked === undefined) fail("bad_target", `${nounOf(target)} is nothing to check`, "use click");
    if (!on && isInput(target, "radio") && target.checked) fail("bad_target", "a radio button cannot be unchecked", "check another of its group");
  });
  if (isOn(control()) === on) return;
  await attempt(call, async () => {
    const place = await clickable(call, options, handleOf);
    await effect(call, place.el, false, () => press(call, place, {}, options.force === true));
  });
  await retry(call.until, () => {
    if (isOn(control()) !== on) fail("unstable", `${nounOf(control())} did not stay ${on ? "" : "un"}checked`, "look: the page may refuse it");
  }, mayPass);
}

async function fillField(call: Call, value: string): Promise<void> {
  const el = await ready(call, (found) => {
    const field = labelled(found);
    needVisible(field);
    needEnabled(field);
    needEditable(field);
    return field as HTMLElement;
  });
  if (isSelect(el)) return void (await effect(call, el, true, () => selectOptions(el, value)));
  el.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
  await effect(call, el, true, () => fill(el, value, call.host, call.secret === true));
}

async function select(call: Call): Promise<unknown> {
  const el = await ready(call, (found) => {
    const field = labelled(found);
    if (!isSelect(field)) fail("bad_target", `${nounOf(field)} is no native select`, "click it, then click the option");
    needVisible(field);
    needEnabled(field);
    checkOptions(field as HTMLSelectElement, call.args[0]);
    return field;
  });
  return effect(call, el, false, () => selectOptions(el, call.args[0]));
}

/** A missing option may still be loading: it is looked for on an empty copy. */
function checkOptions(select: HTMLSelectElement, values: unknown): void {
  const list = Array.isArray(values) ? values : [values];
  for (const one of list) {
    if (typeof one === "string" && select.options.length === 0) fail("no_option", `${nounOf(select)} has no options yet`);
  }
}

async function focused(call: Call): Promise<HTMLElement> {
  const el = await ready(call, (found) => {
    const target = labelled(found) as HTMLElement;
    needAttached(target);
    return target;
  });
  if (activeOf(el.ownerDocument) !== el) el.focus({ preventScroll: false });
  return el;
}

async function pressIn(call: Call, keys: string): Promise<void> {
  if (call.steps.length === 0) return effect(call, activeOf(document), false, () => pressKeys(document, keys, call.host));
  const el = await focused(call);
  await effect(call, el, false, () => pressKeys(el.ownerDocument, keys, call.host));
}

async function type(call: Call, text: string): Promise<void> {
  const el = await focused(call);
  if (isTextField(el) && el.selectionStart === 0 && el.value !== "" && document.activeElement !== el) el.setSelectionRange?.(el.value.length, el.value.length);
  await effect(call, el, true, () => typeKeys(el.ownerDocument, text, call.host));
}

async function dragTo(call: Call): Promise<void> {
  const goal = call.args[0] as { locator?: unknown } | undefined;
  const steps = goal?.locator;
  if (!isSteps(steps)) return fail("bad_step", "dragTo needs a locator to drop on");
  const options = optionsOf(call.args[1]) as { sourcePosition?: Point; targetPosition?: Point };
  const source = await clickable(call, options.sourcePosition ? { position: options.sourcePosition } : {});
  const target = await clickable({ ...call, steps }, options.targetPosition ? { position: options.targetPosition } : {});
  const from = middleOf(source.el, options.sourcePosition) ?? source.at;
  await effect(call, source.el, false, () => drag(source.el, from, target.el, target.at, call.host));
}

/** Playwright's waitFor: attached, detached, visible or hidden. */
async function waitFor(call: Call): Promise<void> {
  const state = optionsOf(call.args[0]).state ?? "visible";
  await retry(call.until, () => {
    if (state === "attached") return void resolve(call.steps);
    if (state === "visible") return needVisible(resolve(call.steps));
    let el: Element;
    try {
      el = resolve(call.steps);
    } catch (error) {
      if (error instanceof EngineError && (error.code === "no_match" || error.code === "gone")) return;
      throw error;
    }
    if (state === "detached" || isVisible(el)) fail("timeout", `${nounOf(el)} is still there`, "raise the time to wait");
  }, (error) => mayPass(error) || (error instanceof EngineError && error.code === "timeout"));
}

function text(value: unknown, action: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  return fail("bad_step", `${action} needs a string`);
}

type Action = (call: Call) => Promise<unknown>;

const filling = (action: string): Action => (call) => fillField(call, action === "clear" ? "" : text(call.args[0], action));

/** What may change the page, by Playwright's names; only a choice has a value. */
const ACTIONS: Record<string, Action> = {
  click: (call) => click(call, 1),
  dblclick: (call) => click(call, 2),
  fill: filling("fill"),
  clear: filling("clear"),
  check: (call) => setChecked(call, true),
  uncheck: (call) => setChecked(call, false),
  selectOption: select,
  press: (call) => pressIn(call, text(call.args[0], "press")),
  pressSequentially: (call) => type(call, text(call.args[0], "pressSequentially")),
  hover: async (call) => {
    const { el, at } = await clickable(call, optionsOf(call.args[0]));
    await effect(call, el, false, () => hoverAt(el, at, call.host));
  },
  focus: (call) => effect(call, null, true, () => void focused(call)),
  blur: async (call) => {
    const el = await ready(call, (found) => found as HTMLElement);
    await effect(call, el, true, () => el.blur());
  },
  setInputFiles: async (call) => {
    const found = await ready(call, (one) => (needEnabled(labelled(one)), one));
    const { el, at }: Partial<Place> & { el: Element } = fileField(found) ? { el: found } : await clickable(call, {});
    await effect(call, el, false, () => setFiles(el, call.args[0], at));
  },
  dragTo,
  scrollIntoViewIfNeeded: (call) => ready(call, (el) => (needAttached(el), el.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" }))),
  waitFor,
};

/** Carries out an action that may change the page; undefined if there is none of
 * that name. */
export async function mutate(action: string, call: Call): Promise<{ value?: unknown } | undefined> {
  const act = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (!act) return undefined;
  const value = await act(call);
  return value === undefined ? {} : { value };
}

export function deadlineOf(ms: unknown): Deadline {
  return deadline(typeof ms === "number" && ms >= 0 ? ms : DEFAULT_TIMEOUT_MS);
}

