package recipes

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// maxTypos is how far a word may be from the one that is suggested for it.
const maxTypos = 2

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// nearest returns the known word within maxTypos edits of name, or "".
func nearest(name string, known []string) string {
	best, bestDistance := "", maxTypos+1
	for _, word := range known {
		if d := editDistance(strings.ToLower(name), word); d < bestDistance && d < len(word) {
			best, bestDistance = word, d
		}
	}
	return best
}

// editDistance is Levenshtein's, over bytes, in one row.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(diagonal+cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// memberPosition finds where a member of defineRecipe's argument is written, or
// where the recipe begins. It is an aid for the eye and may be fooled by a
// member of the same name that stands before.
func (a *authored) memberPosition(name string) Position {
	start := max(strings.Index(a.code, "defineRecipe("), 0)
	offset := start
	if name != "" {
		member := regexp.MustCompile(`(?m)(?:^|[\s,{])(` + regexp.QuoteMeta(name) + `|"` + regexp.QuoteMeta(name) + `")\s*[:(,}]`)
		if at := member.FindStringSubmatchIndex(a.code[start:]); at != nil {
			offset = start + at[2]
		}
	}
	before := a.code[:offset]
	lineStart := strings.LastIndexByte(before, '\n') + 1
	return Position{
		File:   a.name,
		Line:   strings.Count(before, "\n") + 1,
		Column: columnOf(a.code[lineStart:], offset-lineStart),
	}
}
