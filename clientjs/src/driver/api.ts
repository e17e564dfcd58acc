// What the ES module exports of the driver: look, page, and what an element is to
// assistive technology. `page` here has the words of recipes/prelude/page.ts over
// the same engine, without a message in between.

import { EngineError } from "./errors";
import { withDialogs } from "./dialogs";
import { newEngine, type Engine } from "./engine";
import { recorded } from "./journal";
import { script } from "./script";
import { countRequests } from "./watch";
import type { Host, LookParams, LookResult, Step } from "./wire";

export { nameOf as accessibleName, descriptionOf as accessibleDescription } from "./names";
export { roleOf as accessibleRole } from "./roles";
export { EngineError } from "./errors";
export type { Engine } from "./engine";
export type { Host, LookParams, LookResult } from "./wire";

export type Text = string | RegExp;
export type TextOptions = { exact?: boolean };
export type RoleOptions = {
  name?: Text;
  exact?: boolean;
  checked?: boolean | "mixed";
  disabled?: boolean;
  expanded?: boolean;
  level?: number;
  pressed?: boolean | "mixed";
  selected?: boolean;
  includeHidden?: boolean;
};
export type FilterOptions = { has?: Locator; hasNot?: Locator; hasText?: Text; hasNotText?: Text; visible?: boolean };
export type ActOptions = { timeout?: number; [option: string]: unknown };

type Act = (locator: Step[], action: string, args: unknown[]) => Promise<unknown>;
type Check = (target: "locator" | "page", locator: Step[], matcher: string, args: unknown[], not: boolean) => Promise<void>;

/** Values in the form that the engine takes: no classes. */
function plain(value: unknown): unknown {
  if (value instanceof RegExp) return { regex: value.source, flags: value.flags };
  if (value instanceof Locator) return { locator: value.steps };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
}

function filterStep(options: FilterOptions): Step {
  const entries = Object.entries(options).map(([key, one]) => [key, one instanceof Locator ? one.steps : plain(one)]);
  return { by: "filter", ...(Object.fromEntries(entries) as object) };
}

/** Where to look from: a page, a frame or what a locator found. */
class Finder {
  readonly steps: Step[];
  protected readonly act: Act;
  constructor(act: Act, steps: Step[]) {
    this.act = act;
    this.steps = steps;
  }
  protected add(by: string, fields: object, options: object = {}): Locator {
    return new Locator(this.act, [...this.steps, { by, ...(plain(options) as object), ...(plain(fields) as object) }]);
  }
  getByRole(role: string, options?: RoleOptions): Locator {
    return this.add("role", { role }, options);
  }
  getByLabel(text: Text, options?: TextOptions): Locator {
    return this.add("label", { text }, options);
  }
  getByText(text: Text, options?: TextOptions): Locator {
    return this.add("text", { text }, options);
  }
  getByPlaceholder(text: Text, options?: TextOptions): Locator {
    return this.add("placeholder", { text }, options);
  }
  getByAltText(text: Text, options?: TextOptions): Locator {
    return this.add("alt", { text }, options);
  }
  getByTitle(text: Text, options?: TextOptions): Locator {
    return this.add("title", { text }, options);
  }
  getByTestId(id: Text): Locator {
    return this.add("testid", { id });
  }
  locator(target: string | Locator, options?: FilterOptions): Locator {
    const found = typeof target === "string" ? this.add("css", { css: target }) : new Locator(this.act, [...this.steps, { by: "inside", locator: target.steps }]);
    return options ? found.filter(options) : found;
  }
  frameLocator(css: string): Finder {
    return new Finder(this.act, [...this.steps, { by: "frame", css }]);
  }
}

