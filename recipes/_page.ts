// The page that page_from_collection writes: one file without a build, meant to
// be read and changed. It speaks to the server by the ES module alone.

import { type Field, label } from "./_shape";

export type PageOf = { app: string; collection: string; title: string; fields: Field[] };

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

/** JSON that can stand in a script element. */
function inScript(value: unknown): string {
  return JSON.stringify(value).replace(/</g, "\\u003c");
}

const STYLE = `
  :root { color-scheme: light dark; --bg: light-dark(#f6f7f9, #14161a); --card: light-dark(#fff, #1d2026); --ink: light-dark(#1b1f27, #e8eaee);
    --soft: light-dark(#5a6372, #9aa3b2); --line: light-dark(#dfe3ea, #323743); --accent: light-dark(#2456d6, #8fb0ff); --on: light-dark(#fff, #10131a); }
  * { box-sizing: border-box; }
  body { margin: 0; background: var(--bg); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
  main { max-width: 64rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
  header { display: flex; flex-wrap: wrap; gap: .75rem 1rem; align-items: baseline; margin-bottom: 1.25rem; }
  h1 { font-size: 1.75rem; line-height: 1.2; margin: 0; flex: 1 1 auto; overflow-wrap: anywhere; }
  h2 { font-size: 1.15rem; margin: 0 0 .75rem; }
  p { margin: 0 0 .75rem; }
  [hidden] { display: none !important; }
  .soft { color: var(--soft); }
  .card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.25rem; }
  .narrow { max-width: 30rem; margin: 3rem auto; }
  .bar { display: flex; gap: .75rem; margin-bottom: 1rem; }
  .bar input { flex: 1; min-width: 0; }
  input, textarea, button { font: inherit; color: inherit; border-radius: .5rem; border: 1px solid var(--line); padding: .55rem .75rem; background: var(--card); min-height: 2.75rem; }
  textarea { min-height: 6rem; resize: vertical; }
  input[type=checkbox] { min-height: 0; width: 1.25rem; height: 1.25rem; accent-color: var(--accent); }
  button { cursor: pointer; white-space: nowrap; }
  button.main { background: var(--accent); border-color: var(--accent); color: var(--on); font-weight: 600; }
  :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
  form label { display: grid; gap: .3rem; margin-bottom: .9rem; font-weight: 600; }
  form label.check { grid-template-columns: auto 1fr; align-items: center; gap: .6rem; }
  form input, form textarea { font-weight: 400; width: 100%; }
  .end { display: flex; justify-content: flex-end; gap: .75rem; }
  dialog { border: 1px solid var(--line); border-radius: .75rem; padding: 1.5rem; width: min(32rem, calc(100vw - 2rem)); background: var(--card); color: inherit; }
  dialog::backdrop { background: rgb(0 0 0 / .45); }
  table { width: 100%; border-collapse: collapse; }
  .sheet { padding: 0; overflow-x: auto; }
  th, td { text-align: left; padding: .7rem 1rem; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
  th { font-size: .85rem; color: var(--soft); white-space: nowrap; }
  tr:last-child td { border-bottom: 0; }
  td.number { text-align: right; font-variant-numeric: tabular-nums; }
  th.number { text-align: right; }
  [role=alert] { color: light-dark(#a3182b, #ff9da9); margin: .5rem 0; }
  [role=alert]:empty { display: none; }
  .more { display: block; margin: 1rem auto 0; }
  @media (max-width: 40rem) {
    main { padding: 1.25rem 1rem 3rem; }
    thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    tr { display: block; padding: .75rem 1rem; border-bottom: 1px solid var(--line); }
    tr:last-child { border-bottom: 0; }
    td, td.number { display: grid; grid-template-columns: 7rem 1fr; gap: .5rem; padding: .2rem 0; border: 0; text-align: left; }
    td::before { content: attr(data-label); color: var(--soft); font-size: .9rem; }
    td:empty { display: none; }
  }`;

