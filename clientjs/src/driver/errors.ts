// What goes wrong in a page, as data: a code to branch on, a sentence for the
// person and a next step for the agent.

import { setOf } from "./sets";

export type Code =
  | "no_match"
  | "ambiguous"
  | "hidden"
  | "disabled"
  | "readonly"
  | "covered"
  | "unstable"
  | "detached"
  | "gone"
  | "timeout"
  | "bad_target"
  | "bad_step"
  | "no_option"
  | "trusted_required"
  | "expectation_failed"
  | "asleep"
  | "redirected"
  | "navigation";

export type Failure = { code: Code; message: string; hint?: string | undefined; detail?: string | undefined };

export class EngineError extends Error implements Failure {
  constructor(
    readonly code: Code,
    message: string,
    readonly hint?: string,
    readonly detail?: string,
  ) {
    super(message);
    this.name = "EngineError";
  }
}

export function fail(code: Code, message: string, hint?: string, detail?: string): never {
  throw new EngineError(code, message, hint, detail);
}

/** Errors that may pass by themselves: a retry within the deadline is right. */
const PASSING = setOf("no_match ambiguous hidden disabled readonly covered unstable detached no_option");

export function mayPass(error: unknown): error is EngineError {
  return error instanceof EngineError && PASSING.has(error.code);
}

/** Any thrown value in the form that crosses to the server. */
export function failureOf(error: unknown): Failure {
  if (error instanceof EngineError) {
    const { code, message, hint, detail } = error;
    return { code, message, hint, detail };
  }
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
  return { code: "bad_target", message: `the page driver failed: ${message}`, hint: "look again and use another target", detail: stack?.slice(0, 600) };
}
