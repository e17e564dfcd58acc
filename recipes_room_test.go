package main

import (
	"fmt"
	"strings"
	"testing"
)

// typedRecipe has an input of every kind that a form is made of.
const typedRecipe = `import { defineRecipe } from "fazt";
export default defineRecipe({
  name: "typed", title: "Answer the input", effect: "write", scopes: ["kv:read", "kv:write"],
  input: { type: "object", required: ["app", "n"], additionalProperties: false, properties: {
    app: { type: "string", title: "App" }, n: { type: "number", minimum: 1 }, tone: { enum: ["warm", 2] },
    loud: { type: "boolean" }, more: { type: "object", properties: { deep: { type: "array", items: { type: "integer" } } } },
  } },
  async api({ fazt, input }) {
    await fazt.kv.set({ app: input.app, key: "n", value: input.n });
    return input;
  },
});
`

// TestRecipeEditor: what the compiler finds is shown where it is, nothing typed
// is lost unasked, and a check keeps nothing.
func TestRecipeEditor(t *testing.T) {
	t.Parallel()
	r := openRoom(t, "/recipes")
	r.do(t,
		`click link "New recipe"`,
		"fill label \"Source\" = import { defineRecipe } from \"fazt\";\nexport default defineRecipe({\n  name: = 1,\n});\n",
		`click button "Save"`, `expect css "form [role=alert][data-code=invalid_input]" text Line 3, column 9`,
		`expect css ".margin .marked" text 3`, `expect css ".problems pre" text name: = 1`, `expect label "Source" focused`,
		`click link "Apps"`, `expect dialog "Leave without saving?" visible`, `click button "Cancel" in dialog "Leave without saving?"`,
		`expect url /recipes/_new`, `expect css ".margin .marked" text 3`,
		"fill label \"Source\" = "+typedRecipe, `click button "Check"`, `expect text "It compiles and could be saved as it is." visible`,
	)
	if got := r.ask(t, "recipe_get", `{"name":"typed"}`); got.Code != "recipe_not_found" {
		t.Errorf("after a check: %s", got)
	}
	r.do(t, `click button "Save"`, `expect url /recipes/typed`, `click link "Edit"`, `expect url /recipes/typed/edit`)
	r.do(t, "fill label \"Source\" = "+strings.Replace(typedRecipe, "Answer the input", "Say it again", 1), `click button "Save"`, `expect url /recipes/typed`)
	r.do(t, `click css "section + h2 + table tbody tr:last-child button:first-of-type"`, `expect css ".diff" text Say it again`, `expect css ".diff" text Answer the input`)
}

// TestRecipeFormRuns: a form of the input's schema, with what is wrong said at
// the field, and the run with its steps, output and what is next.
func TestRecipeFormRuns(t *testing.T) {
	t.Parallel()
	r := openRoom(t, "/recipes", parityCase{"app_create", `{"id":"shop"}`}, parityCase{"recipe_save", `{"source":` + jsonText(typedRecipe) + `}`})
	r.do(t,
		`click button "Run typed"`, `fill label "App" = shop`, `click button "Run" in dialog "Run typed"`, `expect css "dialog [role=alert]" text “n” is required.`,
		`fill label "n" = 0.5`, `click button "Run" in dialog "Run typed"`, `expect css "dialog [role=alert]" text “n” is at least 1.`,
		`fill label "n" = 1.50`, `select label "tone" = 2`, `select label "loud" = no`, `fill label "more (JSON)" = {"deep":[1,"x"]}`,
		`click button "Run" in dialog "Run typed"`, `expect css "dialog [role=alert]" text “more.deep[1]”: this is text, not a whole number`, `expect label "more (JSON)" focused`,
		`fill label "more (JSON)" = {"deep":[1]}`, `click button "Run" in dialog "Run typed"`,
		`expect url /runs/r_`, `expect css ".heading .state" text ok`, `expect css "ol.steps li" text kv_set`, `expect css "pre[aria-label=Input]" text "n": 1.50`, `expect css "pre[aria-label=Output]" text "tone": 2`,
		`click button "Run again"`, `expect label "n" value 1.50`, "expect label \"more (JSON)\" value {\n  \"deep\": [1]\n}",
		`fill label "App" = missing`, `click button "Run" in dialog "Run typed"`,
		`expect css ".failure" text No app "missing".`, `expect css ".failure" text app_list lists the apps`, `click link "typed.ts:9:19"`,
		`expect url /recipes/typed/edit?line=9`, `expect label "Source" focused`,
	)
}

// TestRecipesRoomFolds: one's own first, and the page forms folded away until a
// search hits only them.
func TestRecipesRoomFolds(t *testing.T) {
	t.Parallel()
	r := openRoom(t, "/recipes", parityCase{"recipe_save", `{"source":` + jsonText(typedRecipe) + `}`})
	r.do(t,
		`expect css "main section:first-of-type tbody tr:first-child th" text typed`, `expect css "details.fold tr[data-key=kv_set]" hidden`,
		`fill label "Search recipes" = store a key`, `expect css "details.fold tr[data-key=kv_set]" visible`, `expect css "tr[data-key=typed]" count 0`,
		`fill label "Search page forms" = kv_set`, `expect css "details.fold tbody tr" count 1`,
		fmt.Sprintf(`fill label "Search recipes" = %s`, "no such words"), `expect text "No recipe holds all of these words." visible`,
	)
}
