import { defineRecipe } from "fazt";
import { standing, submit, write } from "./_docs";

export default defineRecipe({
  name: "doc_delete_many",
  title: "Delete documents by a filter on the collection's page",
  effect: "destructive",
  scopes: ["docs:read", "docs:write"],
  at: "/apps/{app}/collections/{collection}",
  async ui({ page, input, raw }) {
    return submit(page, "doc_delete_many", "Delete by filter", "Delete documents", "Delete", async (dialog) => {
      if (raw.filter !== undefined) await write(dialog, "Filter (JSON)", raw.filter);
      if (!input.all) return;
      await dialog.getByLabel("Every document", { exact: true }).check();
      await write(dialog, "Type the name to confirm every document", input.collection);
    });
  },
  async check({ fazt, input, output, expect }) {
    const { app, collection } = input;
    const found = await standing(fazt.doc.find({ app, collection, ...(input.filter ? { filter: input.filter } : {}) }));
    // What matches now can only have come since.
    for (const { version } of found?.items ?? []) expect(version, "the version of a document that matches").toBeGreaterThan(output?.version ?? Infinity);
  },
});
