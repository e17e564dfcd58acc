// Checked, never run: a recipe gets its types from its schemas, and slips are
// found by the compiler.

import { defineRecipe } from "fazt";

export default defineRecipe({
  name: "app_starter",
  title: "Create an app with a welcome key",
  effect: "write",
  scopes: ["apps:write", "kv:write"],
  at: "/apps",
  input: {
    type: "object",
    properties: { id: { type: "string" }, tags: { type: "array", items: { type: "string" } }, size: { enum: ["small", "large"] } },
    required: ["id"],
    additionalProperties: false,
  },
  output: { type: "object", properties: { id: { type: "string" }, n: { type: "integer" } }, required: ["id"] },
  async ui({ page, input }) {
    await page.getByRole("button", { name: "New app" }).click();
    await page.getByLabel("Id").fill(input.id);
    const rows: number = await page.getByRole("row").filter({ hasText: input.id }).count();
    // @ts-expect-error: there is no such action
    await page.getByRole("button").tap();
    // @ts-expect-error: id is a text
    const wrong: number = input.id;
    return { id: input.id, n: rows + wrong };
  },
  async api({ fazt, input }) {
    const tags: string[] | undefined = input.tags;
    const size: "small" | "large" | undefined = input.size;
    await fazt.recipes.other?.({ tags, size }, { mode: "ui" });
    return { id: input.id };
  },
  async check({ fazt, page, expect, input, output }) {
    await expect(page.getByText(output.id)).not.toBeHidden({ timeout: 1_000 });
    await expect(page).toHaveURL(/apps/);
    expect(await fazt.op("kv_get", { app: input.id, key: "welcome" })).toEqual({ ok: true });
    // @ts-expect-error: an element has no such expectation
    await expect(page.getByText("x")).toEqual(1);
  },
});

defineRecipe({
  name: "y",
  title: "Y",
  effect: "read",
  output: { type: "object", properties: { id: { type: "string" } }, required: ["id"] },
  // @ts-expect-error: the output needs an id
  api: async () => ({}),
});

// @ts-expect-error: an effect is read, write or destructive
defineRecipe({ name: "x", title: "X", effect: "delete" });
