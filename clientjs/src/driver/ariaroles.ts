// What the specifications say of each role: WAI-ARIA 1.2 and 1.3, section 5.4;
// DPUB-ARIA 1.1; Graphics-ARIA 1.0.

/** Where a role's name may come from, by its own specification. */
type NameFrom =
  | "content" // also from its content (AccName 1.2, 2F)
  | "author" // only from the author
  | "prohibited"; // from nobody: it is a part of running text

export type RoleFacts = {
  nameFrom: NameFrom;
  /** Whether its content counts in the name of an element around it (AccName 1.2, 2H). */
  inNames: boolean;
};

const facts = new Map<string, RoleFacts>();

const add = (nameFrom: NameFrom, inNames: boolean, names: string) => {
  for (const name of names.split(" ")) facts.set(name, { nameFrom, inNames });
};

// Lists of roles say those that they share in one order, which packs them.
add("content", true, "checkbox menuitemcheckbox menuitemradio radio switch button menuitem option tab treeitem link " +
  "cell columnheader gridcell rowheader heading tooltip math term doc-backlink doc-biblioref doc-glossref doc-noteref " +
  "doc-subtitle graphics-object");

add("prohibited", true, "caption code definition deletion emphasis generic insertion mark none paragraph strong " +
  "subscript superscript time");

add("author", true, "list listitem meter scrollbar slider spinbutton searchbox textbox");

add("prohibited", false, "suggestion");

add("author", false, "dialog alertdialog main navigation region form complementary group tabpanel table grid treegrid " +
  "tablist menu menubar toolbar listbox tree application article feed figure radiogroup banner contentinfo search alert " +
  "status log row rowgroup blockquote combobox comment document image marquee note progressbar sectionfooter " +
  "sectionheader separator timer doc-abstract doc-acknowledgments doc-afterword doc-appendix doc-biblioentry doc-bibliography " +
  "doc-chapter doc-colophon doc-conclusion doc-cover doc-credit doc-credits doc-dedication doc-endnote doc-endnotes " +
  "doc-epigraph doc-epilogue doc-errata doc-example doc-footnote doc-foreword doc-glossary doc-index doc-introduction " +
  "doc-notice doc-pagebreak doc-pagefooter doc-pageheader doc-pagelist doc-part doc-preface doc-prologue doc-pullquote " +
  "doc-qna doc-tip doc-toc graphics-document graphics-symbol");

const synonyms: Record<string, string> = { img: "image", presentation: "none", directory: "list" };

/** A role by its present name: img is image, presentation none, directory list. */
export const canonicalRole = (role: string): string => synonyms[role] ?? role;

/** Whether a token is a role that authors may use. Abstract roles are not. */
export const isRole = (token: string): boolean => facts.has(canonicalRole(token));

const unknown: RoleFacts = { nameFrom: "prohibited", inNames: true };

/** The facts of a canonical role. */
export const factsOf = (role: string): RoleFacts => facts.get(role) ?? unknown;

/** Every role that authors may use, by its canonical name. */
export const allRoles = (): string[] => [...facts.keys()];

// WAI-ARIA 1.3, 6.5: the global states and properties. aria-disabled,
// aria-errormessage, aria-haspopup and aria-invalid are no longer among them.
export const globalAttributes = ("aria-atomic aria-braillelabel aria-brailleroledescription aria-busy aria-controls " +
  "aria-current aria-describedby aria-description aria-details aria-dropeffect aria-flowto " +
  "aria-grabbed aria-hidden aria-keyshortcuts aria-label aria-labelledby aria-live aria-owns " +
  "aria-relevant aria-roledescription").split(" ");
