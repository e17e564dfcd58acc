// The roles that elements have without an attribute: HTML-AAM 1.0, section 3.5,
// SVG-AAM 1.0 and MathML-AAM. "generic" also stands for elements that these map
// to no role, such as label or canvas.

import { closestComposed, isHTML, isMathML, isSVG, isTag, references } from "./dom";
import { firstSummary, isRendered } from "./visible";
import { cellRole, isLayoutTable, tableOf } from "./tables";
import { isFocusable, keepsMeaning, resolvedRole } from "./roles";
import { setOf } from "./sets";

type Rule = string | ((el: Element) => string);

const tablePart = (role: string) => (el: Element): string => {
  const table = tableOf(el);
  return table !== null && ["table", "grid", "treegrid"].includes(resolvedRole(table)) ? role : "generic";
};

const byTag: Record<string, Rule> = {
  // Without an address it is none, unless it says that a click does something.
  a: (el) => (el.hasAttribute("href") || el.hasAttribute("onclick") ? "link" : "generic"),
  area: (el) => (el.hasAttribute("href") ? "link" : "generic"),
  aside: (el) => (isScoped(el, asideScopes, asideScopeRoles) && !hasAuthorName(el) ? "generic" : "complementary"),
  footer: (el) => (isScoped(el, landmarkScopes, landmarkScopeRoles) ? "sectionfooter" : "contentinfo"),
  header: (el) => (isScoped(el, landmarkScopes, landmarkScopeRoles) ? "sectionheader" : "banner"),
  img: imageRole,
  input: inputRole,
  section: (el) => (hasAuthorName(el) ? "region" : "generic"),
  select: (el) => (isListBox(el as HTMLSelectElement) ? "listbox" : "combobox"),
  summary: (el) => (isSummaryForDetails(el) ? "button" : "generic"),
  table: (el) => (isLayoutTable(el) ? "generic" : "table"),
  tr: tablePart("row"),
  td: cellRole,
  th: cellRole,
};
for (const tag of ["tbody", "thead", "tfoot"]) byTag[tag] = tablePart("rowgroup");
// Those with one role wherever they are, after it.
for (const entry of (
  "article:article blockquote:blockquote button:button caption:caption code:code definition:dd deletion:del,s dialog:dialog document:html " +
  "emphasis:em figure:figure form:form group:address,details,fieldset,hgroup,optgroup heading:h1,h2,h3,h4,h5,h6 insertion:ins list:dir,menu,ol,ul " +
  "listbox:datalist listitem:li main:main mark:mark meter:meter navigation:nav option:option paragraph:p progressbar:progress search:search " +
  "separator:hr status:output strong:strong subscript:sub superscript:sup term:dfn,dt textbox:textarea time:time"
).split(" ")) {
  const [role, tags] = entry.split(":");
  for (const tag of tags!.split(",")) byTag[tag] = role!;
}

/** The role of el by its own kind and place. */
export function implicitRole(el: Element): string {
  if (!isHTML(el)) return isSVG(el) ? svgRole(el) : isMathML(el) && el.localName === "math" ? "math" : "generic";
  const rule = byTag[el.localName] ?? "generic";
  const role = typeof rule === "string" ? rule : rule(el);
  // HTML-AAM, "popover": what pops up is at least a group.
  return role === "generic" && el.hasAttribute("popover") ? "group" : role;
}

/**
 * Whether the author gave el a name: HTML-AAM makes a section a region, and ARIA
 * a role=region or form a landmark, only then.
 */
export function hasAuthorName(el: Element): boolean {
  return ["aria-label", "title"].some((name) => (el.getAttribute(name) ?? "").trim() !== "") ||
    references(el, "aria-labelledby").length > 0;
}

const asideScopes = setOf("article aside nav section");
const asideScopeRoles = setOf("article complementary navigation region");
const landmarkScopes = setOf("article aside main nav section");
const landmarkScopeRoles = setOf("article complementary main navigation region");

/** Whether el lies in sectioning content, by element or by role (HTML-AAM, "footer", "header", "aside"). */
function isScoped(el: Element, scopes: Set<string>, roles: Set<string>): boolean {
  return closestComposed(el, (up) => isHTML(up) &&
    (up.hasAttribute("role") ? roles.has(resolvedRole(up)) : scopes.has(up.localName))) !== null;
}

/** HTML-AAM, "img": an empty alt makes it decoration, unless it is named otherwise. */
function imageRole(el: Element): string {
  return el.getAttribute("alt") === "" && !hasAuthorName(el) && !keepsMeaning(el) ? "none" : "image";
}

const inputTypes: Record<string, string> = { checkbox: "checkbox", number: "spinbutton", radio: "radio", range: "slider", search: "searchbox" };

/** HTML-AAM, "input". Types without a role of their own are fields that one types in. */
function inputRole(el: Element): string {
  const { type, list } = el as HTMLInputElement;
  if (type === "hidden") return "none";
  if (/^(?:button|file|image|reset|submit)$/.test(type)) return "button";
  if (list !== null && /^(?:email|search|tel|text|url)$/.test(type)) return "combobox";
  if (type === "checkbox" && "switch" in el && el.hasAttribute("switch")) return "switch";
  return inputTypes[type] ?? "textbox";
}

/** A select that shows several options at once; with size=1 it never does. */
export const isListBox = (el: HTMLSelectElement): boolean => el.size > 1 || (el.multiple && el.size !== 1);

export function isSummaryForDetails(el: Element): boolean {
  const parent = el.parentElement;
  return isTag(el, "summary") && parent !== null && isTag(parent, "details") && firstSummary(parent) === el;
}

/** SVG-AAM 1.0, section 5.3, in the part that browsers carry out. */
function svgRole(el: Element): string {
  switch (el.localName) {
    case "svg":
      if (el.children.length === 0 && !hasSVGName(el) && !isFocusable(el)) return "generic";
      return hasMeaningfulContent(el) ? "graphics-document" : "image";
    case "a":
      return el.hasAttribute("href") || el.hasAttributeNS("http://www.w3.org/1999/xlink", "href") ? "link" : "generic";
    case "g":
      return hasSVGName(el) ? "group" : "generic";
    case "image":
      return hasSVGName(el) ? "image" : "generic";
    case "use":
      return hasSVGName(el) || isFocusable(el) ? "graphics-object" : "generic";
    case "circle": case "ellipse": case "line": case "path": case "polygon": case "polyline": case "rect":
      return hasSVGName(el) || isFocusable(el) ? "graphics-symbol" : "generic";
  }
  return "generic";
}

/** Whether a drawing has parts that are nodes of their own: text, links, what has a name or a role. */
const hasMeaningfulContent = (svg: Element): boolean =>
  [...svg.querySelectorAll("*")].some((el) => isRendered(el) && (!isSVG(el) || /^(?:a|text)$/.test(el.localName) ||
    !["generic", "none"].includes(resolvedRole(el))));

export const hasSVGName = (el: Element): boolean => hasAuthorName(el) || svgTitle(el) !== null;

/** The title element that names an SVG element: its first child of that kind. */
export const svgTitle = (el: Element): Element | null =>
  [...el.children].find((child) => isSVG(child) && child.localName === "title" && (child.textContent ?? "").trim() !== "") ?? null;
