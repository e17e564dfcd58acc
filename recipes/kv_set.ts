import { defineRecipe } from "fazt";
import { fill, isMissing, keyText, open, outcome } from "./_form";

export default defineRecipe({
  name: "kv_set",
  title: "Store a value on the app's page",
  effect: "write",
  scopes: ["apps:read", "kv:read", "kv:write"],
  at: "/apps/{app}",
  async ui({ page, input, raw }) {
    const dialog = await open(page, "New key", "New key");
    await fill(dialog, "Key", keyText(input.key));
    await fill(dialog, "Value (JSON)", raw.value); // as it was sent: 1.0 stays 1.0
    await fill(dialog, "Time to live (ms)", input.ttl_ms || undefined);
    await fill(dialog, "Only at version", input.if_version);
    if (input.create_only) await dialog.getByLabel("Only create", { exact: true }).check();
    await dialog.getByRole("button", { name: "Save", exact: true }).click();
    return outcome(page, "kv_set");
  },
  async check({ fazt, input, output, expect }) {
    const entry = await fazt.kv.get({ app: input.app, key: input.key }).catch((error) => {
      // A key that lives for a while may be over by now.
      if (!input.ttl_ms || !isMissing(error)) throw error;
    });
    if (entry === undefined) return;
    expect(entry.version, "the key's version").toBeGreaterThanOrEqual(output?.version ?? 0);
    // Whoever came after may have written another value.
    if (output !== undefined && entry.version !== output.version) return;
    expect(entry.value, "the key's value").toEqual(input.value);
    if (input.ttl_ms) expect(entry.expires_at, "when the key ends").toBeGreaterThan(0);
    else expect(entry.expires_at, "when the key ends").toBeNull();
  },
});
