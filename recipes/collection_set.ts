import { defineRecipe } from "fazt";
import { submit, write } from "./_docs";

/** An index as the page writes it: its fields and what it is, or its JSON. */
type Index = { name?: string; fields: readonly string[]; unique?: boolean; sparse?: boolean };

export default defineRecipe({
  name: "collection_set",
  title: "Set a collection's schema and indexes on its page",
  effect: "destructive",
  scopes: ["docs:read", "docs:write"],
  at: "/apps/{app}/collections/{collection}",
  async ui({ page, input, raw }) {
    return submit(page, "collection_set", "Settings", "Collection settings", "Save", async (dialog) => {
      if (raw.schema !== undefined) await write(dialog, "Schema (JSON)", raw.schema);
      for (const [label, lines] of [["Indexes", input.indexes?.map((index: Index) => JSON.stringify(index))], ["Full text", input.text]] as const) {
        if (!lines) continue;
        await write(dialog, label, " "); // what was filled in is sent, so an empty list is typed over too
        await write(dialog, label, lines.join("\n"));
      }
      await write(dialog, "Only at version", input.if_version);
    });
  },
  async check({ fazt, input, output, expect }) {
    const now = await fazt.collection.get({ app: input.app, collection: input.collection });
    expect(now.version, "the version of the settings").toBeGreaterThanOrEqual(output?.version ?? 0);
    // Whoever came after may have set other things.
    if (output !== undefined && now.version !== output.version) return;
    if (input.schema) expect(now.schema, "the schema").toEqual(input.schema);
    if (input.schema === null) expect(now.schema, "the schema").toBeUndefined();
    if (input.text) expect(now.text, "the fields with full text").toEqual(input.text);
    if (!input.indexes) return;
    const fieldsOf = (indexes: readonly Index[]) => indexes.map((index) => `${index.fields.join(", ")}${index.unique ? " unique" : ""}`).sort();
    expect(fieldsOf(now.indexes), "the indexes").toEqual(fieldsOf(input.indexes));
  },
});
