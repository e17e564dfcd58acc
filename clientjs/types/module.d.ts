declare module "fazt:module" {
  export type * from "fazt:types";

  /** Gives the operations of a fazt server as typed calls. It sends nothing yet. */
  export function connect(options?: import("fazt:types").ConnectOptions): Promise<import("fazt:types").Fazt>;

  /** The element's computed ARIA role, as assistive technology hears it. */
  export function accessibleRole(element: Element): string;

  /** The element's accessible name (AccName 1.2). */
  export function accessibleName(element: Element): string;

  export function accessibleDescription(element: Element): string;

  /** What the page shows, as text. */
  export function look(options?: import("fazt:page").LookOptions): Promise<import("fazt:page").LookResult>;

  /** Expectations on the page that the module runs in, retried until they hold. */
  export function expect(actual: import("fazt:page").Locator): import("fazt:page").LocatorExpectations;
  export function expect(actual: import("fazt:page").Page): import("fazt:page").PageExpectations;

  /** A member of an input that is sent as the JSON text it is: JavaScript's
   * numbers and objects would change the text of large numbers and the order of
   * members that look like numbers. The constructor throws on what is no JSON. */
  export class RawJSON {
    constructor(text: string);
    readonly text: string;
  }

  /** What this page shows, as agents see it. */
  export function look(options?: { budget?: number; find?: string; in?: string; since?: string; what?: "page" | "console" | "network" }): Promise<{ text: string; rev: number; url: string; title: string; epoch: string }>;
  export function accessibleRole(element: Element): string;
  export function accessibleName(element: Element): string;
  export function accessibleDescription(element: Element): string;

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

// The name under which the admin page imports the module.
declare module "fazt/client" {
  export * from "fazt:module";
}