export class Locator extends Finder {
  #with(step: Step): Locator {
    return new Locator(this.act, [...this.steps, step]);
  }
  #do(action: string, ...args: unknown[]): Promise<unknown> {
    while (args.length > 0 && args.at(-1) === undefined) args.pop();
    return this.act(this.steps, action, args.map(plain));
  }
  filter(options: FilterOptions): Locator {
    return this.#with(filterStep(options));
  }
  nth(index: number): Locator {
    return this.#with({ by: "nth", index });
  }
  first(): Locator {
    return this.nth(0);
  }
  last(): Locator {
    return this.nth(-1);
  }
  and(other: Locator): Locator {
    return this.#with({ by: "and", locator: other.steps });
  }
  or(other: Locator): Locator {
    return this.#with({ by: "or", locator: other.steps });
  }
  async all(): Promise<Locator[]> {
    return Array.from({ length: await this.count() }, (_, index) => this.nth(index));
  }
  click = (o?: ActOptions) => this.#do("click", o) as Promise<void>;
  dblclick = (o?: ActOptions) => this.#do("dblclick", o) as Promise<void>;
  fill = (value: string | number, o?: ActOptions) => this.#do("fill", String(value), o) as Promise<void>;
  clear = (o?: ActOptions) => this.#do("clear", o) as Promise<void>;
  check = (o?: ActOptions) => this.#do("check", o) as Promise<void>;
  uncheck = (o?: ActOptions) => this.#do("uncheck", o) as Promise<void>;
  setChecked = (on: boolean, o?: ActOptions) => this.#do(on ? "check" : "uncheck", o) as Promise<void>;
  selectOption = (values: unknown, o?: ActOptions) => this.#do("selectOption", values, o) as Promise<string[]>;
  press = (keys: string, o?: ActOptions) => this.#do("press", keys, o) as Promise<void>;
  pressSequentially = (text: string, o?: ActOptions) => this.#do("pressSequentially", text, o) as Promise<void>;
  hover = (o?: ActOptions) => this.#do("hover", o) as Promise<void>;
  focus = (o?: ActOptions) => this.#do("focus", o) as Promise<void>;
  blur = (o?: ActOptions) => this.#do("blur", o) as Promise<void>;
  setInputFiles = (files: unknown, o?: ActOptions) => this.#do("setInputFiles", files, o) as Promise<void>;
  dragTo = (target: Locator, o?: ActOptions) => this.#do("dragTo", target, o) as Promise<void>;
  scrollIntoViewIfNeeded = (o?: ActOptions) => this.#do("scrollIntoViewIfNeeded", o) as Promise<void>;
  waitFor = (o?: ActOptions) => this.#do("waitFor", o) as Promise<void>;
  count = () => this.#do("count") as Promise<number>;
  textContent = (o?: ActOptions) => this.#do("textContent", o) as Promise<string>;
  allTextContents = () => this.#do("allTextContents") as Promise<string[]>;
  innerText = (o?: ActOptions) => this.#do("innerText", o) as Promise<string>;
  allInnerTexts = () => this.#do("allInnerTexts") as Promise<string[]>;
  inputValue = (o?: ActOptions) => this.#do("inputValue", o) as Promise<string>;
  getAttribute = (name: string, o?: ActOptions) => this.#do("getAttribute", name, o) as Promise<string | null>;
  isVisible = () => this.#do("isVisible") as Promise<boolean>;
  isHidden = () => this.#do("isHidden") as Promise<boolean>;
  isEnabled = (o?: ActOptions) => this.#do("isEnabled", o) as Promise<boolean>;
  isDisabled = (o?: ActOptions) => this.#do("isDisabled", o) as Promise<boolean>;
  isChecked = (o?: ActOptions) => this.#do("isChecked", o) as Promise<boolean>;
  isEditable = (o?: ActOptions) => this.#do("isEditable", o) as Promise<boolean>;
}

export class Page extends Finder {
  constructor(act: Act) {
    super(act, []);
  }
  goto = (url: string) => this.act([], "goto", [url]) as Promise<void>;
  reload = () => this.act([], "reload", []) as Promise<void>;
  url = () => this.act([], "url", []) as Promise<string>;
  title = () => this.act([], "title", []) as Promise<string>;
  look = (options?: LookParams) => this.act([], "look", options ? [options] : []) as Promise<string>;
  press = (keys: string) => this.act([], "press", [keys]) as Promise<void>;
  keyboard = { press: this.press };
}

/** Matchers as `expect(locator).toBeVisible()`: each retries in the page. */
export type Expectation = { [matcher: string]: (...args: unknown[]) => Promise<void> } & { not: { [matcher: string]: (...args: unknown[]) => Promise<void> } };

function expectation(check: Check, target: Locator | Page, not: boolean): object {
  const kind = target instanceof Locator ? "locator" : "page";
  return new Proxy({}, {
    get: (_, matcher) => {
      if (typeof matcher !== "string" || matcher === "then") return undefined;
      if (matcher === "not") return expectation(check, target, true);
      return (...args: unknown[]) => check(kind, target.steps, matcher, args.map(plain), not);
    },
  });
}

export type Driver = { engine: Engine; page: Page; look: (options?: LookParams) => Promise<LookResult>; expect: (target: Locator | Page) => Expectation };

/** The driver of this page over one engine: the module's entry makes it once. */
export function newDriver(host: Host = {}): Driver {
  countRequests();
  const engine = newEngine({ script, ...host }, { dialogs: withDialogs, journal: recorded() });
  const act: Act = async (locator, action, args) => ((await engine.dispatch("act", { locator, action, args })) as { value?: unknown }).value;
  const check: Check = async (target, locator, matcher, args, not) => {
    const last = args.at(-1) as { timeout?: number } | undefined;
    const timeout = typeof last === "object" && last !== null && typeof last.timeout === "number" ? last.timeout : undefined;
    await engine.dispatch("expect", { target, locator, matcher, args, not, ...(timeout === undefined ? {} : { timeout_ms: timeout }) });
  };
  return {
    engine,
    page: new Page(act),
    look: (options = {}) => engine.dispatch("look", options) as Promise<LookResult>,
    expect: (target) => expectation(check, target, false) as Expectation,
  };
}

export function isEngineError(error: unknown): error is EngineError {
  return error instanceof EngineError;
}
