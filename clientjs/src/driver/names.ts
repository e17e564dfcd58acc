// Accessible names and descriptions: Accessible Name and Description Computation
// 1.2 (AccName), whose steps 2A to 2I are named beside the code.

import { factsOf } from "./ariaroles";
import { maxDepth, prepare, question } from "./deep";
import { attr, closestComposed, composedChildren, flatParent, isBare, isElement, isMathML, isSVG, isTag, isText, onlyText, references, rootOf } from "./dom";
import { labelsIn, ownDescription, ownName } from "./hostnames";
import { page } from "./plain";
import { isEditingHost, resolvedRole } from "./roles";
import { flowOf, joinSiblings, pseudoText, styleOf, transformed, type Flow, type Pseudo } from "./style";
import { controlValue } from "./values";
import { hidden, isReplaced, showsText } from "./visible";
import { setOf } from "./sets";

/** What one computation carries along. */
export type Traversal = {
  /** The element whose name is computed; as a control it is not embedded in its own label. */
  root: Element;
  /** The elements that the computation is within, so that no cycle is followed. */
  path: Set<Element>;
  /** How many elements the whole computation has met. */
  met: { count: number };
  /** Whether the node is the one asked for, one referred to, or one below either. */
  place: "root" | "referenced" | "descendant";
  /** Within an aria-labelledby or aria-describedby: another is not followed (2B). */
  inReference: boolean;
  /** Whether content counts whatever role it is in. */
  all: boolean;
  /** Below a referenced element that is itself hidden: hidden nodes count (2A). */
  inHidden: boolean;
};

/** A text and how it lies to its neighbours'. */
type Alternative = {
  text: string;
  flow: Flow;
  /** The parts of it, when el is no more than a box in its parent's line. */
  parts?: Alternative[];
};

const nothing: Alternative = { text: "", flow: "joined" };

// A content larger than this has no use as a name; the bound keeps a page of
// references to itself from taking for ever.
const maxNodes = 10_000;

const begin = (root: Element): Traversal => ({ root, path: new Set(), met: { count: 0 }, place: "root", inReference: false, all: false, inHidden: false });

/** The accessible name, with each run of white space as one space. */
export const nameOf = question((el) => plainName(el) || normalise(alternative(el, begin(el)).text));

/** The name of what has a text in it and nothing else to name it, as most buttons,
 * links and headings; "" where all the steps have to be taken. */
function plainName(el: Element): string {
  if (!page.literal || !/^(?:a|button|h[1-6])$/.test(el.localName) || !isBare(el) || factsOf(resolvedRole(el)).nameFrom !== "content") return "";
  return labelsIn(rootOf(el)).has(el) ? "" : normalise(onlyText(el) ?? "");
}

/**
 * The accessible description: aria-describedby, aria-description, what the host
 * language gives, or the title where it is not the name (AccName 1.2, 4.3.3).
 */
export const descriptionOf = question((el) => {
  const t = begin(el);
  const text = normalise(joined(references(el, "aria-describedby"), t)) || normalise(attr(el, "aria-description")) ||
    normalise(ownDescription(el, (other) => referenced(other, begin(el))));
  if (text !== "") return text;
  const title = normalise(attr(el, "title"));
  return title === nameOf(el) ? "" : title;
});

export const normalise = (text: string): string => (/[^\S ]|  |^ | $/.test(text) ? text.replace(/\s+/g, " ").trim() : text);

/**
 * The text alternatives of elements that an ARIA attribute refers to, a space
 * between. Each starts anew: an element may be named twice, and by itself.
 */
const joined = (targets: Element[], t: Traversal): string =>
  targets.map((target) => referenced(target, { ...t, path: new Set(), inReference: true, all: true })).join(" ");

/** The text alternative of an element that is referred to; a hidden one opens what is hidden in it. */
export function referenced(el: Element, t: Traversal): string {
  prepare(el);
  return alternative(el, { ...t, place: "referenced", inHidden: t.inHidden || hidden(el) }).text;
}

/** AccName 1.2, step 2, for one element; no element counts within itself. */
function alternative(el: Element, t: Traversal): Alternative {
  // 2A. Hidden, and not part of something hidden that was referred to.
  if (t.place !== "root" && !t.inHidden && hidden(el)) return nothing;
  if (t.path.has(el) || t.path.size > maxDepth || ++t.met.count > maxNodes) return nothing;
  t.path.add(el);
  const result = visibleAlternative(el, t);
  t.path.delete(el);
  return result;
}

function visibleAlternative(el: Element, t: Traversal): Alternative {
  const role = resolvedRole(el);
  const flow = flowIn(el, role, t);
  const given = authored(el, role, t);
  if (given !== "") return { text: given, flow: "word" };
  // 2F and 2H. The content.
  const parts = takesContent(el, role, t) ? contentParts(el, t) : [];
  const content = joinSiblings(parts);
  if (normalise(content) !== "") return isPlain(el, role, flow) ? { text: content, flow, parts } : { text: content, flow };
  // 2I. The tooltip.
  const title = takesTitle(el, role, t) ? attr(el, "title") : "";
  if (title !== "") return { text: title, flow: "word" };
  // A link around an article has no text of its own; 2H counts all there is,
  // and so do we before we leave a control without a name.
  const isNameless = t.place === "root" && factsOf(role).nameFrom === "content" && takesContent(el, role, t);
  return { text: isNameless ? joinSiblings(contentParts(el, { ...t, all: true })) : content, flow };
}

