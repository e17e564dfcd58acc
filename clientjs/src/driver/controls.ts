// Which elements a person can act on.

import { keep } from "./keep";
import { isClickable } from "./clickable";
import { isFrame, isHTML } from "./kinds";
import { nameOf } from "./names";
import { isEditingHost, roleOf } from "./roles";
import { shortRole } from "./shortroles";
import { normalize } from "./words";
import { setOf } from "./sets";

const CONTROLS = setOf("button link textbox searchbox checkbox radio combobox listbox spinbutton slider switch tab menuitem menuitemcheckbox " +
    "menuitemradio treeitem option");

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
  if (isHTML(el, "input") && !el.hasAttribute("role")) {
    const native = NATIVE_FIELDS[(el as HTMLInputElement).type];
    if (native !== undefined) return native;
  }
  if (isHTML(el, "summary") && el.parentElement?.localName === "details") return "btn";
  const role = roleOf(el);
  return role === "generic" && isEditingHost(el) ? "field" : shortRole(role);
});

/** Elements that scripts made operable without saying what they are. Rows and
 * cells are addressed as rows. */
function isMadeOperable(el: Element): boolean {
  if (!isHTML(el)) return false;
  if (el.isContentEditable) return !el.parentElement?.isContentEditable;
  return !/^(row|listitem|list|cell|gridcell|rowgroup|article|group)$/.test(roleOf(el)) && isClickable(el);
}

/** The accessible name. */
export const labelOf = keep((el: Element): string => normalize(nameOf(el)));

const CONTAINERS = new Set(
  "dialog alertdialog main navigation region form table grid treegrid list tablist menu menubar toolbar listbox tree tabpanel row group application document".split(" "),
);

/** Whether an element is one to act on: a line of its own in a look. */
export const isControl = keep((el: Element): boolean => {
  const role = roleOf(el);
  if (role === "option") return !isHTML(el, "option");
  if (CONTROLS.has(role)) return true;
  if (isHTML(el, "input") && (el as HTMLInputElement).type !== "hidden") return true;
  if (isHTML(el, "summary") && el.parentElement?.localName === "details") return true;
  return isMadeOperable(el) && !CONTAINERS.has(role) && !isHTML(el, "body", "html");
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
