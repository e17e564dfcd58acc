// The page driver: Playwright's words over fazt's engine, in recipes and in pages.

declare module "fazt:page" {
  type Options = { [name: string]: unknown };

  export type LookOptions = {
    /** About how many tokens the answer may have. */
    budget?: number;
    /** Only what fits these words. */
    find?: string;
    /** Only what is within this ref or target. */
    in?: string;
    /** Only what has changed since this revision. */
    since?: number;
    what?: "page" | "console" | "network";
  };

  export type LookResult = { text: string; rev: number; url: string; title: string; epoch: string };

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
    look(options?: LookOptions): Promise<string>;
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
}
