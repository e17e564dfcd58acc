package draft

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"fazt/server/op"
)

// Request is a recipe to write.
type Request struct {
	Name, Title string
	From        string // in words, for the comment
	Params      map[string]json.RawMessage
	BaseURL     string // of the admin page
	// Lookup finds an operation, for a check by one that reads.
	Lookup func(name string) (*op.Operation, bool)
	// May says whether the saver has a scope.
	May func(op.Scope) bool
}

// Draft is a recipe that was written.
type Draft struct {
	Source string
	Inputs []string
	Check  string // in words
	// First is the locator of the first step in a page, and where that is.
	First   []Step
	FirstAt string
}

// maker gathers the parts of one source.
type maker struct {
	Request
	ps     params
	acts   []Act
	effect *Act
	draft  Draft
	start  string // where the ui begins, an address
	typed  []string
	scopes map[op.Scope]bool
	risk   op.Effect
}

// Write makes the source of a recipe of what was done.
func Write(r Request, s Stretch) (*Draft, error) {
	ps, err := newParams(r.Params)
	if err != nil {
		return nil, err
	}
	m := &maker{Request: r, ps: ps, effect: s.Effect, scopes: map[op.Scope]bool{}, risk: op.Read}
	if err := m.tidy(s); err != nil {
		return nil, err
	}
	source := m.source(s)
	if err := ps.unused(m.typed); err != nil {
		return nil, err
	}
	if secret.MatchString(source) {
		return nil, op.Invalid("from", "what was done holds a token's secret, which no recipe may keep").
			WithHint("do it again without the secret, or write the source by hand")
	}
	m.draft.Source = source
	for _, p := range ps {
		m.draft.Inputs = append(m.draft.Inputs, p.name)
	}
	slices.Sort(m.draft.Inputs)
	return &m.draft, nil
}

// secret is what a token's secret looks like.
var secret = regexp.MustCompile(`fazt_[A-Za-z0-9_-]{16,}`)

// needless are actions that a recipe does not need: its locators wait.
var needless = map[string]bool{"waitFor": true, "hover": false}

// tidy leaves out what a recipe does not need, and refuses what it cannot do.
func (m *maker) tidy(s Stretch) error {
	for i, a := range s.Acts {
		switch {
		case a.Secret && len(a.Args) == 0:
			return op.Invalid("from", "step %d typed into a private field, and no recipe may keep that", i+1).
				WithHint("sign in first in a tab of its own profile, or write the source by hand")
		case a.Lost != "":
			return op.Invalid("from", "step %d cannot be written down: %s", i+1, a.Lost).
				WithHint("do that step with a target said by role and name, or write the source by hand")
		case needless[a.Action], a.Operation != nil && s.Mixed:
			continue
		}
		if a.Action == "setInputFiles" {
			m.scopes["blobs:read"] = true // its file is a stored one
		}
		if a.Secret {
			m.scopes["secrets:read"] = true // named as in $secret:NAME
		}
		if last := len(m.acts) - 1; last >= 0 && supersedes(a, m.acts[last]) {
			m.acts[last] = a
			continue
		}
		m.acts = append(m.acts, a)
	}
	if m.mixes() {
		return op.Invalid("from", "its code acts in a page and calls operations itself, and the steps of a page can do only the one").
			WithHint("write the source by hand")
	}
	if len(m.acts) == 0 {
		return op.Invalid("from", "nothing was done there that a recipe could do again").
			WithHint("carry the task out with tab_do first, then save it")
	}
	m.begin()
	return nil
}

// mixes reports whether code acted in a page and changed something by itself.
func (m *maker) mixes() bool {
	paged, called := false, false
	for _, a := range m.acts {
		paged = paged || a.Operation == nil
		called = called || a.Called && a.Operation.Effect != op.Read
	}
	return paged && called
}

// supersedes reports whether an act makes the one before it needless.
func supersedes(a, before Act) bool {
	switch {
	case a.Operation != nil || before.Operation != nil || a.Action == "" || before.Action == "":
		return false
	case a.Action == "goto":
		return before.Action == "goto"
	}
	same := len(a.Locator) > 0 && string(encoded(a.Locator)) == string(encoded(before.Locator))
	return same && (a.Action == "fill" && (before.Action == "fill" || before.Action == "focus") ||
		a.Action == "selectOption" && before.Action == "selectOption")
}

func encoded(v any) []byte {
	raw, err := json.Marshal(v) // maps are encoded in the order of their names
	if err != nil {
		return nil
	}
	return raw
}

// begin takes the way to the first page off the steps, and what was seen last.
func (m *maker) begin() {
	for len(m.acts) > 0 && m.acts[0].Action == "goto" {
		m.start = resolved(m.acts[0].At, textOf(m.acts[0].Args))
		m.acts = m.acts[1:]
	}
	for _, a := range m.acts {
		if a.Operation == nil {
			if m.start == "" {
				m.start = a.At
			}
			if len(a.Locator) > 0 && m.draft.First == nil {
				m.draft.First, m.draft.FirstAt = a.Locator, a.At
			}
		}
	}
	last := len(m.acts) - 1
	for last >= 0 && m.acts[last].Operation != nil {
		last--
	}
	if last >= 0 && m.acts[last].Matcher != "" {
		seen := m.acts[last]
		if m.effect != nil {
			seen.At = m.effect.At
		}
		m.effect = &seen
		m.acts = slices.Delete(m.acts, last, last+1)
	}
}

