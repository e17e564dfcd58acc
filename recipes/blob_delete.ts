import { defineRecipe } from "fazt";
import { fill, keyText, open, outcome } from "./_form";

export default defineRecipe({
  name: "blob_delete",
  title: "Delete a file on the app's page",
  effect: "destructive",
  scopes: ["apps:read", "blobs:read", "blobs:write"],
  at: "/apps/{app}/files",
  async ui({ page, input }) {
    const dialog = await open(page, "Delete a file", "Delete file");
    await fill(dialog, "Name", keyText(input.key));
    await fill(dialog, "Only at version", input.if_version);
    await dialog.getByRole("button", { name: "Delete", exact: true }).click();
    return outcome(page, "blob_delete");
  },
  async check({ fazt, input, output, expect }) {
    const { items } = await fazt.blob.list({ app: input.app, prefix: input.key, limit: 1 });
    const file = items.find((one) => one.key === input.key);
    // A file of the same name that was stored since is another one.
    if (file !== undefined) expect(file.version, "the version of a file of this name").toBeGreaterThan(output?.version ?? Infinity);
  },
});
