import { defineRecipe } from "fazt";
import { fill, isMissing, open, outcome } from "./_form";

export default defineRecipe({
  name: "app_restore",
  title: "Bring a deleted app back on the page of the bin",
  effect: "write",
  scopes: ["apps:read", "apps:write"],
  at: "/bin",
  async ui({ page, input }) {
    const dialog = await open(page, "Restore an app", "Restore app");
    await fill(dialog, "Id", input.app);
    await dialog.getByRole("button", { name: "Restore", exact: true }).click();
    return outcome(page, "app_restore");
  },
  async check({ fazt, input, output, expect }) {
    if (output === undefined) return;
    const app = await fazt.app.get({ app: input.app }).catch((error) => {
      if (!isMissing(error)) throw error; // deleted again since
    });
    if (app !== undefined) expect(app.version, "the app's version").toBeGreaterThanOrEqual(output.version);
  },
});
