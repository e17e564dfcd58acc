// What recipes read from elements: no waiting but for the element, no effect.

import { mayPass } from "./errors";
import { isEditableHost, isSelect, isTextarea, isTextField, isHTML, isTag, labelled } from "./kinds";
import { fail } from "./errors";
import { nounOf } from "./describe";
import { query } from "./locate";
import { isRedacted } from "./redact";
import { retry } from "./clock";
import { statesOf } from "./states";
import { isVisible } from "./visible";
import { withCache } from "./cache";
import { resolve, type Call } from "./act";

export function innerTextOf(el: Element): string {
  return isHTML(el) ? el.innerText : (el.textContent ?? "");
}

export function valueOf(el: Element): string {
  const field = labelled(el);
  if (isRedacted(field)) fail("bad_target", `the value of ${nounOf(field)} is private`, "it can be filled but not read");
  if (isSelect(field) || isTextarea(field) || isTag(field, "input")) return (field as HTMLInputElement).value;
  if (isEditableHost(field)) return field.innerText;
  return fail("bad_target", `${nounOf(el)} has no value`, "use textContent");
}

export function isEditable(el: Element): boolean {
  const field = labelled(el);
  const states = statesOf(field);
  const editable = isTextField(field) || isSelect(field) || isEditableHost(field) || isTag(field, "input");
  return editable && !states.disabled && !states.readonly;
}

export function isChecked(el: Element): boolean {
  const control = labelled(el);
  const { checked } = statesOf(control);
  if (checked === undefined && !isTag(control, "input")) fail("bad_target", `${nounOf(control)} is nothing to check`);
  return checked === true;
}

/** Reads of all that match; they do not wait, as in Playwright. */
function readAll(action: string, call: Call): { value: unknown } | undefined {
  const all = () => withCache(() => query(call.steps));
  switch (action) {
    case "count":
      return { value: all().length };
    case "allTextContents":
      return { value: all().map((el) => el.textContent ?? "") };
    case "allInnerTexts":
      return { value: all().map(innerTextOf) };
    case "isVisible":
    case "isHidden": {
      const found = all();
      const visible = found.length > 0 && isVisible(found.length === 1 ? found[0]! : resolve(call.steps));
      return { value: visible === (action === "isVisible") };
    }
  }
  return undefined;
}

const READERS: Record<string, (el: Element, args: unknown[]) => unknown> = {
  textContent: (el) => el.textContent ?? "",
  innerText: innerTextOf,
  inputValue: valueOf,
  getAttribute: (el, args) => (isRedacted(el) && args[0] === "value" ? null : el.getAttribute(String(args[0]))),
  isEnabled: (el) => !statesOf(el).disabled,
  isDisabled: (el) => statesOf(el).disabled === true,
  isChecked,
  isEditable,
};

/** Answers a read, or undefined where there is none of that name. */
export async function read(action: string, call: Call): Promise<{ value: unknown } | undefined> {
  const all = readAll(action, call);
  if (all) return all;
  const reader = READERS[action];
  if (!reader) return undefined;
  return { value: await retry(call.until, () => withCache(() => reader(resolve(call.steps), call.args)), mayPass) };
}
