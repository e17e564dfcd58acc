// Names for the ids of those who did something.

import type { Client } from "./session";
import { all } from "./session";

/** Says who a token's id is. */
export type Names = (id: string | undefined) => string;

/** Answers the name of a token's id: the id itself where the caller may not see
 * tokens, or the token is gone. */
export async function newNames(fazt: Client): Promise<Names> {
  const tokens = await all((cursor) => fazt.token.list({ ...cursor, limit: 1000 })).catch(() => []);
  const names = new Map(tokens.map((token) => [token.id, token.name]));
  return (id) => (id === undefined ? "" : (names.get(id) ?? id));
}
