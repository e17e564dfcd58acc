// The targets of agents: one line of text that names one element.
//
//   target  = chain { " in " chain }            the right side holds the left one
//   chain   = part { " > " part }               the left side holds the right one
//   part    = ref | kind string | role [ string ]
//   ref     = letters digits { "#" key | "/" item }
//   key     = word | string                     a prefix as a look printed it, or the whole key as a string
//   item    = ( word | string | role " " string ) [ "~" number ]
//   kind    = "text" | "label" | "placeholder" | "testid" | "css" | "alt" | "title"
//   role    = an ARIA role, or the short one that a look prints
//   string  = '"' { char | '\"' | '\\' | "\n" | "\t" | "\u" hex4 | "\u{" hex "}" } '"'
//   word    = ( letter | digit | one of _ . : - ) { … }
//
// GRAMMAR.md says the same with examples. Names match exactly first, else as a
// case-insensitive substring.

import { fail } from "./errors";
import { ROLE_WORDS } from "./shortroles";
import { setOf } from "./sets";

export type Kind = "text" | "label" | "placeholder" | "testid" | "css" | "alt" | "title";

export type Segment = { key: string; whole: boolean } | { item: string; role?: string; nth?: number };

export type Part = { role: string; name?: string } | { kind: Kind; value: string } | { ref: string; path: Segment[] };

/** The parts of a target, the outermost container first. */
export type Target = Part[];

const KINDS = setOf("text label placeholder testid css alt title");
const REF = /^[a-z]{1,2}\d+/;
const WORD = /^[A-Za-z0-9_.:-]+/;
const BARE_ITEM = /^[\p{L}\p{N}_.:-]+/u;

const FORMS = 'a target is a ref (b1), ROLE "NAME", text "…", label "…", placeholder "…", testid "…" or css "…", chained by `in` or `>`';

/** A place in a line; every reader moves it past what it took. */
export type Cursor = { text: string; at: number };

export function badTarget(c: Cursor, what: string): never {
  const rest = c.text.slice(c.at, c.at + 40);
  return fail("bad_target", `${what} at ${rest === "" ? "the end" : JSON.stringify(rest)} of ${JSON.stringify(c.text)}`, FORMS);
}

function take(c: Cursor, pattern: RegExp): string | undefined {
  const found = pattern.exec(c.text.slice(c.at))?.[0];
  if (found !== undefined) c.at += found.length;
  return found;
}

export function skip(c: Cursor): void {
  take(c, /^\s+/);
}

const ESCAPES: Record<string, string> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };

/** Reads a quoted string; undefined where none begins. */
export function readString(c: Cursor): string | undefined {
  if (c.text[c.at] !== '"') return undefined;
  let out = "";
  for (let i = c.at + 1; i < c.text.length; i++) {
    const char = c.text[i]!;
    if (char === '"') {
      c.at = i + 1;
      return out;
    }
    if (char !== "\\") {
      out += char;
      continue;
    }
    const code = /^u(?:\{([0-9a-fA-F]{1,6})\}|([0-9a-fA-F]{4}))/.exec(c.text.slice(i + 1, i + 12));
    const next = c.text[++i] ?? "";
    if (code) {
      const point = parseInt(code[1] ?? code[2]!, 16);
      if (point > 0x10ffff) badTarget(c, "no such character");
      out += String.fromCodePoint(point);
      i += code[0].length - 1;
    } else out += ESCAPES[next] ?? next;
  }
  return badTarget(c, "a string that does not end");
}

function readItem(c: Cursor): Segment {
  let item = readString(c);
  let role: string | undefined;
  if (item === undefined) {
    const word = take(c, BARE_ITEM);
    if (word === undefined) return badTarget(c, 'the name of something in the row, such as /Edit or /"Add to cart"');
    item = word;
    const mark = c.at;
    if (ROLE_WORDS.has(word)) {
      skip(c);
      const name = mark < c.at ? readString(c) : undefined;
      if (name === undefined) c.at = mark;
      else [role, item] = [word, name];
    }
  }
  const nth = take(c, /^~[1-9]\d{0,5}/);
  return { item, ...(role === undefined ? {} : { role }), ...(nth === undefined ? {} : { nth: Number(nth.slice(1)) }) };
}

function readPath(c: Cursor): Segment[] {
  const path: Segment[] = [];
  for (;;) {
    if (take(c, /^#/) !== undefined) {
      const whole = readString(c);
      const key = whole ?? take(c, WORD);
      if (key === undefined) return badTarget(c, 'a row key, such as #51 or #"a/b"');
      path.push({ key, whole: whole !== undefined });
    } else if (take(c, /^\//) !== undefined) path.push(readItem(c));
    else return path;
  }
}

function readPart(c: Cursor): Part {
  skip(c);
  const start = c.at;
  const word = take(c, /^[A-Za-z][A-Za-z0-9]*(?:-[a-z]+)*/);
  if (word === undefined) return badTarget(c, "a target is missing");
  const mark = c.at;
  skip(c);
  const value = mark < c.at || c.text[c.at] === '"' ? readString(c) : undefined;
  if (value === undefined) c.at = mark;
  const lower = word.toLowerCase();
  if (KINDS.has(lower) && value !== undefined) return { kind: lower as Kind, value };
  if (value !== undefined && ROLE_WORDS.has(lower)) return { role: lower, name: value };
  if (value === undefined && REF.test(word) && !/^h[1-6]$/.test(word)) return { ref: word, path: readPath(c) };
  if (value === undefined && ROLE_WORDS.has(lower)) return { role: lower };
  c.at = start;
  return badTarget(c, KINDS.has(lower) ? `${word} needs a string in quotes` : `${word} is no role and no ref`);
}

function readChain(c: Cursor): Part[] {
  const parts = [readPart(c)];
  while (take(c, /^\s*>\s*/) !== undefined) parts.push(readPart(c));
  return parts;
}

/** Reads a target and stops where the line goes on with something else. */
export function readTarget(c: Cursor): Target {
  let parts = readChain(c);
  while (take(c, /^\s+in\s+/) !== undefined) parts = [...readChain(c), ...parts];
  return parts;
}

export function parseTarget(text: string): Target {
  const c = { text, at: 0 };
  const target = readTarget(c);
  skip(c);
  if (c.at < text.length) badTarget(c, "unexpected text");
  return target;
}

/** A string that readString takes back. */
export function printString(text: string): string {
  return '"' + text.replace(/["\\]/g, "\\$&").replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (c) => "\\u{" + c.charCodeAt(0).toString(16) + "}") + '"';
}

function fits(pattern: RegExp, text: string): boolean {
  return pattern.exec(text)?.[0] === text;
}

export function printSegment(segment: Segment): string {
  if ("key" in segment) return "#" + (segment.whole || !fits(WORD, segment.key) ? printString(segment.key) : segment.key);
  const { item, role, nth } = segment;
  const name = role !== undefined ? `${role} ${printString(item)}` : fits(BARE_ITEM, item) ? item : printString(item);
  return "/" + name + (nth === undefined ? "" : `~${nth}`);
}

function printPart(part: Part): string {
  if ("ref" in part) return part.ref + part.path.map(printSegment).join("");
  if ("kind" in part) return `${part.kind} ${printString(part.value)}`;
  return part.name === undefined ? part.role : `${part.role} ${printString(part.name)}`;
}

export function printTarget(target: Target): string {
  return target.map(printPart).join(" > ");
}
