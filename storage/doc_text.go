package storage

import (
	"strings"
	"unicode"
)

// textQuery is the $text of a filter, as an expression of FTS5 in which every
// word stands in quotes: nothing of it is read as an operator.
type textQuery struct{ match string }

const maxTextBytes = 1000

// fullText compiles $text: words of which one is enough, "phrases" that must
// all be there, and -words that must not.
func (c *filterCompiler) fullText(field string, v *value, top bool) error {
	search := v.field("$search")
	switch {
	case !top:
		return invalid(field, "$text stands at the top of a filter or inside $and")
	case c.text != nil:
		return invalid(field, "a filter has one $text")
	case search == nil || search.kind != kindString || len(v.names) != 1:
		return invalid(field, `$text takes {"$search":"words"}`)
	case len(search.text) > maxTextBytes:
		return tooLarge(field, "%d bytes to search for are too many: at most %d", len(search.text), maxTextBytes)
	}
	match := textMatch(search.text)
	if match == "" {
		return invalid(field, "there is no word in $search that could be found")
	}
	c.text = &textQuery{match}
	return nil
}

func textMatch(search string) string {
	var words, phrases, not []string
	for i, part := range strings.Split(search, `"`) {
		if i%2 == 1 {
			if hasWord(part) {
				phrases = append(phrases, quoteText(part))
			}
			continue
		}
		for _, w := range strings.Fields(part) {
			switch {
			case !hasWord(w):
			case w[0] == '-':
				not = append(not, quoteText(w[1:]))
			default:
				words = append(words, quoteText(w))
			}
		}
	}
	var all []string
	if len(words) > 0 {
		all = append(all, "("+strings.Join(words, " OR ")+")")
	}
	all = append(all, phrases...)
	if len(all) == 0 {
		return ""
	}
	match := "(" + strings.Join(all, " AND ") + ")"
	for _, w := range not {
		match += " NOT " + w
	}
	return match
}

func hasWord(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// quoteText is a string of FTS5's query language. U+0000 would end the
// expression.
func quoteText(s string) string {
	return `"` + strings.NewReplacer(`"`, `""`, "\x00", " ").Replace(s) + `"`
}

// textOf gathers the strings that a collection's text index holds of a
// document.
func textOf(doc *value, paths []path) string {
	var b strings.Builder
	for _, p := range paths {
		p.each(doc, func(v *value) bool {
			addText(&b, v)
			return false
		})
	}
	return b.String()
}

func addText(b *strings.Builder, v *value) {
	switch {
	case v == nil:
	case v.kind == kindString:
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(strings.ReplaceAll(v.text, "\x00", " "))
	case v.kind == kindArray:
		for i := range v.list {
			if v.list[i].kind == kindString {
				addText(b, &v.list[i])
			}
		}
	}
}
