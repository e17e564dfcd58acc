// An engine of a few lines for the test of attach().
type Host = { notify?: (method: string, params: Record<string, unknown>) => void };
export type Engine = { epoch: string; dispatch(method: string, params: unknown): Promise<unknown> };

export function newEngine(host: Host): Engine {
  const epoch = Math.random().toString(36).slice(2);
  return {
    epoch,
    async dispatch(method, params) {
      if (method === "look") return { text: document.body.innerText, rev: 1, url: location.href, title: document.title, epoch };
      const { step } = params as { step: string };
      const el = document.querySelector<HTMLElement>(step.replace(/^click /, ""));
      if (!el) throw Object.assign(new Error(`nothing matches ${step}`), { code: "no_match", hint: "look" });
      const { x, y, width, height } = el.getBoundingClientRect();
      host.notify?.("acted", { id: 1, at: { x, y, width, height } });
      el.click();
      return { rev: 2 };
    },
  };
}
