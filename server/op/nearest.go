package op

import "fmt"

// Nearest returns the name closest to s by edit distance, when one is close
// enough to be a likely slip: at most a third of the longer length, and two
// swapped or wrong letters in a short name.
func Nearest(s string, names []string) (string, bool) {
	best, bestDistance := "", maxCompared
	for _, name := range names {
		if d := editDistance(s, name); d < bestDistance {
			best, bestDistance = name, d
		}
	}
	limit := max(len(s), len(best)) / 3
	if limit < 2 {
		limit = 2
	}
	if best == "" || bestDistance > limit || bestDistance >= len(s) {
		return "", false
	}
	return best, true
}

// Suggest returns `: did you mean "name"?` for the nearest name, or nothing.
func Suggest(s string, names []string) string {
	if name, ok := Nearest(s, names); ok {
		return fmt.Sprintf(": did you mean %q?", name)
	}
	return ""
}

// maxCompared bounds the work on a name that came from outside.
const maxCompared = 64

// editDistance is the optimal string alignment distance: insertions,
// deletions, substitutions and swaps of neighbours each cost one.
func editDistance(a, b string) int {
	if len(a) > maxCompared || len(b) > maxCompared {
		return maxCompared // never near
	}
	var prev2, prev, row [maxCompared + 1]int
	for j := 0; j <= len(b); j++ {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], prev2[j-2]+1)
			}
		}
		prev2, prev = prev, row
	}
	return prev[len(b)]
}
