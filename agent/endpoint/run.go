package endpoint

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"fazt/server/op"
)

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
	a.head = fmt.Sprintf("%s %s %s", fence(state), fence(id), fence(recipe))
	if mode != "" {
		a.head += " (" + fence(mode) + ")"
	}
	steps, _ := elements(find(list, "steps"))
	if line := progressLine(steps); line != "" {
		a.head += "\n" + line
	}
	a.data = runData(list, steps)
	switch state {
	case "running", "waiting_approval":
		a.next = invoke("run_get", object{{"run", id}, {"wait_s", 20}})
	case "ok":
	default:
		a.failed = state == "failed" || state == "timeout" || state == "unknown"
		a.tail = runTail(state)
	}
}

func runTail(state string) string {
	if state == "unknown" {
		return "The server stopped while it ran: what was done is unknown. Look before you run it again."
	}
	return "The steps that are done stay done; the others were not run."
}

// progressLine is "failed at 3 of 5 · done 1–2 · not run 4–5".
func progressLine(steps []jsontext.Value) string {
	failed, done := 0, 0
	for i, step := range steps {
		list, _ := members(step)
		switch state, _ := stringOf(find(list, "state")); state {
		case "ok", "done":
			done++
		case "failed", "timeout":
			failed = i + 1
		}
	}
	return batchLine(failed, len(steps))
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

// runData is the steps as a table, then error, output and check as JSON.
func runData(list []rawMember, steps []jsontext.Value) string {
	var lines []string
	if len(steps) > 0 {
		lines = newTable(steps).lines()
	}
	for _, name := range []string{"error", "output", "check"} {
		if value := find(list, name); value != nil && value.Kind() != 'n' {
			lines = append(lines, name+": "+string(value))
		}
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
