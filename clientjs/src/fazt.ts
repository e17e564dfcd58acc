// The ES module's entry: `import { connect } from "…/agent/fazt.js"`.

import { type Client, clientOf } from "./client";
import { FaztError } from "./errors";
import { attach, type AttachOptions, type Attachment } from "./tab";
import { ownOrigin } from "./transport";

export { accessibleDescription, accessibleName, accessibleRole } from "./driver/api";
export { FaztError } from "./errors";
export { expect, look } from "./page";
export { RawJSON } from "./transport";
export type { Change, ChangesOptions } from "./changes";
export type { Client, RecipeOptions, Recipes } from "./client";
export type { Attachment, Published } from "./tab";
export type { CallOptions, Operations, StreamEvent } from "fazt:operations";

export type ConnectOptions = {
  /** The server's address; the default is where this module came from. */
  url?: string;
  /** A token; without one, the session of the page's own origin. */
  token?: string;
};

export type Fazt = Client & {
  /** Joins the hub: this page becomes a tab that an agent can be let into. */
  attach(options?: Pick<AttachOptions, "pill">): Attachment;
};

/** Gives the operations of a fazt server as typed calls. It sends nothing yet. */
export async function connect(options: ConnectOptions = {}): Promise<Fazt> {
  const url = addressOf(options.url);
  if (options.token !== undefined) checkToken(options.token);
  if (options.token === undefined && !ownOrigin(url)) {
    throw new FaztError({
      code: "unauthenticated",
      detail: `${url} is not this page's own origin, so there is no session to use`,
      hint: "connect({ url, token }) with a token of that server",
    });
  }
  const client = clientOf({ url, token: options.token });
  const attached = (how: Pick<AttachOptions, "pill"> = {}): Attachment => attach({ ...how, url, client, module: ownHash() });
  return Object.assign(client, { attach: attached });
}

/** The hash in this module's own address, by which the hub knows its version. */
function ownHash(): string {
  return /-([A-Z0-9]+)\.js$/.exec(import.meta.url)?.[1] ?? "";
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
