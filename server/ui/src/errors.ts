// Errors of operations, and of what people type, in one form.

export type Problem = { code: string; detail: string; hint: string; field: string };

/** An error that the page itself finds before anything is sent. */
export class InputError extends Error {
  readonly problem: Problem;
  constructor(code: "invalid_json" | "invalid_input" | "confirmation_required" | "forbidden", field: string, detail: string, hint = "") {
    super(detail);
    this.problem = { code, field, detail, hint };
  }
}

/** Refuses an agent what only a person may do. */
export function inPerson(): InputError {
  return new InputError("forbidden", "", "only a person can do this, by hand", "ask the person in front of the page");
}

/** What went wrong, whoever found it. */
export function problemOf(error: unknown): Problem {
  if (error instanceof InputError) return error.problem;
  const e = (typeof error === "object" && error !== null ? error : {}) as Partial<Problem> & { message?: string };
  return { code: e.code ?? "internal", detail: e.detail ?? e.message ?? String(error), hint: e.hint ?? "", field: e.field ?? "" };
}

/** Shows an error in an element that is an alert. */
export function showProblem(alert: HTMLElement, error: unknown): Problem {
  const problem = problemOf(error);
  alert.textContent = sentence(problem.detail);
  for (const name of ["code", "hint", "field"] as const) {
    if (problem[name]) alert.dataset[name] = problem[name];
    else delete alert.dataset[name];
  }
  return problem;
}

/** Text as a sentence. */
export function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(first) ? first : first + ".";
}
