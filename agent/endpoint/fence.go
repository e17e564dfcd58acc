package endpoint

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// What others wrote reaches a model inside « » or as a JSON string. These make
// that hold: the marks are escaped inside, what cannot be seen is shown or taken
// out, and among our own words a text stays on its line.

// fence escapes the marks that data stands in, so that nothing stored or shown
// by a page can end its quotation, and the characters that hide or turn text
// around. In JSON these escapes mean the characters.
func fence(data string) string {
	if plain(data) {
		return data
	}
	var b strings.Builder
	b.Grow(len(data) + len(data)/8)
	for _, r := range data {
		switch {
		case r != '«' && r != '»' && !unseen(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// plain reports whether data has nothing to escape: bytes of ASCII but controls.
func plain(data string) bool {
	for i := range len(data) {
		if c := data[i]; c >= utf8.RuneSelf || c < ' ' && c != '\n' && c != '\t' {
			return false
		}
	}
	return true
}

// unseen are the controls, and the characters of format (Unicode's Cf), which
// turn text around, join, hide or tag it.
func unseen(r rune) bool {
	if r == '\n' || r == '\t' {
		return false
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029'
}

// joiners are needed to write some languages, and turn nothing around.
const joiners = "\u200c\u200d"

// fenceText does the same for text, where an escape would be read as it is.
func fenceText(data string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '«':
			return '‹'
		case r == '»':
			return '›'
		case unseen(r) && !strings.ContainsRune(joiners, r):
			return -1
		}
		return r
	}, data)
}

// line keeps a text that stands among our own words on its line.
func line(s string) string {
	return strings.NewReplacer("\r\n", " ", "\n", " ", "\t", " ").Replace(fence(s))
}

// quote is what others wrote, where it stands among our own words.
func quote(s string) string { return "«" + fenceText(strings.Join(strings.Fields(s), " ")) + "»" }

// limited cuts a text, and closes a quotation that the cut has opened.
func limited(s string, room int) string {
	if len(s) <= room {
		return s
	}
	cut := cutText(s, room) + " …"
	if strings.Count(cut, "«") > strings.Count(cut, "»") {
		cut += "»"
	}
	return cut
}

// cutText keeps whole lines where it can, and whole characters.
func cutText(s string, room int) string {
	s = s[:room]
	if i := strings.LastIndexByte(s, '\n'); i > room/2 {
		return s[:i]
	}
	for len(s) > 0 {
		if r, size := utf8.DecodeLastRuneInString(s); r != utf8.RuneError || size > 1 {
			break
		}
		s = s[:len(s)-1]
	}
	return s
}
