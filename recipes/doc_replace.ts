import { defineRecipe } from "fazt";
import { submit, write } from "./_docs";

export default defineRecipe({
  name: "doc_replace",
  title: "Store a document on its page",
  effect: "write",
  scopes: ["docs:read", "docs:write"],
  at: "/apps/{app}/collections/{collection}?doc={id}",
  async ui({ page, input, raw }) {
    return submit(page, "doc_replace", "Edit", "Edit document", "Save", async (dialog) => {
      await write(dialog, "Document (JSON)", raw.doc); // as it was sent: 1.0 stays 1.0
      await write(dialog, "Only at version", input.if_version);
      if (input.create_only) await dialog.getByLabel("Only create", { exact: true }).check();
    });
  },
  async check({ fazt, input, output, expect }) {
    const now = await fazt.doc.get({ app: input.app, collection: input.collection, id: input.id });
    expect(now.version, "the document's version").toBeGreaterThanOrEqual(output?.version ?? 0);
    // Whoever came after may have written another one.
    if (output !== undefined && now.version !== output.version) return;
    expect(now.doc, "the document").toEqual({ ...(input.doc as object), id: input.id });
  },
});
