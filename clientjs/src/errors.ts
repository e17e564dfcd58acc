// The one error of the module. It carries what the server said, so that code
// can decide by `code` and a person can read `detail` and `hint`.

export type Problem = {
  code: string;
  detail: string;
  status?: number;
  hint?: string;
  field?: string;
  currentVersion?: number;
  retryAfter?: number;
  confirm?: string;
  requestId?: string;
  cause?: unknown;
};

/** An operation that failed. `status` is 0 where no server answered. */
export class FaztError extends Error {
  readonly code: string;
  readonly status: number;
  readonly detail: string;
  readonly hint: string | undefined;
  readonly field: string | undefined;
  readonly currentVersion: number | undefined;
  readonly retryAfter: number | undefined;
  readonly confirm: string | undefined;
  readonly requestId: string | undefined;

  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.detail}${problem.hint ? ` (${problem.hint})` : ""}`, { cause: problem.cause });
    this.name = "FaztError";
    this.code = problem.code;
    this.status = problem.status ?? 0;
    this.detail = problem.detail;
    this.hint = problem.hint;
    this.field = problem.field;
    this.currentVersion = problem.currentVersion;
    this.retryAfter = problem.retryAfter;
    this.confirm = problem.confirm;
    this.requestId = problem.requestId;
  }
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** Drops members that are undefined, for types with exact optional members. */
export function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as never;
}

/** The error in a problem's members (RFC 9457), or undefined when they are none. */
export function problemOf(body: unknown, status: number): FaztError | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const members = body as Record<string, unknown>;
  const code = text(members.code);
  if (code === undefined) return undefined;
  return new FaztError(
    defined({
      code,
      status,
      detail: text(members.detail) ?? text(members.title) ?? code,
      hint: text(members.hint),
      field: text(members.field),
      currentVersion: number(members.current_version),
      retryAfter: number(members.retry_after),
      confirm: text(members.confirm),
      requestId: text(members.request_id),
    }) as Problem,
  );
}

/** How much of an answer that is no fazt error is quoted. */
const QUOTED = 200;

/** Reads the error of a response that is no success. */
export async function errorOf(response: Response): Promise<FaztError> {
  const body = await response.text().catch(() => "");
  try {
    const problem = problemOf(JSON.parse(body), response.status);
    if (problem) return problem;
  } catch {
    // Not JSON: an answer of something else than fazt.
  }
  return new FaztError({
    code: "not_fazt",
    status: response.status,
    detail: `the server answered ${response.status} without a fazt error: ${body.slice(0, QUOTED)}`,
    hint: "see whether the address is that of a fazt server",
  });
}
