// What a recipe and a code run import: `import { defineRecipe } from "fazt"`.

declare module "fazt" {
  export type * from "fazt:types";

  type Fazt = import("fazt:types").Fazt;
  type Options = { [name: string]: unknown };

  /** Text to match: a string (as a substring, unless exact) or a pattern. */
  export type Text = string | RegExp;
  export type TextOptions = { exact?: boolean };
  export type Timeout = { timeout?: number };

  export type RoleOptions = {
    name?: Text;
    exact?: boolean;
    checked?: boolean;
    disabled?: boolean;
    expanded?: boolean;
    level?: number;
    pressed?: boolean;
    selected?: boolean;
    includeHidden?: boolean;
  };

  export type FilterOptions = {
    has?: Locator;
    hasNot?: Locator;
    hasText?: Text;
    hasNotText?: Text;
    visible?: boolean;
  };

  /** Where one looks from: the page, an element, the inside of a frame. */
  export interface Finder {
    getByRole(role: string, options?: RoleOptions): Locator;
    getByLabel(text: Text, options?: TextOptions): Locator;
    getByText(text: Text, options?: TextOptions): Locator;
    getByPlaceholder(text: Text, options?: TextOptions): Locator;
    getByAltText(text: Text, options?: TextOptions): Locator;
    getByTitle(text: Text, options?: TextOptions): Locator;
    getByTestId(id: Text): Locator;
    locator(target: string | Locator, options?: FilterOptions): Locator;
    frameLocator(css: string): Finder;
  }

  /** A way to find elements. Nothing is looked up before an action, which waits
   * for exactly one match that is visible, enabled and stable. */
  export interface Locator extends Finder {
    filter(options?: FilterOptions): Locator;
    nth(index: number): Locator;
    first(): Locator;
    last(): Locator;
    and(other: Locator): Locator;
    or(other: Locator): Locator;

    click(options?: Timeout & Options): Promise<void>;
    dblclick(options?: Timeout & Options): Promise<void>;
    fill(value: string | number, options?: Timeout): Promise<void>;
    clear(options?: Timeout): Promise<void>;
    check(options?: Timeout): Promise<void>;
    uncheck(options?: Timeout): Promise<void>;
    setChecked(on: boolean, options?: Timeout): Promise<void>;
    selectOption(values: string | string[] | Options | Options[], options?: Timeout): Promise<string[]>;
    press(keys: string, options?: Timeout): Promise<void>;
    pressSequentially(value: string, options?: Timeout): Promise<void>;
    hover(options?: Timeout): Promise<void>;
    focus(options?: Timeout): Promise<void>;
    blur(options?: Timeout): Promise<void>;
    setInputFiles(files: unknown, options?: Timeout): Promise<void>;
    dragTo(target: Locator, options?: Timeout): Promise<void>;
    scrollIntoViewIfNeeded(options?: Timeout): Promise<void>;
    waitFor(options?: Timeout & { state?: "attached" | "detached" | "visible" | "hidden" }): Promise<void>;

    count(): Promise<number>;
    all(): Promise<Locator[]>;
    textContent(options?: Timeout): Promise<string | null>;
    allTextContents(): Promise<string[]>;
    innerText(options?: Timeout): Promise<string>;
    allInnerTexts(): Promise<string[]>;
    inputValue(options?: Timeout): Promise<string>;
    getAttribute(name: string, options?: Timeout): Promise<string | null>;
    isVisible(): Promise<boolean>;
    isHidden(): Promise<boolean>;
    isEnabled(options?: Timeout): Promise<boolean>;
    isDisabled(options?: Timeout): Promise<boolean>;
    isChecked(options?: Timeout): Promise<boolean>;
    isEditable(options?: Timeout): Promise<boolean>;
  }

  /** The live page of a run in mode ui. */
  export interface Page extends Finder {
    goto(url: string, options?: Timeout): Promise<void>;
    reload(options?: Timeout): Promise<void>;
    url(): Promise<string>;
    title(): Promise<string>;
    /** What the page shows, as text. */
    look(options?: { budget?: number; find?: string; in?: string; since?: number }): Promise<string>;
    press(keys: string, options?: Timeout): Promise<void>;
    waitForURL(url: Text, options?: Timeout): Promise<void>;
    readonly keyboard: { press(keys: string, options?: Timeout): Promise<void> };
  }

