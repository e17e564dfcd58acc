import { defineRecipe } from "fazt";

export default defineRecipe({
  name: "find_and_fix",
  title: "Change every document that matches, after a look at what would change",
  description: "Without apply it changes nothing: it counts, tries the update, and shows three documents as they are. The same call with apply: true carries it out. run_undo takes it back.",
  effect: "destructive",
  scopes: ["docs:read", "docs:write"],
  input: {
    type: "object",
    properties: {
      app: { type: "string", description: "the app" },
      collection: { type: "string", description: "the collection" },
      filter: { type: "object", description: "which documents, as in doc_find", minProperties: 1 },
      update: { type: "object", description: "what to change, as in doc_update", minProperties: 1 },
      apply: { type: "boolean", description: "carry it out" },
    },
    required: ["app", "collection", "filter", "update"],
    additionalProperties: false,
  },
  output: {
    type: "object",
    properties: { applied: { type: "boolean" }, matched: { type: "integer" }, changed: { type: "integer" }, examples: { type: "array" } },
    required: ["applied", "matched", "changed", "examples"],
  },
  async api({ fazt, input }) {
    const { app, collection, filter, update } = input;
    const found = await fazt.doc.find({ app, collection, filter, limit: 3 });
    const applied = input.apply === true;
    const done = await fazt.doc.updateMany({ app, collection, filter, update }, { dryRun: !applied });
    const after = async (item: { doc: object }) => (await fazt.doc.get({ app, collection, id: (item.doc as { id: string }).id })).doc;
    const examples = applied ? await Promise.all(found.items.map(after)) : found.items.map((item) => item.doc);
    return { applied, matched: done.matched, changed: done.changed, examples };
  },
  async check({ fazt, input, output, expect }) {
    if (!output?.applied) return;
    // What was only set stands in every document that still matches.
    const { app, collection, filter, update } = input;
    const set = Object.entries((update.$set ?? {}) as object).filter(([, value]) => typeof value !== "object");
    if (Object.keys(update).length !== 1 || set.length === 0) return;
    const differs = { $or: set.map(([name, value]) => ({ [name]: { $ne: value } })) };
    const left = await fazt.doc.count({ app, collection, filter: { $and: [filter, differs] } });
    expect(left.count, "documents that still differ").toBe(0);
  },
});
