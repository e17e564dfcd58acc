// Tables: which are laid out as tables only for looks, and what their cells are.

import { memo } from "./cache";
import { closestFlat, flatParent, isHTML, isTag } from "./dom";
import { authoredRole, isEditingHost, namesRole, resolvedRole } from "./roles";
import { styleOf } from "./style";

/** The table that a part belongs to, through row and row group only. */
export const tableOf = memo((el: Element): HTMLTableElement | null => {
  for (let up = flatParent(el); up !== null && isHTML(up); up = flatParent(up)) {
    if (up.localName === "table") return up as HTMLTableElement;
    if (!/^(?:tr|tbody|thead|tfoot)$/.test(up.localName)) return null;
  }
  return null;
});

/**
 * Whether a table has no meaning as one. No specification says when; browsers
 * judge by markup that only data has, then by size, borders and colours.
 */
export const isLayoutTable = memo((el: Element): boolean => {
  const table = el as HTMLTableElement;
  if ((authoredRole(el) !== "none" && namesRole(el)) || isEditable(el)) return false;
  if (table.rows.length >= manyRows && table.rows[0]!.cells.length > 1) return false;
  return !hasDataMarkup(table) && (cellsOf(table).length <= 1 || !looksLikeData(table));
});

const isEditable = (el: Element): boolean =>
  isEditingHost(el) || closestFlat(el, isEditingHost) !== null || el.ownerDocument.designMode === "on";

function hasDataMarkup(table: HTMLTableElement): boolean {
  if (table.caption || table.tHead || table.tFoot || attribute(table, "summary") || attribute(table, "rules")) return true;
  if ([...table.children].some((child) => isTag(child, "col", "colgroup"))) return true;
  const cells = cellsOf(table);
  return cells.length > 1 && cells.some((cell) => cell.localName === "th" || ["headers", "abbr", "axis", "scope"].some((name) => attribute(cell, name)));
}

const attribute = (el: Element, name: string): boolean => (el.getAttribute(name) ?? "") !== "";

const cellsOf = (table: HTMLTableElement): HTMLTableCellElement[] => [...table.rows].flatMap((row) => [...row.cells]);

// The number of rows that alone makes a table one of data.
const manyRows = 20;
// The number of rows whose colours are compared for stripes.
const stripeRows = 5;

function looksLikeData(table: HTMLTableElement): boolean {
  const rows = [...table.rows];
  if (rows.length >= manyRows) return true;
  const cells = cellsOf(table).filter((cell) => cell.offsetWidth > 0 && cell.offsetHeight > 0);
  if (cells.length <= 1) return false;
  const half = cells.length / 2;
  return cells.some((cell) => styleOf(cell)?.emptyCells === "hide") ||
    sidesWithBorder(cells).some((count) => count >= half) ||
    (isSpaced(table) && cells.filter((cell) => isColouredApart(cell, table)).length >= half) ||
    isStriped(rows);
}

/** How many cells have each border, and how many a pair of opposite ones. */
function sidesWithBorder(cells: HTMLTableCellElement[]): number[] {
  const counts = [0, 0, 0, 0, 0];
  for (const cell of cells) {
    const style = styleOf(cell);
    const sides = [style?.borderTopWidth, style?.borderBottomWidth, style?.borderLeftWidth, style?.borderRightWidth]
      .map((width) => parseFloat(width ?? "0") > 0);
    sides.forEach((side, i) => { if (side) counts[i] = (counts[i] ?? 0) + 1; });
    if ((sides[0] && sides[1]) || (sides[2] && sides[3])) counts[4] = (counts[4] ?? 0) + 1;
  }
  return counts;
}

const isSpaced = (table: Element): boolean =>
  (styleOf(table)?.borderSpacing ?? "").split(" ").every((gap) => parseFloat(gap) > 0);

const background = (el: Element): string => styleOf(el)?.backgroundColor ?? "";

const isTransparent = (color: string): boolean => color === "transparent" || /[,/]\s*0\)$/.test(color);

const isColouredApart = (cell: Element, table: Element): boolean =>
  !isTransparent(background(cell)) && background(cell) !== background(table);

function isStriped(rows: HTMLTableRowElement[]): boolean {
  const colours = rows.slice(0, stripeRows).map(background);
  if (colours.length <= 2) return false;
  return colours.every((colour, i) => (colour === colours[0]) === (i % 2 === 0));
}

/** HTML-AAM, "td" and "th". */
export function cellRole(el: Element): string {
  const table = tableOf(el);
  const row = flatParent(el);
  if (table === null || row === null || resolvedRole(row) !== "row") return "generic";
  if (el.localName === "th") return headerRole(el as HTMLTableCellElement);
  return ["grid", "treegrid"].includes(resolvedRole(table)) ? "gridcell" : "cell";
}

/** HTML, "header and data cell semantics", and HTML-AAM, "th": whether it heads its row or its column. */
function headerRole(th: HTMLTableCellElement): string {
  const scope = (th.getAttribute("scope") ?? "").toLowerCase();
  if (scope === "row" || scope === "rowgroup") return "rowheader";
  if (scope === "col" || scope === "colgroup") return "columnheader";
  const row = th.parentElement as HTMLTableRowElement | null;
  const others = row === null ? [] : [...row.cells].filter((cell) => cell !== th);
  return others.some((cell) => cell.localName === "td") ? "rowheader" : "columnheader";
}
