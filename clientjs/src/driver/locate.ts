// Finds the elements that a locator's steps mean, by Playwright's rules. Nothing
// here waits: act.ts and expect.ts retry.

import { flatParent } from "./dom";
import { EngineError, fail } from "./errors";
import { isElement, isFrame, isTag, elementsBelow, isTextField } from "./kinds";
import { nameOf } from "./names";
import { labelsIn } from "./hostnames";
import { cellElements, cellsOf, resolvePath } from "./rows";
import { resolveRef } from "./refs";
import { isEditingHost, roleOf } from "./roles";
import { longRole, sameRole } from "./shortroles";
import { statesOf, type States } from "./states";
import { isSilent, matcherOf, normalize, textOf, type Match } from "./words";
import { isHidden, isVisible } from "./visible";
import { isSteps, type Step } from "./wire";
import type { Segment } from "./grammar";

/** Where elements of a role can be, so that not every element is computed.
 * Any element may carry the role as an attribute. */
const NATIVE: Record<string, string> = {
  button: "button,summary,input",
  link: "a,area",
  textbox: "input,textarea,[contenteditable]",
  combobox: "input,select,button",
  heading: "h1,h2,h3,h4,h5,h6",
  row: "tr",
};
for (const [tags, roles] of [
  ["input", "searchbox checkbox radio spinbutton slider switch"],
  ["td,th", "cell gridcell columnheader rowheader"],
  ["table", "table grid"],
] as const) for (const role of roles.split(" ")) NATIVE[role] = tags;

/** Elements below `root` that match a selector, open shadow trees included. */
export function deepQuery(root: Node, css: string): Element[] {
  try {
    const all = elementsBelow(root);
    if (css.startsWith("*")) return all;
    return all.filter((el) => el.matches(css));
  } catch {
    return fail("bad_target", `${JSON.stringify(css)} is no CSS selector`, "use getByRole, getByLabel or getByText, or plain CSS");
  }
}

function wanted(actual: unknown, expected: unknown): boolean {
  return expected === undefined || expected === null || (actual ?? false) === expected;
}

function statesFit(el: Element, step: Step): boolean {
  const asked = ["checked", "disabled", "expanded", "level", "pressed", "selected"].filter((key) => step[key] !== undefined && step[key] !== null);
  if (asked.length === 0) return true;
  const states = statesOf(el) as States & Record<string, unknown>;
  return asked.every((key) => wanted(states[key], step[key]));
}

const FIELD_ROLES = ["textbox", "searchbox", "spinbutton"];

/** Whether the element has the role, by ARIA's word or by one that a look prints. */
function roleFits(el: Element, word: string): boolean {
  const heading = /^h([1-6])$/.exec(word);
  if (heading) return roleOf(el) === "heading" && statesOf(el).level === Number(heading[1]);
  const role = roleOf(el);
  switch (word) {
    case "field":
      return FIELD_ROLES.includes(role) || isTextField(el) || isEditingHost(el);
    case "date":
    case "time":
    case "color":
    case "file":
      if (isTag(el, "input") && (el as HTMLInputElement).type.startsWith(word)) return true;
      break;
    case "frame":
    case "iframe":
      return isFrame(el);
  }
  return sameRole(role, longRole(word));
}

function candidates(root: Node, word: string): Element[] {
  const role = longRole(word);
  const native = NATIVE[role] ?? (/^(tab|tabpanel|menuitem|treeitem|alert)$/.test(role) ? "[role]" : "*");
  return deepQuery(root, word === "field" ? "*" : `${native},[role]`);
}

function byRole(root: Node, step: Step): Element[] {
  const word = String(step.role).toLowerCase();
  const found = candidates(root, word).filter(
    (el) => roleFits(el, word) && (step.includeHidden === true || !isHidden(el)) && statesFit(el, step),
  );
  if (step.name === undefined || step.name === null) return found;
  if (step.smart === true) return byBestName(found, String(step.name), nameToFind);
  const match = matcherOf(step.name, step.exact === true);
  return found.filter((el) => match(nameToFind(el)));
}

