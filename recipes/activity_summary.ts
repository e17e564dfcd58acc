import { defineRecipe } from "fazt";

type Call = { at: number; principal: string; kind: string; operation: string; app?: string; code: string };

/** The most frequent values, with how often. */
function ranked(calls: Call[], of: (call: Call) => string | undefined, most = 10) {
  const counts = new Map<string, number>();
  for (const call of calls) {
    const name = of(call);
    if (name !== undefined && name !== "") counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, most).map(([name, count]) => ({ name, count }));
}

export default defineRecipe({
  name: "activity_summary",
  title: "Sum up who changed what, and what was refused",
  description: "Reads the newest calls of the audit, up to 5,000 of the last hours.",
  effect: "read",
  scopes: ["system:read"],
  input: {
    type: "object",
    properties: {
      app: { type: "string", description: "only calls about this app" },
      hours: { type: "integer", minimum: 1, maximum: 720, description: "how far back; 24 when left out" },
    },
    additionalProperties: false,
  },
  output: {
    type: "object",
    properties: {
      calls: { type: "integer" }, refused: { type: "integer" }, since: { type: "integer" }, complete: { type: "boolean" },
      operations: { type: "array" }, callers: { type: "array" }, apps: { type: "array" }, errors: { type: "array" },
    },
    required: ["calls", "refused", "since", "complete", "operations", "callers", "apps", "errors"],
  },
  async api({ fazt, input }) {
    const since = Date.now() - (input.hours ?? 24) * 3_600_000;
    const calls: Call[] = [];
    let cursor: string | undefined;
    let complete = false;
    for (let page = 0; page < 5 && !complete; page++) {
      const query = { limit: 1000, ...(input.app ? { app: input.app } : {}), ...(cursor ? { cursor } : {}) };
      const list = await fazt.system.audit(query);
      for (const call of list.items as Call[]) if (call.at >= since) calls.push(call);
      const last = list.items.at(-1);
      complete = !list.next_cursor || last === undefined || last.at < since;
      cursor = list.next_cursor ?? undefined;
    }
    const bad = calls.filter((call) => call.code !== "ok");
    return {
      calls: calls.length, refused: bad.length, since, complete,
      operations: ranked(calls, (call) => call.operation),
      callers: ranked(calls, (call) => `${call.principal} (${call.kind})`),
      apps: ranked(calls, (call) => call.app),
      errors: ranked(bad, (call) => `${call.operation}: ${call.code}`),
    };
  },
  async check({ output, expect }) {
    expect(output?.refused, "refused calls").toBeLessThanOrEqual(output?.calls ?? 0);
  },
});
