import { defineRecipe } from "fazt";
import { expected, fill, outcome } from "./_form";

export default defineRecipe({
  name: "recipe_save",
  title: "Save a recipe in its editor",
  description: "What is saved in a page that is driven is a draft, until a person enables it.",
  effect: "write",
  scopes: ["recipes:read", "recipes:write"],
  at: "/recipes/_new",
  async ui({ page, input }) {
    const editor = page.locator("form.recipe-editor");
    await expected(page, editor);
    await fill(editor, "Source", input.source);
    await fill(editor, "Name", input.name);
    await fill(editor, "Title", input.title);
    if (typeof input.enable === "boolean") await editor.getByLabel("For everyone", { exact: true }).selectOption(String(input.enable));
    await editor.getByRole("button", { name: "Save", exact: true }).click();
    return outcome(page, "recipe_save");
  },
  async check({ fazt, output, expect }) {
    if (output === undefined) throw new Error("without its answer nobody knows which recipe it saved");
    const saved = await fazt.recipe.get({ name: output.name, hash: output.hash });
    expect(saved.recipe.hash, "the version that was saved").toBe(output.hash);
  },
});
