// The end of a drag, which files that come from outside have too.

import { hitAt, type Point } from "./actionable";
import { viewOf } from "./kinds";

type Mouse = { at: Point; buttons: number; transfer?: DataTransfer };

export function fire(target: Element, type: string, { at, buttons, transfer }: Mouse): boolean {
  const view = viewOf(target);
  const init = { bubbles: true, cancelable: true, composed: true, view, clientX: at.x, clientY: at.y, screenX: at.x, screenY: at.y, buttons, button: 0 };
  if (transfer) return target.dispatchEvent(new view.DragEvent(type, { ...init, dataTransfer: transfer }));
  if (type.startsWith("pointer")) return target.dispatchEvent(new view.PointerEvent(type, { ...init, pointerId: 1, pointerType: "mouse", isPrimary: true }));
  return target.dispatchEvent(new view.MouseEvent(type, { ...init, detail: 1 }));
}

/** Drops what is carried on what target shows at a place, if that takes it. */
export function dropOn(target: Element, at: Point, transfer: DataTransfer, buttons: number): boolean {
  const over = hitAt(target.ownerDocument, at) ?? target;
  fire(over, "dragenter", { at, buttons, transfer });
  const taken = !fire(over, "dragover", { at, buttons, transfer });
  fire(over, taken ? "drop" : "dragleave", { at, buttons: taken ? 0 : buttons, transfer });
  return taken;
}
