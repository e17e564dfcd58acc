// May this element be acted on now? Each test fails with what is in the way;
// act.ts retries them all until the deadline.

import { frame } from "./clock";
import { nounOf } from "./describe";
import { fail } from "./errors";
import { holds, isCheckable, isElement, isTag, isTextField, labelsOf, viewOf, isEditableHost, isPickerField, isSelect } from "./kinds";
import { flatParent } from "./dom";
import { roleOf } from "./roles";
import { statesOf } from "./states";
import { isVisible } from "./visible";
import { quietFor } from "./watch";

export type Point = { x: number; y: number };

export function needAttached(el: Element): void {
  if (!el.isConnected) fail("detached", "the element was taken out of the page", "look again");
}

export function needVisible(el: Element): void {
  needAttached(el);
  if (isVisible(el)) return;
  const style = viewOf(el).getComputedStyle(el);
  const why = style.visibility !== "visible" ? "visibility: hidden" : style.display === "none" || el.getClientRects().length === 0 ? "not displayed" : "of no size";
  fail("hidden", `${nounOf(el)} is not visible (${why})`, "look: something may have to be opened first");
}

export function needEnabled(el: Element): void {
  if (statesOf(el).disabled) fail("disabled", `${nounOf(el)} is disabled`, "look: a field may be missing or invalid");
}

export function needEditable(el: Element): void {
  if (isTextField(el) || isPickerField(el)) {
    if (el.readOnly) fail("readonly", `${nounOf(el)} is read only`);
    return;
  }
  if (statesOf(el).readonly) fail("readonly", `${nounOf(el)} is read only`);
  if (!isEditableHost(el) && !isSelect(el)) fail("readonly", `${nounOf(el)} is no field that can be filled`, "name the field itself, such as field \"Name\"");
}

/** A page that has not changed for this long is not about to move. */
const STILL_MS = 50;

function isAnimated(el: Element): boolean {
  const animations = el.ownerDocument.getAnimations?.() ?? [];
  return animations.some((one) => {
    const target = (one.effect as KeyframeEffect | null)?.target;
    return one.playState === "running" && target != null && holds(target, el);
  });
}

function boxOf(el: Element): string {
  const { x, y, width, height } = el.getBoundingClientRect();
  return `${x} ${y} ${width} ${height}`;
}

/** Two frames in the same place. Where nothing changed and nothing is animated
 * the frames would tell nothing new. */
export async function needStable(el: Element): Promise<void> {
  if (quietFor() > STILL_MS && !isAnimated(el)) return;
  const was = boxOf(el);
  await frame();
  if (boxOf(el) !== was) fail("unstable", `${nounOf(el)} is moving`, "it is waited for; raise wait_s if it moves for longer");
  needAttached(el);
}

/** The innermost element at a point, inside open shadow roots too. */
export function hitAt(document: Document, { x, y }: Point): Element | null {
  let hit = document.elementFromPoint(x, y);
  while (hit?.shadowRoot) {
    const inner = hit.shadowRoot.elementFromPoint(x, y);
    if (!inner || inner === hit) break;
    hit = inner;
  }
  return hit;
}

/** Elements that pass a click on to the target, or whose parts are as good. */
export function standsFor(target: Element, hit: Element): boolean {
  if (holds(target, hit)) return true;
  if (isCheckable(target) && labelsOf(target).some((label) => holds(label, hit))) return true;
  const owner = target.closest("button,a[href],label,summary,[role=button],[role=link]");
  return owner !== null && holds(owner, hit);
}

/** What lies over the target, named by the largest thing that people would name. */
function coverOf(hit: Element, target: Element): Element {
  let cover = hit;
  for (let up: Element | null = hit; up && !holds(up, target); up = flatParent(up)) {
    cover = up;
    if (/^(alert)?dialog$/.test(roleOf(up))) return up;
  }
  return cover;
}

function outOfReach(el: Element): never {
  return fail("covered", `${nounOf(el)} cannot be scrolled into view`, "look: it may be out of reach");
}

export function needHit(target: Element, at: Point): void {
  const hit = hitAt(target.ownerDocument, at);
  if (!hit) outOfReach(target);
  if (!standsFor(target, hit!)) {
    const cover = coverOf(hit!, target);
    const what = holds(cover, target) ? "it takes no pointer events" : `it is covered by ${nounOf(cover)}`;
    fail("covered", `${nounOf(target)} cannot be clicked: ${what}`, "close what covers it first");
  }
  needFrames(target.ownerDocument, at);
}

/** The frames that the document lies in must not be covered either. */
function needFrames(document: Document, at: Point): void {
  const owner = document.defaultView?.frameElement;
  if (!isElement(owner)) return;
  const box = owner.getBoundingClientRect();
  const outer = { x: box.left + owner.clientLeft + at.x, y: box.top + owner.clientTop + at.y };
  const hit = hitAt(owner.ownerDocument, outer);
  if (hit && !holds(owner, hit)) fail("covered", `the frame is covered by ${nounOf(coverOf(hit, owner))}`, "close what covers it first");
  needFrames(owner.ownerDocument, outer);
}

function clip(low: number, high: number, most: number): number | undefined {
  const [from, to] = [Math.max(low, 0), Math.min(high, most)];
  return to - from >= 1 ? (from + to) / 2 : undefined;
}

/** The middle of what can be seen of an element, in its document's viewport. */
export function middleOf(el: Element, offset?: Point): Point | undefined {
  const view = viewOf(el);
  if (offset) {
    const box = el.getBoundingClientRect();
    return { x: box.left + el.clientLeft + offset.x, y: box.top + el.clientTop + offset.y };
  }
  for (const box of Array.from(el.getClientRects())) {
    const x = clip(box.left, box.right, view.innerWidth);
    const y = clip(box.top, box.bottom, view.innerHeight);
    if (x !== undefined && y !== undefined) return { x, y };
  }
  return isTag(el, "label") || el.children.length === 1 ? childMiddle(el) : undefined;
}

/** An inline box of no size of its own is clicked on its content. */
function childMiddle(el: Element): Point | undefined {
  const child = el.firstElementChild;
  return child ? middleOf(child) : undefined;
}

const ALIGNMENTS: (ScrollLogicalPosition | "none")[] = ["none", "center", "end", "start", "nearest"];

/** Scrolls until the element's middle receives events, trying alignments that
 * bring it out from under what is fixed to an edge. */
export function reach(el: Element, offset?: Point): Point {
  let problem: unknown;
  for (const block of ALIGNMENTS) {
    if (block !== "none") el.scrollIntoView({ block, inline: block === "nearest" ? "nearest" : "center", behavior: "instant" });
    try {
      const at = middleOf(el, offset);
      if (!at) outOfReach(el);
      needHit(el, at!);
      return at!;
    } catch (error) {
      problem ??= block === "none" && !middleOf(el, offset) ? undefined : error;
    }
  }
  throw problem;
}
