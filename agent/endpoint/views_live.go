package endpoint

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
)

func tabField() field {
	return field{name: "tab", kind: "string", about: "tab id; not needed when there is one"}
}

func budgetField() field {
	return field{name: "budget", kind: "integer", about: "tokens of the look, default 600"}
}

func viewTabOpen() *tool {
	return &tool{
		name: "tab_open", needs: []string{"tab_open"}, effect: op.Write, world: true,
		about: "Open a live page and look at it.",
		fields: []field{
			{name: "url", kind: "string", about: "/path of the admin page, app:ID/path, or a listed outside address"},
			{name: "show", kind: "boolean", about: "in a window a person sees; default true where there is a display"},
			{name: "profile", kind: "string", about: "keeps cookies apart"},
			budgetField(),
		},
		own: true, run: through("tab_open"),
	}
}

func viewTabLook() *tool {
	return &tool{
		name: "tab_look", needs: []string{"tab_look"}, effect: op.Read, world: true,
		about: "Look at a page as text, with refs like b1 to act on.",
		fields: []field{
			tabField(),
			{name: "find", kind: "string", about: "only what has these words"},
			{name: "in", kind: "string", about: "only inside this target"},
			{name: "since", kind: "string", about: "only what changed since this rev", zero: true},
			{name: "what", kind: "string", about: "default page", enum: []string{"page", "console", "network"}},
			budgetField(),
		},
		own: true, run: through("tab_look"),
	}
}

func viewTabDo() *tool {
	return &tool{
		name: "tab_do", needs: []string{"tab_do"}, effect: op.Destructive, world: true,
		about: "Act in a page, step by step; answers what changed.",
		fields: []field{
			tabField(),
			{name: "steps", kind: "array", about: `e.g. ["click b1","fill textbox \"Name\" = Ada","press Enter","expect text \"Saved\" visible"]`, required: true},
			{name: "dialog", kind: "string", about: "answer to a native dialog", enum: []string{"dismiss", "accept"}},
			waitField("seconds a step may wait, default 5"),
		},
		own: true, run: through("tab_do"),
	}
}

func viewCode() *tool {
	return &tool{
		name: "code_run", needs: []string{"code_run"}, effect: op.Destructive, world: true,
		about: "Run a piece of JavaScript in the sandbox, for what takes many calls or much data: fazt has every operation, as in await fazt.kv.list({app}).",
		fields: []field{
			{name: "code", kind: "string", about: "the body of an async function that knows fazt, page, input, expect; its return value is answered", required: true},
			{name: "input", kind: "object", about: "given to it as input"},
			{name: "tab", kind: "string", about: "gives it page"},
			waitField("wait so long for the end, default 20"),
		},
		own: true, run: through("code_run"),
	}
}

func viewRunGet() *tool {
	return &tool{
		name: "run_get", needs: []string{"run_get"}, effect: op.Read,
		about: "A run's state, steps and result; waits for its end.",
		fields: []field{
			{name: "run", kind: "string", about: "run id", required: true},
			waitField("wait so long, default 20"),
		},
		run: runRunGet,
	}
}

func runRunGet(c *call) *answer {
	in := append(c.arguments.input("run"), member{"wait_s", c.arguments.int("wait_s", defaultWait)})
	return c.perform(request{operation: "run_get", input: jsonInput(in)}, c.nextPage(nil))
}

func viewRecipeSave() *tool {
	return &tool{
		name: "recipe_save", needs: []string{"recipe_save"}, effect: op.Write, again: true,
		about: "Save a recipe: a named, typed procedure that op_run repeats. From source, or from what was just done.",
		fields: []field{
			{name: "name", kind: "string", about: "noun_verb", required: true},
			{name: "source", kind: "string", about: "export default defineRecipe({…})"},
			{name: "from", kind: "array", about: "run ids, or a tab id: what was done there"},
			{name: "params", kind: "object", about: "name → value in it that becomes an input"},
			{name: "title", kind: "string", about: "one line for people"},
		},
		own: true, run: runRecipeSave,
	}
}

// runRecipeSave says what was saved in a line, and how to run it.
func runRecipeSave(c *call) *answer {
	a := through("recipe_save")(c)
	list, ok := members(a.value)
	if a.failed || !ok {
		return a
	}
	name, _ := stringOf(find(list, "name"))
	state, _ := stringOf(find(list, "state"))
	modes, _ := elements(find(list, "modes"))
	a.head = strings.TrimSpace(fmt.Sprintf("saved %s (%s) %s", line(name), line(state), line(words(modes, "+"))))
	a.data, a.cut, a.inline = savedText(list), "", false
	a.plain = true
	a.next = invoke(toolRun, object{{"name", name}, {"input", inputOf(list)}})
	if c.arguments.string("source") != "" { // its author knows its input, or op_find does
		a.next = invoke(toolFind, object{{"query", name}})
	}
	return a
}

// savedText is what its author has to know of it: what it checks, and what was
// tried.
func savedText(list []rawMember) string {
	var parts []string
	checks, written := stringOf(find(list, "checks"))
	if written {
		parts = append(parts, "check: "+checks)
	} else if has := find(list, "has_check"); has.Kind() == 'f' {
		parts = append(parts, "no check")
	}
	if tried, ok := stringOf(find(list, "tried")); ok {
		parts = append(parts, "tried: "+tried)
	}
	return strings.Join(parts, " · ")
}

func words(list []jsontext.Value, between string) string {
	var all []string
	for _, value := range list {
		if word, ok := stringOf(value); ok {
			all = append(all, word)
		}
	}
	return strings.Join(all, between)
}

// inputOf is an input to fill in.
func inputOf(list []rawMember) object {
	inputs, _ := elements(find(list, "inputs"))
	input := object{}
	for _, value := range inputs {
		if name, ok := stringOf(value); ok {
			input = append(input, member{name, "…"})
		}
	}
	return input
}
