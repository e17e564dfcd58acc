// Each try answers "failed" with how, or what it got.

const WAIT = 3000;

/** What a request got, as far as a page of another origin may see it. */
async function reach(path, init = {}) {
  try {
    const response = await fetch(ADMIN + path, { credentials: "include", ...init });
    const text = await response.text();
    return response.ok && response.type !== "opaque" ? `reached it: ${response.status} ${text.slice(0, 200)}` : `failed: ${response.type} ${response.status}`;
  } catch (error) {
    return `failed: ${error}`;
  }
}

/** A form that posts into a frame: the browser lets it be sent, the server must not act on it. */
function post(path, fields, enctype) {
  return new Promise((resolve) => {
    const frame = document.createElement("iframe");
    frame.name = "f" + Math.random();
    document.body.append(frame);
    const form = document.createElement("form");
    Object.assign(form, { method: "post", action: ADMIN + path, target: frame.name, enctype });
    for (const [name, value] of Object.entries(fields)) {
      const input = document.createElement("input");
      Object.assign(input, { name, value });
      form.append(input);
    }
    document.body.append(form);
    frame.addEventListener("load", () => {
      try {
        if (frame.contentDocument?.URL === "about:blank") return;
        resolve(`read the answer: ${frame.contentDocument.body.textContent}`);
      } catch {
        // of another origin, as it must be
      }
      resolve(frame.contentDocument === null ? "failed: the answer is of another origin" : "read the answer");
    });
    form.submit();
    setTimeout(() => resolve("failed: no answer"), WAIT);
  });
}

function framed(path) {
  return new Promise((resolve) => {
    const frame = document.createElement("iframe");
    frame.src = ADMIN + path;
    const read = () => {
      try {
        const inside = frame.contentDocument ?? frame.contentWindow.document;
        resolve(inside.URL === "about:blank" ? "failed: blank" : `read the frame: ${inside.URL}`);
      } catch (error) {
        resolve(`failed: ${error}`);
      }
    };
    frame.addEventListener("load", read);
    document.body.append(frame);
    setTimeout(read, WAIT);
  });
}

function socket(url) {
  return new Promise((resolve) => {
    const ws = new WebSocket(url);
    ws.onopen = () => resolve("opened it");
    ws.onerror = () => resolve("failed: refused");
    setTimeout(() => resolve("failed: never opened"), WAIT);
  });
}

function stream(path) {
  return new Promise((resolve) => {
    const source = new EventSource(ADMIN + path, { withCredentials: true });
    source.onopen = () => resolve("opened it");
    source.onerror = () => resolve("failed: refused");
    setTimeout(() => resolve("failed: never opened"), WAIT);
  });
}

function tag(name, path) {
  return new Promise((resolve) => {
    const element = document.createElement(name);
    element.onload = () => resolve("loaded it");
    element.onerror = () => resolve("failed: refused");
    if (name === "link") Object.assign(element, { rel: "stylesheet", href: ADMIN + path });
    else element.src = ADMIN + path;
    document.body.append(element);
    setTimeout(() => resolve("failed: never loaded"), WAIT);
  });
}

async function worker(script, scope) {
  try {
    await navigator.serviceWorker.register(script, { scope });
    return "registered it";
  } catch (error) {
    return `failed: ${error}`;
  }
}

function cookies() {
  document.cookie = "fazt=stolen; domain=localhost; path=/";
  document.cookie = "fazt=stolen; path=/";
  return /(^|;\s*)(__Host-)?fazt=(?!stolen)/.test(document.cookie) ? `read it: ${document.cookie}` : "failed: none to read";
}

async function popup() {
  const opened = open(ADMIN + "/apps", "admin");
  if (!opened) return "failed: no window";
  await new Promise((resolve) => setTimeout(resolve, WAIT / 2));
  try {
    return opened.closed ? "failed: cut off" : `read it: ${opened.document.title}`;
  } catch (error) {
    return `failed: ${error}`;
  } finally {
    opened.close();
  }
}

async function module(act) {
  try {
    const { connect } = await import(ADMIN + "/agent/fazt.js");
    return `did it: ${JSON.stringify(await act(await connect({ url: ADMIN }))).slice(0, 200)}`;
  } catch (error) {
    return `failed: ${error}`;
  }
}

/** A page of the app's own host that stands where the admin page has its doors. */
async function own(path, init) {
  const response = await fetch(path, init);
  const text = await response.text();
  return response.ok && /"items"|jsonrpc/.test(text) ? `answered: ${text.slice(0, 200)}` : `failed: ${response.status}`;
}

const json = { "Content-Type": "application/json" };
const mcp = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "kv_set", arguments: { app: "shop", key: "plans", value: "stolen" } } });

async function attack() {
  const tries = {
    "read with the owner's cookie": () => reach("/api/apps/shop/kv/plans"),
    "read without CORS": () => reach("/api/apps/shop/kv/plans", { mode: "no-cors" }),
    "write with a preflight": () => reach("/api/apps/shop/kv/plans", { method: "PUT", headers: json, body: '{"value":"stolen"}' }),
    "write without a preflight": () => reach("/api/apps", { method: "POST", mode: "no-cors", body: '{"id":"stolen"}' }),
    "write by a beacon": async () => (navigator.sendBeacon(ADMIN + "/api/apps", '{"id":"beacon"}'), "failed: sent, and its end is not told"),
    "a form's text": () => post("/api/apps", { '{"id":"formed","title":"': '"}' }, "text/plain"),
    "a form's fields": () => post("/api/apps", { id: "formed" }, "application/x-www-form-urlencoded"),
    "sign the owner out": () => post("/sign-out", {}, "application/x-www-form-urlencoded"),
    "the page in a frame": () => framed("/apps/shop"),
    "an operation in a frame": () => framed("/api/apps/shop/kv/plans"),
    "the cookie": async () => cookies(),
    "the page in a window": popup,
    "the hub's socket": () => socket(ADMIN.replace("http", "ws") + "/agent/ws"),
    "the stream of changes": () => stream("/api/apps/shop/changes"),
    "MCP with the owner's cookie": () => reach("/mcp", { method: "POST", headers: { ...json, Accept: "application/json, text/event-stream" }, body: mcp }),
    "MCP without a preflight": () => reach("/mcp", { method: "POST", mode: "no-cors", body: mcp }),
    "the data as a script": () => tag("script", "/api/apps/shop/kv/plans"),
    "the data as a sheet": () => tag("link", "/api/apps/shop/kv/plans"),
    "the data as a picture": () => tag("img", "/api/apps/shop/kv/plans"),
    "the ES module, reading": () => module((fazt) => fazt.kv.get({ app: "shop", key: "plans" })),
    "a service worker for the admin page": () => worker("/worker.js", ADMIN + "/"),
    "a service worker from the admin page": () => worker(ADMIN + "/agent/fazt.js", "/"),
    "the API on the app's own host": () => own("/api/apps"),
    "MCP on the app's own host": () => own("/mcp", { method: "POST", headers: json, body: mcp }),
    "the hub on the app's own host": () => socket(location.origin.replace("http", "ws") + "/agent/ws"),
    "who opened this": async () => (globalThis.opener ? "has the opener" : "failed: none"),
  };
  const made = Object.entries(tries).map(async ([name, make]) => [name, await make().catch((error) => `failed: ${error}`)]);
  return Object.fromEntries(await Promise.all(made));
}
