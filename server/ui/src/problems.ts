// What a compiler found, as its error tells it: "recipe.ts:4:19: what", the
// lines around the first, and a line for each further one.

export type Found = { line: number; column: number; text: string; frame: string };

const place = /^\S+:(\d+):(\d+): (.*)$/;

/** The problems of a source that a refusal names; none of any other refusal. */
export function problemsIn(detail: string): Found[] {
  const found: Found[] = [];
  for (const line of detail.split("\n")) {
    const at = place.exec(line);
    const last = found.at(-1);
    if (at) found.push({ line: Number(at[1]), column: Number(at[2]), text: at[3] ?? "", frame: "" });
    else if (last) last.frame += `${line}\n`;
    else return [];
  }
  return found;
}
