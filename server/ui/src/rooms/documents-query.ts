// The bar that says which documents are shown: filter, order, view, and how
// the query is carried out.

import { fill, h } from "../dom";
import { sentence, showProblem } from "../errors";
import { json, text as given } from "../fields";
import type { RawJSON } from "fazt/client";
import type { Client, Plan } from "../session";

/** What is asked for, as text. */
export type Query = { filter: string; sort: string; view: "table" | "json" };

/** A query as an operation takes it. */
export function asked(query: Query): { filter?: RawJSON; sort?: string[] } {
  const sort = query.sort.split(",").map((path) => path.trim()).filter(Boolean);
  return { ...(given(query.filter) ? { filter: json(query.filter, "filter") } : {}), ...(sort.length > 0 ? { sort } : {}) };
}

export type Bar = { element: HTMLElement; query(): Query; refuse(error: unknown): void; accept(): void };

export type BarOptions = {
  fazt: Client;
  app: string;
  collection: string;
  /** What the address says. */
  from: URLSearchParams;
  /** The query has changed. */
  changed(): Promise<void>;
  /** Opens the settings with another index. */
  makeIndex(line: string): void;
};

export function newBar(o: BarOptions): Bar {
  let query: Query = { filter: o.from.get("filter") ?? "", sort: o.from.get("sort") ?? "", view: o.from.get("view") === "json" ? "json" : "table" };
  const filter = h("textarea", { class: "code", rows: "1", id: "filter", spellcheck: "false", placeholder: '{"city": "Graz"}', value: query.filter, onkeydown: submitOnEnter });
  const sort = h("input", { type: "text", class: "code", id: "sort", autocomplete: "off", spellcheck: "false", placeholder: "-age, name", value: query.sort });
  const view = h("select", { id: "view", onchange: () => void apply() }, h("option", { value: "table" }, "Table"), h("option", { value: "json", selected: query.view === "json" }, "JSON"));
  const answer = h("div", { "aria-live": "polite" });
  const element = h(
    "form",
    { class: "query", role: "search", "aria-label": "Documents", novalidate: true, onsubmit: submit },
    h("div", { class: "field" }, h("label", { for: "filter" }, "Filter (JSON)"), filter),
    h("div", { class: "field" }, h("label", { for: "sort" }, "Sort by"), sort),
    h("div", { class: "field" }, h("label", { for: "view" }, "View"), view),
    h("div", { class: "actions" }, h("button", { type: "submit" }, "Find"), h("button", { type: "button", onclick: () => void explain() }, "Explain")),
    answer,
  );

  function submit(event: Event): void {
    event.preventDefault();
    void apply();
  }
  function typed(): Query {
    return { filter: filter.value.trim(), sort: sort.value.trim(), view: view.value === "json" ? "json" : "table" };
  }
  async function apply(): Promise<void> {
    fill(answer);
    query = typed();
    const kept = new URLSearchParams(Object.entries(query).filter(([name, value]) => value !== "" && !(name === "view" && value === "table")));
    history.replaceState(null, "", location.pathname + (kept.size > 0 ? `?${kept}` : ""));
    await o.changed();
  }
  async function explain(): Promise<void> {
    try {
      const plan = await o.fazt.doc.explain({ app: o.app, collection: o.collection, ...asked(typed()) });
      fill(answer, explanation(plan, o.makeIndex));
    } catch (error) {
      bar.refuse(error);
    }
  }
  const bar: Bar = {
    element,
    query: () => query,
    refuse(error) {
      const alert = h("p", { role: "alert", class: "alert" });
      const problem = showProblem(alert, error);
      fill(answer, alert, problem.hint ? h("p", { class: "hint" }, sentence(problem.hint)) : null);
      const at = problem.field.startsWith("sort") ? sort : problem.field.startsWith("filter") ? filter : undefined;
      at?.setAttribute("aria-invalid", "true");
    },
    accept() {
      if (answer.querySelector('[role="alert"]')) fill(answer);
      for (const control of [filter, sort]) control.removeAttribute("aria-invalid");
    },
  };
  return bar;
}

/** Enter asks; with Shift it begins a line. */
function submitOnEnter(event: KeyboardEvent): void {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  (event.target as HTMLTextAreaElement).form?.requestSubmit();
}

const plans = {
  ids: () => "It goes straight to the ids that the filter names.",
  index: (plan: Plan) => `It uses the index ${plan.index} on ${(plan.fields ?? []).join(", ")}.`,
  text: () => "It uses the full-text index.",
  scan: () => "It looks at every document: no index serves it.",
};

/** A plan in words. */
function explanation(plan: Plan, makeIndex: (line: string) => void): HTMLElement {
  const line = plan.wanted?.join(", ");
  return h(
    "section",
    { class: "panel", "aria-label": "Explanation" },
    h("p", null, h("strong", null, plans[plan.plan](plan))),
    h("p", null, `The first page looks at ${plan.examined.toLocaleString("en")} to answer ${plan.returned.toLocaleString("en")}${plan.sorted ? "" : ", and sorts them in memory"}.`),
    plan.allowed ? null : h("p", { class: "error" }, "It is refused without an index: it would look at over 100,000 documents."),
    line ? h("p", null, "An index on ", h("code", null, line), " would serve it. ", h("button", { type: "button", onclick: () => makeIndex(line) }, "Add this index")) : null,
  );
}
