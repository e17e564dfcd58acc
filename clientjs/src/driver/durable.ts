// A locator that outlives the document: what somebody saw and acted on, said by
// role, name and place, so that a recipe finds it in another document tomorrow.
// The first way of saying it that means this element alone is taken; what only
// this document knows (refs, positions) comes last.

import { withCache } from "./cache";
import { labelOf } from "./controls";
import { isElement } from "./kinds";
import { composedParent } from "./dom";
import { GENERATED } from "./keys";
import { query } from "./locate";
import { roleOf } from "./roles";
import { cellElements, cellsOf, isRowLike } from "./rows";
import { normalize, textOf } from "./words";
import type { Step } from "./wire";
import { setOf } from "./sets";

/** Roles that say nothing by themselves. */
const MUTE = new Set(["", "generic", "none", "presentation", "LabelText", "StaticText"]);

/** What a name is looked for inside of, from the nearest outwards. */
const PLACES = setOf("dialog alertdialog main navigation region form complementary group tabpanel table grid search row listitem article list");

const LONGEST = 120;

function only(steps: Step[], el: Element): boolean {
  const found = query(steps);
  return found.length === 1 && found[0] === el;
}

function byAttributes(el: Element): Step[][] {
  const out: Step[][] = [];
  const id = el.getAttribute("data-testid");
  if (id) out.push([{ by: "testid", id }]);
  for (const [attribute, by] of [["placeholder", "placeholder"], ["alt", "alt"], ["title", "title"]] as const) {
    const text = normalize(el.getAttribute(attribute) ?? "");
    if (text !== "") out.push([{ by, text, exact: true }]);
  }
  return out;
}

function byLabel(el: Element): Step[][] {
  const labels = (el as HTMLInputElement).labels;
  const text = labels?.length ? normalize(textOf(labels[0]!)) : normalize(el.getAttribute("aria-label") ?? "");
  return text === "" || text.length > LONGEST ? [] : [[{ by: "label", text, exact: true }]];
}

function byCss(el: Element): Step[][] {
  const out: Step[][] = [];
  const key = el.getAttribute("data-key");
  if (key) out.push([{ by: "css", css: `[data-key=${JSON.stringify(key)}]` }]);
  if (el.id && !GENERATED.test(el.id)) out.push([{ by: "css", css: `#${CSS.escape(el.id)}` }]);
  const name = el.getAttribute("name");
  if (name) out.push([{ by: "css", css: `${el.localName}[name=${JSON.stringify(name)}]` }]);
  return out;
}

/** A row by one of its cells, the first that no other row has. */
function byCells(row: Element, role: Step): Step[][] {
  const cells = cellElements(row).map((cell) => [roleOf(cell), labelOf(cell)] as const).filter(([, name]) => name !== "" && name.length <= LONGEST);
  const out: Step[][] = cells.map(([cell, name]) => [role, { by: "filter", has: [{ by: "role", role: cell, name, exact: true }] }]);
  for (const text of cellsOf(row).filter((one) => one.length <= LONGEST)) out.push([role, { by: "filter", hasText: text }]);
  return out;
}

/** The ways of saying what an element is, best first. */
function waysOf(el: Element): Step[][] {
  const role = roleOf(el);
  const name = labelOf(el);
  const out: Step[][] = [];
  if (isRowLike(el)) out.push(...byCells(el, { by: "role", role }));
  else if (!MUTE.has(role) && name !== "" && name.length <= LONGEST) out.push([{ by: "role", role, name, exact: true }]);
  out.push(...byLabel(el), ...byAttributes(el));
  const text = normalize(textOf(el));
  if (MUTE.has(role) && text !== "" && text.length <= LONGEST) out.push([{ by: "text", text, exact: true }]);
  if (!MUTE.has(role) && /^(status|alert|heading|paragraph|cell|gridcell)$/.test(role) && text !== "" && text.length <= LONGEST) {
    out.push([{ by: "role", role }, { by: "filter", hasText: text }]);
  }
  if (!MUTE.has(role) && !isRowLike(el)) out.push([{ by: "role", role }]);
  out.push(...byCss(el));
  return out;
}

/** Places around the element that can be said themselves, the nearest first. */
function placesOf(el: Element): Step[][] {
  const out: Step[][] = [];
  for (let up = composedParent(el); up && out.length < 4; up = composedParent(up)) {
    if (!isElement(up) || !PLACES.has(roleOf(up)) || (labelOf(up) === "" && !isRowLike(up))) continue;
    const way = waysOf(up).find((steps) => only(steps, up!));
    if (way) out.push(way);
  }
  return out;
}

/** The steps that find the element again, undefined where only its position would. */
export function durable(el: Element): Step[] | undefined {
  return withCache(() => {
    const ways = waysOf(el);
    const alone = ways.find((steps) => only(steps, el));
    if (alone && alone[0]!.by !== "css") return alone;
    const places = placesOf(el);
    for (const place of places) for (const way of ways) if (way[0]!.by !== "css" && only([...place, ...way], el)) return [...place, ...way];
    if (alone) return alone;
    for (const steps of [...places.map((place) => [...place, ...(ways[0] ?? [])]), ways[0] ?? []]) {
      if (steps.length === 0) continue;
      const index = query(steps).indexOf(el);
      if (index >= 0) return [...steps, { by: "nth", index }];
    }
    return undefined;
  });
}

/** Steps as an agent said them, without what only a target of agents may do;
 * undefined where they hold a ref. */
export function plainly(steps: Step[]): Step[] | undefined {
  if (steps.length === 0 || steps.some((step) => step.by === "ref")) return undefined;
  return steps.map(({ smart: _, said: __, ...rest }) => rest as Step);
}
