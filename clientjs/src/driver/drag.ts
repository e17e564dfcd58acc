// Drag and drop by script: HTML's for elements that are draggable, else the pointer's way
// from one element to the other with the button held.

import { hitAt, type Point } from "./actionable";
import { frame } from "./clock";
import { carry, dropOn, mouseInit, type Mouse } from "./drop";
import { viewOf } from "./kinds";
import { moveTo } from "./pointer";

function fire(target: Element, type: string, mouse: Mouse): boolean {
  const view = viewOf(target);
  const init = mouseInit(view, mouse);
  if (type.startsWith("pointer")) return target.dispatchEvent(new view.PointerEvent(type, { ...init, pointerId: 1, pointerType: "mouse", isPrimary: true }));
  return target.dispatchEvent(new view.MouseEvent(type, { ...init, detail: 1 }));
}

function draggable(el: Element): HTMLElement | null {
  const found = el.closest<HTMLElement>("[draggable=true],a[href],img");
  return found && found.draggable ? found : null;
}

export async function dragByScript(source: Element, from: Point, target: Element, to: Point): Promise<void> {
  const hit = hitAt(source.ownerDocument, from) ?? source;
  moveTo(hit, from);
  const pressed = fire(hit, "pointerdown", { at: from, buttons: 1 });
  const proceed = pressed ? fire(hit, "mousedown", { at: from, buttons: 1 }) : true;
  const item = draggable(source);
  if (item && proceed) return dragItem(item, from, target, to);
  await slide(source.ownerDocument, hit, from, to);
}

/** HTML, "drag-and-drop processing model", in its order of events. */
function dragItem(item: HTMLElement, from: Point, target: Element, to: Point): void {
  const transfer = new DataTransfer();
  transfer.effectAllowed = "all";
  if (!carry(item, "dragstart", { at: from, buttons: 1 }, transfer)) return;
  fire(item, "pointercancel", { at: from, buttons: 0 });
  carry(item, "drag", { at: to, buttons: 1 }, transfer);
  dropOn(target, to, transfer, 1);
  carry(item, "dragend", { at: to, buttons: 0 }, transfer);
}

/** Pages that follow the pointer draw between its events. */
async function slide(document: Document, first: Element, from: Point, to: Point): Promise<void> {
  const STEPS = 4;
  for (let i = 1; i <= STEPS; i++) {
    const at = { x: from.x + ((to.x - from.x) * i) / STEPS, y: from.y + ((to.y - from.y) * i) / STEPS };
    moveTo(hitAt(document, at) ?? first, at, undefined, 1);
    await frame();
  }
  const end = hitAt(document, to) ?? first;
  fire(end, "pointerup", { at: to, buttons: 0 });
  fire(end, "mouseup", { at: to, buttons: 0 });
}
