package draft

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

func unescaped(segment string) string {
	if text, err := url.QueryUnescape(segment); err == nil {
		return text
	}
	return segment
}

// finders are the ways of a locator's steps in the words of a recipe.
var finders = map[string]struct{ method, field string }{
	"role": {"getByRole", "role"}, "label": {"getByLabel", "text"}, "text": {"getByText", "text"},
	"placeholder": {"getByPlaceholder", "text"}, "alt": {"getByAltText", "text"}, "title": {"getByTitle", "text"},
	"testid": {"getByTestId", "id"}, "css": {"locator", "css"}, "frame": {"frameLocator", "css"},
}

// chain is a locator as code.
func (ps params) chain(steps []Step) string {
	code := "page"
	for _, step := range steps {
		code += ps.step(step)
	}
	return code
}

func (ps params) step(step Step) string {
	by := step.word("by")
	if f, ok := finders[by]; ok {
		return "." + f.method + "(" + ps.place(step[f.field]) + ps.options(step, "by", f.field) + ")"
	}
	switch by {
	case "nth":
		return ".nth(" + string(step["index"]) + ")"
	case "filter":
		return ".filter(" + strings.TrimPrefix(ps.options(step, "by"), ", ") + ")"
	case "inside":
		by = "locator"
	}
	return "." + by + "(" + ps.inner(step["locator"]) + ")" // and, or
}

func (s Step) word(name string) string {
	var text string
	_ = json.Unmarshal(s[name], &text) // "" stands for what is no text
	return text
}

// options are the other members of a step, the name first.
func (ps params) options(step Step, but ...string) string {
	var names []string
	for name := range step {
		if !slices.Contains(but, name) && string(step[name]) != "null" {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		if (a == "name") != (b == "name") {
			return map[bool]int{true: -1, false: 1}[a == "name"]
		}
		return strings.Compare(a, b)
	})
	var parts []string
	for _, name := range names {
		value := ""
		if name == "has" || name == "hasNot" {
			value = ps.inner(step[name])
		} else {
			value = ps.place(step[name])
		}
		parts = append(parts, name+": "+value)
	}
	if len(parts) == 0 {
		return ""
	}
	return ", { " + strings.Join(parts, ", ") + " }"
}

func (ps params) inner(raw json.RawMessage) string {
	var steps []Step
	_ = json.Unmarshal(raw, &steps)
	return ps.chain(steps)
}

// place is a value of a locator: a text, a regular expression, a flag.
func (ps params) place(raw json.RawMessage) string {
	var regex struct{ Regex, Flags string }
	if len(raw) > 0 && raw[0] == '{' && json.Unmarshal(raw, &regex) == nil {
		return "new RegExp(" + quote(regex.Regex) + ", " + quote(regex.Flags) + ")"
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return ps.named(text)
	}
	return string(raw)
}

// named is the text of a name: a param in it stays one, JSON means nothing.
func (ps params) named(text string) string {
	for _, p := range ps {
		if text == p.text {
			return ps.text(text)
		}
	}
	return ps.template(text)
}
