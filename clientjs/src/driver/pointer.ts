// The pointer by script, with the events that a browser makes: `isTrusted` is
// false for them, while what follows from clicks (input, change, submit) is the
// browser's own.

import { hitAt, type Point } from "./actionable";
import { flatParent } from "./dom";
import { fail } from "./errors";
import { NO_MODIFIERS, type ClickOptions, type Modifiers } from "./input";
import { activeOf, holds, isEditableHost, isElement, isHTML, isTag, viewOf } from "./kinds";

let over: Element | null = null;

type MouseOptions = { at: Point; detail?: number; button?: number; buttons?: number; modifiers?: Modifiers; related?: Element | null };

function dispatchMouse(target: Element, type: string, o: MouseOptions): boolean {
  const view = viewOf(target);
  const pointer = type.startsWith("pointer") || type === "click" || type === "contextmenu" || type === "auxclick";
  const enters = /enter$|leave$/.test(type);
  const moves = /over$|out$|enter$|leave$|move$/.test(type);
  const init: PointerEventInit = {
    bubbles: !enters,
    cancelable: !enters,
    composed: !enters,
    view,
    detail: o.detail ?? 0,
    clientX: o.at.x,
    clientY: o.at.y,
    screenX: o.at.x + view.screenX,
    screenY: o.at.y + view.screenY,
    button: o.button ?? (type.startsWith("pointer") && moves ? -1 : 0),
    buttons: o.buttons ?? 0,
    relatedTarget: o.related ?? null,
    ...(o.modifiers ?? NO_MODIFIERS),
  };
  if (pointer) Object.assign(init, { pointerId: 1, pointerType: "mouse", isPrimary: type !== "click", width: 1, height: 1, pressure: o.buttons ? 0.5 : 0 });
  return target.dispatchEvent(pointer ? new view.PointerEvent(type, init) : new view.MouseEvent(type, init));
}

function ancestors(el: Element | null): Element[] {
  const list: Element[] = [];
  for (let up = el; up; up = flatParent(up)) list.push(up);
  return list;
}

/** The pointer's way to `target`: boundary events as the UI Events specification
 * orders them: those of the pointer, those of the mouse, then the moves. */
export function moveTo(target: Element, at: Point, modifiers = NO_MODIFIERS, buttons = 0): void {
  const from = over?.isConnected && over.ownerDocument === target.ownerDocument ? over : null;
  const o = { at, modifiers, buttons };
  if (from !== target) {
    const old = ancestors(from);
    const now = ancestors(target);
    const left = old.filter((el) => !now.includes(el));
    const entered = now.filter((el) => !old.includes(el)).reverse();
    for (const kind of ["pointer", "mouse"]) {
      if (from) {
        dispatchMouse(from, `${kind}out`, { ...o, related: target });
        for (const el of left) dispatchMouse(el, `${kind}leave`, { ...o, related: target });
      }
      dispatchMouse(target, `${kind}over`, { ...o, related: from });
      for (const el of entered) dispatchMouse(el, `${kind}enter`, { ...o, related: from });
    }
  }
  dispatchMouse(target, "pointermove", o);
  dispatchMouse(target, "mousemove", o);
  over = target;
}

/** Whether a click on the element gives it the focus. */
export function isFocusable(el: Element): boolean {
  if (!isHTML(el)) return isElement(el) && (el as SVGElement).tabIndex >= 0;
  if ((el as HTMLButtonElement).disabled === true) return false;
  return el.tabIndex >= 0 || el.hasAttribute("tabindex") || isEditableHost(el);
}

/** What pressing the mouse does by itself: the focus moves (HTML, "click focus"). */
function focusFrom(target: Element): void {
  const focusable = ancestors(target).find(isFocusable) as HTMLElement | undefined;
  const active = activeOf(target.ownerDocument) as HTMLElement | null;
  if (focusable) {
    if (focusable !== active) focusable.focus({ preventScroll: true });
  } else if (!isTag(target, "label") && active && active !== target.ownerDocument.body) active.blur();
}

const BUTTONS = { left: [0, 1], middle: [1, 4], right: [2, 2] } as const;

/** One press and release. The hit element takes the events, not the target that
 * was asked for: as with a hand, handlers may stand on either. */
function pressOnce(hit: Element, at: Point, detail: number, o: ClickOptions): void {
  const [button, buttons] = BUTTONS[o.button ?? "left"];
  const modifiers = o.modifiers ?? NO_MODIFIERS;
  const down = { at, button, buttons, modifiers };
  const compatible = dispatchMouse(hit, "pointerdown", down);
  const proceed = compatible ? dispatchMouse(hit, "mousedown", { ...down, detail }) : true;
  if (proceed && hit.isConnected) focusFrom(hit);
  if (button === 2) dispatchMouse(hit, "contextmenu", { at, button, buttons, modifiers });
  const released = hit.isConnected ? (hitAt(hit.ownerDocument, at) ?? hit) : null;
  if (!released) fail("detached", "the element was replaced while it was pressed", "look: the press may have had an effect");
  dispatchMouse(released!, "pointerup", { at, button, modifiers });
  if (compatible) dispatchMouse(released!, "mouseup", { at, button, detail, modifiers });
  const clicked = common(hit, released!);
  if (clicked && button === 0) dispatchMouse(clicked, "click", { at, button, detail, modifiers });
  else if (clicked) dispatchMouse(clicked, "auxclick", { at, button, detail, modifiers });
}

/** A click goes to the nearest element that was both pressed and released. */
function common(pressed: Element, released: Element): Element | null {
  return ancestors(pressed).find((el) => holds(el, released)) ?? null;
}

export function clickAt(target: Element, at: Point, o: ClickOptions): void {
  const hit = hitAt(target.ownerDocument, at) ?? target;
  moveTo(hit, at, o.modifiers);
  const count = o.count ?? 1;
  for (let detail = 1; detail <= count; detail++) pressOnce(hit, at, detail, o);
  if (count === 2 && hit.isConnected) dispatchMouse(hit, "dblclick", { at, detail: 2, modifiers: o.modifiers ?? NO_MODIFIERS });
}
