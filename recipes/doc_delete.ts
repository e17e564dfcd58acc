import { defineRecipe } from "fazt";
import { standing, submit, write } from "./_docs";

export default defineRecipe({
  name: "doc_delete",
  title: "Delete a document on its page",
  effect: "destructive",
  scopes: ["docs:read", "docs:write"],
  at: "/apps/{app}/collections/{collection}?doc={id}",
  async ui({ page, input }) {
    return submit(page, "doc_delete", "Delete", "Delete document", "Delete", (dialog) => write(dialog, "Only at version", input.if_version));
  },
  async check({ fazt, input, output, expect }) {
    const now = await standing(fazt.doc.get({ app: input.app, collection: input.collection, id: input.id }));
    // One of the same id that was stored since is another document.
    if (now !== undefined) expect(now.version, "the version of a document with this id").toBeGreaterThan(output?.version ?? Infinity);
  },
});
