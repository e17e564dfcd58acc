// Input by script, for pages that import the module.

import { hitAt } from "./actionable";
import { nounOf } from "./describe";
import { dragByScript } from "./drag";
import { insertByScript } from "./edit";
import { fail } from "./errors";
import { pressByScript } from "./keyboard";
import { isInput } from "./kinds";
import { clickAt, moveTo } from "./pointer";
import type { ScriptInput } from "./wire";

export const script: ScriptInput = {
  click(el, at, o) {
    if (isInput(el, "file")) fail("trusted_required", `${nounOf(el)} opens the system's file dialog`, "use upload T = app:path, or setInputFiles");
    clickAt(el, at, o);
  },
  hover: (el, at) => moveTo(hitAt(el.ownerDocument, at) ?? el, at),
  text: insertByScript,
  keys: pressByScript,
  drag: dragByScript,
};
