import { defineRecipe } from "fazt";
import { isMissing, open, outcome } from "./_form";

export default defineRecipe({
  name: "token_revoke",
  title: "Revoke a token on its page",
  effect: "destructive",
  scopes: ["tokens:read", "tokens:write"],
  at: "/tokens/{token}",
  async ui({ page }) {
    const dialog = await open(page, "Revoke", "Revoke token");
    await dialog.getByRole("button", { name: "Revoke", exact: true }).click();
    return outcome(page, "token_revoke");
  },
  async check({ fazt, input }) {
    const token = await fazt.token.get({ token: input.token }).catch((error) => {
      if (!isMissing(error)) throw error;
    });
    if (token !== undefined) throw new Error(`the token ${input.token} is still there`);
  },
});
