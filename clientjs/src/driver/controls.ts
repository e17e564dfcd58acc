// Which elements a person can act on.

import { keep } from "./keep";
import { isClickable } from "./clickable";
import { isEditableHost, isFrame, isHTML, isTag } from "./kinds";
import { nameOf } from "./names";
import { isEditingHost, roleOf } from "./roles";
import { shortRole } from "./shortroles";
import { normalize } from "./words";
import { setOf } from "./sets";

const CONTROLS = setOf("slider spinbutton searchbox textbox combobox listbox checkbox menuitemcheckbox menuitemradio radio switch " +
  "button menuitem option tab treeitem link");

/** Chromium's names for native fields that ARIA has no role for. */
const NATIVE_FIELDS: Record<string, string> = {
  date: "date",
  time: "time",
  "datetime-local": "date",
  month: "date",
  week: "date",
  color: "color",
  file: "file",
};

/** The role word that a look prints for an element. */
export const wordOf = keep((el: Element): string => {
  if (isFrame(el)) return "frame";
  if (isTag(el, "input") && !el.hasAttribute("role")) {
    const native = NATIVE_FIELDS[(el as HTMLInputElement).type];
    if (native !== undefined) return native;
  }
  if (isTag(el, "summary") && el.parentElement?.localName === "details") return "btn";
  const role = roleOf(el);
  return role === "generic" && isEditingHost(el) ? "field" : shortRole(role);
});

const NO_CONTROLS = setOf("row listitem list cell gridcell rowgroup article group");

/** Elements that scripts made operable without saying what they are. Rows and
 * cells are addressed as rows. */
function isMadeOperable(el: Element): boolean {
  if (isEditableHost(el)) return !el.parentElement?.isContentEditable;
  return !NO_CONTROLS.has(roleOf(el)) && isClickable(el);
}

/** The accessible name. */
export const labelOf = keep((el: Element): string => normalize(nameOf(el)));

const CONTAINERS = setOf("dialog alertdialog main navigation region form group tabpanel table grid treegrid tablist menu menubar toolbar listbox " +
  "tree application list row document");

/** Whether an element is one to act on: a line of its own in a look. */
export const isControl = keep((el: Element): boolean => {
  const role = roleOf(el);
  if (role === "option") return !isTag(el, "option");
  if (CONTROLS.has(role)) return true;
  switch (isHTML(el) ? el.localName : "") {
    case "input":
      if ((el as HTMLInputElement).type !== "hidden") return true;
      break;
    case "summary":
      if (el.parentElement?.localName === "details") return true;
      break;
    case "": case "body": case "html":
      return false;
  }
  return isMadeOperable(el) && !CONTAINERS.has(role);
});

/** The letter of an element's refs. */
const LETTERS: Record<string, string> = {
  btn: "b", link: "a", field: "f", searchbox: "f", num: "f", date: "f", time: "f", color: "f", file: "f",
  chk: "c", radio: "r", combo: "s", listbox: "s", switch: "w", slider: "v", tab: "k", mi: "m", michk: "m", miradio: "m",
  opt: "o", treeitem: "o", table: "t", grid: "t", treegrid: "t", list: "l", dialog: "d", alertdialog: "d", frame: "i",
  main: "g", nav: "g", region: "g", form: "g", search: "g", aside: "g", banner: "g", footer: "g", group: "g",
};

export function refLetter(word: string): string {
  return LETTERS[word] ?? "e";
}