/** A row is named by its cells (WAI-ARIA 1.2, 5.2.8.4). Browsers compute that
 * only where a row can have the focus, but whoever names one means what it says. */
function nameToFind(el: Element): string {
  const name = nameOf(el);
  if (name !== "" || roleOf(el) !== "row") return name;
  return normalize(cellElements(el).map((cell) => textOf(cell)).join(" "));
}

/** For agents: the exact name, else a cell of just this text, else a part of it. */
function byBestName(found: Element[], name: string, read: (el: Element) => string): Element[] {
  const whole = normalize(name).replace(/…$/, "");
  const exact = found.filter((el) => normalize(read(el)) === whole);
  if (exact.length > 0) return exact;
  const byCell = found.filter((el) => roleOf(el) === "row" && cellsOf(el).includes(whole));
  if (byCell.length > 0) return byCell;
  const match = matcherOf(whole, false);
  return found.filter((el) => match(read(el)));
}

const LABELLED = "input,textarea,select,button,meter,output,progress,[aria-label],[aria-labelledby]";

/** All texts that label an element, each alone: getByLabel matches any of them. */
function labelTexts(el: Element): string[] {
  const ids = el.getAttribute("aria-labelledby");
  if (ids) {
    const root = el.getRootNode() as Document | ShadowRoot;
    const texts = ids.split(/\s+/).map((id) => root.getElementById(id)).filter((ref) => ref !== null).map((ref) => textOf(ref!));
    if (texts.length > 0) return [texts.join(" "), ...texts];
  }
  const own = el.getAttribute("aria-label");
  if (own?.trim()) return [own];
  return (labelsIn(el.getRootNode()).get(el) ?? []).map((label) => textOf(label));
}

function byText(root: Node, match: Match, exact: boolean): Element[] {
  const cache = new Map<Node, string>();
  const matching = new Set<Element>();
  const all = elementsBelow(root).filter((el) => !isSilent(el) && !el.closest("head"));
  for (const el of all) if (match(textOf(el, cache)) || (exact && ownTexts(el).some(match))) matching.add(el);
  const within = new Set<Element>();
  for (const el of matching) {
    for (let up = flatParent(el); up && !within.has(up); up = flatParent(up)) within.add(up);
  }
  return all.filter((el) => matching.has(el) && !within.has(el));
}

function ownTexts(el: Element): string[] {
  return Array.from(el.childNodes).filter((node) => node.nodeType === 3).map((node) => node.nodeValue ?? "");
}

function byAttribute(root: Node, attribute: string, step: Step): Element[] {
  const found = deepQuery(root, `[${attribute}]`);
  if (step.smart === true) return byBestName(found, String(step.text), (el) => el.getAttribute(attribute) ?? "");
  const match = matcherOf(step.text, step.exact === true);
  return found.filter((el) => match(el.getAttribute(attribute) ?? ""));
}

function byTestId(root: Node, id: unknown): Element[] {
  const regex = typeof id === "object" ? matcherOf(id, true) : (text: string) => text === String(id);
  return deepQuery(root, "[data-testid]").filter((el) => regex(el.getAttribute("data-testid") ?? ""));
}

/** Those that people can see, where any can be seen. */
function preferVisible(found: Element[], smart: boolean): Element[] {
  if (!smart || found.length < 2) return found;
  const visible = found.filter(isVisible);
  return visible.length > 0 ? visible : found;
}

