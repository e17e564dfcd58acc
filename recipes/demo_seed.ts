import { defineRecipe } from "fazt";
import { existing } from "fazt/lib";

const NAMES = ["Ada Byron", "Grace Brewster", "Alan Mathison", "Katherine Coleman", "Edsger Wybe", "Barbara Jane", "Donald Ervin", "Hedwig Kiesler", "Claude Elwood", "Radia Joy", "Tim John", "Margaret Elaine"];
const CITIES = ["London", "New York", "Manchester", "Hampton"];

export default defineRecipe({
  name: "demo_seed",
  title: "Make an app with people, a greeting and a page to look at",
  description: "For a first look: 12 documents in people, the key greeting, and a page by page_from_collection. Called again it changes nothing that is there.",
  effect: "write",
  scopes: ["apps:read", "apps:write", "kv:read", "kv:write", "docs:read", "docs:write", "blobs:read", "blobs:write"],
  input: { type: "object", properties: { app: { type: "string", description: "the app's id; demo when left out" } }, additionalProperties: false },
  output: {
    type: "object",
    properties: { app: { type: "string" }, people: { type: "integer" }, url: { type: "string" } },
    required: ["app", "people", "url"],
  },
  async api({ fazt, input }) {
    const app = input.app ?? "demo";
    if (!(await existing(fazt.app.get({ app })))) await fazt.app.create({ id: app, title: "Demo" });
    if (!(await existing(fazt.kv.get({ app, key: "greeting" })))) await fazt.kv.set({ app, key: "greeting", value: "hello" });
    const there = (await existing(fazt.doc.count({ app, collection: "people" })))?.count ?? 0;
    if (there === 0) {
      const docs = NAMES.map((name, i) => ({
        id: `p${String(i + 1).padStart(2, "0")}`, name, email: `${name.split(" ")[0]!.toLowerCase()}@example.org`,
        city: CITIES[i % CITIES.length], age: 28 + ((i * 7) % 30), active: i % 3 !== 0,
      }));
      await fazt.doc.insert({ app, collection: "people", docs });
    }
    const page = await fazt.blob.list({ app, prefix: "site/index.html", limit: 1 });
    if (page.items.length === 0) await fazt.recipes.page_from_collection!({ app, collection: "people", title: "People" });
    return { app, people: there || NAMES.length, url: `app:${app}/` };
  },
  async check({ fazt, output, expect }) {
    if (output === undefined) return;
    expect((await fazt.doc.count({ app: output.app, collection: "people" })).count, "people").toBe(output.people);
    expect((await fazt.blob.list({ app: output.app, prefix: "site/index.html" })).items.length, "the page").toBe(1);
  },
});
