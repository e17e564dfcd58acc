// The task through Playwright MCP, as four kinds of agent would do it. By default
// its answers name a file with the snapshot; an agent without files asks for it
// by browser_snapshot.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { fileURLToPath } from "node:url";
import { Meter } from "./meter.mjs";
import { fields, values } from "./site.mjs";

const program = fileURLToPath(new URL("node_modules/@playwright/mcp/cli.js", import.meta.url));
const cheap = ["--snapshot-mode", "none", "--codegen", "none", "--timeout-settle", "0"];

async function connect(chromium, flags, cwd) {
  const client = new Client({ name: "yardstick", version: "1" });
  const args = [program, "--headless", "--isolated", "--no-sandbox", "--executable-path", chromium, ...flags];
  await client.connect(new StdioClientTransport({ command: process.execPath, args, cwd, stderr: "ignore" }));
  return client;
}

/** The ref in the first line of a snapshot that fits. */
function ref(snapshot, pattern) {
  const line = snapshot.split("\n").find((l) => pattern.test(l) && l.includes("[ref="));
  if (!line) throw new Error(`no line of the snapshot is like ${pattern}:\n${snapshot}`);
  return /\[ref=([^\]]+)\]/.exec(line)[1];
}

/** What follows the first cell of the new item's row, its buttons among it. */
const inRow = (snapshot) => snapshot.slice(snapshot.indexOf('cell "Name 0"'));

const filled = (where) => fields.map((name) => ({ name, type: "textbox", target: where(name), value: values[name] }));
const textbox = (snapshot) => (name) => ref(snapshot, new RegExp(`textbox "${name}"`));

/** The loop: a snapshot of the page whenever refs are wanted. */
async function byPages(m, url) {
  const page = () => m.call("browser_snapshot");
  await m.call("browser_navigate", { url });
  await m.call("browser_click", { target: ref(await page(), /button "New item"/) });
  let seen = await page();
  await m.call("browser_fill_form", { fields: filled(textbox(seen)) });
  await m.call("browser_click", { target: ref(seen, /button "Save"/) });
  await m.call("browser_wait_for", { text: "Name 0" });
  await m.call("browser_click", { target: ref(inRow(await page()), /button "Edit"/) });
  seen = await page();
  await m.call("browser_type", { target: textbox(seen)("Qty"), text: "99" });
  await m.call("browser_click", { target: ref(seen, /button "Save"/) });
  await m.call("browser_wait_for", { text: "99" });
  await m.call("browser_click", { target: ref(inRow(await page()), /button "Delete"/) });
  seen = await page();
  await m.call("browser_click", { target: ref(seen.slice(seen.indexOf("Delete item?")), /button "Delete"/) });
  await m.call("browser_wait_for", { textGone: "Name 0" });
}

/** The same with snapshots of parts, each of what the step before it showed. */
async function byParts(m, url) {
  const part = (target) => m.call("browser_snapshot", { target });
  await m.call("browser_navigate", { url });
  await m.call("browser_click", { target: ref(await m.call("browser_snapshot", { depth: 3 }), /button "New item"/) });
  let seen = await part("dialog[open]");
  await m.call("browser_fill_form", { fields: filled(textbox(seen)) });
  await m.call("browser_click", { target: ref(seen, /button "Save"/) });
  await m.call("browser_wait_for", { text: "Name 0" });
  await m.call("browser_click", { target: ref(await part('tr:has-text("Name 0")'), /button "Edit"/) });
  await m.call("browser_type", { target: 'dialog[open] [name="Qty"]', text: "99" });
  await m.call("browser_click", { target: "dialog[open] >> text=Save" });
  await m.call("browser_wait_for", { text: "99" });
  await m.call("browser_click", { target: ref(await part('tr:has-text("Name 0")'), /button "Delete"/) });
  await m.call("browser_click", { target: ref(await part("dialog[open]"), /button "Delete"/) });
  await m.call("browser_wait_for", { textGone: "Name 0" });
}

