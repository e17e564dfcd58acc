// From a locator to the one element it means.

import { labelOf } from "./controls";
import { candidates, chainText } from "./describe";
import { fail } from "./errors";
import type { Target } from "./grammar";
import { printTarget } from "./grammar";
import { deepQuery, query } from "./locate";
import { roleOf } from "./roles";
import { longRole, sameRole } from "./shortroles";
import { normalize, quoted } from "./words";
import { isHidden } from "./visible";
import type { Step } from "./wire";

/** The steps that a target of the agents' grammar means. */
export function stepsOf(target: Target): Step[] {
  return target.map((part): Step => {
    const said = printTarget([part]);
    if ("ref" in part) return { by: "ref", ref: part.ref, path: part.path, said };
    if ("role" in part) return { by: "role", role: part.role, ...(part.name === undefined ? {} : { name: part.name }), smart: true, said };
    if (part.kind === "testid") return { by: "testid", id: part.value, said };
    if (part.kind === "css") return { by: "css", css: part.value, said };
    return { by: part.kind, text: part.value, smart: true, said };
  });
}

/** What stands there instead: names of the same role, nearest first. */
function instead(steps: Step[]): string {
  const step = [...steps].reverse().find((one) => one.by === "role");
  if (!step) return "";
  const role = longRole(String(step.role).toLowerCase());
  const same = deepQuery(document, "*").filter((el) => sameRole(roleOf(el), role) && !isHidden(el));
  const word = String(step.role);
  if (same.length === 0) return `; there is no ${word} here`;
  const wanted = normalize(String(step.name ?? "")).toLowerCase();
  const names = [...new Set(same.map((el) => labelOf(el)))].sort((a, b) => distance(a, wanted) - distance(b, wanted));
  const list = names.slice(0, 5).map((name) => quoted(name, 40)).join(", ");
  return `; ${word} here: ${list}${names.length > 5 ? `, … ${names.length - 5} more` : ""}`;
}

/** A coarse likeness: shared beginnings and words count, then length. */
function distance(name: string, wanted: string): number {
  const lower = name.toLowerCase();
  if (wanted === "") return 0;
  if (lower.includes(wanted) || wanted.includes(lower)) return 1;
  const words = new Set(lower.split(/\W+/).filter(Boolean));
  const shared = wanted.split(/\W+/).filter((word) => words.has(word)).length;
  let prefix = 0;
  while (prefix < lower.length && lower[prefix] === wanted[prefix]) prefix++;
  return 100 - shared * 20 - prefix;
}

/** The only element that the steps mean; an error that helps where it is not so. */
export function oneOf(steps: Step[]): Element {
  const found = query(steps);
  if (found.length === 1) return found[0]!;
  const text = chainText(steps);
  if (found.length === 0) return fail("no_match", `nothing matches ${text}${instead(steps)}`, "look, or find the element by its text");
  return fail("ambiguous", `${found.length} elements match ${text}: ${candidates(found)}`, "use one of these refs, or say more: `in`, an exact name, filter or nth");
}

