// The plain data that crosses between the server and the page.

import type { Point } from "./actionable";
import type { ClickOptions } from "./input";

/** One step of a locator chain, as recipes/prelude/page.ts forms it. */
export type Step = { by: string; [key: string]: unknown };

/** A regular expression as it crosses. */
export type RegexForm = { regex: string; flags: string };

export type LookParams = {
  budget?: number;
  find?: string;
  in?: string;
  since?: number | string;
  what?: "page" | "console" | "network" | "errors";
  /** Waits first until the document has loaded and come to rest. */
  settle?: boolean;
  /** With since: names also what a person would call the effect. */
  effect?: boolean;
};
export type LookResult = { text: string; rev: number; url: string; title: string; epoch: string; effect?: Step[] | undefined };

export type ActParams = { locator: Step[]; action: string; args?: unknown[]; timeout_ms?: number; fence?: number; diff?: boolean } & Secrets;
export type StepParams = {
  step: string;
  timeout_ms?: number;
  dialog?: "dismiss" | "accept" | string;
  files?: FileForm[];
  diff?: boolean;
} & Secrets;
/** Secrets that may be typed into documents of an origin. */
export type Secrets = { secrets?: Record<string, string>; origin?: string };
export type ExpectParams = {
  target: "locator" | "page";
  locator: Step[];
  matcher: string;
  args?: unknown[];
  not?: boolean;
  timeout_ms?: number;
  options?: { timeout?: number } | null;
};

/** A file to put into an input: its bytes are text or base64; `from` names where
 * the server has it. */
export type FileForm = { name: string; from?: string; type?: string; text?: string; base64?: string; mimeType?: string; buffer?: string };

/** Input that a script makes: script.ts. Points are of the element's own viewport. */
export type ScriptInput = {
  click: (el: Element, at: Point, o: ClickOptions) => void;
  hover: (el: Element, at: Point) => void;
  text: (el: HTMLElement, text: string) => void;
  keys: (document: Document, keys: string) => void;
  drag: (source: Element, from: Point, target: Element, to: Point) => Promise<void>;
};

/** What the surrounding transport can do that a page's script cannot. */
export type Host = {
  /** Trusted input: see input.ts for the kinds. Present in tabs that fazt opened. */
  input?: (kind: string, params: Record<string, unknown>) => Promise<void>;
  /** Input by script, where there is no trusted input. */
  script?: ScriptInput;
  /** How many requests of this page are open, where the transport counts them. */
  pending?: () => number | Promise<number>;
  /** Sends a notification (JSON-RPC without id). */
  notify?: (method: string, params: Record<string, unknown>) => void;
  /** Carries a call into a frame of another origin; `index` is its place in window.frames. */
  frame?: (index: number, method: string, params: unknown) => Promise<unknown>;
};

export function isRegexForm(value: unknown): value is RegexForm {
  return typeof value === "object" && value !== null && typeof (value as RegexForm).regex === "string";
}

export function regexOf(form: RegexForm): RegExp {
  return new RegExp(form.regex, (form.flags ?? "").replace(/[gy]/g, ""));
}

export function isSteps(value: unknown): value is Step[] {
  return Array.isArray(value) && value.every((step) => typeof step === "object" && step !== null && typeof step.by === "string");
}
