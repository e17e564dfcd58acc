import { defineRecipe } from "fazt";
import { between, stands } from "./_files";

export default defineRecipe({
  name: "blob_copy",
  title: "Copy a file on the app's page",
  effect: "write",
  scopes: ["apps:read", "blobs:read", "blobs:write"],
  at: "/apps/{app}/files",
  ui: ({ page, input }) => between(page, "Copy", "blob_copy", input),
  async check({ fazt, input, output, expect }) {
    if (output === undefined) return;
    const version = (key: string) => stands(fazt, input.app, key);
    // Whoever came after may have changed it again.
    expect((await version(input.to)) ?? Infinity, "the version under the new name").toBeGreaterThanOrEqual(output.version);
  },
});
