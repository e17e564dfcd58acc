import { defineRecipe } from "fazt";
import { type Doc, type Field, fieldsOf } from "./_shape";

/** A schema that the sample fits and that a wrong document does not. */
function schemaOf(fields: Field[]): Doc {
  const properties: Doc = {};
  for (const field of fields) {
    if (field.type === "null") continue;
    const property: Doc = { type: field.always ? field.type : [field.type, "null"] };
    if (field.format === "email") property.pattern = "^[^@\\s]+@[^@\\s]+$";
    properties[field.name] = property;
  }
  return { type: "object", properties, required: fields.filter((field) => field.always).map((field) => field.name) };
}

/** Unique where the name says that it identifies, plain where people filter. */
function indexesOf(fields: Field[]) {
  const indexes: { fields: string[]; unique?: boolean; sparse?: boolean }[] = [];
  for (const field of fields) {
    const simple = field.type !== "object" && field.type !== "array" && field.type !== "null";
    if (!simple || field.format === "long" || indexes.length >= 8) continue;
    const identifies = /(^|_)(email|sku|isbn|iban|code|slug|number|uuid|key)$/i.test(field.name);
    if (field.unique && identifies) indexes.push({ fields: [field.name], unique: true, sparse: !field.always });
    else if (field.format === "date" || /(status|state|kind|type|city|country|category)$/i.test(field.name)) indexes.push({ fields: [field.name] });
  }
  return indexes;
}

export default defineRecipe({
  name: "collection_from_sample",
  title: "Make a collection with schema and indexes out of a sample",
  description: "Infers types, what is required, and unique and plain indexes from 1 to 200 documents. With store it stores the sample too. An existing collection is refused unless replace says so.",
  effect: "destructive",
  scopes: ["docs:read", "docs:write"],
  input: {
    type: "object",
    properties: {
      app: { type: "string", description: "the app" },
      collection: { type: "string", description: "the collection" },
      sample: { type: "array", items: { type: "object" }, minItems: 1, maxItems: 200, description: "documents as they will be" },
      store: { type: "boolean", description: "store the sample as its first documents" },
      replace: { type: "boolean", description: "also set the schema and indexes of a collection that is there" },
    },
    required: ["app", "collection", "sample"],
    additionalProperties: false,
  },
  output: {
    type: "object",
    properties: { collection: { type: "string" }, schema: { type: "object" }, indexes: { type: "array" }, stored: { type: "integer" } },
    required: ["collection", "schema", "indexes", "stored"],
  },
  async api({ fazt, input }) {
    const { app, collection } = input;
    const fields = fieldsOf(input.sample);
    const schema = schemaOf(fields);
    const indexes = indexesOf(fields);
    const set = { app, collection, schema, indexes };
    await fazt.collection.set(input.replace ? set : { ...set, if_version: 0 });
    const stored = input.store ? (await fazt.doc.insert({ app, collection, docs: input.sample })).items.length : 0;
    return { collection, schema, indexes, stored };
  },
  async check({ fazt, input, output, expect }) {
    const made = await fazt.collection.get({ app: input.app, collection: input.collection });
    expect(made.schema, "the schema").toEqual(output?.schema);
    expect(made.indexes.length, "the indexes").toBe(output?.indexes.length ?? 0);
    expect(made.count, "the documents").toBeGreaterThanOrEqual(output?.stored ?? 0);
  },
});
