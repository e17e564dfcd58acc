// Dialogs with a form: native <dialog>, labels, one alert for what was refused.

import { fill, h, type Child } from "./dom";
import { inPerson, sentence, showProblem, type Problem } from "./errors";

export type Field = {
  name: string;
  /** Another member of the operation's input that the field may stand for. */
  alias?: string;
  label: string;
  kind?: "text" | "number" | "long" | "password" | "checkbox" | "select" | "checkboxes" | "file" | "moment";
  hint?: string;
  value?: string;
  readonly?: boolean;
  rows?: number;
  checked?: boolean;
  options?: readonly { value: string; label: string; checked?: boolean }[];
  /** Of a file: what can be chosen, as in the attribute. */
  accept?: string;
};

/** What the fields hold, by their names. */
export type Values = {
  text(name: string): string;
  /** Whether the field was filled in, be it with what it held before. */
  touched(name: string): boolean;
  checked(name: string): boolean;
  chosen(name: string): string[];
  file(name: string): File | undefined;
  /** Presses the button again with another text in a field. */
  again(name: string, text: string): void;
};

export type FormOptions = {
  title: string;
  intro?: Child;
  fields: Field[];
  submit: string;
  danger?: boolean;
  /** For long texts. */
  wide?: boolean;
  /** Only a hand may press the button: a script that an agent drives acts with
   * the session of the person whose tab it is, so the page itself refuses it. */
  inPerson?: boolean;
  /** What the button that only closes says; "Cancel" when it is left out. */
  close?: string;
  /** Another answer than that of the button, beside it. */
  other?: { label: string; act(): Promise<void> };
  /** Closes the dialog when its question has been answered elsewhere. */
  until?: AbortSignal;
  /** A button that shows what would be done; what is typed afterwards takes the
   * answer away. */
  preview?: { label: string; show(values: Values): Promise<Child> };
  /** Says more than the hint does about what was refused, such as what has
   * changed meanwhile. */
  help?(problem: Problem, values: Values): Promise<Node | null>;
  /** Carries the form out; what it throws is shown in the dialog. The signal
   * ends when the dialog is closed meanwhile. */
  act(values: Values, signal: AbortSignal): Promise<void>;
  /** After act, once the dialog has closed. */
  after?(): void | Promise<void>;
};

let ids = 0;

/** Opens a dialog with a form and resolves when it has closed: true when its
 * action was carried out. */
export async function openForm(options: FormOptions): Promise<boolean> {
  const submit = h("button", { type: "submit", class: options.danger ? "danger" : "primary" }, options.submit);
  const fields = options.fields.map(build);
  const refused = h("div");
  const foreseen = h("div", { class: "foreseen", "aria-live": "polite" });
  const look = options.preview && h("button", { type: "button" }, options.preview.label);
  const other = options.other && h("button", { type: "button", class: "danger" }, options.other.label);
  const form = h(
    "form",
    { novalidate: true },
    options.intro ? h("div", { class: "intro" }, options.intro) : null,
    refused,
    fields.map((field) => field.element),
    look ? foreseen : null,
    h("div", { class: "actions" }, h("button", { type: "button", onclick: () => dialog.close() }, options.close ?? "Cancel"), look, other, submit),
  );
  const dialog = frame(options.title, form);
  if (options.wide) dialog.classList.add("wide");
  const values = valuesOf(form, fields);
  form.addEventListener("input", () => foreseen.replaceChildren());
  const ended = new AbortController();
  dialog.addEventListener("close", () => ended.abort());
  let carriedOut = false;
  let byHand = !options.inPerson;

  async function attempt(button: HTMLButtonElement, act: () => Promise<void>): Promise<void> {
    if (button.disabled) return;
    button.disabled = true;
    refused.replaceChildren();
    for (const field of fields) field.control.removeAttribute("aria-invalid");
    try {
      await act();
    } catch (error) {
      const problem = refuse(refused, fields, error);
      const help = await options.help?.(problem, values);
      if (help) refused.replaceChildren(refused.firstElementChild ?? "", help);
    } finally {
      button.disabled = false;
    }
  }
  submit.addEventListener("click", (event) => (byHand ||= event.isTrusted));
  options.until?.addEventListener("abort", () => dialog.close());
  other?.addEventListener("click", (event) => {
    if (options.inPerson && !event.isTrusted) return void refuse(refused, fields, inPerson());
    void attempt(other, async () => {
      await options.other?.act();
      carriedOut = true;
      dialog.close();
    });
  });
  look?.addEventListener("click", () => void attempt(look, async () => fill(foreseen, await options.preview?.show(values))));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!byHand) return void refuse(refused, fields, inPerson());
    await attempt(submit, async () => {
      await options.act(values, ended.signal);
      carriedOut = true;
      dialog.close();
    });
  });
  await shown(dialog);
  if (carriedOut) await options.after?.();
  return carriedOut;
}