  /** Expectations on elements, retried in the page until they hold. */
  export interface LocatorExpectations {
    readonly not: LocatorExpectations;
    toBeVisible(options?: Timeout): Promise<void>;
    toBeHidden(options?: Timeout): Promise<void>;
    toBeEnabled(options?: Timeout): Promise<void>;
    toBeDisabled(options?: Timeout): Promise<void>;
    toBeChecked(options?: Timeout): Promise<void>;
    toBeEditable(options?: Timeout): Promise<void>;
    toBeEmpty(options?: Timeout): Promise<void>;
    toBeFocused(options?: Timeout): Promise<void>;
    toBeAttached(options?: Timeout): Promise<void>;
    toHaveText(text: Text | Text[], options?: Timeout): Promise<void>;
    toContainText(text: Text | Text[], options?: Timeout): Promise<void>;
    toHaveValue(value: Text, options?: Timeout): Promise<void>;
    toHaveCount(count: number, options?: Timeout): Promise<void>;
    toHaveAccessibleName(name: Text, options?: Timeout): Promise<void>;
    toHaveAttribute(name: string, value: Text, options?: Timeout): Promise<void>;
  }

  export interface PageExpectations {
    readonly not: PageExpectations;
    toHaveURL(url: Text, options?: Timeout): Promise<void>;
    toHaveTitle(title: Text, options?: Timeout): Promise<void>;
  }

  /** Expectations on a value, decided at once. */
  export interface ValueExpectations {
    readonly not: ValueExpectations;
    toBe(expected: unknown): void;
    toEqual(expected: unknown): void;
    toStrictEqual(expected: unknown): void;
    toMatchObject(expected: object): void;
    toBeTruthy(): void;
    toBeFalsy(): void;
    toBeNull(): void;
    toBeUndefined(): void;
    toBeDefined(): void;
    toContain(item: unknown): void;
    toContainEqual(item: unknown): void;
    toHaveLength(length: number): void;
    toHaveProperty(name: string): void;
    toBeGreaterThan(than: number): void;
    toBeGreaterThanOrEqual(than: number): void;
    toBeLessThan(than: number): void;
    toBeLessThanOrEqual(than: number): void;
    toBeCloseTo(expected: number, digits?: number): void;
    toMatch(text: Text): void;
  }

  export function expect(actual: Locator, message?: string): LocatorExpectations;
  export function expect(actual: Page, message?: string): PageExpectations;
  export function expect(actual: unknown, message?: string): ValueExpectations;
  export type Expect = typeof expect;

  /** A JSON Schema (2020-12). */
  export type Schema = { readonly [keyword: string]: unknown };

  type OfType<T> = T extends "string" ? string
    : T extends "integer" | "number" ? number
    : T extends "boolean" ? boolean
    : T extends "null" ? null
    : unknown;

  type RequiredOf<S> = S extends { readonly required: readonly (infer Name)[] } ? Name : never;

  /** The TypeScript type that a schema describes, as far as its literal tells. */
  export type FromSchema<S> = S extends { readonly enum: readonly (infer Value)[] } ? Value
    : S extends { readonly type: "array"; readonly items: infer Item } ? FromSchema<Item>[]
    : S extends { readonly type: "object"; readonly properties: infer Properties }
      ? { [Name in keyof Properties as Name extends RequiredOf<S> ? Name : never]: FromSchema<Properties[Name]> } & {
          [Name in keyof Properties as Name extends RequiredOf<S> ? never : Name]?: FromSchema<Properties[Name]>;
        }
    : S extends { readonly type: infer Type } ? OfType<Type>
    : unknown;

  /** An operation written in JavaScript, carried out in a page or by the API. */
  export type Recipe<Input extends Schema = Schema, Output extends Schema = Schema> = {
    /** ^[a-z][a-z0-9_]{0,29}$; with a Go operation's name it is its page form. */
    name: string;
    title: string;
    description?: string;
    effect: "read" | "write" | "destructive";
    scopes?: string[];
    /** The admin page's path where `ui` starts. */
    at?: string;
    /** Or the outside addresses it is for, as in "https://erp.example/*". */
    on?: string;
    input?: Input;
    output?: Output;
    examples?: { title?: string; input?: unknown; output?: unknown }[];
    ui?(context: { page: Page; input: FromSchema<Input> }): Promise<FromSchema<Output>>;
    api?(context: { fazt: Fazt; input: FromSchema<Input> }): Promise<FromSchema<Output>>;
    /** The same after both modes; throws when the world is not as promised. */
    check?(context: {
      fazt: Fazt;
      page: Page;
      expect: Expect;
      input: FromSchema<Input>;
      output: FromSchema<Output>;
    }): Promise<void>;
    undo?(context: { fazt: Fazt; input: FromSchema<Input>; output: FromSchema<Output> }): Promise<void>;
  };

  export function defineRecipe<const Input extends Schema, const Output extends Schema>(
    recipe: Recipe<Input, Output>,
  ): Recipe<Input, Output>;
}
