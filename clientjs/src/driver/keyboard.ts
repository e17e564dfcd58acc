// Keys by script: their events, and what a browser does with them by itself.

import { edit, insertByScript, mayEdit } from "./edit";
import { fail } from "./errors";
import { keyOf, parseKeys, type Chord } from "./keynames";
import { elementsBelow, focusedIn, isCheckable, isEditableHost, isTag, isInput, isSelect, isTextarea, isTextField, viewOf } from "./kinds";
import { isFocusable } from "./pointer";
import { emit, setNative } from "./typing";
import { isVisible } from "./visible";

function dispatchKey(target: Element, type: string, chord: Chord): boolean {
  const view = viewOf(target);
  const { key, code, keyCode, ctrlKey, shiftKey, altKey, metaKey } = chord;
  const charCode = type === "keypress" ? (chord.text ?? "").charCodeAt(0) : 0;
  const which = type === "keypress" ? charCode : keyCode;
  const init = { key, code, keyCode: which, charCode, which, ctrlKey, shiftKey, altKey, metaKey, bubbles: true, cancelable: true, composed: true, view };
  return target.dispatchEvent(new view.KeyboardEvent(type, init));
}

/** Presses a chord such as `Control+A` where the focus is. */
export function pressByScript(document: Document, keys: string): void {
  const chord = parseKeys(keys);
  const held = (["Control", "Shift", "Alt", "Meta"] as const).filter((name) => chord[MODIFIER[name]]);
  for (const name of held) dispatchKey(focusedIn(document), "keydown", { ...chord, ...keyOf(name, false) });
  const target = focusedIn(document);
  let proceed = dispatchKey(target, "keydown", chord);
  const typed = chord.text !== undefined && !chord.ctrlKey && !chord.metaKey && !chord.altKey;
  if (proceed && typed) proceed = dispatchKey(focusedIn(document), "keypress", chord);
  if (proceed) byDefault(focusedIn(document), chord);
  const after = focusedIn(document);
  const released = dispatchKey(after, "keyup", chord);
  if (released && proceed && chord.key === " " && after === target) activate(after, true);
  for (const name of held.reverse()) dispatchKey(focusedIn(document), "keyup", { ...chord, ...keyOf(name, false) });
}

const MODIFIER = { Control: "ctrlKey", Shift: "shiftKey", Alt: "altKey", Meta: "metaKey" } as const;

function byDefault(el: HTMLElement, chord: Chord): void {
  if (chord.ctrlKey || chord.metaKey) return shortcut(el, chord);
  switch (chord.key) {
    case "Tab":
      return tab(el, chord.shiftKey);
    case "Enter":
      return enter(el);
    case "Escape":
      return escape(el.ownerDocument);
    case "Backspace":
      return void (types(el) && edit(el, "delete", "deleteContentBackward"));
    case "Delete":
      return void (types(el) && edit(el, "forwardDelete", "deleteContentForward"));
  }
  if (/^(Arrow|Home|End|Page)/.test(chord.key)) return move(el, chord);
  if (chord.text !== undefined && !chord.altKey && types(el)) insertByScript(el, chord.text);
}

function types(el: Element): boolean {
  return (isTextField(el) && !el.readOnly && !el.disabled) || isEditableHost(el);
}

function shortcut(el: HTMLElement, chord: Chord): void {
  const document = el.ownerDocument;
  switch (chord.key.toLowerCase()) {
    case "a":
      return isTextField(el) ? el.select() : void document.execCommand("selectAll");
    case "z":
      return void document.execCommand(chord.shiftKey ? "redo" : "undo");
    case "y":
      return void document.execCommand("redo");
    case "b":
    case "i":
    case "u":
      if (isEditableHost(el)) document.execCommand({ b: "bold", i: "italic", u: "underline" }[chord.key.toLowerCase()]!);
      return;
    case "c":
    case "x":
    case "v":
      fail("trusted_required", `the clipboard needs real input for ${chord.key}`, "fill the value instead, or work in a tab that fazt opened");
  }
}

/** Enter where it activates: buttons and links by click, fields by submitting
 * their form (HTML, "implicit submission"), text areas by a new line. */
function enter(el: HTMLElement): void {
  if (isTextarea(el)) return void edit(el, "insertLineBreak", "insertLineBreak");
  if (isEditableHost(el)) return void edit(el, "insertParagraph", "insertParagraph");
  if (isInput(el) && !isInput(el, "button", "submit", "reset", "image", "file", "color")) return submitFrom(el);
  activate(el, false);
}

function submitFrom(input: HTMLInputElement): void {
  if (isTextField(input) && !mayEdit(input, "insertLineBreak")) return;
  const { form } = input;
  if (!form) return;
  const submits = Array.from(form.elements).find((one): one is HTMLButtonElement => isTag(one, "button", "input") && /^(submit|image)$/.test((one as HTMLButtonElement).type));
  if (submits) return submits.disabled ? undefined : submits.click();
  const blocking = Array.from(form.elements).filter((one) => isTextField(one) && !isTextarea(one));
  if (blocking.length <= 1) form.requestSubmit();
}

