// The task through fazt: by looks and steps, by code, and by a recipe.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { Meter } from "./meter.mjs";
import { fields, values } from "./site.mjs";

const owner = "owner-secret-of-the-yardstick";

/** Starts the program on an empty database in a folder. */
export async function startFazt(program, folder) {
  const child = spawn(program, ["server", "start", "--port", "0", "--db", `${folder}/data.db`], {
    env: { ...process.env, FAZT_ADMIN_TOKEN: owner, XDG_RUNTIME_DIR: folder }, stdio: ["ignore", "pipe", "inherit"],
  });
  const server = { stop: () => new Promise((done) => child.once("exit", done).kill("SIGTERM")) };
  for await (const line of createInterface({ input: child.stdout })) {
    server.token ??= /Bearer (fazt_[A-Za-z0-9_-]+)/.exec(line)?.[1];
    server.url = /^fazt ready (http:\S+)$/.exec(line)?.[1];
    if (server.url) break;
  }
  child.stdout.resume();
  if (!server.url) throw new Error("the server did not start");
  return server;
}

/** What an owner does once: lists the outside origin. */
export async function allow(server, origin) {
  const answer = await fetch(`${server.url}/api/system/settings`, {
    method: "PATCH", body: JSON.stringify({ add_browse: [origin] }),
    headers: { authorization: `Bearer ${owner}`, "content-type": "application/json" },
  });
  if (!answer.ok) throw new Error(await answer.text());
}

async function connect(server) {
  const client = new Client({ name: "yardstick", version: "1" });
  const headers = { Authorization: `Bearer ${server.token}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(server.url + "/mcp"), { requestInit: { headers } }));
  return client;
}

const fills = fields.map((name) => `fill field "${name}" = ${values[name]}`);
const edit = [`fill field "Qty" = 99`, `click btn "Save"`, `expect row "Name 0" text 99`];
const remove = [`click btn "Delete" in dialog "Delete item?"`, `expect row "Name 0" not visible`];

const goto = (url) => [`goto ${url}`];

/** Each next step is written by what the answer before it showed. */
async function bySteps(m, url) {
  await m.call("tab_do", { steps: goto(url) });
  await m.call("tab_do", { steps: [`click btn "New item"`] });
  const made = await m.call("tab_do", { steps: [...fills, `click btn "Save"`, `expect row "Name 0" visible`] });
  const row = /t\d+#51(?= Name 0)/.exec(made)?.[0];
  if (!row) throw new Error(`the new row's key is not told:\n${made}`);
  await m.call("tab_do", { steps: [`click ${row}/Edit`, ...edit] });
  await m.call("tab_do", { steps: [`click ${row}/Delete`, ...remove] });
}

/** The agent knows the page by heart. */
async function byHeart(m, url) {
  await m.call("tab_do", {
    steps: [
      ...goto(url), `click btn "New item"`, ...fills, `click btn "Save"`, `expect row "Name 0" visible`,
      `click btn "Edit" in row "Name 0"`, ...edit, `click btn "Delete" in row "Name 0"`, ...remove,
    ],
  });
}

const body = `await page.getByRole("button", { name: "New item" }).click();
for (const [label, value] of Object.entries(input.values)) await page.getByLabel(label, { exact: true }).fill(value);
await page.getByRole("button", { name: "Save" }).click();
const row = page.getByRole("row", { name: input.values.Name });
await expect(row).toBeVisible();
const key = await row.getAttribute("data-key");
await row.getByRole("button", { name: "Edit" }).click();
await page.getByLabel("Qty", { exact: true }).fill(input.qty);
await page.getByRole("button", { name: "Save" }).click();
await expect(row).toContainText(input.qty);
await row.getByRole("button", { name: "Delete" }).click();
await page.getByRole("dialog", { name: "Delete item?" }).getByRole("button", { name: "Delete" }).click();
await expect(row).toHaveCount(0);
return { key };`;

const input = { values, qty: "99" };

async function byCode(m, url, tab) {
  const text = await m.call("code_run", { code: `await page.goto(${JSON.stringify(url)});\n${body}`, input, tab });
  if (!/51/.test(text)) throw new Error(`the row's key was not answered: ${text}`);
}

/** Saved once, by whoever wrote it; what is counted is every time after. */
const recipe = (url) => `import { defineRecipe, expect } from "fazt";
export default defineRecipe({
  name: "item_round", title: "Create, edit and delete an item", effect: "write", scopes: [], on: ${JSON.stringify(url + "*")},
  input: { type: "object", properties: { values: { type: "object" }, qty: { type: "string" } }, required: ["values", "qty"], additionalProperties: false },
  output: { type: "object", properties: { key: { type: "string" } }, required: ["key"] },
  async ui({ page, input }) {
${body}
  },
  async check({ page, input, expect }) { await expect(page.getByRole("row", { name: input.values.Name })).toHaveCount(0); },
});`;

async function byRecipe(m, url, tab) {
  await m.uncounted("recipe_save", { name: "item_round", source: recipe(url) });
  await m.uncounted("tab_do", { steps: goto(url) });
  const text = await m.call("op_run", { name: "item_round", input, mode: "ui", tab });
  if (!/^ok /.test(text) || !/51/.test(text)) throw new Error(text);
}

export const runs = [
  { name: "`tab_do`, each call after reading the answer before it", task: bySteps },
  { name: "`tab_do`, one call, page known by heart", task: byHeart },
  { name: "`code_run`, one block, page known by heart", task: byCode },
  { name: "a saved recipe, with its check", task: byRecipe },
];

/** Runs one of them in a tab that is open already. */
export async function run(kind, { server, site }) {
  const client = await connect(server);
  try {
    const m = new Meter(client);
    const tab = /"tab":"([^"]+)"/.exec(await m.uncounted("tab_open", { url: site.url + "/blank" }))[1];
    await kind.task(m, site.url + "/", tab);
    await m.uncounted("tab_do", { steps: goto(site.url + "/done") });
    await site.proved();
    const definitions = await m.definitions();
    await m.uncounted("op_run", { name: "tab_close", input: { tab } });
    return { ...m.figures(), definitions };
  } finally {
    await client.close();
  }
}

export async function readTable({ server, site }) {
  const client = await connect(server);
  try {
    const m = new Meter(client);
    await m.uncounted("tab_open", { url: site.url + "/" });
    const whole = await m.sized("tab_look", {});
    const all = await m.sized("tab_look", { in: "t1", budget: 20_000 });
    let row = 0;
    for (let n = 1; n <= 50; n++) {
      const text = await m.uncounted("tab_look", { find: `GZ-${n}` });
      if (!text.includes(`t1#${n} `) || !text.includes("Delete")) throw new Error(`row ${n} is not reached: ${text}`);
      row = Math.max(row, m.size(text));
    }
    return { whole, all, row, reach: "with both buttons" };
  } finally {
    await client.close();
  }
}
