// Text into fields. execCommand gives the browser's own beforeinput and input
// events and an undo step; where it is refused the value is set past any setter
// that a framework put on the element, which is how frameworks notice it.

import { fail } from "./errors";
import { nounOf } from "./describe";
import { insertText } from "./input";
import { editingHost, isEditableHost, isPickerField, isTextField, viewOf, activeOf } from "./kinds";
import { setRedacted } from "./redact";
import type { Host } from "./wire";

type Field = HTMLInputElement | HTMLTextAreaElement;

/** Sets the value as a person's input would: by the prototype's setter, since a
 * framework's own on the element would take it for its own doing. */
export function setNative(field: Field | HTMLSelectElement, value: string): void {
  let proto: object | null = Object.getPrototypeOf(field) as object;
  while (proto && !Object.getOwnPropertyDescriptor(proto, "value")) proto = Object.getPrototypeOf(proto) as object;
  Object.getOwnPropertyDescriptor(proto ?? {}, "value")!.set!.call(field, value);
}

export function emit(el: Element, type: "input" | "change", inputType?: string, data?: string): void {
  const view = viewOf(el);
  const init = { bubbles: true, composed: type === "input" };
  el.dispatchEvent(inputType === undefined ? new view.Event(type, init) : new view.InputEvent(type, { ...init, inputType, data: data ?? null }));
}

function selectAll(el: HTMLElement): void {
  if (isTextField(el)) return el.select();
  const selection = el.ownerDocument.getSelection();
  selection?.selectAllChildren(el);
}

function hasFocus(el: Element): boolean {
  return activeOf(el.ownerDocument) === el;
}

/** What the field's type accepts, so that a wrong value is an error and not "". */
function checkValue(field: HTMLInputElement, value: string): void {
  if (value === "") return;
  const probe = field.ownerDocument.createElement("input");
  probe.type = field.type;
  for (const name of ["min", "max", "step"]) if (field.type === "range" && field.hasAttribute(name)) probe.setAttribute(name, field.getAttribute(name)!);
  probe.value = value;
  const same = field.type === "color" ? probe.value === value.toLowerCase() : field.type === "range" ? Number(probe.value) === Number(value) : probe.value === value;
  if (!same) fail("bad_step", `${nounOf(field)} does not take ${JSON.stringify(value)}`, FORMS[field.type] ?? "give a value that the field accepts");
}

const FORMS: Record<string, string> = {
  date: "a date is YYYY-MM-DD",
  time: "a time is HH:MM",
  "datetime-local": "a date with time is YYYY-MM-DDTHH:MM",
  month: "a month is YYYY-MM",
  week: "a week is YYYY-Www",
  color: "a colour is #rrggbb",
  range: "a number within the slider's range and steps",
  number: "a number, such as 12.5",
};

/** Replaces all content of a field and leaves it focused, as a person would. */
export async function fill(el: HTMLElement, value: string, host: Host, secret: boolean): Promise<void> {
  if (secret) setRedacted(el);
  if (isPickerField(el)) return pick(el, value);
  if (!isTextField(el) && !isEditableHost(el)) fail("readonly", `${nounOf(el)} is no field that can be filled`, "name the field itself");
  if (isTextField(el) && (el as HTMLInputElement).type === "number") checkValue(el as HTMLInputElement, value);
  const area = isTextField(el) ? el : editingHost(el);
  area.focus({ preventScroll: true });
  selectAll(area);
  if (isTextField(area) && area.value === "" && value === "") return;
  if (host.input && value === "") await host.input("key", { keys: "Delete" });
  else await insertText(area, value, host);
  if (isTextField(area) && area.value !== value && hasFocus(area) && area.value === "") force(area, value);
}

/** Where typing had no effect at all, such as in a document without focus. */
function force(field: Field, value: string): void {
  setNative(field, value);
  emit(field, "input", "insertText", value);
  emit(field, "change");
}

function pick(field: HTMLInputElement, value: string): void {
  checkValue(field, value);
  field.focus({ preventScroll: true });
  if (field.value === value) return;
  setNative(field, value);
  emit(field, "input");
  emit(field, "change");
}
