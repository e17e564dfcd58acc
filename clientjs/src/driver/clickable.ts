// What a person would click although no role says so. Listeners cannot be seen
// from an isolated world; what the author left in style and attributes can.

import { memo } from "./cache";
import { question } from "./deep";
import { closestFlat, flatParent, isBare, isHTML, isTag } from "./dom";
import { isFocusable, resolvedRole } from "./roles";
import { page } from "./plain";
import { styleOf } from "./style";
import { setOf } from "./sets";

/** Whether el looks made for a click without being a control. */
export const isClickable = question((el) => clickable(el));

const passive = setOf("generic none paragraph image listitem list row cell gridcell group article figure heading emphasis strong code time mark definition term rowgroup blockquote");

const clickable = memo((el: Element): boolean => {
  if (!passive.has(resolvedRole(el)) || isTag(el, "html", "body")) return false;
  if (!isBare(el)) {
    if (["onclick", "onmousedown", "onpointerdown"].some((name) => el.hasAttribute(name))) return true;
    if (isHTML(el) && el.hasAttribute("tabindex") && isFocusable(el)) return true;
  }
  return beginsPointer(el) && !insideControl(el);
});

const hasPointer = memo((el: Element): boolean => styleOf(el)?.cursor === "pointer");

/** The cursor is inherited: only its outermost element is the one meant. */
function beginsPointer(el: Element): boolean {
  if (page.pointer !== undefined && !el.matches(page.pointer)) return false;
  const parent = flatParent(el);
  return hasPointer(el) && (parent === null || !hasPointer(parent));
}

/** Whether a control or its label around el takes the click anyway. */
const insideControl = (el: Element): boolean =>
  isTag(el, "label") || closestFlat(el, (up) => isTag(up, "label", "summary") || (!passive.has(resolvedRole(up)) && isFocusable(up))) !== null;
