// Dialogs with a form: native <dialog>, labels, errors beside their fields.

import { h, type Child } from "./dom";
import { problem } from "./errors";

export type Field = {
  name: string;
  label: string;
  kind?: "text" | "number" | "json" | "checkbox" | "select" | "checkboxes" | "secret";
  hint?: string;
  required?: boolean;
  value?: string;
  checked?: boolean;
  options?: readonly { value: string; label: string; checked?: boolean }[];
};

export type Values = Record<string, string | boolean | string[]>;

export type FormOptions = {
  title: string;
  intro?: Child;
  fields: Field[];
  submit: string;
  danger?: boolean;
  /** Carries the form out; what it throws is shown in the dialog. */
  act(values: Values): Promise<void>;
};

let ids = 0;

/** Opens a dialog with a form and resolves when it has closed. */
export function openForm(options: FormOptions): Promise<void> {
  const alert = h("p", { role: "alert", class: "alert", hidden: true });
  const submit = h("button", { type: "submit", class: options.danger ? "danger" : "primary" }, options.submit);
  const fields = options.fields.map(build);
  const form = h(
    "form",
    { novalidate: true },
    options.intro ? h("div", { class: "intro" }, options.intro) : null,
    alert,
    fields.map((field) => field.element),
    h("div", { class: "actions" }, h("button", { type: "button", onclick: () => dialog.close() }, "Cancel"), submit),
  );
  const dialog = frame(options.title, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (submit.disabled) return;
    submit.disabled = true;
    alert.hidden = true;
    for (const field of fields) field.setError("");
    try {
      await options.act(Object.fromEntries(fields.map((field) => [field.name, field.read()])));
      dialog.close();
    } catch (error) {
      const { field, text } = problem(error);
      const target = fields.find((candidate) => candidate.name === field);
      if (target) target.setError(text);
      else {
        alert.textContent = text;
        alert.hidden = false;
      }
    } finally {
      submit.disabled = false;
    }
  });
  return show(dialog);
}

/** Opens a dialog that only tells something. */
export function tell(title: string, ...content: Child[]): Promise<void> {
  const close = h("button", { type: "button", class: "primary", onclick: () => dialog.close() }, "Done");
  const dialog = frame(title, h("div", null, content, h("div", { class: "actions" }, close)));
  return show(dialog);
}

function frame(title: string, content: Node): HTMLDialogElement {
  const id = `dialog-${++ids}`;
  return h("dialog", { "aria-labelledby": id }, h("h2", { id }, title), content);
}

function show(dialog: HTMLDialogElement): Promise<void> {
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve();
    });
  });
}

type Built = { name: string; element: HTMLElement; read(): string | boolean | string[]; setError(text: string): void };

function build(field: Field): Built {
  const id = `field-${++ids}`;
  const error = h("p", { class: "error", id: `${id}-error` });
  const hint = field.hint ? h("p", { class: "hint", id: `${id}-hint` }, field.hint) : null;
  const described = [hint?.id, error.id].filter(Boolean).join(" ");
  const { control, read, element } = controls[field.kind ?? "text"](field, id);
  control.setAttribute("aria-describedby", described);
  const setError = (text: string) => {
    error.textContent = text;
    if (text) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
    if (text) control.focus();
  };
  return { name: field.name, read, setError, element: h("div", { class: "field" }, element, hint, error) };
}

type Control = { control: HTMLElement; element: Child; read(): string | boolean | string[] };

function labelled(field: Field, id: string, control: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement): Control {
  control.id = id;
  control.name = field.name;
  if (field.required) control.required = true;
  return { control, element: [h("label", { for: id }, field.label), control], read: () => control.value };
}

const controls: Record<NonNullable<Field["kind"]>, (field: Field, id: string) => Control> = {
  text: (field, id) => labelled(field, id, h("input", { type: "text", autocomplete: "off", spellcheck: "false", value: field.value ?? "" })),
  number: (field, id) => labelled(field, id, h("input", { type: "text", inputmode: "numeric", autocomplete: "off", value: field.value ?? "" })),
  json: (field, id) => labelled(field, id, h("textarea", { rows: "6", class: "code", spellcheck: "false", value: field.value ?? "" })),
  secret: (field, id) => labelled(field, id, h("input", { type: "password", autocomplete: "off", value: "" })),
  select: (field, id) =>
    labelled(field, id, h("select", { value: field.value ?? "" }, (field.options ?? []).map((o) => h("option", { value: o.value, selected: o.value === field.value }, o.label)))),
  checkbox: (field, id) => {
    const control = h("input", { type: "checkbox", id, name: field.name, checked: field.checked ?? false });
    return { control, element: h("label", { class: "check", for: id }, control, field.label), read: () => control.checked };
  },
  checkboxes: (field, id) => {
    const boxes = (field.options ?? []).map((o) => h("input", { type: "checkbox", value: o.value, checked: o.checked ?? false }));
    const control = h("fieldset", { id, tabindex: "-1" }, h("legend", null, field.label), h("div", { class: "boxes" }, boxes.map((box, i) => h("label", { class: "check" }, box, field.options?.[i]?.label))));
    return { control, element: control, read: () => boxes.filter((box) => box.checked).map((box) => box.value) };
  },
};
