// This page's own driver: `fazt.page`, look and expect. Made when it is first
// asked for, since it watches the document from then on, and Node has none.

import { type Driver, type Expectation, type Locator, type LookParams, type LookResult, type Page, newDriver } from "./driver/api";
import { FaztError } from "./errors";

let made: Driver | undefined;

/** The driver of the document that the module runs in. */
export function driverHere(): Driver {
  if (typeof document === "undefined") {
    throw new FaztError({ code: "no_page", detail: "there is no page here to drive", hint: "run this in a page, or open one with tab.open" });
  }
  return (made ??= newDriver());
}

/** What the page shows, as text. */
export async function look(options: LookParams = {}): Promise<LookResult> {
  return driverHere().look(options);
}

/** Expectations that are retried until they hold. */
export function expect(target: Locator | Page): Expectation {
  return driverHere().expect(target);
}
