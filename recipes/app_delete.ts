import { defineRecipe } from "fazt";
import { fill, isMissing, open, outcome } from "./_form";

export default defineRecipe({
  name: "app_delete",
  title: "Delete an app on its page",
  effect: "destructive",
  scopes: ["apps:read", "apps:write"],
  at: "/apps/{app}",
  async ui({ page, input }) {
    const dialog = await open(page, "Delete app", "Delete app");
    await fill(dialog, "Type the id to confirm", input.app);
    await fill(dialog, "Only at version", input.if_version);
    await dialog.getByRole("button", { name: "Delete", exact: true }).click();
    return outcome(page, "app_delete");
  },
  async check({ fazt, input, output, expect }) {
    const app = await fazt.app.get({ app: input.app }).catch((error) => {
      if (!isMissing(error)) throw error;
    });
    // One of the same id that was created since is another app.
    if (app !== undefined) expect(app.version, "the version of an app with this id").toBeGreaterThan(output?.version ?? Infinity);
  },
});
