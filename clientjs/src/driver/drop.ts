// The end of a drag, which files that come from outside have too.

import { hitAt, type Point } from "./actionable";
import { viewOf } from "./kinds";

export type Mouse = { at: Point; buttons: number };

export function mouseInit(view: Window, { at, buttons }: Mouse): MouseEventInit {
  return { bubbles: true, cancelable: true, composed: true, view, clientX: at.x, clientY: at.y, screenX: at.x, screenY: at.y, buttons, button: 0 };
}

/** One event of a drag; false where it was cancelled. */
export function carry(target: Element, type: string, mouse: Mouse, dataTransfer: DataTransfer): boolean {
  const view = viewOf(target);
  return target.dispatchEvent(new view.DragEvent(type, { ...mouseInit(view, mouse), dataTransfer }));
}

/** Drops what is carried on what target shows at a place, if that takes it. */
export function dropOn(target: Element, at: Point, transfer: DataTransfer, buttons: number): boolean {
  const over = hitAt(target.ownerDocument, at) ?? target;
  carry(over, "dragenter", { at, buttons }, transfer);
  const taken = !carry(over, "dragover", { at, buttons }, transfer);
  carry(over, taken ? "drop" : "dragleave", { at, buttons: taken ? 0 : buttons }, transfer);
  return taken;
}
