// Elements without a framework: one function that makes them, one that brings
// a list of rows up to date without touching rows that have not changed.

export type Child = Node | string | number | null | undefined | false | Child[];
export type Props = Record<string, unknown>;

/** Makes an element. `on…` functions become listeners, true an empty attribute. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, props?: Props | null, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2).toLowerCase(), value as EventListener);
    else if (name === "value" || name === "checked") Reflect.set(element, name, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

export function append(parent: Node, children: Child[]): void {
  for (const child of children) {
    if (Array.isArray(child)) append(parent, child);
    else if (child instanceof Node) parent.appendChild(child);
    else if (child !== null && child !== undefined && child !== false) parent.appendChild(document.createTextNode(String(child)));
  }
}

/** Replaces all children. */
export function fill(parent: Element, ...children: Child[]): void {
  parent.replaceChildren();
  append(parent, children);
}

/** Gives each cell the name of its column, which a narrow page shows beside it. */
function label(body: Element, row: Element): void {
  const head = body.closest("table")?.tHead?.rows[0];
  if (!head || !(row instanceof HTMLTableRowElement)) return;
  [...row.cells].forEach((cell, i) => {
    if (cell.tagName === "TD" && !cell.classList.contains("row-actions")) cell.dataset.label = head.cells[i]?.textContent ?? "";
  });
}

/** Puts a row in the place of another; what has the focus in it keeps it. */
function replace(row: Element, fresh: Element): void {
  const controls = "a, button, summary";
  const at = [...row.querySelectorAll(controls)].findIndex((control) => control === document.activeElement);
  row.replaceWith(fresh);
  if (at >= 0) fresh.querySelectorAll<HTMLElement>(controls)[at]?.focus({ preventScroll: true });
}

const rendered = new WeakMap<Element, string>();

/** Makes the rows of parent those of items. A row stays the same element while
 * its item does, so that focus, selection and an agent's refs survive. */
export function rows<T>(parent: Element, items: readonly T[], key: (item: T) => string, render: (item: T) => HTMLElement): void {
  const old = new Map<string, Element>();
  for (const row of [...parent.children]) old.set(row.getAttribute("data-key") ?? "", row);
  let before: Element | null = parent.firstElementChild;
  for (const item of items) {
    const id = key(item);
    const now = JSON.stringify(item);
    let row = old.get(id);
    old.delete(id);
    if (!row || rendered.get(row) !== now) {
      const fresh = render(item);
      fresh.setAttribute("data-key", id);
      rendered.set(fresh, now);
      label(parent, fresh);
      if (row === before) before = row?.nextElementSibling ?? null;
      if (row) replace(row, fresh);
      if (!row) parent.insertBefore(fresh, before);
      row = fresh;
    }
    if (row === before) before = before.nextElementSibling;
    else if (row.nextElementSibling !== before || row.parentElement !== parent) parent.insertBefore(row, before);
  }
  for (const row of old.values()) row.remove();
}
