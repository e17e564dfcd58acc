// The computed role: the author's first usable token, else the element's own.

import { canonicalRole, globalAttributes, isRole } from "./ariaroles";
import { memo } from "./cache";
import { questions, type Questions } from "./deep";
import { attr, composedParent, flatParent, isHTML, isTag } from "./dom";
import { hasAuthorName, implicitRole } from "./htmlroles";
import { setOf } from "./sets";

export { allRoles, canonicalRole } from "./ariaroles";

/**
 * The computed ARIA role of el, by its canonical name ("image", not "img").
 * "generic" is an element without meaning of its own, "none" one whose meaning
 * the author took away.
 */
export const [roleOf, resolvedRole]: Questions<string> = questions((el) => authoredRole(el) || (el.localName in ownedParts && inheritsNone(el) ? "none" : implicitRole(el)));

/** The role that the author gave and may give; "" when there is none. */
export const authoredRole = (el: Element): string => (el.hasAttribute("role") ? usableRole(el) : "");

const usableRole = memo((el: Element): string => {
  for (const token of attr(el, "role").toLowerCase().split(/\s+/)) {
    // WAI-ARIA 1.2, 4.1 and 7.2: the first token that is a role and not abstract.
    if (!isRole(token)) continue;
    const role = canonicalRole(token);
    // A none that conflicts leaves the element its own role, whatever follows.
    if (role === "none") return keepsMeaning(el) ? "" : role;
    if (fits(el, role)) return role;
  }
  return "";
});

/**
 * Presentational roles conflict resolution (WAI-ARIA 1.2, 4.6 and 7.2): none is
 * ignored on what can have the focus or bears a global state or property.
 */
export const keepsMeaning = (el: Element): boolean => isFocusable(el) || hasGlobalAttribute(el);

const hasGlobalAttribute = (el: Element): boolean =>
  el.hasAttributes() && globalAttributes.some((name) => name !== "aria-hidden" && el.hasAttribute(name));

/** Whether a role that asks for a name or a context has it. */
function fits(el: Element, role: string): boolean {
  if (role === "form" || role === "region") return hasAuthorName(el);
  const contexts = requiredContext[role];
  return contexts === undefined || contexts.has(contextRole(el));
}

// WAI-ARIA 1.3, 5.2.6 "Required Accessibility Parent Role", for the roles that
// browsers drop outside of it.
const requiredContext: Record<string, Set<string>> = {
  listitem: setOf("list directory group"),
  option: setOf("listbox group"),
  treeitem: setOf("tree group treeitem"),
};

/** Elements that mean something to a reader though HTML-AAM gives them no role. */
const meaningful = ["section", "label", "legend", "figcaption", "dl", "abbr", "canvas", "ruby", "summary", "pre"];

/** The role of the nearest ancestor that is more than a box around others. */
const contextRole = memo((el: Element): string => {
  for (let up = composedParent(el); up !== null; up = composedParent(up)) {
    const role = resolvedRole(up);
    if ((role !== "generic" && role !== "none") || isTag(up, ...meaningful)) return role;
  }
  return "";
});

/** Whether the author names a role, usable here or not. */
export const namesRole = (el: Element): boolean => attr(el, "role").toLowerCase().split(/\s+/).some(isRole);

const ownedParts: Record<string, Set<string>> = {
  li: setOf("ul ol menu"),
  tr: setOf("table thead tbody tfoot"),
  thead: setOf("table"), tbody: setOf("table"), tfoot: setOf("table"),
  td: setOf("tr"), th: setOf("tr"),
};

/**
 * WAI-ARIA 1.2, none: the required owned elements of one that is none are none
 * too, as long as they have no role of their own.
 */
const inheritsNone = memo((el: Element): boolean => {
  const parents = isHTML(el) ? ownedParts[el.localName] : undefined;
  const parent = parents === undefined ? null : flatParent(el);
  if (!parent || resolvedRole(parent) !== "none" || !isHTML(parent) || !parents?.has(parent.localName)) return false;
  return !namesRole(el) && !keepsMeaning(el) && (authoredRole(parent) === "none" || inheritsNone(parent));
});

/** Whether el can have the focus, by script too. */
export const isFocusable = memo((el: Element): boolean => {
  if (el.hasAttribute("tabindex") && !Number.isNaN(parseInt(el.getAttribute("tabindex") ?? "", 10))) return !isDisabledControl(el);
  if (!isHTML(el)) return el.localName === "a" && el.hasAttribute("href");
  switch (el.localName) {
    case "a": case "area":
      return el.hasAttribute("href");
    case "button": case "select": case "textarea":
      return !isDisabledControl(el);
    case "input":
      return (el as HTMLInputElement).type !== "hidden" && !isDisabledControl(el);
    case "iframe":
      return true;
    case "audio": case "video":
      return el.hasAttribute("controls");
    case "summary":
      return isTag(el.parentElement, "details");
  }
  return isEditingHost(el);
});

const isDisabledControl = (el: Element): boolean =>
  isTag(el, "button", "input", "select", "textarea", "option", "optgroup", "fieldset") && el.matches(":disabled");

/** Whether el is where editable content begins. */
export function isEditingHost(el: Element): boolean {
  const value = el.getAttribute("contenteditable")?.toLowerCase();
  return value === "" || value === "true" || value === "plaintext-only";
}
