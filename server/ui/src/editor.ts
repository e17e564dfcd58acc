// A field for source text: lines with numbers, Tab that indents, marks where a
// compiler has found something. It is a textarea, so undo, find, spelling of
// screen readers and every input method are the browser's own.

import { fill, h } from "./dom";

export type Editor = {
  element: HTMLElement;
  field: HTMLTextAreaElement;
  /** Moves the cursor to a line and a column, both counted from 1. */
  goTo(line: number, column: number): void;
  /** Marks lines in the margin. */
  mark(lines: readonly number[]): void;
};

export type EditorOptions = { id: string; label: string; value: string; changed(): void; save(): void };

const indent = "  ";

export function newEditor(o: EditorOptions): Editor {
  let marked: readonly number[] = [];
  let shown = 0;
  const margin = h("div", { class: "margin", "aria-hidden": "true" });
  const note = h("p", { class: "hint", id: `${o.id}-keys` }, "Tab indents, Shift+Tab takes it back; Esc, then Tab leaves the field. Ctrl+S saves.");
  const field = h("textarea", {
    id: o.id, name: o.id, class: "code", wrap: "off", rows: "24", spellcheck: "false", autocapitalize: "off", autocomplete: "off",
    "aria-describedby": note.id, value: o.value, oninput: changed, onscroll: follow, onkeydown: newKeys(o.save),
  });

  function number(): void {
    const count = field.value.split("\n").length;
    if (count === shown) return;
    shown = count;
    fill(margin, Array.from({ length: count }, (_, i) => h("span", { class: marked.includes(i + 1) ? "marked" : "" }, i + 1)));
    follow();
  }
  function follow(): void {
    margin.scrollTop = field.scrollTop;
  }
  function changed(): void {
    number();
    o.changed();
  }
  number();
  return {
    element: h("div", { class: "field" }, h("label", { for: o.id }, o.label), h("div", { class: "editor" }, margin, field), note),
    field,
    mark(lines) {
      marked = lines;
      shown = 0;
      number();
    },
    goTo(line, column) {
      const lines = field.value.split("\n");
      const before = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
      const at = before + Math.min(column - 1, lines[line - 1]?.length ?? 0);
      field.focus();
      field.setSelectionRange(at, at);
      field.scrollTop = Math.max(0, (line - 4) * (field.scrollHeight / Math.max(1, lines.length)));
    },
  };
}

/** What the keys do. After Esc the next Tab goes on to the next field. */
function newKeys(save: () => void): (event: KeyboardEvent) => void {
  let leaving = false;
  return (event) => {
    const field = event.currentTarget as HTMLTextAreaElement;
    if (event.key === "s" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      save();
    } else if (event.key === "Tab" && !leaving && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      shift(field, event.shiftKey);
    } else if (event.key === "Enter" && !event.isComposing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      const line = field.value.slice(0, field.selectionStart).split("\n").at(-1) ?? "";
      insert(`\n${/^\s*/.exec(line)?.[0] ?? ""}${/[{[(]$/.test(line) ? indent : ""}`);
    }
    if (event.key !== "Shift") leaving = event.key === "Escape";
  };
}

/** Puts text in the place of what is selected, in a way that the browser can undo. */
function insert(text: string): void {
  document.execCommand("insertText", false, text);
}

/** Indents at the cursor, or every line of what is selected; back takes it away. */
function shift(field: HTMLTextAreaElement, back: boolean): void {
  const { selectionStart: from, selectionEnd: to, value } = field;
  if (from === to && !back) return insert(indent);
  const start = value.lastIndexOf("\n", from - 1) + 1;
  const lines = value.slice(start, to).split("\n");
  const text = lines.map((line) => (back ? line.replace(/^ {1,2}|^\t/, "") : line && indent + line)).join("\n");
  if (text === value.slice(start, to)) return;
  field.setSelectionRange(start, to);
  insert(text);
  if (from === to) field.setSelectionRange(Math.max(start, from + text.length - (to - start)), Math.max(start, from + text.length - (to - start)));
  else field.setSelectionRange(start, start + text.length);
}
