// Keys: what they are called, on a US keyboard.

import { fail } from "./errors";

type Key = { key: string; code: string; keyCode: number; text?: string };
export type Chord = Key & { ctrlKey: boolean; shiftKey: boolean; altKey: boolean; metaKey: boolean };

const NAMED: Record<string, [number, string?]> = { Enter: [13, "\r"] };
for (const entry of (
  "Tab9 Escape27 Backspace8 Delete46 Insert45 ArrowLeft37 ArrowUp38 ArrowRight39 ArrowDown40 Home36 End35 PageUp33 PageDown34 " +
  "Shift16 Control17 Alt18 Meta91 ContextMenu93 CapsLock20"
).split(" ")) {
  const [, name, code] = /(\D+)(\d+)/.exec(entry)!;
  NAMED[name!] = [Number(code)];
}
for (let n = 1; n <= 12; n++) NAMED[`F${n}`] = [111 + n];

const ALIASES: Record<string, string> = {
  Esc: "Escape", Return: "Enter", Del: "Delete", Up: "ArrowUp", Down: "ArrowDown", Left: "ArrowLeft", Right: "ArrowRight",
  Ctrl: "Control", Cmd: "Meta", Command: "Meta", Option: "Alt", Space: " ", Spacebar: " ",
};

/** Signs of a US keyboard, each with the one that Shift makes of it, and codes. */
const SIGNS: [string, string, number][] = (
  "-_Minus189 =+Equal187 [{BracketLeft219 ]}BracketRight221 \\|Backslash220 ;:Semicolon186 '\"Quote222 ,<Comma188 .>Period190 /?Slash191 `~Backquote192"
)
  .split(" ")
  .map((entry) => [entry.slice(0, 2), /[A-Z][a-zA-Z]+/.exec(entry)![0], Number(entry.slice(-3))]);
[...")!@#$%^&*("].forEach((shifted, digit) => SIGNS.push([`${digit}${shifted}`, `Digit${digit}`, 48 + digit]));

export function keyOf(name: string, shift: boolean): Key {
  const known = ALIASES[name] ?? name;
  const named = NAMED[known];
  if (named) {
    const code = /^(Shift|Control|Alt|Meta)$/.test(known) ? `${known}Left` : known;
    return { key: known, code, keyCode: named[0], ...(named[1] === undefined ? {} : { text: named[1] }) };
  }
  if (known === " ") return { key: " ", code: "Space", keyCode: 32, text: " " };
  if ([...known].length !== 1) return fail("bad_step", `no key ${JSON.stringify(name)}`, "keys are like Enter, Tab, ArrowDown, a, Control+A");
  if (/^[a-zA-Z]$/.test(known)) {
    const key = shift ? known.toUpperCase() : known;
    return { key, code: `Key${known.toUpperCase()}`, keyCode: known.toUpperCase().charCodeAt(0), text: key };
  }
  const sign = SIGNS.find(([pair]) => pair.includes(known));
  const key = sign && shift && sign[0][0] === known ? sign[0][1]! : known;
  return { key, code: sign?.[1] ?? "", keyCode: sign?.[2] ?? 0, text: key };
}

/** Reads `Control+Shift+K`; a plus sign itself is `+` or `Control++`. */
export function parseKeys(keys: string): Chord {
  const parts = keys === "+" ? ["+"] : keys.endsWith("++") ? [...keys.slice(0, -2).split("+"), "+"] : keys.split("+");
  const name = parts.pop() ?? "";
  const held = parts.map((part) => (part === "ControlOrMeta" ? "Control" : (ALIASES[part] ?? part)));
  for (const one of held) if (!/^(Control|Shift|Alt|Meta)$/.test(one)) fail("bad_step", `no modifier ${JSON.stringify(one)}`, "modifiers are Control, Shift, Alt, Meta");
  const has = (one: string) => held.includes(one);
  return { ...keyOf(name, has("Shift")), ctrlKey: has("Control"), shiftKey: has("Shift"), altKey: has("Alt"), metaKey: has("Meta") };
}