func textOf(args []json.RawMessage) string {
	var text string
	if len(args) > 0 {
		_ = json.Unmarshal(args[0], &text) // "" stands for what is no text
	}
	return text
}

func resolved(base, address string) string {
	b, err := url.Parse(base)
	if err != nil {
		return address
	}
	u, err := b.Parse(address)
	if err != nil {
		return address
	}
	return u.String()
}

// source puts the parts together.
func (m *maker) source(s Stretch) string {
	place, first := m.place()
	ui := m.ui(first)
	api := m.api()
	check := m.check(api != "")
	var b bytes.Buffer
	imported := ""
	if strings.Contains(ui+check, "expect(") {
		imported = ", expect"
	}
	fmt.Fprintf(&b, "import { defineRecipe%s } from \"fazt\";\n\n// Written from what was done in %s.\nexport default defineRecipe({\n", imported, m.From)
	fmt.Fprintf(&b, "  name: %s,\n  title: %s,\n", quote(m.Name), quote(m.title()))
	if m.risk == op.Read && ui != "" {
		m.risk = op.Write // what a page's own server did nobody saw
	}
	fmt.Fprintf(&b, "  effect: %s,\n", quote(string(m.risk)))
	for _, scope := range s.Scopes {
		if ui != "" && strings.HasPrefix(place, "  at:") {
			m.scopes[scope] = true
		}
	}
	if scopes := m.scopeList(); len(scopes) > 0 {
		fmt.Fprintf(&b, "  scopes: [%s],\n", strings.Join(scopes, ", "))
	}
	if ui != "" {
		b.WriteString(place)
	}
	b.WriteString(m.input())
	if ui != "" {
		fmt.Fprintf(&b, "  async ui(%s) {\n%s  },\n", needs(ui), ui)
	}
	if api != "" {
		fmt.Fprintf(&b, "  async api(%s) {\n%s  },\n", needs(api), api)
	}
	if check != "" {
		fmt.Fprintf(&b, "  async check(%s) {\n%s  },\n", needs(check), check)
	}
	b.WriteString("});\n")
	return b.String()
}

// needs is what a body takes out of its argument.
func needs(body string) string {
	var names []string
	for _, word := range []string{"page", "fazt", "input"} {
		if regexp.MustCompile(`\b` + word + `\.`).MatchString(body) {
			names = append(names, word)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "{ " + strings.Join(names, ", ") + " }"
}

func (m *maker) title() string {
	if m.Title != "" {
		return m.Title
	}
	words := strings.ReplaceAll(m.Name, "_", " ")
	return strings.ToUpper(words[:1]) + words[1:]
}

func (m *maker) scopeList() []string {
	var list []string
	for scope := range m.scopes {
		if slices.Contains(op.AllScopes(), scope) && m.May(scope) { // some operations are anyone's
			list = append(list, quote(string(scope)))
		}
	}
	slices.Sort(list)
	return list
}

// admin is an address's path where it is the admin page's.
func (m *maker) admin(address string) (path string, ok bool) {
	rest, ok := strings.CutPrefix(address, m.BaseURL)
	if !ok || rest != "" && rest[0] != '/' && rest[0] != '?' {
		return "", false
	}
	rest, _, _ = strings.Cut(rest, "#")
	if rest == "" || rest[0] != '/' {
		rest = "/" + rest
	}
	return rest, true
}

// place is where the ui begins, as a member of the recipe, and the step that
// goes there where a member cannot say it.
func (m *maker) place() (member, first string) {
	if path, ok := m.admin(m.start); ok {
		return "  at: " + quote(m.ps.path(path)) + ",\n", ""
	}
	if code := m.ps.template(m.start); code[0] == '`' {
		u, err := url.Parse(m.start)
		if err == nil {
			return "  on: " + quote(u.Scheme+"://"+u.Host+"/*") + ",\n", "    await page.goto(" + code + ");\n"
		}
	}
	address, _, _ := strings.Cut(m.start, "#")
	return "  on: " + quote(address) + ",\n", ""
}

// input is the schema of the recipe's input.
func (m *maker) input() string {
	if len(m.ps) == 0 {
		return ""
	}
	names := slices.Clone(m.ps)
	slices.SortFunc(names, func(a, b *param) int { return strings.Compare(a.name, b.name) })
	var properties, required []string
	for _, p := range names {
		properties = append(properties, fmt.Sprintf("%s: { type: %s }", p.name, quote(p.kind)))
		required = append(required, quote(p.name))
	}
	return fmt.Sprintf("  input: { type: \"object\", properties: { %s }, required: [%s], additionalProperties: false },\n",
		strings.Join(properties, ", "), strings.Join(required, ", "))
}
