// Errors of operations as people read them.

type Coded = { code?: string; detail?: string; hint?: string; field?: string; message?: string };

/** What went wrong and what to do, with the field at fault. */
export function problem(error: unknown): { text: string; field: string; code: string } {
  const e = (typeof error === "object" && error !== null ? error : { message: String(error) }) as Coded;
  const detail = e.detail ?? e.message ?? String(error);
  const text = [sentence(detail), e.hint ? sentence(e.hint) : ""].filter(Boolean).join(" ");
  return { text, field: e.field ?? "", code: e.code ?? "" };
}

function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(first) ? first : first + ".";
}

/** JSON that a person typed; an error names the field it stands in. */
export function parseJSON(text: string, field: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw { field, detail: `this is not JSON: ${(error as Error).message}`, hint: 'text needs quotes, as in "hello"' };
  }
}

/** A whole number that a person typed, or undefined when the field is empty. */
export function parseWhole(text: string, field: string): number | undefined {
  if (text.trim() === "") return undefined;
  const n = Number(text);
  if (!Number.isSafeInteger(n)) throw { field, detail: `"${text}" is not a whole number`, hint: "leave it empty for none" };
  return n;
}
