// The states of an element: HTML's own where it has them, else ARIA's
// (HTML-AAM 1.0, section 3.6: the host language wins where both speak).

import { memo, withCache } from "./cache";
import { prepare } from "./deep";
import { attr, closestComposed, composedParent, isTag, references } from "./dom";
import { isSummaryForDetails } from "./htmlroles";
import { normalise } from "./names";
import { isEditingHost, resolvedRole } from "./roles";
import { fieldText, isRedacted, rangeValue } from "./values";
import { nameOf } from "./names";
import { hidden } from "./visible";
import { setOf } from "./sets";

export type States = {
  disabled: boolean;
  /** undefined where el cannot be checked. */
  checked: boolean | "mixed" | undefined;
  pressed: boolean | "mixed" | undefined;
  /** undefined where el opens nothing. */
  expanded: boolean | undefined;
  selected: boolean | undefined;
  required: boolean;
  readonly: boolean;
  invalid: boolean | "grammar" | "spelling";
  /** Why it is invalid, in the page's or the browser's words. */
  invalidText?: string | undefined;
  /** Of headings and tree items, and of rows, items and comments that say it. */
  level: number | undefined;
  /** What the control holds; never of one that isRedacted. */
  value?: string | undefined;
  valueText?: string | undefined;
  /** aria-current: its token, or false. */
  current: string | false;
  busy: boolean;
};

/** The states of el. They are asked for anew each time: some, such as a value,
 * change without a change of the document. */
export function statesOf(el: Element): States {
  return withCache(() => {
    prepare(el);
    const role = resolvedRole(el);
    return {
      disabled: isDisabled(el), checked: checkedOf(el, role), pressed: pressedOf(el, role), expanded: expandedOf(el, role),
      selected: selectedOf(el, role), required: isRequired(el), readonly: isReadonly(el, role), ...validityOf(el),
      level: levelOf(el, role), ...valueOf(el, role), current: tokenOf(el, "aria-current"),
      busy: isTrue(el, "aria-busy"),
    };
  });
}

const isTrue = (el: Element, name: string): boolean => attr(el, name).toLowerCase() === "true";

/** A token of an attribute whose "true" stands for itself and "false" for none. */
function tokenOf(el: Element, name: string): string | false {
  const token = attr(el, name).toLowerCase();
  return token === "" || token === "false" || token === "undefined" ? false : token;
}

function tristate(el: Element, name: string): boolean | "mixed" {
  const token = attr(el, name).toLowerCase();
  return token === "mixed" ? "mixed" : token === "true";
}

/**
 * Disabled by HTML (a fieldset around it too), or by aria-disabled on it or an
 * ancestor: WAI-ARIA 1.2, aria-disabled, holds for all focusable descendants.
 */
export function isDisabled(el: Element): boolean {
  if (isTag(el, "button", "input", "select", "textarea", "option", "optgroup", "fieldset") && el.matches(":disabled")) return true;
  if (isTag(el, "option") && closestComposed(el, (up) => isTag(up, "select"))?.matches(":disabled")) return true;
  return isDisabledByAria(el);
}

const isDisabledByAria = memo((el: Element): boolean => {
  if (isTrue(el, "aria-disabled")) return true;
  const parent = composedParent(el);
  return parent !== null && isDisabledByAria(parent);
});

const checkable = setOf("checkbox menuitemcheckbox menuitemradio radio switch");

function checkedOf(el: Element, role: string): boolean | "mixed" | undefined {
  if (isTag(el, "input")) {
    const input = el as HTMLInputElement;
    if (input.type === "checkbox") return input.indeterminate && role !== "switch" ? "mixed" : input.checked;
    if (input.type === "radio") return input.checked;
  }
  if (checkable.has(role)) {
    const value = tristate(el, "aria-checked");
    // WAI-ARIA 1.2, aria-checked: mixed is for checkboxes; elsewhere it is false.
    return value === "mixed" && role !== "checkbox" && role !== "menuitemcheckbox" ? false : value;
  }
  return ["option", "treeitem"].includes(role) && el.hasAttribute("aria-checked") ? tristate(el, "aria-checked") : undefined;
}

const pressedOf = (el: Element, role: string): boolean | "mixed" | undefined =>
  role === "button" && ["true", "false", "mixed"].includes(attr(el, "aria-pressed").toLowerCase()) ? tristate(el, "aria-pressed") : undefined;

