// What a page does without, found out once a look: most pages hide nothing by
// aria-hidden, own nothing by aria-owns and have no shadow trees, and where that is
// so the rules about it need not be asked of each element.

export type Plain = {
  /** One document: no open shadow tree and no frame that can be read. */
  flat: boolean;
  /** Flat, and nothing is inert, hidden from assistive technology, owned or behind a modal. */
  calm: boolean;
  /** Flat, and no style generates text, transforms it or skips content. */
  literal: boolean;
  /** Flat, and nothing is edited, disabled or private by a container. */
  open: boolean;
  /** The selectors without which nothing gets the cursor of a link. */
  pointer: string | undefined;
};

const unknown: Plain = { flat: false, calm: false, literal: false, open: false, pointer: undefined };

/** What is so during the look under way; all false, which claims nothing, else. */
export const page: Plain = { ...unknown };

/** Claims what is so until the look ends. */
export const claim = (found: Plain = unknown): void => void Object.assign(page, found);

const NOT_CALM = "[inert],[style*=interactivity],[aria-hidden],[aria-owns],:modal";
const NOT_LITERAL = "[style*=text-transform],[style*=content-visibility],[hidden=until-found],q";
const NOT_OPEN = "[contenteditable],[aria-disabled],[data-private]";

/** What has a cursor by itself. */
const POINTED = "a,area,[style*=cursor],[cursor]";

/** What a document does without, in its own words; styles say the rest. */
export function plainness(flat: boolean, styles: { inert: boolean; text: boolean; pointer: string[] }): Plain {
  const lacks = (css: string) => document.querySelector(css) === null;
  return {
    flat,
    calm: flat && !styles.inert && lacks(NOT_CALM),
    literal: flat && !styles.text && lacks(NOT_LITERAL),
    open: flat && document.designMode !== "on" && lacks(NOT_OPEN),
    pointer: flat && !styles.pointer.includes("") ? [...styles.pointer, POINTED].join() : undefined,
  };
}
