// One task, one page, one tokenizer, several drivers: what each costs.
//
//   npm ci && npm start        (Node 20, Chromium, Go)
//
// FAZT names a built program; without it one is built. CHROMIUM names the
// browser that both sides drive. ROUNDS repeats everything and takes medians.
// YARDSTICK_SHOW=1 prints every call and answer to standard error.
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import * as fazt from "./fazt.mjs";
import * as playwright from "./playwright.mjs";
import { serveSite } from "./site.mjs";

const rounds = Number(process.env.ROUNDS ?? 3);
const chromium = process.env.CHROMIUM ?? execFileSync("sh", ["-c", "command -v chromium || command -v google-chrome"], { encoding: "utf8" }).trim();
const cwd = await mkdtemp(`${tmpdir()}/fazt-yardstick-`);

function build() {
  const to = `${cwd}/fazt`;
  execFileSync("go", ["build", "-o", to, "."], { cwd: fileURLToPath(new URL("../..", import.meta.url)), stdio: "inherit", env: { ...process.env, CGO_ENABLED: "0" } });
  return to;
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

/** Every round of a way, as medians. */
async function measured(driver, kind, place) {
  const got = [];
  for (let round = 0; round < rounds; round++) got.push(await driver.run(kind, place));
  return Object.fromEntries(Object.keys(got[0]).map((key) => [key, median(got.map((one) => one[key]))]));
}

const thousands = (n) => Math.round(n).toLocaleString("en");
const row = (...cells) => console.log(`| ${cells.join(" | ")} |`);

async function report(place) {
  const version = JSON.parse(await readFile(new URL("node_modules/@playwright/mcp/package.json", import.meta.url))).version;
  const drivers = [[`Playwright MCP ${version}`, playwright], ["fazt", fazt]];
  row("driver", "way", "calls", "wall", "tokens of answers", "of calls", "of definitions");
  row("---", "---", "---", "---", "---", "---", "---");
  for (const [name, driver] of drivers) {
    for (const kind of driver.runs) {
      const m = await measured(driver, kind, place);
      row(name, kind.name, m.calls, `${(m.wall / 1000).toFixed(2)} s`, thousands(m.answered), thousands(m.asked), thousands(m.definitions));
    }
  }
  console.log();
  row("driver", "the page with its table, by default", "with all rows", "one row by a search, at most", "which shows");
  row("---", "---", "---", "---", "---");
  for (const [name, driver] of drivers) {
    const t = await driver.readTable(place);
    row(name, thousands(t.whole), thousands(t.all), thousands(t.row), t.reach);
  }
}

const site = await serveSite();
let server;
try {
  server = await fazt.startFazt(process.env.FAZT ?? build(), cwd);
  await fazt.allow(server, site.url);
  await report({ site, server, chromium, cwd });
} finally {
  await server?.stop();
  await site.close();
  await rm(cwd, { recursive: true, force: true });
}
