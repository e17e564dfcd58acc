// `page` in the sandbox: Playwright's vocabulary as plain data. A locator is a
// list of steps; nothing is looked up until an action, and the whole chain with
// its action is one host call, carried out (and retried) inside the page.

import { call } from "./host";
import { isArray, isRegExp, regexForm } from "./safe";

/** One step of a locator chain, as the page engine receives it. */
export type Step = { by: string; [key: string]: unknown };

type Options = Record<string, unknown>;

/** Values as they cross: regular expressions and locators become plain data. */
function plain(value: unknown): unknown {
  if (value instanceof Locator) return { locator: stepsOf(value) };
  if (isRegExp(value)) return regexForm(value);
  if (isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null) {
    const out: Options = {};
    for (const key of Object.keys(value)) out[key] = plain((value as Options)[key]);
    return out;
  }
  return value;
}

function step(by: string, fields: Options, options?: unknown): Step {
  const extra = options === undefined ? {} : (plain(options) as Options);
  return { by, ...extra, ...(plain(fields) as Options) };
}

/** Options of `filter` and `locator`: has and hasNot carry bare chains. */
function filterStep(options: Options): Step {
  const out: Step = { by: "filter" };
  for (const key of Object.keys(options)) {
    const value = options[key];
    out[key] = value instanceof Locator ? stepsOf(value) : plain(value);
  }
  return out;
}

function chainOf(other: unknown, method: string): Step[] {
  if (!(other instanceof Locator)) throw new TypeError(`${method} needs a locator`);
  return stepsOf(other);
}

let stepsOf: (locator: Locator) => Step[];

function act(steps: Step[], action: string, args: unknown[]): Promise<unknown> {
  while (args.length > 0 && args[args.length - 1] === undefined) args.length--;
  return call("page", { __proto__: null, locator: steps, action, args: args.map(plain) });
}

