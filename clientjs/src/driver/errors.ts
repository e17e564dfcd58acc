// What goes wrong in a page, as data: a code to branch on, a sentence for the
// person and a next step for the agent.

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

export type Failure = { code: Code; message: string; hint?: string; detail?: string };

export class EngineError extends Error implements Failure {
  code: Code;
  hint?: string;
  detail?: string;
  constructor(code: Code, message: string, hint?: string, detail?: string) {
    super(message);
    this.name = "EngineError";
    this.code = code;
    if (hint !== undefined) this.hint = hint;
    if (detail !== undefined) this.detail = detail;
  }
}

export function fail(code: Code, message: string, hint?: string, detail?: string): never {
  throw new EngineError(code, message, hint, detail);
}

/** Errors that may pass by themselves: a retry within the deadline is right. */
const PASSING = new Set<Code>(["no_match", "ambiguous", "hidden", "disabled", "readonly", "covered", "unstable", "detached", "no_option"]);

export function mayPass(error: unknown): error is EngineError {
  return error instanceof EngineError && PASSING.has(error.code);
}

/** Any thrown value in the form that crosses to the server. */
export function failureOf(error: unknown): Failure {
  if (error instanceof EngineError) {
    const { code, message, hint, detail } = error;
    return { code, message, ...(hint === undefined ? {} : { hint }), ...(detail === undefined ? {} : { detail }) };
  }
  const text = error instanceof Error ? error.message : String(error);
  const failure: Failure = { code: "bad_target", message: `the page driver failed: ${text}`, hint: "look again and use another target" };
  if (error instanceof Error && error.stack) failure.detail = error.stack.slice(0, 600);
  return failure;
}
