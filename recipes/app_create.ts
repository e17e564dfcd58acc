import { defineRecipe } from "fazt";
import { fill, open, outcome } from "./_form";

export default defineRecipe({
  name: "app_create",
  title: "Create an app on its page",
  effect: "write",
  scopes: ["apps:read", "apps:write"],
  at: "/apps",
  async ui({ page, input }) {
    const dialog = await open(page, "New app", "New app");
    await fill(dialog, "Id", input.id);
    await fill(dialog, "Title", input.title);
    await dialog.getByRole("button", { name: "Create", exact: true }).click();
    return outcome(page, "app_create");
  },
  async check({ fazt, input, output, expect }) {
    const app = await fazt.app.get({ app: input.id });
    expect(app.version, "the app's version").toBeGreaterThanOrEqual(output?.version ?? 0);
    // Whoever came after may have changed the title again.
    if (app.version === output?.version) expect(app.title, "the app's title").toBe(input.title || input.id);
  },
});
