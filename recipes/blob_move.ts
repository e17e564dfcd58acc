import { defineRecipe } from "fazt";
import { between, stands } from "./_files";

export default defineRecipe({
  name: "blob_move",
  title: "Move a file on the app's page",
  effect: "destructive",
  scopes: ["apps:read", "blobs:read", "blobs:write"],
  at: "/apps/{app}/files",
  ui: ({ page, input }) => between(page, "Move", "blob_move", input),
  async check({ fazt, input, output, expect }) {
    if (output === undefined) return;
    const version = (key: string) => stands(fazt, input.app, key);
    // Whoever came after may have changed it again.
    expect((await version(input.to)) ?? Infinity, "the version under the new name").toBeGreaterThanOrEqual(output.version);
    // A file that has the old name since is another one.
    if (input.key !== input.to) expect((await version(input.key)) ?? Infinity, "the version under the old name").toBeGreaterThan(output.version);
  },
});
