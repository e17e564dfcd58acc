package tabular

import (
	"bytes"
	"io"
	"strconv"
	"strings"
)

// sampleRows are looked at to choose the delimiter.
const sampleRows = 100

// delimiterOf chooses the delimiter that gives most rows the same number of
// cells, over one. Of equals the first wins.
func delimiterOf(text []byte) byte {
	if c, ok := declaredDelimiter(text); ok {
		return c
	}
	best, bestScore := byte(','), 0
	for _, comma := range []byte(",;\t|") {
		counts := map[int]int{}
		reader := newCSVReader(bytes.NewReader(text), comma)
		for range sampleRows {
			cells, _, err := reader.next()
			if err != nil {
				break
			}
			counts[len(cells)]++
		}
		score := 0
		for width, rows := range counts {
			if width > 1 {
				score = max(score, rows*1000+min(width, 999))
			}
		}
		if score > bestScore {
			best, bestScore = comma, score
		}
	}
	return best
}

// declaredDelimiter reads the line sep=; that spreadsheets understand.
func declaredDelimiter(text []byte) (byte, bool) {
	if len(text) >= 6 && bytes.HasPrefix(bytes.ToLower(text[:4]), []byte("sep=")) && (text[5] == '\n' || text[5] == '\r') {
		return text[4], text[4] > ' ' && text[4] != '"' || text[4] == '\t'
	}
	return 0, false
}

// looksLikeHeader reports whether a first row names columns: no cell is a
// number, a date or a truth value.
func looksLikeHeader(cells []string) bool {
	filled := 0
	for _, cell := range cells {
		switch kindOf(strings.TrimSpace(cell)) {
		case Text:
			filled++
		case Empty:
		default:
			return false
		}
	}
	return filled > 0
}

// fieldNames makes names of fields out of a header: without white space at
// their ends, without dots, which are paths, and each only once.
func fieldNames(header []string) []string {
	names := make([]string, len(header))
	used := map[string]bool{}
	for i, cell := range header {
		name := strings.ReplaceAll(strings.TrimLeft(strings.TrimSpace(cell), "$"), ".", "_")
		name = strings.Map(func(r rune) rune {
			if r < ' ' || r == 0x7f {
				return ' '
			}
			return r
		}, name)
		if len(name) > 100 {
			name = strings.ToValidUTF8(name[:100], "")
		}
		if name == "" {
			name = "column_" + strconv.Itoa(i+1)
		}
		base := name
		for n := 2; used[name]; n++ {
			name = base + "_" + strconv.Itoa(n)
		}
		used[name] = true
		names[i] = name
	}
	return names
}

// numbered are the names of columns without a header.
func numbered(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = "column_" + strconv.Itoa(i+1)
	}
	return names
}

// decodedHead is the beginning of a file as text.
func decodedHead(head []byte, encoding string) []byte {
	text, _ := io.ReadAll(decoded(bytes.NewReader(head), encoding)) // cut in a character at most
	return text
}
