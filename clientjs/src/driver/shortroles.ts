// The short roles that a look prints and a target takes, beside the long ones.

import { allRoles } from "./ariaroles";

const SHORT: Record<string, string> = {
  button: "btn",
  textbox: "field",
  searchbox: "searchbox",
  checkbox: "chk",
  combobox: "combo",
  option: "opt",
  navigation: "nav",
  contentinfo: "footer",
  complementary: "aside",
  columnheader: "col",
  rowheader: "rowhead",
  listitem: "item",
  menuitem: "mi",
  menuitemcheckbox: "michk",
  menuitemradio: "miradio",
  tabpanel: "panel",
  spinbutton: "num",
  progressbar: "progress",
  image: "img",
};

const LONG: Record<string, string> = { graphics: "img" };
for (const long of Object.keys(SHORT)) LONG[SHORT[long]!] = long;

/** Roles that Chromium computes under another name than ARIA's. */
const SAME: Record<string, string> = { presentation: "none", img: "image" };

export function shortRole(role: string): string {
  return SHORT[role] ?? role;
}

/** The ARIA role that a word means: `btn` and `button` are one. */
export function longRole(word: string): string {
  const lower = word.toLowerCase();
  return LONG[lower] ?? lower;
}

export function sameRole(a: string, b: string): boolean {
  return (SAME[a] ?? a) === (SAME[b] ?? b);
}

/** Words that a target may begin with as a role. */
export const ROLE_WORDS: ReadonlySet<string> = new Set([
  ...allRoles(),
  ...Object.values(SHORT),
  ..."iframe img date time color file details summary graphics frame h1 h2 h3 h4 h5 h6".split(" "),
]);
