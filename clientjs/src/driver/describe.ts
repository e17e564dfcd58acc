// How elements and locators are named in messages: shortly, and in words that
// work as a target.

import { flatParent } from "./dom";
import { labelOf, wordOf } from "./controls";
import { refOf } from "./refs";
import { roleOf } from "./roles";
import { cellsOf, isRowLike } from "./rows";
import { cut, normalize, quoted, textOf } from "./words";
import { isRegexForm, isSteps, type Step } from "./wire";
import { setOf } from "./sets";

/** An element in a word and its name. */
export function nounOf(el: Element): string {
  const word = wordOf(el);
  const name = labelOf(el) || cut(normalize(textOf(el)), 40);
  const tag = word === "generic" || word === "none" || word === "" ? `<${el.localName}>` : word;
  return name === "" ? tag : `${tag} ${quoted(name, 60)}`;
}

const PLACES = setOf("dialog alertdialog main navigation region form complementary group tabpanel table grid");

/** The nearest thing around it that people would name. */
function placeOf(el: Element): string {
  for (let up = flatParent(el); up; up = flatParent(up)) {
    if (isRowLike(up)) {
      const key = up.getAttribute("data-key");
      const says = cellsOf(up)[0];
      if (key) return ` in row #${key}`;
      if (says) return ` in ${wordOf(up)} ${quoted(says, 40)}`;
    }
    if (PLACES.has(roleOf(up)) && labelOf(up) !== "") return ` in ${nounOf(up)}`;
  }
  return "";
}

/** A candidate of an error: a ref to use and what it is. */
export function candidate(el: Element): string {
  return `${refOf(el)} ${nounOf(el)}${placeOf(el)}`;
}

export const MOST_CANDIDATES = 5;

export function candidates(found: Element[]): string {
  const more = found.length > MOST_CANDIDATES ? `, … ${found.length - MOST_CANDIDATES} more` : "";
  return found.slice(0, MOST_CANDIDATES).map(candidate).join("; ") + more;
}

function shown(value: unknown): string {
  if (isRegexForm(value)) return `/${value.regex}/${value.flags}`;
  return quoted(String(value), 60);
}

function stepText(step: Step): string {
  if (typeof step.said === "string") return step.said;
  switch (step.by) {
    case "role":
      return String(step.role) + (step.name === undefined || step.name === null ? "" : ` ${shown(step.name)}`);
    case "testid":
      return `testid ${shown(step.id)}`;
    case "css":
    case "frame":
      return `${step.by} ${shown(step.css)}`;
    case "nth":
      return step.index === -1 ? "last" : step.index === 0 ? "first" : `nth ${String(step.index)}`;
    case "and":
    case "or":
    case "inside":
      return `${step.by} (${isSteps(step.locator) ? chainText(step.locator) : ""})`;
    case "filter": {
      const parts = ["hasText", "hasNotText"].filter((key) => step[key] !== undefined).map((key) => `${key} ${shown(step[key])}`);
      for (const key of ["has", "hasNot"]) if (isSteps(step[key])) parts.push(`${key} (${chainText(step[key] as Step[])})`);
      if (typeof step.visible === "boolean") parts.push(step.visible ? "visible" : "not visible");
      return `with ${parts.join(", ")}`;
    }
  }
  return `${step.by} ${shown(step.text)}`;
}

/** A locator chain as one would say it. */
export function chainText(steps: Step[]): string {
  return steps.map(stepText).join(" > ");
}
