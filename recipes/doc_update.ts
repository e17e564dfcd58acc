import { defineRecipe } from "fazt";
import { submit, write } from "./_docs";

export default defineRecipe({
  name: "doc_update",
  title: "Change a document's fields on its page",
  effect: "write",
  scopes: ["docs:read", "docs:write"],
  at: "/apps/{app}/collections/{collection}?doc={id}",
  async ui({ page, input, raw }) {
    return submit(page, "doc_update", "Update", "Update document", "Update", async (dialog) => {
      await write(dialog, "Update (JSON)", raw.update);
      await write(dialog, "Only at version", input.if_version);
    });
  },
  async check({ fazt, input, output, expect }) {
    if (output === undefined) return; // an update may well leave no mark of its own
    const now = await fazt.doc.get({ app: input.app, collection: input.collection, id: input.id });
    expect(now.version, "the document's version").toBeGreaterThanOrEqual(output.version);
    if (now.version === output.version) expect(now.doc, "the document").toEqual(output.doc);
  },
});
