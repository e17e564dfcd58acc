import { defineRecipe } from "fazt";
import { fill, open, outcome } from "./_form";

export default defineRecipe({
  name: "token_create",
  title: "Create a token on the tokens page",
  description: "The secret stays in the page, for the person in front of it: no recipe can read it there.",
  effect: "write",
  scopes: ["apps:read", "tokens:read", "tokens:write"],
  at: "/tokens",
  async ui({ page, input }) {
    const dialog = await open(page, "New token", "New token");
    await fill(dialog, "Name", input.name);
    if (input.kind) await dialog.getByLabel("Kind", { exact: true }).selectOption(input.kind);
    await fill(dialog, "App", input.app);
    await fill(dialog, "Time to live (ms)", input.ttl_ms || undefined);
    await fill(dialog, "Calls an hour", input.calls_per_hour || undefined);
    await fill(dialog, "Writes an hour", input.writes_per_hour || undefined);
    await fill(dialog, "Bytes an hour", input.bytes_per_hour || undefined);
    for (const scope of input.scopes ?? []) {
      await dialog.getByRole("checkbox", { name: scope, exact: true }).check();
    }
    await dialog.getByRole("button", { name: "Create", exact: true }).click();
    return outcome(page, "token_create");
  },
  async check({ fazt, input, output, expect }) {
    if (output === undefined) throw new Error("without its answer nobody knows which token it made");
    const token = await fazt.token.get({ token: output.id });
    expect(token.name, "the token's name").toBe(input.name);
    expect(token.kind, "the token's kind").toBe(input.kind ?? "agent");
    if (input.scopes?.length) expect([...token.scopes].sort(), "the token's scopes").toEqual([...new Set(input.scopes)].sort());
    for (const name of ["calls_per_hour", "writes_per_hour", "bytes_per_hour"] as const) {
      expect(token.budget?.[name] ?? 0, `the token's ${name}`).toBe(input[name] ?? 0);
    }
    if (input.app) expect(token.app, "the token's app").toBe(input.app);
  },
});