/** The methods that page, locators and frames share: each adds one step. */
class Finder {
  #steps: Step[];
  constructor(steps: Step[]) {
    this.#steps = steps;
  }
  #add(next: Step): Locator {
    return new Locator([...this.#steps, next]);
  }
  getByRole(role: string, options?: Options): Locator {
    return this.#add(step("role", { role }, options));
  }
  getByLabel(text: unknown, options?: Options): Locator {
    return this.#add(step("label", { text }, options));
  }
  getByText(text: unknown, options?: Options): Locator {
    return this.#add(step("text", { text }, options));
  }
  getByPlaceholder(text: unknown, options?: Options): Locator {
    return this.#add(step("placeholder", { text }, options));
  }
  getByAltText(text: unknown, options?: Options): Locator {
    return this.#add(step("alt", { text }, options));
  }
  getByTitle(text: unknown, options?: Options): Locator {
    return this.#add(step("title", { text }, options));
  }
  getByTestId(id: unknown): Locator {
    return this.#add(step("testid", { id }));
  }
  locator(target: unknown, options?: Options): Locator {
    const found =
      target instanceof Locator
        ? this.#add({ by: "inside", locator: stepsOf(target) })
        : this.#add(step("css", { css: String(target) }));
    return options === undefined ? found : found.filter(options);
  }
  frameLocator(css: string): Frame {
    return new Frame([...this.#steps, step("frame", { css: String(css) })]);
  }
}

/** The inside of an iframe: only a place to look from. */
class Frame extends Finder {}

export class Locator extends Finder {
  #steps: Step[];
  static {
    stepsOf = (locator) => locator.#steps;
  }
  constructor(steps: Step[]) {
    super(steps);
    this.#steps = steps;
  }
  #with(next: Step): Locator {
    return new Locator([...this.#steps, next]);
  }
  #act(action: string, ...args: unknown[]): Promise<unknown> {
    return act(this.#steps, action, args);
  }

  filter(options: Options = {}): Locator {
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
    return this.#with({ by: "and", locator: chainOf(other, "and") });
  }
  or(other: Locator): Locator {
    return this.#with({ by: "or", locator: chainOf(other, "or") });
  }

  click(options?: Options) {
    return this.#act("click", options);
  }
  dblclick(options?: Options) {
    return this.#act("dblclick", options);
  }
  fill(value: unknown, options?: Options) {
    return this.#act("fill", text(value, "fill"), options);
  }
  clear(options?: Options) {
    return this.#act("clear", options);
  }
  check(options?: Options) {
    return this.#act("check", options);
  }
  uncheck(options?: Options) {
    return this.#act("uncheck", options);
  }
  setChecked(on: boolean, options?: Options) {
    return this.#act(on ? "check" : "uncheck", options);
  }
  selectOption(values: unknown, options?: Options) {
    return this.#act("selectOption", values, options);
  }
  press(keys: string, options?: Options) {
    return this.#act("press", keys, options);
  }
  pressSequentially(value: string, options?: Options) {
    return this.#act("pressSequentially", value, options);
  }
  hover(options?: Options) {
    return this.#act("hover", options);
  }
  focus(options?: Options) {
    return this.#act("focus", options);
  }
  blur(options?: Options) {
    return this.#act("blur", options);
  }
  setInputFiles(files: unknown, options?: Options) {
    return this.#act("setInputFiles", files, options);
  }
  dragTo(target: Locator, options?: Options) {
    return this.#act("dragTo", { locator: chainOf(target, "dragTo") }, options);
  }
  scrollIntoViewIfNeeded(options?: Options) {
    return this.#act("scrollIntoViewIfNeeded", options);
  }
  waitFor(options?: Options) {
    return this.#act("waitFor", options);
  }

  count() {
    return this.#act("count") as Promise<number>;
  }
  textContent(options?: Options) {
    return this.#act("textContent", options);
  }
  allTextContents() {
    return this.#act("allTextContents");
  }
  innerText(options?: Options) {
    return this.#act("innerText", options);
  }
  allInnerTexts() {
    return this.#act("allInnerTexts");
  }
  inputValue(options?: Options) {
    return this.#act("inputValue", options);
  }
  getAttribute(name: string, options?: Options) {
    return this.#act("getAttribute", name, options);
  }
  isVisible() {
    return this.#act("isVisible");
  }
  isHidden() {
    return this.#act("isHidden");
  }
  isEnabled(options?: Options) {
    return this.#act("isEnabled", options);
  }
  isDisabled(options?: Options) {
    return this.#act("isDisabled", options);
  }
  isChecked(options?: Options) {
    return this.#act("isChecked", options);
  }
  isEditable(options?: Options) {
    return this.#act("isEditable", options);
  }

  /** One locator for each element that matches now. */
  async all(): Promise<Locator[]> {
    const count = await this.count();
    const out: Locator[] = [];
    for (let index = 0; index < count; index++) out.push(this.nth(index));
    return out;
  }
}

function text(value: unknown, method: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  throw new TypeError(`${method} needs a string, not ${value === null ? "null" : typeof value}`);
}

class Page extends Finder {
  constructor() {
    super([]);
  }
  goto = (url: string, options?: Options) => act([], "goto", [String(url), options]);
  reload = (options?: Options) => act([], "reload", [options]);
  url = () => act([], "url", []);
  title = () => act([], "title", []);
  look = (options?: Options) => act([], "look", [options]);
  press = (keys: string, options?: Options) => act([], "press", [keys, options]);
  waitForURL = (url: unknown, options?: Options) => expectPage("toHaveURL", [url], false, options);
  keyboard = Object.freeze({ press: this.press });
}

function expectPage(matcher: string, args: unknown[], not: boolean, options?: Options): Promise<unknown> {
  return call("expect", { __proto__: null, target: "page", locator: [], matcher, args: args.map(plain), not, options });
}

/** One expectation on a locator or the page: one host call that retries there. */
export function expectTarget(target: Locator | object, matcher: string, args: unknown[], not: boolean, options?: Options) {
  if (!(target instanceof Locator)) return expectPage(matcher, args, not, options);
  const locator = stepsOf(target);
  return call("expect", { __proto__: null, target: "locator", locator, matcher, args: args.map(plain), not, options });
}

/** What people reach for and will not find, with the way that works here. */
const MISSING: Record<string, string> = {
  evaluate: "no code runs inside the page; read with textContent, inputValue, getAttribute or look()",
  evaluateAll: "no code runs inside the page; read with allTextContents or count",
  evaluateHandle: "no code runs inside the page; use a locator",
  waitForTimeout: "wait for what you need: await expect(locator).toBeVisible()",
  waitForSelector: "use locator(css).waitFor()",
  waitForLoadState: "actions wait by themselves; expect(locator).toBeVisible() waits for content",
  waitForNavigation: "goto and click wait by themselves; expect(page).toHaveURL(…) waits for an address",
  screenshot: "there are no screenshots here; look() answers what the page shows as text",
  $: "use page.locator(css)",
  $$: "use page.locator(css).all()",
  content: "use look()",
  setContent: "open an address with goto",
  route: "requests cannot be intercepted",
  tap: "use click()",
  type: "use fill(value) or pressSequentially(value)",
  elementHandle: "locators are enough: every action takes one",
};

for (const name of Object.keys(MISSING)) {
  const refuse = () => {
    const error = new Error(`${name} is not available in recipes`);
    throw Object.assign(error, { code: "unsupported", hint: MISSING[name] });
  };
  Object.defineProperty(Finder.prototype, name, { value: refuse, enumerable: false });
}

export const page = Object.freeze(new Page());
