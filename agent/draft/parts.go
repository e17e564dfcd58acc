package draft

import (
	"encoding/json"
	"regexp"
	"strings"

	"fazt/server/op"
)

// ui is the body of the function of this name; "" where nothing was done in a
// page.
func (m *maker) ui(first string) string {
	var b strings.Builder
	inPage := false
	for _, a := range m.acts {
		if a.Operation != nil {
			continue // the page makes the call itself
		}
		inPage = true
		m.note(a)
		b.WriteString("    " + m.line(a) + "\n")
	}
	if !inPage {
		return ""
	}
	return first + b.String()
}

// note keeps what was typed, for the message about a param that was not.
func (m *maker) note(a Act) {
	if text := textOf(a.Args); text != "" && a.Action != "press" {
		m.typed = append(m.typed, quote(text))
	}
}

// line is one act as code.
func (m *maker) line(a Act) string {
	switch {
	case a.Matcher != "":
		return m.expectation(a)
	case a.Action == "goto":
		return "await page.goto(" + m.address(resolved(a.At, textOf(a.Args))) + ");"
	}
	return "await " + m.ps.chain(a.Locator) + "." + a.Action + "(" + m.arguments(a.Args) + ");"
}

// address is one of the admin page by its path, so that it holds on another
// host too.
func (m *maker) address(address string) string {
	if path, ok := m.admin(address); ok {
		return m.ps.template(path)
	}
	return m.ps.template(address)
}

func (m *maker) arguments(args []json.RawMessage) string {
	var parts []string
	for _, raw := range args {
		var other struct{ Locator []Step }
		if len(raw) > 0 && raw[0] == '{' && json.Unmarshal(raw, &other) == nil && other.Locator != nil {
			parts = append(parts, m.ps.chain(other.Locator))
			continue
		}
		parts = append(parts, m.ps.value(raw))
	}
	return strings.Join(parts, ", ")
}

func (m *maker) expectation(a Act) string {
	not, arguments := "", m.arguments(a.Args)
	if a.Not {
		not = ".not"
	}
	target := m.ps.chain(a.Locator)
	matcher := a.Matcher
	if a.Page {
		target = "page"
		if strings.HasPrefix(matcher, "toContain") { // of agents' steps only
			matcher = "toHave" + strings.TrimPrefix(matcher, "toContain")
			arguments = "new RegExp(" + m.ps.template(regexp.QuoteMeta(textOf(a.Args))) + ")"
		}
	}
	return "await expect(" + target + ")" + not + "." + matcher + "(" + arguments + ");"
}

// call is an operation as code. Its scope becomes one of the recipe's.
func (m *maker) call(a Act) string {
	m.scopes[a.Operation.Scope] = true
	if a.Operation.Effect.Exceeds(m.risk) {
		m.risk = a.Operation.Effect
	}
	code := "fazt.op(" + quote(a.Operation.Name) + ", " + m.ps.value(a.Input)
	if a.Confirm != "" {
		code += ", { confirm: " + m.ps.text(a.Confirm) + " }"
	}
	return code + ")"
}

// api is the body of the function of this name: the operations that changed
// something, or the last that was called where none did; "" where there is none.
func (m *maker) api() string {
	var b strings.Builder
	var last *Act
	for i, a := range m.acts {
		if a.Operation == nil {
			continue
		}
		for _, v := range MembersOf(a.Input) {
			m.typed = append(m.typed, string(v.Value))
		}
		last = &m.acts[i]
		if a.Operation.Effect != op.Read {
			b.WriteString("    await " + m.call(a) + ";\n")
		}
	}
	if b.Len() == 0 && last != nil {
		b.WriteString("    return " + m.call(*last) + ";\n")
	}
	return b.String()
}

// check is the body of the function of this name. What the api changed is read
// by the api; else the page must show what it showed last.
func (m *maker) check(hasAPI bool) string {
	if hasAPI {
		if code := m.checkByAPI(); code != "" {
			return code
		}
	}
	e := m.effect
	if e == nil || len(e.Locator) == 0 && !e.Page {
		return ""
	}
	code := ""
	if path, ok := m.admin(e.At); ok && hasAPI {
		code = "    await page.goto(" + m.ps.template(path) + ");\n"
	}
	m.draft.Check = "the page shows " + spoken(e.Locator)
	if e.Page {
		m.draft.Check = "the page's address or title"
	} else if e.Not || e.Matcher != "toBeVisible" {
		m.draft.Check = spoken(e.Locator) + " " + map[bool]string{true: "not "}[e.Not] + e.Matcher
	}
	return code + "    " + m.expectation(*e) + "\n"
}

// checkByAPI reads what the last operation changed, where an operation of its
// noun does that with the same fields.
func (m *maker) checkByAPI() string {
	for i := len(m.acts) - 1; i >= 0; i-- {
		a := m.acts[i]
		if a.Operation == nil || a.Operation.Effect != op.Write {
			continue
		}
		get, ok := m.Lookup(a.Operation.Noun() + "_get")
		if !ok || get.Bytes || get.Streams || get.Effect != op.Read || !m.May(get.Scope) {
			return ""
		}
		return m.reading(get, a)
	}
	return ""
}

func (m *maker) reading(get *op.Operation, a Act) string {
	given := map[string]json.RawMessage{}
	for _, v := range MembersOf(a.Input) {
		given[v.Name] = v.Value
	}
	var fields []string
	asked := map[string]bool{}
	for _, f := range get.Fields() {
		value, ok := given[f.Name]
		if !ok && f.Name == get.Noun() { // app_create says id, app_get says app
			value, ok = given["id"]
			asked["id"] = true
		}
		switch {
		case ok && f.Required:
			fields = append(fields, f.Name+": "+m.ps.value(value))
			asked[f.Name] = true
		case f.Required:
			return ""
		}
	}
	m.scopes[get.Scope] = true
	code := "    const now = await fazt.op(" + quote(get.Name) + ", { " + strings.Join(fields, ", ") + " });\n"
	compared := false
	for _, v := range MembersOf(a.Input) {
		if _, answered := get.OutputSchema().Properties[v.Name]; answered && !asked[v.Name] {
			code += "    expect(now." + v.Name + ", " + quote(v.Name) + ").toEqual(" + m.ps.value(v.Value) + ");\n"
			compared = true
		}
	}
	if !compared {
		code = strings.Replace(code, "const now = ", "", 1) // that it is there is all that can be said
	}
	m.draft.Check = get.Name
	return code
}

// spoken is a locator in words, the innermost first.
func spoken(steps []Step) string {
	text := ""
	for _, step := range steps {
		own := ""
		switch by := step.word("by"); by {
		case "role":
			own = step.word("role")
			if name := step.word("name"); name != "" {
				own += " " + quote(name)
			}
		case "filter":
			var has []Step
			_ = json.Unmarshal(step["has"], &has)
			text += " with " + spoken(has)
			if hasText := step.word("hasText"); hasText != "" {
				text = strings.TrimSuffix(text, " with ") + " with " + quote(hasText)
			}
			continue
		case "nth":
			text += " nth " + string(step["index"])
			continue
		default:
			own = by
			for _, field := range []string{"text", "id", "css"} {
				if word := step.word(field); word != "" {
					own += " " + quote(word)
				}
			}
		}
		if text != "" {
			own += " in " + text
		}
		text = own
	}
	return text
}
