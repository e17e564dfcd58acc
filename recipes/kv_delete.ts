import { defineRecipe } from "fazt";
import { fill, isMissing, keyText, open, outcome } from "./_form";

export default defineRecipe({
  name: "kv_delete",
  title: "Delete a key on the app's page",
  effect: "destructive",
  scopes: ["apps:read", "kv:read", "kv:write"],
  at: "/apps/{app}",
  async ui({ page, input }) {
    const dialog = await open(page, "Delete a key", "Delete key");
    await fill(dialog, "Key", keyText(input.key));
    await fill(dialog, "Only at version", input.if_version);
    await dialog.getByRole("button", { name: "Delete", exact: true }).click();
    return outcome(page, "kv_delete");
  },
  async check({ fazt, input, output, expect }) {
    const entry = await fazt.kv.get({ app: input.app, key: input.key }).catch((error) => {
      if (!isMissing(error)) throw error;
    });
    // A key of the same name that was stored since is another one.
    if (entry !== undefined) expect(entry.version, "the version of a key of this name").toBeGreaterThan(output?.version ?? Infinity);
  },
});
