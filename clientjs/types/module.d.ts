declare module "fazt:module" {
  export type * from "fazt:types";

  /** Gives the operations of a fazt server as typed calls. It sends nothing yet. */
  export function connect(options?: import("fazt:types").ConnectOptions): Promise<import("fazt:types").Fazt>;

  /** A member of an input that is sent as the JSON text it is: JavaScript's
   * numbers and objects would change the text of large numbers and the order of
   * members that look like numbers. The constructor throws on what is no JSON. */
  export class RawJSON {
    constructor(text: string);
    readonly text: string;
  }

  /** An operation that failed. */
  export class FaztError extends Error {
    /** The machine-readable name, such as "version_mismatch". */
    readonly code: string;
    /** The HTTP status; 0 where no server answered. */
    readonly status: number;
    /** What happened. */
    readonly detail: string;
    /** What to do next. */
    readonly hint: string | undefined;
    /** The input field at fault, as in items[3].key. */
    readonly field: string | undefined;
    readonly currentVersion: number | undefined;
    /** Seconds to wait. */
    readonly retryAfter: number | undefined;
    /** The name to repeat, with confirmation_required. */
    readonly confirm: string | undefined;
    readonly requestId: string | undefined;
  }
}

declare module "*/agent/fazt.js" {
  export * from "fazt:module";
}

declare module "*/fazt.mjs" {
  export * from "fazt:module";
}