function search(root: Node, step: Step): Element[] {
  const smart = step.smart === true;
  switch (step.by) {
    case "role":
      return byRole(root, step);
    case "text": {
      if (!smart) return byText(root, matcherOf(step.text, step.exact === true), step.exact === true);
      const exact = byText(root, matcherOf(step.text, true), true);
      return preferVisible(exact.length > 0 ? exact : byText(root, matcherOf(step.text, false), false), true);
    }
    case "label": {
      const found = deepQuery(root, LABELLED);
      const fits = (match: Match) => found.filter((el) => labelTexts(el).some(match));
      if (!smart) return fits(matcherOf(step.text, step.exact === true));
      const exact = fits(matcherOf(step.text, true));
      return preferVisible(exact.length > 0 ? exact : fits(matcherOf(step.text, false)), true);
    }
    case "placeholder":
      return preferVisible(byAttribute(root, "placeholder", step), smart);
    case "alt":
      return preferVisible(byAttribute(root, "alt", step), smart);
    case "title":
      return preferVisible(byAttribute(root, "title", step), smart);
    case "testid":
      return byTestId(root, step.id);
    case "css":
      return deepQuery(root, String(step.css));
    case "inside":
      return isSteps(step.locator) ? query(step.locator, root) : [];
    case "ref": {
      const el = resolveRef(String(step.ref));
      return root.nodeType === 9 || root.contains(el) ? resolvePath(el, String(step.ref), (step.path ?? []) as Segment[]) : [];
    }
  }
  return fail("bad_target", `no locator step ${JSON.stringify(step.by)}`);
}

const chainOf = (value: unknown): Step[] | undefined => (isSteps(value) ? value : undefined);

function filtered(found: Element[], step: Step): Element[] {
  const has = chainOf(step.has);
  const hasNot = chainOf(step.hasNot);
  const text = step.hasText === undefined ? undefined : matcherOf(step.hasText, false);
  const notText = step.hasNotText === undefined ? undefined : matcherOf(step.hasNotText, false);
  return found.filter(
    (el) =>
      (!has || query(has, el).length > 0) &&
      (!hasNot || query(hasNot, el).length === 0) &&
      (!text || text(textOf(el))) &&
      (!notText || !notText(textOf(el))) &&
      (step.visible === undefined || step.visible === null || isVisible(el) === step.visible),
  );
}

function ordered(a: Element, b: Element): number {
  return a === b ? 0 : a.compareDocumentPosition(b) & 4 ? -1 : 1;
}

/** The document inside a frame, or the error that says how to reach it. */
export function frameDocument(el: Element): Document {
  const inner = isFrame(el) ? el.contentDocument : null;
  if (inner) return inner;
  throw new EngineError("bad_target", isFrame(el) ? "the frame is of another origin" : "no frame: the element is not an iframe", "open the frame's own address");
}

/** All elements that the steps mean below `root`, in document order. */
export function query(steps: Step[], root: Node = document): Element[] {
  let found: Element[] = [];
  let roots: Node[] = [root];
  for (const step of steps) {
    switch (step.by) {
      case "filter":
        found = filtered(found, step);
        break;
      case "nth": {
        const index = Number(step.index);
        const one = found.at(index);
        found = one ? [one] : [];
        break;
      }
      case "and": {
        const other = new Set(query(chainOf(step.locator) ?? [], topOf(root)));
        found = found.filter((el) => other.has(el));
        break;
      }
      case "or":
        found = [...new Set([...found, ...query(chainOf(step.locator) ?? [], topOf(root))])].sort(ordered);
        break;
      case "frame":
        roots = roots.flatMap((from) => deepQuery(from, String(step.css))).map(frameDocument);
        continue;
      default: {
        const all = roots.flatMap((from) => search(from, step));
        found = roots.length > 1 ? [...new Set(all)] : all;
      }
    }
    // What is chained to a frame itself, as agents write it, means its inside.
    roots = found.map((el) => (isFrame(el) ? (el.contentDocument ?? el) : el));
  }
  return found.filter(isElement);
}

function topOf(root: Node): Node {
  return root.nodeType === 9 ? root : (root.ownerDocument ?? root);
}
