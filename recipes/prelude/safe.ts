// The builtins that the prelude itself depends on, taken before any code of an
// author runs. What reports a run's end must work in a realm whose JSON,
// Promise or Map prototypes the author has replaced; nothing here protects the
// author from himself.

const { apply, defineProperty } = Reflect;

function uncurry<This, Args extends unknown[], Result>(
  method: (this: This, ...args: Args) => Result,
): (self: This, ...args: Args) => Result {
  return (self, ...args) => apply(method, self, args);
}

export const PromiseOf = Promise;
export const ErrorOf = Error;
export const StringOf = String;
export const ProxyOf = Proxy;
export const freeze = Object.freeze;
export const parse = JSON.parse;
export const stringify = JSON.stringify;
export const ownKeys = Object.keys;
export const isArray = Array.isArray;

export const charCodeAt = uncurry(String.prototype.charCodeAt);
export const slice = uncurry(String.prototype.slice);
export const fromCharCode = String.fromCharCode;

const mapGet = uncurry(Map.prototype.get);
const mapSet = uncurry(Map.prototype.set);
const mapDelete = uncurry(Map.prototype.delete);

/** A map that keeps working whatever happens to Map.prototype. */
export function table<Value>() {
  const map = new Map<number, Value>();
  return {
    take(key: number): Value | undefined {
      const value = mapGet(map, key) as Value | undefined;
      mapDelete(map, key);
      return value;
    },
    set(key: number, value: Value): void {
      mapSet(map, key, value);
    },
  };
}

/** Defines an own data property past any setter on the prototype chain. */
export function define(target: object, name: string, value: unknown): void {
  const descriptor = { __proto__: null, value, writable: true, configurable: true, enumerable: false };
  defineProperty(target, name, descriptor as PropertyDescriptor);
}

const regexpSource = Object.getOwnPropertyDescriptor(RegExp.prototype, "source")!.get!;
const regexpFlags = Object.getOwnPropertyDescriptor(RegExp.prototype, "flags")!.get!;

export function isRegExp(value: unknown): value is RegExp {
  return value instanceof RegExp;
}

/** A regular expression in the form that crosses to the page. */
export function regexForm(value: RegExp): { regex: string; flags: string } {
  return { regex: apply(regexpSource, value, []), flags: apply(regexpFlags, value, []) };
}
