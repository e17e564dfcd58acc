package draft

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"fazt/server/op"
)

// param is a literal that becomes a member of the recipe's input.
type param struct {
	name string
	kind string // string, number or boolean
	text string // as a field of a page holds it
	used bool
}

// params replaces literals by input, and notes which it met.
type params []*param

var paramName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,29}$`)

// newParams reads name → literal.
func newParams(given map[string]json.RawMessage) (params, error) {
	var list params
	for name, raw := range given {
		if !paramName.MatchString(name) {
			return nil, op.Invalid("params", "%q cannot name an input", name).WithHint("a small letter, then a-z 0-9 _")
		}
		p := &param{name: name}
		var value any
		if err := json.Unmarshal(raw, &value); err != nil {
			return nil, op.Invalid("params", "%s is no JSON", name)
		}
		switch v := value.(type) {
		case string:
			p.kind, p.text = "string", v
		case float64:
			p.kind, p.text = "number", string(raw)
		case bool:
			p.kind, p.text = "boolean", string(raw)
		}
		if p.text == "" {
			return nil, op.Invalid("params", "%s is not a text, a number or a boolean that occurred", name).
				WithHint(`params is name → the value it had: {"key":"welcome"}`)
		}
		list = append(list, p)
	}
	// Longer literals first, since a shorter one may be a part of them.
	slices.SortFunc(list, func(a, b *param) int {
		if len(a.text) != len(b.text) {
			return len(b.text) - len(a.text)
		}
		return strings.Compare(a.name, b.name)
	})
	for i := range list {
		if i > 0 && list[i].text == list[i-1].text {
			return nil, op.Invalid("params", "%s and %s have the same value, so nobody can tell which is which", list[i-1].name, list[i].name).
				WithHint("do it once with different values, or leave one of them out")
		}
	}
	return list, nil
}

// unused is the error of a param that occurs nowhere.
func (ps params) unused(typed []string) error {
	for _, p := range ps {
		if !p.used {
			shown := strings.Join(typed[:min(len(typed), 8)], ", ")
			return op.Invalid("params", "%s = %q occurs in nothing that was done", p.name, p.text).
				WithHint("give a value that was typed or chosen: %s", shown)
		}
	}
	return nil
}

func quote(text string) string {
	raw, err := json.Marshal(text)
	if err != nil {
		return `""`
	}
	// Readable, and as JavaScript the same.
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(raw))
}

// text is a JavaScript expression for a text in which params may occur.
func (ps params) text(text string) string {
	for _, p := range ps {
		if text == p.text {
			p.used = true
			if p.kind == "string" {
				return "input." + p.name
			}
			return "String(input." + p.name + ")"
		}
	}
	if t := strings.TrimSpace(text); t != "" && strings.ContainsRune(`"{[`, rune(t[0])) && json.Valid([]byte(t)) {
		if value, met := ps.met(json.RawMessage(t)); met {
			return "JSON.stringify(" + value + ")"
		}
		return quote(text)
	}
	return ps.template(text)
}

// met is value, and whether a param occurs in it.
func (ps params) met(raw json.RawMessage) (string, bool) {
	plain, expression := params{}.value(raw), ps.value(raw)
	return expression, plain != expression
}

// template is a text with params inside, as whole words.
func (ps params) template(text string) string {
	var out strings.Builder
	met := false
	for at := 0; at < len(text); {
		p := ps.at(text, at)
		if p == nil {
			r, size := utf8.DecodeRuneInString(text[at:])
			switch {
			case r == '`' || r == '\\' || r == '$' && strings.HasPrefix(text[at:], "${"):
				out.WriteString("\\" + text[at:at+size])
			default:
				out.WriteString(text[at : at+size])
			}
			at += size
			continue
		}
		met, p.used = true, true
		out.WriteString("${input." + p.name + "}")
		at += len(p.text)
	}
	if !met {
		return quote(text)
	}
	return "`" + out.String() + "`"
}

// at is the param whose literal stands at a place of a text as words of its own.
func (ps params) at(text string, at int) *param {
	for _, p := range ps {
		if !strings.HasPrefix(text[at:], p.text) || utf8.RuneCountInString(p.text) < 2 {
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[at+len(p.text):])
		first, _ := utf8.DecodeRuneInString(p.text)
		last, _ := utf8.DecodeLastRuneInString(p.text)
		if !(wordly(before) && wordly(first)) && !(wordly(after) && wordly(last)) {
			return p
		}
	}
	return nil
}

func wordly(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_')
}

// value is a JavaScript expression for a JSON value in which params may occur.
func (ps params) value(raw json.RawMessage) string {
	text := strings.TrimSpace(string(raw))
	switch {
	case text == "":
		return "undefined"
	case text[0] == '"':
		var s string
		_ = json.Unmarshal(raw, &s) // it is valid: the engine or the registry read it
		return ps.text(s)
	case text[0] == '{':
		var parts []string
		for _, m := range MembersOf(raw) {
			parts = append(parts, memberName(m.Name)+": "+ps.value(m.Value))
		}
		if len(parts) == 0 {
			return "{}"
		}
		return "{ " + strings.Join(parts, ", ") + " }"
	case text[0] == '[':
		var items []json.RawMessage
		_ = json.Unmarshal(raw, &items)
		parts := make([]string, len(items))
		for i, item := range items {
			parts[i] = ps.value(item)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	for _, p := range ps {
		if p.kind != "string" && text == p.text && (p.kind == "number" || text == "true" || text == "false") {
			p.used = true
			return "input." + p.name
		}
	}
	return text
}

var plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func memberName(name string) string {
	if plainName.MatchString(name) && name != "__proto__" {
		return name
	}
	if name == "__proto__" {
		return `["__proto__"]`
	}
	return quote(name)
}

// path is an address's path and query for `at`, where {name} stands for input.
func (ps params) path(path string) string {
	segments := strings.FieldsFunc(path, func(r rune) bool { return strings.ContainsRune("/?=&", r) })
	for _, segment := range segments {
		for _, p := range ps {
			if unescaped(segment) == p.text {
				p.used = true
				path = replaceSegment(path, segment, "{"+p.name+"}")
			}
		}
	}
	return path
}

func replaceSegment(path, segment, with string) string {
	return regexp.MustCompile(`([/=])`+regexp.QuoteMeta(segment)+`([/?&]|$)`).ReplaceAllString(path, "${1}"+with+"${2}")
}
