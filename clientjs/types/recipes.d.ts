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
    : T extends "object" ? { [name: string]: unknown }
    : T extends "array" ? unknown[]
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
  export type Recipe<Input extends Schema = Schema, Output extends Schema = Schema, In = FromSchema<Input>, Out = FromSchema<Output>> = {
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
      input: In;
      raw: { readonly [member: string]: string };
    }): Promise<Out>;
    api?(context: { fazt: Fazt; input: In }): Promise<Out>;
    /** The same after both modes; throws when the world is not as promised. */
    check?(context: {
      fazt: Fazt;
      page: Page;
      expect: Expect;
      input: In;
      output: Out;
    }): Promise<void>;
    undo?(context: { fazt: Fazt; input: In; output: Out }): Promise<void>;
  };

  /** A page form: it bears a Go operation's name, whose input and output are its
   * own, so it has no schemas and no api. */
  export type PageForm<Name extends string, Of> = Omit<Recipe<Schema, Schema, InputOf<Of>, OutputOf<Of>>, "input" | "output" | "api" | "undo" | "check"> & {
    input?: never;
    output?: never;
    api?: never;
    /** output is undefined when the run's end was never heard: was it done? */
    check?(context: { fazt: Fazt; page: Page; expect: Expect; input: InputOf<Of>; output: OutputOf<Of> | undefined }): Promise<void>;
  };

  type InputOf<Of> = Of extends (input: infer In, ...rest: never[]) => unknown ? Exclude<In, undefined> : unknown;
  type OutputOf<Of> = Of extends (...args: never[]) => Promise<infer Out> ? Out : unknown;

  /** The method of an operation by its name: kv_set is fazt.kv.set. */
  type OperationOf<Name extends string> = Name extends `${infer Noun}_${infer Verb}`
    ? Noun extends keyof Fazt ? (Camel<Verb> extends keyof Fazt[Noun] ? Fazt[Noun][Camel<Verb>] : never) : never
    : never;
  type Camel<S extends string> = S extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : S;

  /** What a recipe may say: one of a Go operation's name is that one's page form. */
  type RecipeOrForm<Name extends string, Input extends Schema, Output extends Schema> =
    [OperationOf<Name>] extends [never] ? Recipe<Input, Output> : PageForm<Name, OperationOf<Name>>;

  export function defineRecipe<const Name extends string, const Input extends Schema, const Output extends Schema>(
    recipe: { name: Name; input?: Input; output?: Output } & RecipeOrForm<Name, Input, Output>,
  ): unknown;
}

// Helpers that every recipe can import.

declare module "fazt/lib" {
  /** Whether an error says that something is not there. */
  export function isMissing(error: unknown): boolean;
  /** What a read answers, or undefined where it is not there. */
  export function existing<T>(read: Promise<T>): Promise<T | undefined>;
  /** All items of a list, page by page. */
  export function all<Item>(list: (cursor?: string) => Promise<{ items: Item[]; next_cursor: string | null }>, most?: number): Promise<Item[]>;
}
