package run

import (
	"encoding/json"
	"fmt"
	"strings"

	"fazt/agent/draft"
	"fazt/recipes"
)

const (
	noteChars  = 120
	valueChars = 40
)

// clip cuts a text to a number of characters.
func clip(text string, chars int) string {
	runes := []rune(text)
	if len(runes) <= chars {
		return text
	}
	return string(runes[:chars]) + "…"
}

// short is a value's JSON, cut; a large one is not looked at whole.
func short(value json.RawMessage) string {
	return clip(string(value[:min(len(value), 4*valueChars+4)]), valueChars)
}

// callText is an operation call in one line: `kv_set app="shop" key="a"`.
func callText(c recipes.OpCall) string {
	text := c.Name
	for _, m := range draft.MembersOf(c.Input) {
		text += fmt.Sprintf(" %s=%s", m.Name, short(m.Value))
	}
	return Clean(clip(text, noteChars))
}

// valueNote says shortly what a call answered.
func valueNote(value []byte) string {
	text := string(value[:min(len(value), 4*noteChars)])
	if text == "" || text == "null" || text == "{}" {
		return ""
	}
	return Clean(clip(string(withoutSecrets([]byte(text))), noteChars))
}

// actionText is an action in the words of the step grammar:
// `click button "Save" in dialog "New key"`.
func actionText(c recipes.PageCall) string {
	text := c.Action
	if place := locatorText(c.Locator); place != "" {
		text += " " + place
	}
	for _, arg := range c.Args {
		if len(arg) > 0 && arg[0] != '{' && string(arg) != "null" {
			text += " = " + short(arg)
		}
	}
	return Clean(clip(text, noteChars))
}

func expectText(c recipes.ExpectCall) string {
	text := "expect " + locatorText(c.Locator)
	if c.Target == "page" {
		text = "expect page"
	}
	if c.Not {
		text += " not"
	}
	text += " " + c.Matcher
	for _, arg := range c.Args {
		text += " " + short(arg)
	}
	return Clean(clip(text, noteChars))
}

// locatorText says a locator chain from the inside out, as people speak.
func locatorText(raw json.RawMessage) string {
	var steps []map[string]json.RawMessage
	if decode(raw, &steps) != nil {
		return ""
	}
	text := ""
	for _, step := range steps {
		text = stepText(step, text)
	}
	return text
}

// stepText adds one step to the text of the chain before it.
func stepText(step map[string]json.RawMessage, before string) string {
	word := func(name string) string {
		var s string
		_ = decode(step[name], &s) // "" stands for what is no text
		return s
	}
	own := ""
	switch by := word("by"); by {
	case "role":
		own = word("role")
		if name, ok := step["name"]; ok {
			own += " " + string(name)
		}
	case "label", "text", "placeholder", "alt", "title":
		own = by + " " + string(step["text"])
	case "testid":
		own = by + " " + string(step["id"])
	case "css", "frame":
		own = by + " " + string(step["css"])
	case "nth":
		return strings.TrimSpace(before + " nth " + string(step["index"]))
	case "filter":
		return strings.TrimSpace(before + filterText(step))
	case "inside":
		own = locatorText(step["locator"])
	default: // and, or
		return strings.TrimSpace(before + " " + by + " " + locatorText(step["locator"]))
	}
	if before == "" {
		return own
	}
	return own + " in " + before
}

func filterText(step map[string]json.RawMessage) string {
	text := ""
	for _, name := range []string{"hasText", "hasNotText", "visible"} {
		if v, ok := step[name]; ok {
			text += " " + name + " " + string(v)
		}
	}
	for _, name := range []string{"has", "hasNot"} {
		if v, ok := step[name]; ok {
			text += " " + name + " (" + locatorText(v) + ")"
		}
	}
	return text
}
