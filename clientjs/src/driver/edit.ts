// Edits by script: execCommand gives the browser's own input events, and undo.

import { isTextField, viewOf } from "./kinds";
import { emit, setNative } from "./typing";

/** Announces an edit, which the page may refuse. execCommand tells only that it was
 * done, so this first half of the browser's pair is made here. */
export function mayEdit(el: Element, inputType: string, data: string | null = null): boolean {
  const view = viewOf(el);
  return el.dispatchEvent(new view.InputEvent("beforeinput", { bubbles: true, composed: true, cancelable: true, inputType, data }));
}

/** Carries out an editing command with the events of a person's edit. */
export function edit(el: Element, name: string, inputType: string, value?: string): boolean {
  return !mayEdit(el, inputType, value ?? null) || el.ownerDocument.execCommand(name, false, value);
}

/** Types `text` over what is selected in the focused element. */
export function insertByScript(el: HTMLElement, text: string): void {
  const done = text === "" ? edit(el, "delete", "deleteContentBackward") : edit(el, "insertText", "insertText", text);
  if (done || !isTextField(el)) return;
  const { value } = el;
  const [from, to] = [el.selectionStart ?? 0, el.selectionEnd ?? value.length];
  setNative(el, value.slice(0, from) + text + value.slice(to));
  emit(el, "input", text === "" ? "deleteContentBackward" : "insertText", text);
}
