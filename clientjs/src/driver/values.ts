// The values of controls, as the accessibility tree has them.

import { attr, composedChildren, composedParent, isElement, isTag } from "./dom";
import { memo, withCache } from "./cache";
import { resolvedRole, isEditingHost } from "./roles";
import { nameOf, normalise } from "./names";
import { hidden } from "./visible";

/**
 * Whether what el holds must not be shown to anyone: passwords, one-time codes,
 * and all that the page marks data-private, itself or around it.
 */
export function isRedacted(el: Element): boolean {
  return withCache(() => redacted(el));
}

const redacted = memo((el: Element): boolean => {
  if (isTag(el, "input") && (el as HTMLInputElement).type === "password") return true;
  if (/\b(?:one-time-code|current-password|new-password|cc-number|cc-csc)\b/.test(attr(el, "autocomplete").toLowerCase())) return true;
  return isPrivate(el);
});

const isPrivate = memo((el: Element): boolean => {
  if (el.hasAttribute("data-private")) return true;
  const parent = composedParent(el);
  return parent !== null && isPrivate(parent);
});

/**
 * What a control within a label says of itself (AccName 1.2, 2C): the text of a
 * field, the chosen option, the position of a range; "" for what says nothing.
 */
export function controlValue(el: Element, role: string): string {
  switch (role) {
    case "textbox": case "searchbox":
      return redacted(el) ? "" : fieldText(el);
    case "combobox":
      return redacted(el) ? "" : isTag(el, "select") ? chosenText(el as HTMLSelectElement) : isTag(el, "input") ? fieldText(el) : "";
    case "listbox":
      return isTag(el, "select") ? chosenText(el as HTMLSelectElement) : chosenOptions(el);
    case "meter": case "progressbar": case "scrollbar": case "slider": case "spinbutton":
      return rangeText(el, role);
  }
  return "";
}

/** The text in a field. */
export function fieldText(el: Element): string {
  if (isTag(el, "input") && /^(?:color|file)$/.test((el as HTMLInputElement).type)) return "";
  if (isTag(el, "input", "textarea")) return (el as HTMLInputElement).value;
  return normalise(el.textContent ?? "");
}

const chosenText = (select: HTMLSelectElement): string =>
  [...select.selectedOptions].map((option) => nameOf(option)).join(" ");

function chosenOptions(listbox: Element): string {
  const chosen: string[] = [];
  const walk = (node: Node) => {
    for (const child of composedChildren(node)) {
      if (!isElement(child) || hidden(child)) continue;
      if (resolvedRole(child) === "option" && child.getAttribute("aria-selected") === "true") chosen.push(nameOf(child));
      else walk(child);
    }
  };
  walk(listbox);
  return chosen.join(" ");
}

// WAI-ARIA 1.2, 5.4: the value that a range has when the author gives none.
const defaultRange: Record<string, string> = { meter: "0", scrollbar: "50", slider: "50", spinbutton: "0" };

/** aria-valuetext, else the number. */
function rangeText(el: Element, role: string): string {
  return attr(el, "aria-valuetext") || (rangeValue(el) ?? (isTag(el, "progress", "input") ? "" : (defaultRange[role] ?? "")));
}

/** The number that a range shows, as text; undefined when it has none. */
export function rangeValue(el: Element): string | undefined {
  switch (el.localName) {
    case "input":
      return (el as HTMLInputElement).value;
    case "meter":
      return String((el as HTMLMeterElement).value);
    case "progress":
      return el.hasAttribute("value") ? String((el as HTMLProgressElement).value) : undefined;
  }
  return attr(el, "aria-valuenow") || undefined;
}

/** Whether el is one that text is typed into. */
export const isTextField = (el: Element): boolean => isTag(el, "textarea") || isEditingHost(el) ||
  (isTag(el, "input") && !/^(?:button|checkbox|color|file|hidden|image|radio|range|reset|submit)$/.test((el as HTMLInputElement).type));
