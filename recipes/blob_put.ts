import { defineRecipe } from "fazt";
import { fill, keyText, open, outcome } from "./_form";

export default defineRecipe({
  name: "blob_put",
  title: "Store a file on the app's page",
  effect: "write",
  scopes: ["apps:read", "blobs:read", "blobs:write"],
  at: "/apps/{app}/files",
  async ui({ page, input }) {
    const dialog = await open(page, "New file", "New file");
    await fill(dialog, "Name", keyText(input.key));
    const content = input.text ?? "";
    // A text field makes every line end the same, so such a text goes as a file.
    if (content.includes("\r")) await dialog.getByLabel("Or a file", { exact: true }).setInputFiles({ name: "content", text: content });
    else await fill(dialog, "Content", content);
    await fill(dialog, "Media type", input.type || undefined);
    await fill(dialog, "Only at version", input.if_version);
    if (input.create_only) await dialog.getByLabel("Only create", { exact: true }).check();
    await dialog.getByRole("button", { name: "Save", exact: true }).click();
    return outcome(page, "blob_put");
  },
  async check({ fazt, input, output, expect }) {
    if (output === undefined) return;
    const { items } = await fazt.blob.list({ app: input.app, prefix: input.key, limit: 1 });
    const file = items.find((one) => one.key === input.key);
    // Whoever came after may have stored another or deleted it.
    if (file === undefined || file.version !== output.version) return expect(file?.version ?? Infinity, "the file's version").toBeGreaterThan(output.version);
    expect(file.sha256, "what it holds").toBe(output.sha256);
    expect(file.type, "its media type").toBe(output.type);
  },
});