const SCRIPT = `
  const { app, collection, fields } = JSON.parse(document.getElementById("config").textContent);
  const $ = (id) => document.getElementById(id);
  const PAGE = 50;
  const store = "fazt-token " + app;
  let fazt, cursor;

  // The app's page is at APP.HOST, and its server is at HOST.
  const server = location.protocol + "//" + location.host.replace(/^[^.]+\\./, "");

  function say(where, error) {
    where.textContent = error ? [error.detail ?? error.message, error.hint].filter(Boolean).join(" – ") : "";
  }

  async function enter(token) {
    const { connect } = await import(server + "/agent/fazt.js");
    const client = await connect({ url: server, token });
    await client.doc.find({ app, collection, limit: 1 }); // the token is good for this collection
    fazt = client;
    sessionStorage.setItem(store, token);
    $("enter").hidden = true;
    $("room").hidden = false;
    $("leave").hidden = false;
    await show();
  }

  function filter() {
    const words = $("search").value.trim().split(/\\s+/).filter(Boolean);
    const texts = fields.filter((field) => field.type === "string").map((field) => field.name);
    if (words.length === 0 || texts.length === 0) return {};
    const has = (word) => ({ $regex: "(?i)" + word.replace(/[.*+?^$(){}|[\\]\\\\]/g, "\\\\$&") });
    return { $and: words.map((word) => ({ $or: texts.map((name) => ({ [name]: has(word) })) })) };
  }

  function text(value) {
    if (value === null || value === undefined) return "";
    if (typeof value === "boolean") return value ? "yes" : "no";
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  }

  function row(doc) {
    const tr = document.createElement("tr");
    tr.dataset.key = doc.id;
    for (const field of fields) {
      const td = tr.insertCell();
      td.dataset.label = field.label;
      td.textContent = text(doc[field.name]);
      if (field.type === "number" || field.type === "integer") td.className = "number";
    }
    return tr;
  }

  let asked = 0;
  async function show(more) {
    const mine = ++asked;
    const query = { app, collection, filter: filter(), limit: PAGE, ...(more && cursor ? { cursor } : {}) };
    try {
      const [page, all] = await Promise.all([fazt.doc.find(query), more ? undefined : fazt.doc.count({ app, collection, filter: query.filter })]);
      if (mine !== asked) return; // somebody typed on
      if (!more) $("rows").replaceChildren();
      $("rows").append(...page.items.map((item) => row(item.doc)));
      if (all) $("count").textContent = all.count === 1 ? "1 entry" : all.count + " entries";
      $("none").hidden = $("rows").rows.length > 0;
      $("sheet").hidden = $("rows").rows.length === 0;
      cursor = page.next_cursor;
      $("more").hidden = !cursor;
      say($("trouble"));
    } catch (error) {
      say($("trouble"), error);
    }
  }

  function valueOf(field, input) {
    if (field.type === "boolean") return input.checked;
    const given = input.value.trim();
    if (given === "") return undefined;
    if (field.type === "number" || field.type === "integer") return Number(given);
    return field.type === "string" || field.type === "null" ? given : JSON.parse(given);
  }

  $("enter").addEventListener("submit", (event) => {
    event.preventDefault();
    enter($("token").value.trim()).catch((error) => say($("refused"), error));
  });
  $("leave").addEventListener("click", () => {
    sessionStorage.removeItem(store);
    location.reload();
  });
  $("add").addEventListener("click", () => $("dialog").showModal());
  $("cancel").addEventListener("click", () => $("dialog").close());
  $("more").addEventListener("click", () => show(true));
  let typing;
  $("search").addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(show, 200);
  });
  $("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const doc = {};
      for (const field of fields) {
        const value = valueOf(field, event.target.elements["field " + field.name]);
        if (value !== undefined) doc[field.name] = value;
      }
      await fazt.doc.insert({ app, collection, doc });
      event.target.reset();
      $("dialog").close();
      $("search").value = "";
      await show();
    } catch (error) {
      say($("invalid"), error);
    }
  });
  const token = sessionStorage.getItem(store);
  if (token) enter(token).catch((error) => say($("refused"), error));`;

function control(field: Field): string {
  const name = `name="${escaped("field " + field.name)}"`;
  const needed = field.always && field.type !== "boolean" ? " required" : "";
  const title = escaped(label(field.name));
  if (field.type === "boolean") return `<label class="check"><input type="checkbox" ${name}>${title}</label>`;
  if (field.type === "object" || field.type === "array") return `<label>${title} (JSON)<textarea ${name}${needed}></textarea></label>`;
  if (field.format === "long") return `<label>${title}<textarea ${name}${needed}></textarea></label>`;
  if (field.type === "integer" || field.type === "number") {
    return `<label>${title}<input type="number" step="${field.type === "integer" ? "1" : "any"}" ${name}${needed}></label>`;
  }
  const types = { email: "email", url: "url", date: "text", long: "text", "": "text" };
  return `<label>${title}<input type="${types[field.format]}" ${name}${needed}></label>`;
}

/** The whole page. */
export function pageOf({ app, collection, title, fields }: PageOf): string {
  const config = { app, collection, fields: fields.map(({ name, type }) => ({ name, type, label: label(name) })) };
  const heads = fields.map((field) => `<th scope="col"${/^(number|integer)$/.test(field.type) ? ' class="number"' : ""}>${escaped(label(field.name))}</th>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}
</style>
</head>
<body>
<main>
  <header>
    <h1>${escaped(title)}</h1>
    <span class="soft" id="count" role="status"></span>
    <button id="leave" hidden>Sign out</button>
  </header>

  <form class="card narrow" id="enter">
    <h2>Sign in</h2>
    <p class="soft">The data is private: this page shows it with a token of this app. It stays in this tab.</p>
    <label>Token<input id="token" type="password" autocomplete="off" required data-private></label>
    <p role="alert" id="refused"></p>
    <div class="end"><button class="main">Open</button></div>
  </form>

  <section id="room" hidden>
    <div class="bar">
      <input id="search" type="search" placeholder="Search" aria-label="Search">
      <button class="main" id="add">Add</button>
    </div>
    <p role="alert" id="trouble"></p>
    <div class="card sheet" id="sheet">
      <table>
        <thead><tr>${heads.join("")}</tr></thead>
        <tbody id="rows"></tbody>
      </table>
    </div>
    <p class="soft" id="none" hidden>Nothing here. Add the first entry, or search for something else.</p>
    <button class="more" id="more" hidden>More</button>
  </section>
</main>

<dialog id="dialog" aria-labelledby="adding">
  <h2 id="adding">New entry</h2>
  <form id="form">
    ${fields.map(control).join("\n    ")}
    <p role="alert" id="invalid"></p>
    <div class="end"><button type="button" id="cancel">Cancel</button><button class="main">Save</button></div>
  </form>
</dialog>

<script type="application/json" id="config">${inScript(config)}</script>
<script type="module">${SCRIPT}
</script>
</body>
</html>
`;
}
