// Checked, never run: what the module exports is what its declarations say, and
// they are found under every address it has.

import * as admin from "/agent/fazt.js";
import * as remote from "https://fazt.example/agent/fazt.js";
import * as saved from "./fazt.mjs";
import type { Fazt } from "fazt/client";

import * as source from "../src/fazt";

/** What is declared is exported, and what is exported is declared. */
export const declared: { [Name in keyof typeof admin]: unknown } = source;
export const exported: { [Name in keyof typeof source]: unknown } = admin;

export const error: InstanceType<typeof admin.FaztError> = new source.FaztError({ code: "x", detail: "y" });
export const options: source.ChangesOptions = {} as Parameters<Fazt["changes"]>[0];
export const recipeOptions: source.RecipeOptions = {} as import("fazt:types").RecipeOptions;

export async function use(): Promise<void> {
  const fazt = await remote.connect({ url: "https://fazt.example", token: "fazt_…" });
  for await (const change of fazt.changes({ app: "shop", since: "0.0", values: true })) console.log(change.cursor, change.value);
  await saved.expect(fazt.page.getByRole("button", { name: /save/i })).toBeVisible();
  const text: string = await fazt.page.look();
  const seen = await saved.look({ find: text });
  console.log(seen.rev, admin.accessibleName(document.body));
  // @ts-expect-error: url is a text
  await saved.connect({ url: 1 });
}
