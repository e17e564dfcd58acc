package endpoint

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
)

// fewSteps are shown with the result of a run that went well; more are listed
// on demand.
const fewSteps = 5

// isRun reports whether an output is a run of a recipe.
func isRun(list []rawMember) bool {
	_, id := stringOf(find(list, "id"))
	_, state := stringOf(find(list, "state"))
	_, recipe := stringOf(find(list, "recipe"))
	return id && state && recipe
}

// layRun says first how the run stands, then its steps, then what it answered.
func (c *call) layRun(a *answer, list []rawMember) {
	id, _ := stringOf(find(list, "id"))
	state, _ := stringOf(find(list, "state"))
	recipe, _ := stringOf(find(list, "recipe"))
	mode, _ := stringOf(find(list, "mode"))
	a.head = fmt.Sprintf("%s %s %s", line(state), line(id), line(recipe))
	if mode != "" {
		a.head += " (" + line(mode) + ")"
	}
	steps, _ := elements(find(list, "steps"))
	if line := progressLine(steps); line != "" {
		a.head += "\n" + line
	}
	brief := state == "ok" && c.tool.name != "run_get"
	did := ""
	switch {
	case !brief:
	case len(steps) > fewSteps:
		a.tail = fmt.Sprintf("%s, all ok; run_get %s lists them", plural(len(steps), "step"), fence(text(object{{"run", id}})))
		steps = nil
	default:
		did, steps = didText(steps), nil
	}
	a.data = strings.TrimPrefix(did+"\n"+runData(list, steps), "\n")
	switch state {
	case "running":
		a.next = invoke("run_get", object{{"run", id}, {"wait_s", defaultWait}})
	case "waiting_approval":
		a.tail = "It waits for a person: ask them to open /approvals."
		a.next = invoke("run_get", object{{"run", id}, {"wait_s", defaultWait}}) + ", once they have answered"
	case "ok":
	default:
		a.failed = true
		a.tail = runTail(state)
		a.next = nextOfRun(recipe, mode)
	}
}

// didText is what the few steps of a run did, without what each answered: who
// wants to know asks run_get.
func didText(steps []jsontext.Value) string {
	var parts []string
	for _, step := range steps {
		list, _ := members(step)
		what, _ := stringOf(find(list, "what"))
		parts = append(parts, what)
	}
	return strings.Join(parts, " · ")
}

// nextOfRun is where the cause of a run that did not end well is found: the
// page, where somebody may end it by hand, or the source.
func nextOfRun(recipe, mode string) string {
	switch {
	case recipe == codeRecipe:
		return invoke(toolFind, object{{"query", "code_run"}})
	case mode == string(op.ModeUI):
		return invoke(toolRun, object{{"name", "tab_list"}, {"input", object{}}})
	}
	return invoke(toolRun, object{{"name", "recipe_get"}, {"input", object{{"name", recipe}}}})
}

// codeRecipe is what the runs of code_run bear in the place of a recipe's name.
const codeRecipe = "code"

func runTail(state string) string {
	if state == "unknown" {
		return "The server stopped while it ran: what was done is unknown. Look before you run it again."
	}
	return "The steps that are ok stay done; nothing after the last one was run."
}

// progressLine is "failed at step 3 · done 1–2".
func progressLine(steps []jsontext.Value) string {
	for i, step := range steps {
		list, _ := members(step)
		if state, _ := stringOf(find(list, "state")); state != "failed" {
			continue
		}
		line := fmt.Sprintf("failed at step %d", i+1)
		if i > 0 {
			line += " · done " + span(1, i)
		}
		return line
	}
	return ""
}

// batchLine says how far a batch of n came that failed at one of them.
func batchLine(failed, n int) string {
	if failed == 0 || n == 0 {
		return ""
	}
	parts := []string{fmt.Sprintf("failed at %d of %d", failed, n)}
	if failed > 1 {
		parts = append(parts, "done "+span(1, failed-1))
	}
	if failed < n {
		parts = append(parts, "not run "+span(failed+1, n))
	}
	return strings.Join(parts, " · ")
}

func span(first, last int) string {
	if first == last {
		return fmt.Sprint(first)
	}
	return fmt.Sprintf("%d–%d", first, last)
}

// runData is what the run answered or failed with, then its steps as a table,
// which may be long.
func runData(list []rawMember, steps []jsontext.Value) string {
	var lines []string
	for _, name := range []string{"output", "error", "check", "console"} {
		if value := find(list, name); value != nil && value.Kind() != 'n' {
			lines = append(lines, name+": "+string(value))
		}
	}
	if len(steps) > 0 {
		lines = append(lines, newTable(steps).lines()...)
	}
	return strings.Join(lines, "\n")
}

// fillPath puts an input's fields into an operation's HTTP path.
func fillPath(o *op.Operation, input jsontext.Value) string {
	list, _ := members(input)
	path := o.Path
	query := url.Values{}
	params := o.PathParams()
	for _, m := range list {
		value, ok := stringOf(m.value)
		if !ok {
			value = string(m.value)
		}
		filled := false
		for _, p := range params {
			if p != m.name {
				continue
			}
			filled = true
			path = strings.NewReplacer("{"+p+"...}", url.PathEscape(value), "{"+p+"}", url.PathEscape(value)).Replace(path)
		}
		if !filled {
			query.Set(m.name, value)
		}
	}
	if len(query) > 0 {
		return path + "?" + query.Encode()
	}
	return path
}
