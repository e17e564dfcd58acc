import { defineRecipe } from "fazt";
import { fill, open, outcome } from "./_form";

export default defineRecipe({
  name: "recipe_save",
  title: "Save a recipe on the recipes' page",
  description: "What is saved in a page that is driven is a draft, until a person enables it.",
  effect: "write",
  scopes: ["recipes:read", "recipes:write"],
  at: "/recipes",
  async ui({ page, input }) {
    const dialog = await open(page, "New recipe", "New recipe");
    await fill(dialog, "Source", input.source);
    await fill(dialog, "Name", input.name);
    await fill(dialog, "Title", input.title);
    if (typeof input.enable === "boolean") await dialog.getByLabel("For everyone", { exact: true }).selectOption(String(input.enable));
    await dialog.getByRole("button", { name: "Save", exact: true }).click();
    return outcome(page, "recipe_save");
  },
  async check({ fazt, output, expect }) {
    if (output === undefined) throw new Error("without its answer nobody knows which recipe it saved");
    const saved = await fazt.recipe.get({ name: output.name, hash: output.hash });
    expect(saved.recipe.hash, "the version that was saved").toBe(output.hash);
  },
});
