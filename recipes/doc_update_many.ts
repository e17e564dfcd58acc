import { defineRecipe } from "fazt";
import { logged, PAGE, submit, write } from "./_docs";

export default defineRecipe({
  name: "doc_update_many",
  title: "Change documents by a filter on the collection's page",
  effect: "destructive",
  scopes: ["changes:read", "docs:read", "docs:write"],
  at: "/apps/{app}/collections/{collection}",
  async ui({ page, input, raw }) {
    return submit(page, "doc_update_many", "Update by filter", "Update documents", "Update", async (dialog) => {
      if (raw.filter !== undefined) await write(dialog, "Filter (JSON)", raw.filter);
      if (input.all) await dialog.getByLabel("Every document", { exact: true }).check();
      await write(dialog, "Update (JSON)", raw.update);
    });
  },
  async check({ fazt, input, output, expect }) {
    // Which documents they were, a filter may no longer say; the log does.
    if (output === undefined || output.changed === 0) return;
    expect(await logged(fazt, input.app, input.collection, output.version), "the documents that the log says were changed").toBe(Math.min(output.changed, PAGE));
  },
});
