// The ES module's entry: `import { connect } from "…/agent/fazt.js"`.

import { type Client, clientOf } from "./client";
import { FaztError } from "./errors";
import { ownOrigin } from "./transport";

export { FaztError } from "./errors";
export { RawJSON } from "./transport";
export type { Change, ChangesOptions } from "./changes";
export type { Client, RecipeOptions, Recipes } from "./client";
export type * from "fazt:operations";

export type ConnectOptions = {
  /** The server's address; the default is where this module came from. */
  url?: string;
  /** A token; without one, the session of the page's own origin. */
  token?: string;
};

/** Gives the operations of a fazt server as typed calls. It sends nothing yet. */
export async function connect(options: ConnectOptions = {}): Promise<Client> {
  const url = addressOf(options.url);
  if (options.token !== undefined) checkToken(options.token);
  if (options.token === undefined && !ownOrigin(url)) {
    throw new FaztError({
      code: "unauthenticated",
      detail: `${url} is not this page's own origin, so there is no session to use`,
      hint: "connect({ url, token }) with a token of that server",
    });
  }
  return clientOf({ url, token: options.token });
}

function addressOf(given: string | undefined): string {
  const source = given ?? import.meta.url;
  let url: URL;
  try {
    url = new URL(source);
  } catch (cause) {
    throw badAddress(source, cause);
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") throw badAddress(source);
  if (url.username !== "" || url.password !== "") throw badAddress("an address with credentials in it");
  return given === undefined ? url.origin : url.origin + url.pathname.replace(/\/+$/, "");
}

function badAddress(what: string, cause?: unknown): FaztError {
  return new FaztError({
    code: "invalid_input",
    field: "url",
    detail: `${what} is no address of a server`,
    hint: 'as in connect({ url: "http://127.0.0.1:8080", token })',
    cause,
  });
}

/** What a header can hold; the token itself is never quoted. */
function checkToken(token: string): void {
  if (/^[\x21-\x7e]{1,512}$/.test(token)) return;
  throw new FaztError({ code: "invalid_input", field: "token", detail: "the token is not printable ASCII", hint: "copy it whole, without spaces" });
}
