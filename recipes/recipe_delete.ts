import { defineRecipe } from "fazt";
import { fill, isMissing, open, outcome } from "./_form";

export default defineRecipe({
  name: "recipe_delete",
  title: "Delete a recipe on its page",
  effect: "destructive",
  scopes: ["recipes:read", "recipes:write"],
  at: "/recipes/{name}",
  async ui({ page, input }) {
    const dialog = await open(page, "Delete", "Delete recipe");
    await fill(dialog, "Type the name to confirm", input.name);
    await dialog.getByRole("button", { name: "Delete", exact: true }).click();
    return outcome(page, "recipe_delete");
  },
  async check({ fazt, input }) {
    const recipe = await fazt.recipe.get({ name: input.name }).catch((error) => {
      if (!isMissing(error)) throw error;
    });
    // What ships with the program stays under the name of a recipe that hid it.
    if (recipe !== undefined && recipe.recipe.state !== "shipped") throw new Error(`the recipe ${input.name} is still there`);
  },
});
