import { defineRecipe } from "fazt";
import { fill, open, outcome } from "./_form";

export default defineRecipe({
  name: "site_rollback",
  title: "Make an earlier deployment the site on the app's page",
  effect: "destructive",
  scopes: ["apps:read", "blobs:read", "sites:read", "sites:write"],
  at: "/apps/{app}/files",
  async ui({ page, input }) {
    const dialog = await open(page, "Roll back", "Roll back");
    await fill(dialog, "Deployment", input.deployment || undefined);
    await dialog.getByRole("button", { name: "Roll back", exact: true }).click();
    return outcome(page, "site_rollback");
  },
  async check({ fazt, input, output, expect }) {
    if (output === undefined) return;
    const { items } = await fazt.site.list({ app: input.app });
    if (input.deployment) expect(output.deployment, "the deployment").toBe(input.deployment);
    // A later deployment may have pushed it out of the ten that are kept.
    if (items.length < 10) expect(items.some((one) => one.deployment === output.deployment), "whether it is kept").toBe(true);
  },
});
