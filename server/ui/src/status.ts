// The status line: what has been done, said aloud, and with the operation's
// output for whoever drives the page.

import { h } from "./dom";

const line = h("div", { role: "status", class: "toast" });
let timer = 0;

/** The element, for the frame of the page. */
export const statusLine: HTMLElement = line;

/** Says something that no operation has answered. */
export function say(text: string): void {
  line.textContent = text;
  line.classList.add("shown");
  clearTimeout(timer);
  timer = window.setTimeout(() => line.classList.remove("shown"), 6000);
}

/** Says what an operation has done. output is the JSON text that it answered. */
export function done(operation: string, output: string, text: string): void {
  line.setAttribute("data-output", withoutSecret(output));
  line.setAttribute("data-op", operation);
  say(text);
}

/** Takes the member "secret" out. Other answers keep the text they came in. */
function withoutSecret(output: string): string {
  if (!output.includes('"secret"')) return output;
  const value = JSON.parse(output) as Record<string, unknown>;
  delete value.secret;
  return JSON.stringify(value);
}
