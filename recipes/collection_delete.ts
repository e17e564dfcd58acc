import { defineRecipe } from "fazt";
import { standing, submit, write } from "./_docs";

export default defineRecipe({
  name: "collection_delete",
  title: "Delete a collection on its page",
  effect: "destructive",
  scopes: ["docs:read", "docs:write"],
  at: "/apps/{app}/collections/{collection}",
  async ui({ page, input }) {
    return submit(page, "collection_delete", "Delete collection", "Delete collection", "Delete", async (dialog) => {
      await write(dialog, "Type the name to confirm", input.collection);
      await write(dialog, "Only at version", input.if_version);
    });
  },
  async check({ fazt, input, output, expect }) {
    const now = await standing(fazt.collection.get({ app: input.app, collection: input.collection }));
    // One of the same name that was made since is another collection.
    if (now !== undefined) expect(now.version, "the version of a collection with this name").toBeGreaterThan(output?.version ?? Infinity);
  },
});
