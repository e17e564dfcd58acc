// A driver of a few lines for the browser's own tests: look answers the title,
// a step clicks or types for real, and nav is said as the real one says it.
(() => {
  const epoch = Math.random().toString(36).slice(2);
  const asked = new Map();
  let last = 0;
  const say = (message) => __fazt_send(JSON.stringify({ jsonrpc: "2.0", ...message }));
  const host = (method, params) =>
    new Promise((resolve, reject) => {
      asked.set(++last, { resolve, reject });
      say({ id: last, method, params });
    });
  async function carryOut(id, method, params) {
    if (method === "look") {
      if (params.in) return host("host.frame", { index: 0, method: "look", params: {} });
      return { text: document.body?.innerText ?? "", rev: 1, url: location.href, title: document.title, epoch };
    }
    const [verb, css, value] = params.step.split(" | ");
    const el = document.querySelector(css);
    if (!el) throw { code: "no_match", message: `nothing matches ${css}` };
    say({ method: "acted", params: { id } });
    if (verb === "script") el.click();
    if (verb === "click") {
      const box = el.getBoundingClientRect();
      await host("host.input", { kind: "click", params: { x: box.x + box.width / 2, y: box.y + box.height / 2 } });
    }
    if (verb === "type") {
      el.focus();
      await host("host.input", { kind: "key", params: { keys: "Control+A" } });
      await host("host.input", { kind: "text", params: { text: value } });
      await host("host.input", { kind: "key", params: { keys: "Enter" } });
    }
    return { rev: 2 };
  }
  globalThis.__fazt_dispatch = ({ method, params }) => carryOut(0, method, params);
  globalThis.__fazt_receive = (text) => {
    const { id, method, params, result, error } = JSON.parse(text);
    if (method === undefined) {
      const { resolve, reject } = asked.get(id);
      asked.delete(id);
      return error ? reject(error) : resolve(result);
    }
    if (id === undefined) return;
    carryOut(id, method, params).then(
      (done) => say({ id, result: done }),
      (e) => say({ id, error: { code: -32000, message: e.message ?? String(e), data: { code: e.data?.code ?? e.code ?? "bad_target" } } }),
    );
  };
  if (window === top) say({ method: "nav", params: { url: location.href, title: document.title, epoch } });
})();