/** Whether el is running text without meaning of its own: its parts are its parent's. */
const isPlain = (el: Element, role: string, flow: Flow): boolean =>
  flow === "joined" && (role === "generic" || role === "none") && !isTag(el, "label", "abbr", "legend", "ruby", "q");

/** The roles whose content is a value, which 2C gives, and no name. */
const valueRoles = setOf("meter progressbar scrollbar slider spinbutton searchbox textbox combobox listbox");

const controls = setOf("meter progressbar scrollbar slider spinbutton searchbox textbox combobox listbox " +
  "checkbox menuitemcheckbox menuitemradio radio switch button menuitem option tab");

/** Controls are set apart from the text around them, and so is all that is not laid out. */
function flowIn(el: Element, role: string, t: Traversal): Flow {
  if (controls.has(role) || isTag(el, "iframe")) return "word";
  if (t.inHidden) return "apart";
  return isTag(el, "img") || isSVG(el) ? "boxed" : flowOf(styleOf(el)?.display ?? "inline");
}

/** Steps 2B to 2E: what the author or the host language says in place of the content. */
function authored(el: Element, role: string, t: Traversal): string {
  // 2C. A control within the label of another gives its value, whoever labels it.
  const value = el === t.root ? "" : controlValue(el, role);
  if (value !== "") return value;
  // 2B. aria-labelledby, unless one led here.
  const text = t.inReference ? "" : normalise(joined(labellers(el), t));
  if (text !== "") return text;
  // 2D. aria-label.
  // 2E. What the host language gives, unless the author took the meaning away.
  return attr(el, "aria-label") || (role === "none" ? "" : ownName(el, t));
}

/** What aria-labelledby refers to; browsers take its other spelling too. */
const labellers = (el: Element): Element[] =>
  references(el, el.hasAttribute("aria-labelledby") ? "aria-labelledby" : "aria-labeledby");

// What HTML gives no role, yet a tooltip can name.
const namedByTitle = ["abbr", "audio", "canvas", "dl", "embed", "figcaption", "frame", "iframe", "label", "legend", "object", "ruby", "video"];

/** Running text is not named by a tooltip, nor a picture that says it needs no name. */
function takesTitle(el: Element, role: string, t: Traversal): boolean {
  if (isTag(el, ...namedByTitle) || t.place === "referenced") return true;
  return factsOf(role).nameFrom !== "prohibited" && role !== "term" && !(isTag(el, "img") && el.getAttribute("alt") === "");
}

/** Whether the role is named by content, or lets its content name what refers to it or lies around it. */
function takesContent(el: Element, role: string, t: Traversal): boolean {
  if (valueRoles.has(role) || isReplaced(el)) return false;
  if (t.place === "descendant") return t.all || countsInNames(el, role);
  if (t.place === "referenced") return true;
  // What is edited is a value. A grid's rows are named, a table's are not.
  if (role === "row") return closestComposed(el, (up) => ["grid", "treegrid", "table"].includes(resolvedRole(up)))?.matches("[role=grid],[role=treegrid]") ?? false;
  return factsOf(role).nameFrom === "content" && !isNativeMath(el) && !isEditingHost(el);
}

// role=math is named by its text, MathML by nothing.
const isNativeMath = (el: Element): boolean => isMathML(el) && el.localName === "math" && !el.hasAttribute("role");

/** Whether el's content counts in a name around it (2H). */
function countsInNames(el: Element, role: string): boolean {
  // A details element lends its summary though a group lends nothing, a drawing
  // its text; the annotation of a ruby is beside its text.
  if (!el.hasAttribute("role") && (isTag(el, "details") || isSVG(el))) return true;
  return factsOf(role).inNames && !isTag(el, "rt", "rp") && !isNativeMath(el);
}

/** The text of el's content with what CSS adds (2F.i, 2F.ii). */
function contentParts(el: Element, t: Traversal): Alternative[] {
  const below: Traversal = { ...t, place: "descendant" };
  const generated = (pseudo: Pseudo): Alternative => ({ text: t.inHidden ? "" : pseudoText(el, pseudo), flow: "joined" });
  const parts = [generated("::before")];
  for (const child of composedChildren(el)) {
    if (isText(child)) {
      // 2G. A text node.
      if (t.inHidden || showsText(el, child)) parts.push({ text: transformed(child.data, el), flow: "joined" });
    } else if (isElement(child)) {
      const part: Alternative = isTag(child, "br") ? { text: " ", flow: "joined" } : alternative(child, below);
      if (flatParent(child) === el) parts.push(...(part.parts ?? [part]));
      else parts.push({ text: part.text, flow: "apart" }); // aria-owns adds apart
    }
  }
  return [...parts, generated("::after")];
}
