import { defineRecipe } from "fazt";
import { existing } from "fazt/lib";
import { pageOf } from "./_page";
import { type Doc, fieldsOf, label } from "./_shape";

const MOST_FIELDS = 12;

export default defineRecipe({
  name: "page_from_collection",
  title: "Write a page with list, search and form for a collection",
  description: "One readable file, site/index.html, at the app's own address. The page is public and holds no data: it shows the collection to whoever signs in on it with a token of the app. The owner lists the app's origin once (setting_update add_origins), so that its page may call the server.",
  effect: "write",
  scopes: ["docs:read", "blobs:read", "blobs:write"],
  input: {
    type: "object",
    properties: {
      app: { type: "string", description: "the app" },
      collection: { type: "string", description: "the collection, with documents or a schema" },
      title: { type: "string", maxLength: 100, description: "the page's title" },
      key: { type: "string", pattern: "^site/.+\\.html$", description: "another file than site/index.html" },
      replace: { type: "boolean", description: "write over a page that is there" },
    },
    required: ["app", "collection"],
    additionalProperties: false,
  },
  output: {
    type: "object",
    properties: { key: { type: "string" }, url: { type: "string" }, fields: { type: "array", items: { type: "string" } }, next: { type: "string" } },
    required: ["key", "url", "fields", "next"],
  },
  async api({ fazt, input }) {
    const { app, collection } = input;
    const key = input.key ?? "site/index.html";
    const found = await fazt.doc.find({ app, collection, limit: 100 });
    const docs: Doc[] = found.items.map((item: { doc: object }) => item.doc as Doc);
    const about = await fazt.collection.get({ app, collection });
    const schema = about.schema as { required?: string[] } | undefined;
    const fields = fieldsOf(docs).slice(0, MOST_FIELDS).map((field) => ({
      ...field, always: schema?.required?.includes(field.name) ?? field.always,
    }));
    if (fields.length === 0) throw Object.assign(new Error(`collection ${collection} has no document to see its fields in`), { code: "doc_not_found", hint: "insert or import some first" });
    const text = pageOf({ app, collection, title: input.title ?? label(collection), fields });
    await fazt.blob.put({ app, key, text, type: "text/html; charset=utf-8", create_only: input.replace !== true });
    const path = key.slice("site/".length).replace(/(^|\/)index\.html$/, "$1");
    return {
      key, url: `app:${app}/${path}`, fields: fields.map((field) => field.name),
      next: `tab_open app:${app}/${path}; for people the owner lists its origin (setting_update add_origins) and makes them a token of the app`,
    };
  },
  async check({ fazt, input, output, expect }) {
    if (output === undefined) return;
    const list = await existing(fazt.blob.list({ app: input.app, prefix: output.key, limit: 1 }));
    expect(list?.items[0]?.key, "the page's file").toBe(output.key);
    expect(list?.items[0]?.size, "its size").toBeGreaterThan(1000);
  },
});
