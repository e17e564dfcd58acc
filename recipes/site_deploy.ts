import { defineRecipe } from "fazt";
import { fill, open, outcome } from "./_form";

export default defineRecipe({
  name: "site_deploy",
  title: "Publish stored files as the site on the app's page",
  effect: "destructive",
  scopes: ["apps:read", "blobs:read", "sites:read", "sites:write"],
  at: "/apps/{app}/files",
  async ui({ page, input }) {
    const dialog = await open(page, "Deploy a site", "Deploy site");
    await fill(dialog, "Or a stored archive", input.blob);
    await fill(dialog, "Or a folder", input.from);
    await dialog.getByRole("button", { name: "Deploy", exact: true }).click();
    return outcome(page, "site_deploy");
  },
  async check({ fazt, input, output, expect }) {
    if (output === undefined) return;
    const { items } = await fazt.site.list({ app: input.app });
    const mine = items.find((one) => one.deployment === output.deployment);
    if (mine === undefined) return expect(items.length, "ten later deployments").toBe(10);
    expect(mine.files, "how many files it has").toBe(output.files);
    // Whoever came after may have deployed or rolled back.
    if (items[0] === mine && items.length === 1) expect(mine.active, "whether it is shown").toBe(true);
  },
});
