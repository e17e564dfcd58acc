// What the page forms of documents share.

import type { Fazt, Locator, Page } from "fazt";

import { isMissing, open, outcome } from "./_form";

/** A document as it is now, or nothing when it or its collection is not there. */
export async function standing<Doc>(got: Promise<Doc>): Promise<Doc | undefined> {
  return got.catch((error: unknown) => {
    if (!isMissing(error)) throw error;
    return undefined;
  });
}

/** Writes in a dialog what a field is to hold, be it nothing: a version that the
 * page has filled in is not part of the call. */
export async function write(dialog: Locator, label: string, value: string | number | null | undefined): Promise<void> {
  await dialog.getByLabel(label, { exact: true }).fill(String(value ?? ""));
}

/** Opens a dialog, fills it in, presses its button and answers what was done. */
export async function submit<Output>(page: Page, operation: string, button: string, title: string, press: string, fillIn: (dialog: Locator) => Promise<void>): Promise<Output> {
  const dialog = await open(page, button, title);
  await fillIn(dialog);
  await dialog.getByRole("button", { name: press, exact: true }).click();
  return outcome(page, operation);
}

/** How many changes of a collection's documents one write has left in the app's
 * log, as far as the first page of it says. */
export async function logged(fazt: Fazt, app: string, collection: string, version: number): Promise<number> {
  const { items } = await fazt.change.list({ app, since: `${version}.0`, kinds: ["doc"], limit: PAGE });
  return items.filter((item) => item.version === version && item.name === collection).length;
}

/** What a write by a filter is expected to have logged. */
export const PAGE = 1000;