/** The agent knows the page by heart and needs no look at it. */
async function byHeart(m, url) {
  await m.call("browser_navigate", { url });
  await m.call("browser_click", { target: "#add" });
  await m.call("browser_fill_form", { fields: filled((name) => `#edit [name="${name}"]`) });
  await m.call("browser_click", { target: "#edit button" });
  await m.call("browser_wait_for", { text: "Name 0" });
  await m.call("browser_click", { target: 'tr:has-text("Name 0") >> text=Edit' });
  await m.call("browser_type", { target: '#edit [name="Qty"]', text: "99" });
  await m.call("browser_click", { target: "#edit button" });
  await m.call("browser_wait_for", { text: "99" });
  await m.call("browser_click", { target: 'tr:has-text("Name 0") >> text=Delete' });
  await m.call("browser_click", { target: "#sure >> text=Delete >> nth=-1" });
  await m.call("browser_wait_for", { textGone: "Name 0" });
}

/** One block of code, known by heart too. */
async function byCode(m, url) {
  const code = `async (page) => {
  await page.goto(${JSON.stringify(url)});
  await page.getByRole("button", { name: "New item" }).click();
  for (const [label, value] of Object.entries(${JSON.stringify(values)})) await page.getByLabel(label, { exact: true }).fill(value);
  await page.getByRole("button", { name: "Save" }).click();
  const row = page.getByRole("row", { name: "Name 0" });
  await row.waitFor();
  await row.getByRole("button", { name: "Edit" }).click();
  await page.getByLabel("Qty", { exact: true }).fill("99");
  await page.getByRole("button", { name: "Save" }).click();
  await row.filter({ hasText: "99" }).waitFor();
  const key = await row.getAttribute("data-key");
  await row.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog", { name: "Delete item?" }).getByRole("button", { name: "Delete" }).click();
  await row.waitFor({ state: "detached" });
  return key;
}`;
  const text = await m.call("browser_run_code_unsafe", { code });
  if (!/51/.test(text)) throw new Error(`the row's key was not answered: ${text}`);
}

/** How the table of fifty rows reads, whole and one row of it. */
async function table(m, url) {
  await m.uncounted("browser_navigate", { url });
  const whole = await m.sized("browser_snapshot", {});
  let row = 0;
  for (let n = 1; n <= 50; n++) row = Math.max(row, await m.sized("browser_snapshot", { target: `tr:has-text("GZ-${n}") >> nth=0` }));
  const found = await m.sized("browser_find", { text: "GZ-50" });
  return { whole, all: whole, row, reach: `both buttons, by a selector that must be known; \`browser_find\` takes ${found} and ends before them` };
}

export const runs = [
  { name: "default settings, the page by `browser_snapshot`", flags: [], task: byPages },
  { name: "snapshots off, no settling, `browser_snapshot` of parts", flags: cheap, task: byParts },
  { name: "snapshots off, no settling, page known by heart", flags: cheap, task: byHeart },
  { name: "`browser_run_code_unsafe`, one block, page known by heart", flags: cheap, task: byCode },
];

/** Runs one of them in a browser that is open already. */
export async function run(kind, { chromium, site, cwd }) {
  const client = await connect(chromium, kind.flags, cwd);
  try {
    const m = new Meter(client);
    await m.uncounted("browser_navigate", { url: "about:blank" });
    await kind.task(m, site.url + "/");
    await m.uncounted("browser_navigate", { url: site.url + "/done" });
    await site.proved();
    return { ...m.figures(), definitions: await m.definitions() };
  } finally {
    await client.close();
  }
}

export async function readTable({ chromium, site, cwd }) {
  const client = await connect(chromium, cheap, cwd);
  try {
    return await table(new Meter(client), site.url + "/");
  } finally {
    await client.close();
  }
}
