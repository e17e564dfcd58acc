import { defineRecipe } from "fazt";
import { fill, open, outcome } from "./_form";

export default defineRecipe({
  name: "app_update",
  title: "Give an app another title on its page",
  effect: "write",
  scopes: ["apps:read", "apps:write", "kv:read"],
  at: "/apps/{app}",
  async ui({ page, input }) {
    const dialog = await open(page, "Rename app", "Rename app");
    await fill(dialog, "Title", input.title);
    await fill(dialog, "Only at version", input.if_version ?? ""); // the page has filled it in
    await dialog.getByRole("button", { name: "Save", exact: true }).click();
    return outcome(page, "app_update");
  },
  async check({ fazt, input, output, expect }) {
    const app = await fazt.app.get({ app: input.app });
    expect(app.version, "the app's version").toBeGreaterThanOrEqual(output?.version ?? 0);
    // Whoever came after may have changed the title again.
    if (app.version === output?.version) expect(app.title, "the app's title").toBe(input.title);
  },
});
