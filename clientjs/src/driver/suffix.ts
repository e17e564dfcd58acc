// What follows a name in a look: values and states.

import { isEditableHost, isSelect, isTextarea, isTag, isInput } from "./kinds";
import { isBare } from "./dom";
import { page } from "./plain";
import { isRedacted } from "./redact";
import { statesOf, type States } from "./states";
import { bare, cut, normalize, quoted } from "./words";

const VALUE_CHARS = 60;
const MOST_OPTIONS = 6;

function valueText(el: Element, s: States): string {
  if (isRedacted(el)) return (el as HTMLInputElement).value ? " = (hidden)" : "";
  if (isSelect(el)) return selectText(el);
  if (isInput(el, "file")) return el.files?.length ? ` = ${Array.from(el.files, (file) => quoted(file.name, 40)).join(", ")}` : "";
  if (isInput(el, "checkbox", "radio", "submit", "button", "reset", "image")) return "";
  if (isTag(el, "input") || isTextarea(el)) return (el as HTMLInputElement).value === "" ? "" : ` = ${quoted(normalize((el as HTMLInputElement).value), VALUE_CHARS)}`;
  if (isEditableHost(el)) return el.innerText.trim() === "" ? "" : ` = ${quoted(normalize(el.innerText), VALUE_CHARS)}`;
  const said = s.valueText ?? s.value;
  return said === undefined || said === "" ? "" : ` = ${quoted(String(said), VALUE_CHARS)}`;
}

function selectText(select: HTMLSelectElement): string {
  const labels = Array.from(select.selectedOptions, (option) => quoted(normalize(option.label), 40));
  const options = Array.from(select.options).filter((option) => !option.disabled);
  const shown = options.slice(0, MOST_OPTIONS).map((option) => bare(cut(normalize(option.label), 30)));
  const more = options.length > MOST_OPTIONS ? ` | … ${options.length - MOST_OPTIONS} more` : "";
  return (labels.length > 0 ? ` = ${labels.join(", ")}` : "") + ` options: ${shown.join(" | ")}${more}`;
}

/** The suffix of an element's line; empty where there is nothing to say. */
export function stateText(el: Element): string {
  if (page.open && /^(?:a|button|h[1-6])$/.test(el.localName) && isBare(el)) return el.matches(":disabled") ? " disabled" : "";
  const s = statesOf(el);
  let out = valueText(el, s);
  if (s.checked === true) out += " checked";
  if (s.checked === "mixed") out += " mixed";
  if (s.pressed === true) out += " pressed";
  if (s.pressed === "mixed") out += " mixed";
  if (s.selected === true) out += " selected";
  if (s.expanded === true) out += " expanded";
  if (s.expanded === false && !isSelect(el)) out += " collapsed";
  if (s.current) out += " current";
  if (s.required) out += " required";
  if (s.readonly) out += " readonly";
  if (s.invalid) out += s.invalidText ? ` invalid ${quoted(normalize(s.invalidText), VALUE_CHARS)}` : " invalid";
  if (s.disabled) out += " disabled";
  if (s.busy) out += " busy";
  return out;
}
