import { defineRecipe } from "fazt";
import { standing, submit, write } from "./_docs";

export default defineRecipe({
  name: "doc_insert",
  title: "Insert documents on the collection's page",
  effect: "write",
  scopes: ["docs:read", "docs:write"],
  at: "/apps/{app}/collections/{collection}",
  async ui({ page, raw }) {
    return submit(page, "doc_insert", "New document", "New document", "Insert", (dialog) => write(dialog, "Document (JSON)", raw.docs ?? raw.doc));
  },
  async check({ fazt, input, output, expect }) {
    const docs = input.docs ?? [input.doc ?? {}];
    for (const [i, doc] of docs.entries()) {
      const id = output?.items[i]?.id ?? (doc as { id?: string }).id;
      if (id === undefined) continue; // it was to get one, and nothing says which
      const now = await standing(fazt.doc.get({ app: input.app, collection: input.collection, id }));
      // Whoever came after may have changed or deleted it.
      if (output === undefined) expect(now, `document ${id}`).toBeDefined();
      else if (now?.version === output.items[i]?.version) expect(now?.doc, `document ${id}`).toEqual({ ...(doc as object), id });
    }
  },
});