function expandedOf(el: Element, role: string): boolean | undefined {
  if (isSummaryForDetails(el)) return (el.parentElement as HTMLDetailsElement).open;
  if (isTag(el, "details")) return (el as HTMLDetailsElement).open;
  const token = attr(el, "aria-expanded").toLowerCase();
  if (token === "true" || token === "false") return token === "true";
  if (isTag(el, "select") && role === "combobox") return el.matches(":open");
  const popover = (el as HTMLButtonElement).popoverTargetElement;
  return isTag(el, "button", "input") && popover ? popover.matches(":popover-open") : undefined;
}

const selectable = setOf("option tab treeitem cell columnheader gridcell rowheader row");

function selectedOf(el: Element, role: string): boolean | undefined {
  if (isTag(el, "option") && el.closest("select")) return (el as HTMLOptionElement).selected;
  if (!selectable.has(role)) return undefined;
  const token = attr(el, "aria-selected").toLowerCase();
  return token === "true" ? true : token === "false" ? false : undefined;
}

const isRequired = (el: Element): boolean =>
  isTag(el, "input", "select", "textarea") && el.matches(":required") || isTrue(el, "aria-required");

const writable = setOf("checkbox radiogroup gridcell switch slider spinbutton searchbox textbox combobox listbox grid treegrid");

const canBeReadonly = /^(?:date|datetime-local|email|month|number|password|search|tel|text|time|url|week)$/;

function isReadonly(el: Element, role: string): boolean {
  if (isTag(el, "textarea") || (isTag(el, "input") && canBeReadonly.test((el as HTMLInputElement).type))) {
    if ((el as HTMLInputElement).readOnly) return true;
  }
  return writable.has(role) && isTrue(el, "aria-readonly");
}

/**
 * HTML's constraint validation once the browser shows it (:user-invalid), and
 * aria-invalid with the visible text of its aria-errormessage.
 */
function validityOf(el: Element): Pick<States, "invalid" | "invalidText"> {
  const token = tokenOf(el, "aria-invalid");
  const native = isTag(el, "input", "select", "textarea") && el.matches(":user-invalid") ? (el as HTMLInputElement).validationMessage : "";
  const messages = token === false ? [] : references(el, "aria-errormessage").filter((target) => !hidden(target));
  const text = normalise(messages.map((target) => target.textContent ?? "").join(" ")) || native;
  const invalid = token === "grammar" || token === "spelling" ? token : token !== false || native !== "";
  return { invalid, invalidText: text || undefined };
}

/** aria-level, the number of a heading element, or the depth of nesting. */
function levelOf(el: Element, role: string): number | undefined {
  const given = parseInt(attr(el, "aria-level"), 10);
  if (["heading", "listitem", "row", "treeitem", "comment"].includes(role) && given >= 1) return given;
  // WAI-ARIA 1.2, heading: 2 where the author says none.
  if (role === "heading") return /^h[1-6]$/.test(el.localName) ? Number(el.localName[1]) : 2;
  if (role === "treeitem") return depthIn(el, "group", "tree");
  return undefined;
}

function depthIn(el: Element, nested: string, outer: string): number {
  let level = 1;
  for (let up = composedParent(el); up !== null && resolvedRole(up) !== outer; up = composedParent(up)) {
    if (resolvedRole(up) === nested) level++;
  }
  return level;
}

const ranges = setOf("meter progressbar scrollbar slider spinbutton");

function valueOf(el: Element, role: string): Pick<States, "value" | "valueText"> {
  return { value: isRedacted(el) ? undefined : rawValue(el, role), valueText: attr(el, "aria-valuetext") || undefined };
}

function rawValue(el: Element, role: string): string | undefined {
  if (ranges.has(role) || (role === "separator" && el.hasAttribute("aria-valuenow"))) return rangeValue(el);
  if (isTag(el, "select")) return [...(el as HTMLSelectElement).selectedOptions].map((option) => nameOf(option)).join(", ");
  if (isTag(el, "input")) {
    const input = el as HTMLInputElement;
    if (input.type === "file") return [...(input.files ?? [])].map((file) => file.name).join(", ");
    return /^(?:button|checkbox|hidden|image|radio|reset|submit)$/.test(input.type) ? undefined : input.value;
  }
  if (isTag(el, "textarea") || isEditingHost(el)) return fieldText(el);
  return role === "textbox" || role === "searchbox" ? fieldText(el) : undefined;
}
