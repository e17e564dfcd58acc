import { defineRecipe } from "fazt";
import { fill, open, outcome } from "./_form";

export default defineRecipe({
  name: "undo_run",
  title: "Take changes back on the app's page",
  effect: "destructive",
  scopes: ["apps:read", "apps:write", "kv:read", "kv:write"],
  at: "/apps/{app}/undo",
  async ui({ page, input }) {
    const dialog = await open(page, "Undo by name", "Undo");
    await fill(dialog, "Run", input.run_id || undefined);
    await fill(dialog, "Token", input.by || undefined);
    await fill(dialog, "Since (Unix ms)", input.since);
    await dialog.getByRole("button", { name: "Undo", exact: true }).click();
    return outcome(page, "undo_run");
  },
  async check({ fazt, input, output, expect }) {
    if (output === undefined) return;
    for (const item of output.items.filter((one) => one.kind === "kv" && one.did === "removed").slice(0, 20)) {
      const { items } = await fazt.kv.list({ app: input.app, prefix: item.key, limit: 1 });
      const entry = items.find((one) => one.key === item.key);
      // A key of that name that was stored since is another one.
      if (entry !== undefined) expect(entry.version, `the version of ${item.key}`).toBeGreaterThan(output.version);
    }
  },
});
