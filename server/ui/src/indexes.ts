// Indexes as lines of text: "email unique", "city, age sparse as by_city".

import { InputError } from "./errors";
import { lines } from "./fields";

export type Index = { name?: string; fields: string[]; unique?: boolean; sparse?: boolean };

/** A path that a line can hold; others are said in JSON. */
const plain = /^[^\s,{}"]+$/;
const words = new Set(["unique", "sparse", "as"]);

/** The line of an index. */
export function indexLine(index: Index): string {
  const named = index.name !== undefined && index.name !== index.fields.join("_") ? index.name : undefined;
  if (![...index.fields, named ?? "as"].every((text) => plain.test(text)) || index.fields.some((field) => words.has(field))) return JSON.stringify(definition(index));
  return [index.fields.join(", "), index.unique ? "unique" : "", index.sparse ? "sparse" : "", named ? `as ${named}` : ""].filter(Boolean).join(" ");
}

/** An index as collection_set takes it. */
function definition({ name, fields, unique, sparse }: Index): Index {
  return { ...(name ? { name } : {}), fields, ...(unique ? { unique } : {}), ...(sparse ? { sparse } : {}) };
}

/** The indexes that lines say. */
export function indexesOf(text: string): Index[] {
  return lines(text).map(indexOf);
}

function indexOf(line: string): Index {
  if (line.startsWith("{")) return parsed(line);
  const [, fields = "", rest = ""] = /^((?:[^\s,]+\s*,\s*)*[^\s,]+)(.*)$/.exec(line) ?? [];
  const index: Index = { fields: fields.split(",").map((field) => field.trim()) };
  const said = rest.trim().split(/\s+/).filter(Boolean);
  for (let i = 0; i < said.length; i++) {
    if (said[i] === "unique") index.unique = true;
    else if (said[i] === "sparse") index.sparse = true;
    else if (said[i] === "as" && said[i + 1] !== undefined) index.name = said[++i] ?? "";
    else throw new InputError("invalid_input", "indexes", `“${line}” is no index: “${said[i]}” is neither unique, sparse nor as`, "write the fields with commas between them, as in city, age unique");
  }
  return index;
}

function parsed(line: string): Index {
  try {
    return JSON.parse(line) as Index;
  } catch (error) {
    throw new InputError("invalid_json", "indexes", `“${line}” is not JSON: ${(error as Error).message}`, 'as in {"fields":["city"],"unique":true}');
  }
}
