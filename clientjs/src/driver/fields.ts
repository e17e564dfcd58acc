// Choosing: options of selects, files, and boxes that are checked.

import { needHit, type Point } from "./actionable";
import { dropOn } from "./drop";
import { fail } from "./errors";
import { nounOf } from "./describe";
import { isInput, isSelect, labelled } from "./kinds";
import { roleOf } from "./roles";
import { normalize, quoted } from "./words";
import { emit } from "./typing";
import { isRegexForm, type FileForm } from "./wire";

type Wanted = { value?: string; label?: string; index?: number; either?: string };

function wantedOf(values: unknown): Wanted[] {
  const list = values === null || values === undefined ? [] : Array.isArray(values) ? values : [values];
  return list.map((one) => (typeof one === "object" && one !== null && !isRegexForm(one) ? (one as Wanted) : { either: String(one) }));
}

function fits(option: HTMLOptionElement, wanted: Wanted): boolean {
  const label = normalize(option.label || option.text);
  if (wanted.either !== undefined) return option.value === wanted.either || label === normalize(wanted.either);
  if (wanted.index !== undefined) return option.index === wanted.index;
  return (
    (wanted.value === undefined || option.value === wanted.value) && (wanted.label === undefined || label === normalize(wanted.label))
  );
}

/** The one option meant: exactly by value or label, else the only one whose label
 * contains the words. */
function optionFor(select: HTMLSelectElement, wanted: Wanted): HTMLOptionElement {
  const options = Array.from(select.options);
  const exact = options.find((option) => fits(option, wanted));
  if (exact) {
    if (exact.disabled) fail("disabled", `option ${quoted(exact.label)} of ${nounOf(select)} is disabled`);
    return exact;
  }
  const words = normalize(wanted.either ?? wanted.label ?? "").toLowerCase();
  const partial = words === "" ? [] : options.filter((option) => normalize(option.label).toLowerCase().includes(words));
  if (partial.length === 1) return partial[0]!;
  const list = options.slice(0, 12).map((option) => quoted(normalize(option.label), 40)).join(", ");
  const more = options.length > 12 ? `, … ${options.length - 12} more` : "";
  const said = quoted(wanted.either ?? wanted.label ?? wanted.value ?? String(wanted.index));
  return fail("no_option", `${nounOf(select)} has no option ${said}; it has ${list}${more}`, "use one of these labels or its value");
}

/** Selects options and answers the values that are selected then. */
export function selectOptions(el: Element, values: unknown): string[] {
  const select = labelled(el);
  if (!isSelect(select)) return fail("bad_target", `${nounOf(el)} is no native select`, "click it, then click the option");
  const wanted = wantedOf(values);
  if (!select.multiple && wanted.length > 1) fail("no_option", `${nounOf(select)} takes one option, not ${wanted.length}`);
  const chosen = new Set(wanted.map((one) => optionFor(select, one)));
  const changed = Array.from(select.options).some((option) => option.selected !== chosen.has(option));
  select.focus({ preventScroll: true });
  for (const option of Array.from(select.options)) if (option.selected !== chosen.has(option)) option.selected = chosen.has(option);
  if (changed) {
    emit(select, "input");
    emit(select, "change");
  }
  return Array.from(select.selectedOptions, (option) => option.value);
}

function bytesOf(file: FileForm): BlobPart {
  const base64 = file.base64 ?? file.buffer;
  if (base64 === undefined) return file.text ?? "";
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}

function accepts(input: HTMLInputElement, file: File): boolean {
  const list = input.accept.split(",").map((one) => one.trim().toLowerCase()).filter(Boolean);
  if (list.length === 0) return true;
  const type = file.type.toLowerCase();
  return list.some((one) => (one.startsWith(".") ? file.name.toLowerCase().endsWith(one) : one.endsWith("/*") ? type.startsWith(one.slice(0, -1)) : type === one));
}

/** The file field that is meant: el itself, its label's, the only one inside, or,
 * of a button, the only one in the nearest container that has any: buttons open
 * fields that are not shown. */
export function fileField(el: Element): HTMLInputElement | undefined {
  const field = labelled(el);
  if (isInput(field, "file")) return field;
  for (let up: Element | null = el; up; up = roleOf(el) === "button" ? up.parentElement : null) {
    const inside = up.querySelectorAll<HTMLInputElement>("input[type=file]");
    if (inside.length > 0) return inside.length === 1 ? inside[0] : undefined;
  }
  return undefined;
}

/** Puts files into a file field, as choosing them in its dialog would, or drops
 * them at a place of an element that takes them. */
export function setFiles(el: Element, value: unknown, at: Point | undefined): void {
  const input = fileField(el);
  const list = (value === null || value === undefined ? [] : Array.isArray(value) ? value : [value]) as FileForm[];
  if (input && list.length > 1 && !input.multiple) fail("no_option", `${nounOf(input)} takes one file, not ${list.length}`);
  const transfer = new DataTransfer();
  for (const one of list) {
    if (typeof one !== "object" || one === null || typeof one.name !== "string") fail("bad_step", "a file is {name, text | base64}");
    const file = new File([bytesOf(one)], one.name, { type: one.type ?? one.mimeType ?? "" });
    if (input && !accepts(input, file)) fail("no_option", `${nounOf(input)} accepts ${input.accept}, not ${quoted(file.name)} (${file.type || "no type"})`);
    transfer.items.add(file);
  }
  if (!input) {
    needHit(el, at!);
    if (!dropOn(el, at!, transfer, 0)) fail("bad_target", `${nounOf(el)} takes no file`, `use css "input[type=file]"`);
    return;
  }
  input.files = transfer.files;
  emit(input, "input");
  emit(input, "change");
}
