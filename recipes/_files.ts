// What the forms of files share.

import type { Fazt, Page } from "fazt";
import { fill, keyText, open, outcome } from "./_form";

type Names = { key: string; to: string; if_version?: number | null; create_only?: boolean };

/** Carries out the dialog that gives a file another name. */
export async function between<Output>(page: Page, verb: "Copy" | "Move", operation: string, input: Names): Promise<Output> {
  const dialog = await open(page, `${verb} a file`, `${verb} file`);
  await fill(dialog, "Name", keyText(input.key));
  await fill(dialog, "New name", keyText(input.to));
  await fill(dialog, "Only at version", input.if_version);
  if (input.create_only) await dialog.getByLabel("Only create", { exact: true }).check();
  await dialog.getByRole("button", { name: verb, exact: true }).click();
  return outcome(page, operation);
}

/** The version of a file, undefined when there is none of that name. */
export async function stands(fazt: Fazt, app: string, key: string): Promise<number | undefined> {
  const { items } = await fazt.blob.list({ app, prefix: key, limit: 1 }); // the name itself comes first
  return items.find((one) => one.key === key)?.version;
}
