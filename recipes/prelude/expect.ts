// expect(locator) and expect(page) are retried in the page, one host call each.
// expect(value) is decided here at once.

import { show } from "./describe";
import { isRegExp } from "./safe";
import { Locator, expectTarget, page } from "./page";

type Options = Record<string, unknown>;
type Check = (actual: any, expected: any, tolerance?: any) => boolean;

/** Matchers of elements: how many leading arguments are the expectation. */
const LOCATOR_MATCHERS: Record<string, number> = {
  toBeVisible: 0,
  toBeHidden: 0,
  toBeEnabled: 0,
  toBeDisabled: 0,
  toBeChecked: 0,
  toBeEditable: 0,
  toBeEmpty: 0,
  toBeFocused: 0,
  toBeAttached: 0,
  toHaveText: 1,
  toContainText: 1,
  toHaveValue: 1,
  toHaveCount: 1,
  toHaveAccessibleName: 1,
  toHaveAttribute: 2,
};

const PAGE_MATCHERS: Record<string, number> = { toHaveURL: 1, toHaveTitle: 1 };

function equal(a: unknown, b: unknown, subset: boolean): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  if (Array.isArray(a) && a.length !== (b as unknown[]).length) return false;
  const left = a as Options;
  const right = b as Options;
  for (const key of Object.keys(right)) if (!equal(left[key], right[key], subset)) return false;
  // As in Jest, a member that is undefined equals one that is not there.
  return subset || Object.keys(left).every((key) => key in right || left[key] === undefined);
}

function contains(actual: any, expected: any): boolean {
  if (typeof actual === "string") return actual.includes(expected);
  for (const item of actual) if (Object.is(item, expected)) return true;
  return false;
}

const VALUE_MATCHERS: Record<string, Check> = {
  toBe: (actual, expected) => Object.is(actual, expected),
  toEqual: (actual, expected) => equal(actual, expected, false),
  toStrictEqual: (actual, expected) => equal(actual, expected, false),
  toMatchObject: (actual, expected) => equal(actual, expected, true),
  toBeTruthy: (actual) => Boolean(actual),
  toBeFalsy: (actual) => !actual,
  toBeNull: (actual) => actual === null,
  toBeUndefined: (actual) => actual === undefined,
  toBeDefined: (actual) => actual !== undefined,
  toContain: contains,
  toContainEqual: (actual, expected) => [...actual].some((item) => equal(item, expected, false)),
  toHaveLength: (actual, expected) => actual?.length === expected,
  toHaveProperty: (actual, expected) => actual != null && expected in Object(actual),
  toBeGreaterThan: (actual, expected) => actual > expected,
  toBeGreaterThanOrEqual: (actual, expected) => actual >= expected,
  toBeLessThan: (actual, expected) => actual < expected,
  toBeLessThanOrEqual: (actual, expected) => actual <= expected,
  toBeCloseTo: (actual, expected, digits = 2) => Math.abs(actual - expected) < 10 ** -digits / 2,
  toMatch: (actual, expected) => (isRegExp(expected) ? expected.test(actual) : String(actual).includes(expected)),
};

function failed(matcher: string, not: boolean, actual: unknown, args: unknown[], message?: string): Error {
  const wanted = args.length === 0 ? "" : " " + args.map((arg) => show(arg, 500)).join(", ");
  const what = message ? message + ": " : "";
  const error = new Error(`${what}expected ${show(actual, 500)} ${not ? "not " : ""}${matcher}${wanted}`);
  return Object.assign(error, { code: "expectation_failed" });
}

function remote(target: object, matchers: Record<string, number>, not: boolean): Options {
  const out: Options = {};
  for (const name of Object.keys(matchers)) {
    const arity = matchers[name]!;
    out[name] = (...args: unknown[]) => expectTarget(target, name, args.slice(0, arity), not, args[arity] as Options);
  }
  return out;
}

function local(actual: unknown, not: boolean, message?: string): Options {
  const out: Options = {};
  for (const name of Object.keys(VALUE_MATCHERS)) {
    out[name] = (...args: unknown[]) => {
      if (VALUE_MATCHERS[name]!(actual, args[0], args[1]) === not) throw failed(name, not, actual, args, message);
    };
  }
  return out;
}

export function expect(actual: unknown, message?: string): Options {
  const build = (not: boolean): Options => {
    if (actual instanceof Locator) return remote(actual, LOCATOR_MATCHERS, not);
    if (actual === page) return remote(page, PAGE_MATCHERS, not);
    return local(actual, not, message);
  };
  return Object.assign(build(false), { not: build(true) });
}