function valuesOf(form: HTMLFormElement, fields: Built[]): Values {
  const touched = new Set<string>();
  const touch = (event: Event): void => void touched.add((event.target as HTMLInputElement).name);
  form.addEventListener("input", touch);
  form.addEventListener("change", touch);
  const byName = (name: string): Built => {
    const found = fields.find((field) => field.name === name);
    if (!found) throw new Error(`no field ${name}`);
    return found;
  };
  return {
    touched: (name) => touched.has(name),
    text: (name) => String(byName(name).read()),
    checked: (name) => byName(name).read() === true,
    chosen: (name) => byName(name).read() as string[],
    file: (name) => byName(name).read() as File | undefined,
    again(name, text) {
      (byName(name).control as HTMLInputElement | HTMLTextAreaElement).value = text;
      form.requestSubmit();
    },
  };
}

/** Says in the form what was refused, and marks the field at fault. */
function refuse(place: HTMLElement, fields: Built[], error: unknown): Problem {
  const alert = h("p", { role: "alert", class: "alert", id: `refused-${++ids}` });
  const problem = showProblem(alert, error);
  place.replaceChildren(alert, ...(problem.hint ? [h("p", { class: "hint" }, sentence(problem.hint))] : []));
  const member = problem.field.split(/[.[]/)[0]; // doc.age is in the field doc
  const at = fields.find((candidate) => candidate.name === member || (candidate.alias !== undefined && candidate.alias === member));
  at?.control.setAttribute("aria-invalid", "true");
  at?.control.focus();
  return problem;
}

/** Opens a dialog that only shows something. */
export function show(title: string, width: "narrow" | "wide", ...content: Child[]): Promise<void> {
  const close = h("button", { type: "button", class: "primary", onclick: () => dialog.close() }, "Done");
  const dialog = frame(title, h("div", null, content, h("div", { class: "actions" }, close)));
  if (width === "wide") dialog.classList.add("wide");
  return shown(dialog);
}

function frame(title: string, content: Node): HTMLDialogElement {
  const id = `dialog-${++ids}`;
  return h("dialog", { "aria-labelledby": id }, h("h2", { id }, title), content);
}

function shown(dialog: HTMLDialogElement): Promise<void> {
  document.body.append(dialog);
  dialog.showModal();
  const first = document.activeElement;
  if (first instanceof HTMLTextAreaElement) {
    first.setSelectionRange(0, 0);
    first.scrollTop = 0;
  }
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve();
    });
  });
}

type Built = { name: string; alias: string | undefined; control: HTMLElement; element: HTMLElement; read(): Read };

type Read = string | boolean | string[] | File | undefined;

function build(field: Field): Built {
  const id = `field-${++ids}`;
  const hint = field.hint ? h("p", { class: "hint", id: `${id}-hint` }, field.hint) : null;
  const { control, read, content } = controls[field.kind ?? "text"](field, id);
  if (hint) control.setAttribute("aria-describedby", hint.id);
  return { name: field.name, alias: field.alias, control, read, element: h("div", { class: "field" }, content, hint) };
}

type Control = { control: HTMLElement; content: Child; read(): Read };

function labelled(field: Field, id: string, control: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement): Control {
  control.id = id;
  control.name = field.name;
  if (field.readonly) control.setAttribute("readonly", "");
  return { control, content: [h("label", { for: id }, field.label), control], read: () => control.value };
}

const controls: Record<NonNullable<Field["kind"]>, (field: Field, id: string) => Control> = {
  text: (field, id) => labelled(field, id, h("input", { type: "text", autocomplete: "off", spellcheck: "false", value: field.value ?? "" })),
  password: (field, id) => labelled(field, id, h("input", { type: "password", autocomplete: "new-password", "data-private": true })),
  number: (field, id) => labelled(field, id, h("input", { type: "text", inputmode: "numeric", autocomplete: "off", value: field.value ?? "" })),
  moment: (field, id) => labelled(field, id, h("input", { type: "datetime-local", step: "1", value: field.value ?? "" })),
  long: (field, id) => labelled(field, id, h("textarea", { rows: String(field.rows ?? 7), class: "code", spellcheck: "false", value: field.value ?? "" })),
  select: (field, id) => {
    const options = (field.options ?? []).map((o) => h("option", { value: o.value, selected: o.value === field.value }, o.label));
    return labelled(field, id, h("select", null, options));
  },
  file: (field, id) => {
    const control = h("input", { type: "file", accept: field.accept });
    return { ...labelled(field, id, control), read: () => control.files?.[0] };
  },
  checkbox: (field, id) => {
    const control = h("input", { type: "checkbox", id, name: field.name, checked: field.checked ?? false });
    return { control, content: h("label", { class: "check", for: id }, control, field.label), read: () => control.checked };
  },
  checkboxes: (field, id) => {
    const boxes = (field.options ?? []).map((o) => h("input", { type: "checkbox", value: o.value, checked: o.checked ?? false }));
    const labels = boxes.map((box, i) => h("label", { class: "check" }, box, field.options?.[i]?.label));
    const control = h("fieldset", { id, tabindex: "-1" }, h("legend", null, field.label), h("div", { class: "boxes" }, labels));
    return { control, content: control, read: () => boxes.filter((box) => box.checked).map((box) => box.value) };
  },
};
