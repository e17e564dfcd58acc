// What the page forms share: how the admin page says that an action is done.
// README.md is the contract.

import type { Locator, Page } from "fazt";

/** The answer of an action may take as long as a person would wait. */
const PATIENCE = { timeout: 20_000 };

type Refusal = { code?: string; hint?: string; field?: string };

/** What the page refused, with the operation's own code. */
async function refusal(alert: Locator): Promise<Error> {
  const error: Refusal = {};
  for (const name of ["code", "hint", "field"] as const) {
    const value = await alert.getAttribute("data-" + name);
    if (value !== null && value !== "") error[name] = value;
  }
  return Object.assign(new Error((await alert.textContent()) ?? "the page refused"), error);
}

/** Waits for what is expected or for an alert, which is thrown. */
export async function expected(page: Page, what: Locator): Promise<void> {
  const alert = page.locator('[role="alert"][data-code]');
  await what.or(alert).first().waitFor(PATIENCE);
  if ((await alert.count()) > 0) throw await refusal(alert.first());
}

/** Waits for the end of an action and answers what its operation answered. */
export async function outcome<Output>(page: Page, operation: string): Promise<Output> {
  const status = page.locator(`[role="status"][data-op="${operation}"]`);
  await expected(page, status);
  return JSON.parse((await status.getAttribute("data-output"))!) as Output;
}

/** Opens a dialog by a button of the page. */
export async function open(page: Page, button: string, dialog: string): Promise<Locator> {
  const opener = page.getByRole("button", { name: button, exact: true });
  await expected(page, opener);
  await opener.click();
  return page.getByRole("dialog", { name: dialog, exact: true });
}

/** Fills a field if there is something to say in it. */
export async function fill(dialog: Locator, label: string, value: string | number | null | undefined): Promise<void> {
  if (value === undefined || value === null) return;
  await dialog.getByLabel(label, { exact: true }).fill(String(value));
}

/** A key as the page's fields take it: as it is, or as a JSON string where a
 * line of text could not hold it. */
export function keyText(key: string): string {
  const plain = key === key.trim() && !key.startsWith('"') && !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(key);
  return plain ? key : JSON.stringify(key);
}

/** Whether an error says that something is not there. */
export function isMissing(error: unknown): boolean {
  return /_not_found$/.test(String((error as Refusal | null)?.code));
}
