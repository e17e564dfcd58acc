// Dialogs with a form: native <dialog>, labels, one alert for what was refused.

import { h, type Child } from "./dom";
import { inPerson, sentence, showProblem } from "./errors";

export type Field = {
  name: string;
  label: string;
  kind?: "text" | "number" | "long" | "password" | "checkbox" | "select" | "checkboxes";
  hint?: string;
  value?: string;
  readonly?: boolean;
  rows?: number;
  checked?: boolean;
  options?: readonly { value: string; label: string; checked?: boolean }[];
};

/** What the fields hold, by their names. */
export type Values = {
  text(name: string): string;
  /** Whether the field was filled in, be it with what it held before. */
  touched(name: string): boolean;
  checked(name: string): boolean;
  chosen(name: string): string[];
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
  /** Carries the form out; what it throws is shown in the dialog. */
  act(values: Values): Promise<void>;
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
  const form = h(
    "form",
    { novalidate: true },
    options.intro ? h("div", { class: "intro" }, options.intro) : null,
    refused,
    fields.map((field) => field.element),
    h("div", { class: "actions" }, h("button", { type: "button", onclick: () => dialog.close() }, "Cancel"), submit),
  );
  const dialog = frame(options.title, form);
  if (options.wide) dialog.classList.add("wide");
  const touched = new Set<string>();
  const touch = (event: Event): void => void touched.add((event.target as HTMLInputElement).name);
  form.addEventListener("input", touch);
  form.addEventListener("change", touch);
  const byName = (name: string): Built => {
    const found = fields.find((field) => field.name === name);
    if (!found) throw new Error(`no field ${name}`);
    return found;
  };
  const values: Values = {
    touched: (name) => touched.has(name),
    text: (name) => String(byName(name).read()),
    checked: (name) => byName(name).read() === true,
    chosen: (name) => byName(name).read() as string[],
  };
  let carriedOut = false;
  let byHand = !options.inPerson;
  submit.addEventListener("click", (event) => (byHand ||= event.isTrusted));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (submit.disabled) return;
    if (!byHand) return refuse(refused, fields, inPerson());
    submit.disabled = true;
    refused.replaceChildren();
    for (const field of fields) field.control.removeAttribute("aria-invalid");
    try {
      await options.act(values);
      carriedOut = true;
      dialog.close();
    } catch (error) {
      refuse(refused, fields, error);
    } finally {
      submit.disabled = false;
    }
  });
  await shown(dialog);
  if (carriedOut) await options.after?.();
  return carriedOut;
}

/** Says in the form what was refused, and marks the field at fault. */
function refuse(place: HTMLElement, fields: Built[], error: unknown): void {
  const alert = h("p", { role: "alert", class: "alert", id: `refused-${++ids}` });
  const { hint, field } = showProblem(alert, error);
  place.replaceChildren(alert, ...(hint ? [h("p", { class: "hint" }, sentence(hint))] : []));
  const at = fields.find((candidate) => candidate.name === field);
  at?.control.setAttribute("aria-invalid", "true");
  at?.control.focus();
}

/** Opens a dialog that only shows something. */
export function show(title: string, ...content: Child[]): Promise<void> {
  const close = h("button", { type: "button", class: "primary", onclick: () => dialog.close() }, "Done");
  const dialog = frame(title, h("div", null, content, h("div", { class: "actions" }, close)));
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
  if (first instanceof HTMLTextAreaElement) first.setSelectionRange(0, 0);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve();
    });
  });
}

type Built = { name: string; control: HTMLElement; element: HTMLElement; read(): string | boolean | string[] };

function build(field: Field): Built {
  const id = `field-${++ids}`;
  const hint = field.hint ? h("p", { class: "hint", id: `${id}-hint` }, field.hint) : null;
  const { control, read, content } = controls[field.kind ?? "text"](field, id);
  if (hint) control.setAttribute("aria-describedby", hint.id);
  return { name: field.name, control, read, element: h("div", { class: "field" }, content, hint) };
}

type Control = { control: HTMLElement; content: Child; read(): string | boolean | string[] };

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
  long: (field, id) => labelled(field, id, h("textarea", { rows: String(field.rows ?? 7), class: "code", spellcheck: "false", value: field.value ?? "" })),
  select: (field, id) => {
    const options = (field.options ?? []).map((o) => h("option", { value: o.value, selected: o.value === field.value }, o.label));
    return labelled(field, id, h("select", null, options));
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