/** What Enter or Space does on a focused control. */
function activate(el: HTMLElement, space: boolean): void {
  const button = isTag(el, "button", "summary") || isInput(el, "button", "submit", "reset", "image", "color", "file");
  const link = isTag(el, "a", "area") && el.hasAttribute("href");
  if (button || (!space && link) || (space && isCheckable(el))) el.click();
}

/** The order of Tab within a document: positive indexes first, then tree order. */
function tabOrder(document: Document): HTMLElement[] {
  const dialogs = Array.from(document.querySelectorAll("dialog:modal"));
  const root = dialogs.at(-1) ?? document;
  const all = elementsBelow(root).filter((el): el is HTMLElement => isFocusable(el) && (el as HTMLElement).tabIndex >= 0 && isVisible(el) && !el.closest("[inert]"));
  const usable = all.filter((el) => !isInput(el, "radio") || el.checked || !groupOf(el).some((one) => one.checked));
  return usable
    .map((el, index) => ({ el, index, tab: el.tabIndex > 0 ? el.tabIndex : Infinity }))
    .sort((a, b) => (a.tab === b.tab ? a.index - b.index : a.tab - b.tab))
    .map(({ el }) => el);
}

function tab(el: HTMLElement, back: boolean): void {
  const order = tabOrder(el.ownerDocument);
  const at = order.indexOf(el);
  const next = at < 0 ? (back ? order.at(-1) : order[0]) : order[at + (back ? -1 : 1)];
  if (!next) return el.blur();
  next.focus();
  if (isInput(next) && isTextField(next)) next.select();
}

/** Escape closes the topmost modal dialog or popover unless the page objects. */
function escape(document: Document): void {
  const popover = Array.from(document.querySelectorAll<HTMLElement>(":popover-open")).at(-1);
  if (popover && popover.popover === "auto") return popover.hidePopover();
  const dialog = Array.from(document.querySelectorAll<HTMLDialogElement>("dialog:modal")).at(-1);
  if (!dialog) return;
  if (dialog.dispatchEvent(new (viewOf(dialog).Event)("cancel", { cancelable: true }))) dialog.close();
}

function groupOf(radio: HTMLInputElement): HTMLInputElement[] {
  const root = (radio.form ?? radio.getRootNode()) as ParentNode;
  return Array.from(root.querySelectorAll<HTMLInputElement>("input[type=radio]")).filter((one) => one.name === radio.name && one.form === radio.form && !one.disabled);
}

function move(el: HTMLElement, chord: Chord): void {
  const forward = /Right|Down|End/.test(chord.key);
  if (isInput(el, "radio")) {
    const group = groupOf(el);
    const next = group[(group.indexOf(el) + (forward ? 1 : -1) + group.length) % group.length];
    next?.focus();
    return next?.click();
  }
  if (isSelect(el)) return moveSelect(el, chord.key);
  if (isInput(el, "number", "range") && (el.type === "range" || /Up|Down/.test(chord.key))) return stepBy(el, chord.key);
  if (isTextField(el) || isEditableHost(el)) return moveCaret(el, chord);
  viewOf(el).scrollBy({ top: /Down/.test(chord.key) ? 40 : /Up/.test(chord.key) ? -40 : 0 });
}

function moveSelect(select: HTMLSelectElement, key: string): void {
  const options = Array.from(select.options).filter((option) => !option.disabled);
  const at = options.indexOf(select.selectedOptions[0]!);
  const to = key === "Home" ? 0 : key === "End" ? options.length - 1 : at + (/Down|Right/.test(key) ? 1 : -1);
  const next = options[to];
  if (!next || next.selected) return;
  setNative(select, next.value);
  next.selected = true;
  emit(select, "input");
  emit(select, "change");
}

function stepBy(input: HTMLInputElement, key: string): void {
  const was = input.value;
  if (key === "Home" && input.type === "range") setNative(input, input.min || "0");
  else if (key === "End" && input.type === "range") setNative(input, input.max || "100");
  else if (/Up|Right/.test(key)) input.stepUp();
  else input.stepDown();
  if (input.value === was) return;
  emit(input, "input");
  emit(input, "change");
}

function moveCaret(el: HTMLElement, { key, shiftKey, altKey }: Chord): void {
  const selection = el.ownerDocument.getSelection();
  const forward = /Right|Down|End/.test(key);
  const unit = /Home|End/.test(key) ? "lineboundary" : /Up|Down|Page/.test(key) ? "line" : altKey ? "word" : "character";
  selection?.modify(shiftKey ? "extend" : "move", forward ? "forward" : "backward", unit);
}
