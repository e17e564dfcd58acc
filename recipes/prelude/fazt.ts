// The typed operations, without a list of them: any path of names is one
// operation, and the host knows which exist. `fazt.kv.set(input, options)` and
// `fazt.doc.findAndUpdate(…)` become "kv_set" and "doc_find_and_update".

import { call } from "./host";
import { ProxyOf, charCodeAt, freeze, fromCharCode } from "./safe";

const NAME_CHARS = 128;

type Callable = (...args: unknown[]) => Promise<unknown>;

function snake(name: string): string {
  let out = "";
  for (let i = 0; i < name.length; i++) {
    const code = charCodeAt(name, i);
    out += code >= 65 && code <= 90 ? "_" + fromCharCode(code + 32) : name[i];
  }
  return out;
}

function callOp(name: unknown, input: unknown, options: unknown): Promise<unknown> {
  if (typeof name !== "string") throw new TypeError("fazt.op needs the operation's name, such as \"kv_set\"");
  return call("op", { __proto__: null, name, input: input ?? {}, options });
}

function callRecipe(name: string, input: unknown, options: unknown): Promise<unknown> {
  return call("recipe", { __proto__: null, name, input: input ?? {}, options });
}

/** One node of the tree: callable once it has a verb, and extensible by name. */
function node(path: string): Callable {
  return new ProxyOf(function () {} as unknown as Callable, {
    get(_target, key) {
      // A node is no thenable: `await fazt.kv` must not hang.
      if (typeof key !== "string" || key === "then" || key === "toJSON") return undefined;
      const name = path + "_" + snake(key);
      if (name.length > NAME_CHARS) throw new TypeError("no operation has a name this long");
      return node(name);
    },
    set: refuse,
    apply(_target, _self, args: unknown[]) {
      return callOp(path, args[0], args[1]);
    },
  });
}

function refuse(): never {
  throw new TypeError("fazt cannot be changed");
}

const recipes = new ProxyOf(freeze({}), {
  get(_target, key) {
    if (typeof key !== "string" || key === "then" || key === "toJSON") return undefined;
    return (input: unknown, options: unknown) => callRecipe(key, input, options);
  },
  set: refuse,
});

export const fazt = new ProxyOf(freeze({}), {
  get(_target, key) {
    if (typeof key !== "string" || key === "then" || key === "toJSON") return undefined;
    if (key === "op") return callOp;
    if (key === "recipes") return recipes;
    return node(snake(key));
  },
  set: refuse,
});
