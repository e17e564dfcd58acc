import { defineRecipe } from "fazt";

export default defineRecipe({
  name: "token_rotate",
  title: "Replace a token by a new one with the same rights, and revoke the old one",
  description: "The new secret is shown by the page of the new token only: a run's record keeps no secret. Give it to the program first: say revoke only when the old one is no longer used.",
  effect: "destructive",
  // A run holds what its recipe declares, and can give a token no more than that.
  scopes: [
    "tokens:write", "tokens:read",
    ...["apps", "kv", "docs", "blobs", "sites", "changes", "recipes", "runs", "tabs", "approvals", "secrets", "settings", "events", "system", "people"]
      .flatMap((area) => [`${area}:read`, `${area}:write`]),
  ],
  input: {
    type: "object",
    properties: {
      token: { type: "string", description: "the old token's id" },
      ttl_ms: { type: "integer", minimum: 1, description: "how long the new one lives; without it, for ever" },
      revoke: { type: "boolean", description: "revoke the old one at once" },
    },
    required: ["token"],
    additionalProperties: false,
  },
  output: {
    type: "object",
    properties: { id: { type: "string" }, secret: { type: "string" }, revoked: { type: "boolean" } },
    required: ["id", "revoked"],
  },
  async api({ fazt, input }) {
    const old = await fazt.token.get({ token: input.token });
    const { name, scopes } = old;
    const kind = old.kind as "agent" | "service" | "person";
    const made = await fazt.token.create({
      name, kind, scopes, ...(old.app ? { app: old.app } : {}), ...(input.ttl_ms ? { ttl_ms: input.ttl_ms } : {}),
    });
    const revoked = input.revoke === true;
    if (revoked) await fazt.token.revoke({ token: input.token }, { confirm: name });
    return { id: made.id, revoked, ...(made.secret === undefined ? {} : { secret: made.secret }) };
  },
  async check({ fazt, input, output, expect }) {
    if (output === undefined) return;
    const made = await fazt.token.get({ token: output.id });
    expect(made.id, "the new token").toBe(output.id);
    const old = await fazt.token.get({ token: input.token }).catch((error: { code?: string }) => {
      if (error.code !== "token_not_found") throw error;
    });
    expect(old === undefined, "the old one is revoked").toBe(output.revoked);
  },
});
