// What a recipe and a code run import: `import { defineRecipe } from "fazt"`.

declare module "fazt" {
  export type * from "fazt:types";
  export type * from "fazt:page";

  type Fazt = import("fazt:types").Fazt;
  type Page = import("fazt:page").Page;
  type Locator = import("fazt:page").Locator;
  type Text = import("fazt:page").Text;

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

  export function expect(actual: Locator, message?: string): import("fazt:page").LocatorExpectations;
  export function expect(actual: Page, message?: string): import("fazt:page").PageExpectations;
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
      ? { -readonly [Name in keyof Properties as Name extends RequiredOf<S> ? Name : never]: FromSchema<Properties[Name]> } & {
          -readonly [Name in keyof Properties as Name extends RequiredOf<S> ? never : Name]?: FromSchema<Properties[Name]>;
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
    /** `raw` is the JSON text of each member of the input, as it was sent. */
    ui?(context: {
      page: Page;
      input: FromSchema<Input>;
      raw: { readonly [member: string]: string };
    }): Promise<FromSchema<Output>>;
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
